"""A copy of the tree, built twice: plainly, for mutants to be linked with, and with gcov, to learn
which tests reach which line. Tests are the unit tests, built once for both, and the bats tests with the
tag `mutants`, a file at a time. Everything stays in one directory, so that the next run builds only what
changed."""
import glob
import hashlib
import json
import os
import re
import resource
import shlex
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

ROOT = os.path.abspath(os.environ.get("MUTANTS", "build-mutants"))
TREE = os.path.join(ROOT, "tree")
PLAIN = os.path.join(ROOT, "plain")
COVER = os.path.join(ROOT, "cover")
UNIT = os.path.join(ROOT, "unit")
CC = shlex.split(os.environ.get("CC", "gcc"))
CPPFLAGS = shlex.split(os.environ["MUTANT_CPPFLAGS"])
LIBS = shlex.split(os.environ["MUTANT_LIBS"])
JOBS = int(os.environ.get("JOBS", "2"))
FLAGS = ["-std=c11", "-O0", "-fPIC", "-w"]
# A change that reads what is not there is noticed, as `make sanitize` notices it: undefined behaviour
# traps, and memory without a value has a pattern.
WATCHFUL = ["-fsanitize=undefined", "-fsanitize-undefined-trap-on-error"]
ADDRESS = ["-fsanitize=address"]
MEMORY, FILE = 4 << 30, 256 << 20
# With CCACHE_BASEDIR the dependencies name other paths than make does, and objects become stale.
UNWANTED = "MAKEFLAGS", "MFLAGS", "MAKELEVEL", "CCACHE_BASEDIR"
ENVIRONMENT = {k: v for k, v in os.environ.items() if k not in UNWANTED}
ENVIRONMENT["MALLOC_PERTURB_"] = "165"
ENVIRONMENT["BALANCE_TRACES"] = os.environ.get("BALANCE_TRACES", "2000")


def copy_tree():
    """What git knows and what is new, without what it ignores; unchanged files keep their times."""
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "-z"], stdout=subprocess.PIPE,
                            check=True).stdout.decode().split("\0")
    wanted = {name for name in listed if name and os.path.isfile(name)}
    for name in wanted:
        target = os.path.join(TREE, name)
        with open(name, "rb") as new:
            content = new.read()
        if os.path.exists(target):
            with open(target, "rb") as old:
                if old.read() == content:
                    continue
        os.makedirs(os.path.dirname(target), exist_ok=True)
        shutil.copy(name, target)
    for directory, _, names in os.walk(TREE):
        for name in names:
            path = os.path.join(directory, name)
            if os.path.relpath(path, TREE) not in wanted:
                os.remove(path)


def do(command, **more):
    """Runs a command that must succeed; what it prints is shown only when it does not."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **more)
    if done.returncode:
        sys.exit("%s\nmutants: this failed: %s" % (done.stdout.decode()[-3000:], " ".join(command)[:200]))


def remove_stale(build):
    """Objects whose source is no longer there."""
    for path in glob.glob(build + "/lib/**/*.o", recursive=True) + command_objects(build):
        source = os.path.relpath(path, build)[:-2] + ".c"
        if not any(os.path.exists(os.path.join(directory, source)) for directory in (TREE, build)):
            os.remove(path)


def make_objects(build, more):
    do(["make", "-s", "-j%d" % JOBS, "-C", TREE, "BUILD=" + build, "CC=" + " ".join(CC), "HARDEN=",
        "CFLAGS=" + " ".join(FLAGS[1:] + more), "mutants-objects"], env=ENVIRONMENT)
    remove_stale(build)
    return sorted(glob.glob(build + "/lib/**/*.o", recursive=True))


def link(objects, library, more=()):
    do([*CC, "-shared", "-Wl,-soname,libmutant.so", "-o", library, *objects, *more, *LIBS])


def command_objects(build):
    return sorted(glob.glob(build + "/cmd/**/*.o", recursive=True))


def link_program(objects, library, program, more=()):
    """emtool with the shared library, for bats tests."""
    do([*CC, "-rdynamic", "-o", program, *objects, library, *more, *LIBS])


def build_program(build, library, more=()):
    os.makedirs(os.path.join(build, "bin"), exist_ok=True)
    link_program(command_objects(build), library, os.path.join(build, "bin", "emtool"), more)


def build_tests(library):
    """Each unit test against a shared library of everything, so that a mutant is linked once for all."""
    headers = glob.glob(TREE + "/lib/**/*.h", recursive=True) + glob.glob(TREE + "/tests/unit/*.h")
    newest = max(map(os.path.getmtime, headers))
    os.makedirs(UNIT, exist_ok=True)
    sources = sorted(glob.glob(TREE + "/tests/unit/test_*.c"))

    def build(source):
        program = os.path.join(UNIT, os.path.basename(source)[:-2])
        if os.path.exists(program) and os.path.getmtime(program) > max(newest, os.path.getmtime(source)):
            return program
        do([*CC, *CPPFLAGS, *FLAGS, "-c", "-o", program + ".o", source], cwd=TREE)
        do([*CC, "-o", program, program + ".o", library, *LIBS])
        return program

    with ThreadPoolExecutor(JOBS) as pool:
        return [os.path.basename(program) for program in pool.map(build, sources)]


def limits():
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE, FILE))


def limits_of_sanitizer():
    """Its shadow memory is larger than any limit; it has a limit of its own."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE, FILE))


