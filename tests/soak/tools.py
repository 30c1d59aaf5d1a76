"""Processes: emtool and what it talks to. None outlives the run, however that ends."""
import ctypes
import json
import os
import re
import shutil
import signal
import subprocess
import threading
from decimal import Decimal

import checks
import wire

EMTOOL = os.environ.get("EMTOOL", "build/emtool")
directory = None  # for files, set by the run
PR_SET_PDEATHSIG = 1
libc = ctypes.CDLL(None)


def spawn(command, **more):
    """Ended by the system with the thread that calls this, which therefore lasts as long as the run."""
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True,
                            preexec_fn=lambda: libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL), **more)


def output(*arguments):
    return subprocess.run([EMTOOL, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          check=True, timeout=checks.LIMIT).stdout


class Tool:
    """A command of emtool. told() gets each record that it prints; said() tells what its stderr holds."""

    def __init__(self, name, arguments, told=lambda record: None, ends=143):
        self.name, self.told, self.ends, self.records = name, told, ends, 0
        self.messages = os.path.join(directory, name.replace(" ", "-") + ".err")
        with open(self.messages, "w") as messages:
            self.process = spawn([EMTOOL, *arguments], stdout=subprocess.PIPE, stderr=messages)
        self.pid = self.process.pid
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            if not line.startswith(b"{"):
                continue
            self.records += 1
            try:
                self.told(json.loads(line, parse_float=Decimal))
            except Exception as problem:  # a record that nobody expected
                checks.fail(self.name, "%r at %s" % (problem, line[:200]))

    def said(self, pattern=""):
        with open(self.messages) as messages:
            return re.findall(pattern + ".*", messages.read())

    def alive(self):
        if self.process.poll() is not None:
            checks.fail(self.name, "ended with %d: %s" % (self.process.returncode, self.said(".")[-2:]))
            raise checks.Failed(self.name)

    def end(self):
        if self.process.poll() is None:
            self.process.terminate()
        try:
            code = self.process.wait(checks.LIMIT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait()
        self.reader.join(checks.LIMIT)
        if code != self.ends:
            checks.fail(self.name, "ended with %d: %s" % (code, self.said(".")[-2:]))


class Broker:
    """A mosquitto on a port of its own that keeps what it has over a restart."""

    def __init__(self):
        self.port, self.starts = wire.free_port(), 0
        self.conf = os.path.join(directory, "broker.conf")
        with open(self.conf, "w") as conf:
            conf.write("listener %d 127.0.0.1\nallow_anonymous true\npersistence true\n"
                       "persistence_location %s/\nmax_queued_messages 0\nlog_type none\n"
                       % (self.port, directory))
            if os.geteuid() == 0:
                conf.write("user root\n")
        self.begin()

    def begin(self):
        program = shutil.which("mosquitto", path=os.environ["PATH"] + ":/usr/sbin:/usr/local/sbin")
        self.process = spawn([program or "mosquitto", "-c", self.conf], stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL)
        self.starts += 1
        wire.connect(self.port).close()

    def end(self):
        self.process.terminate()
        self.process.wait(checks.LIMIT)