def sanitizer():
    """What a unit test needs in its environment to find wrong addresses and leaks; None: nothing is found."""
    runtime = subprocess.run([*CC, "-print-file-name=libasan.so"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    path = runtime.stdout.decode().strip()
    if runtime.returncode or not os.path.isabs(path):
        return None
    return {"LD_PRELOAD": path, "ASAN_OPTIONS": "detect_leaks=1:hard_rss_limit_mb=%d" % (MEMORY >> 20),
            "MALLOC_PERTURB_": "0"}


def bats_files():
    found = []
    for path in sorted(glob.glob(TREE + "/tests/*.bats")):
        with open(path) as file:
            if re.search(r"^# bats test_tags=.*\bmutants\b", file.read(), re.M):
                found.append(os.path.relpath(path, TREE))
    return found


def run_test(name, build, library, seconds, more=None):
    """Whether the test passes with the library, in its time. `more` goes into its environment."""
    environment = dict(ENVIRONMENT, LD_LIBRARY_PATH=os.path.dirname(library))
    command = [os.path.join(UNIT, name)]
    if name.endswith(".bats"):
        command = ["bats", "--filter-tags", "mutants", name]
        environment.update(EMTOOL=os.path.join(build, "bin", "emtool"), BUILD=build, EMTOOL_SANDBOX="off")
    environment.update(more or {})
    process = subprocess.Popen(command, cwd=TREE, env=environment, stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
                               preexec_fn=limits_of_sanitizer if "LD_PRELOAD" in environment else limits)
    try:
        return process.wait(seconds) == 0
    except subprocess.TimeoutExpired:
        return False
    finally:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()


def digest():
    """What the map of lines and tests depends on."""
    total = hashlib.sha256()
    for path in sorted(glob.glob(TREE + "/lib/**/*", recursive=True) + glob.glob(TREE + "/cmd/**/*", recursive=True) +
                       glob.glob(TREE + "/tests/unit/*") + glob.glob(TREE + "/tests/*.bats")):
        if os.path.isfile(path):
            with open(path, "rb") as file:
                total.update(path.encode() + file.read())
    return total.hexdigest()


def lines_reached(directory):
    """{file: {line: whether it ran}} from the counts in a directory."""
    counts = glob.glob(directory + "/**/*.gcda", recursive=True)
    for path in counts:
        notes = path[:-5] + ".gcno"
        if not os.path.exists(notes):
            os.symlink(path[len(directory):-5] + ".gcno", notes)
    reached = {}
    if not counts:
        return reached
    told = subprocess.run(["gcov", "-j", "-t", *counts], cwd=TREE, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, check=True).stdout
    for line in told.splitlines():
        for file in json.loads(line)["files"]:
            name = os.path.relpath(os.path.join(TREE, file["file"]), TREE)
            lines = reached.setdefault(name, {})
            for entry in file["lines"]:
                number = entry["line_number"]
                lines[number] = lines.get(number, False) or entry["count"] > 0
    return reached


def reach_of(name, library):
    """What one test reaches, and how long it takes."""
    counts = os.path.join(ROOT, "counts", os.path.basename(name))
    shutil.rmtree(counts, ignore_errors=True)
    os.makedirs(counts)
    begin = time.monotonic()
    passed = run_test(name, COVER, library, 120, {"GCOV_PREFIX": counts})
    seconds = time.monotonic() - begin
    return {"passed": passed, "seconds": seconds, "lines": lines_reached(counts)}


def learn(names, library):
    """{test: {passed, seconds, lines}}, kept from the last run when nothing changed."""
    kept = os.path.join(ROOT, "reach.json")
    now = digest()
    if os.path.exists(kept):
        with open(kept) as file:
            known = json.load(file)
        if known["digest"] == now:
            for test in known["tests"].values():
                test["lines"] = {name: {int(number): ran for number, ran in lines.items()}
                                 for name, lines in test["lines"].items()}
            return known["tests"]
    with ThreadPoolExecutor(JOBS) as pool:
        tests = dict(zip(names, pool.map(lambda name: reach_of(name, library), names)))
    with open(kept, "w") as file:
        json.dump({"digest": now, "tests": tests}, file)
    return tests


def prepare():
    """Builds everything. Gives the plain objects and what is known of each test."""
    copy_tree()
    covered = make_objects(COVER, ["--coverage"])
    library = os.path.join(COVER, "libmutant.so")
    link(covered, library, ["--coverage"])
    build_program(COVER, library, ["--coverage"])
    names = build_tests(library)
    tests = learn(names + bats_files(), library)
    objects = make_objects(PLAIN, [])
    library = os.path.join(PLAIN, "libmutant.so")
    link(objects, library)
    build_program(PLAIN, library)
    return objects, tests
