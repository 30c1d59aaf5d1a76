"""All that a soak run demands, in one place: what was sent untouched comes out as it should, a process
keeps its memory and its descriptors, and what is waited for happens."""
import os
import sys
import threading
import time

LIMIT = 60          # s that a busy machine may take for anything
GROWTH = 64 << 10   # bytes that a process may grow by after the warm-up

stop = threading.Event()  # the time is over: scenarios bring their links up and finish
failures = []


class Failed(Exception):
    """What a scenario cannot go on after; it has been told."""


def fail(where, text):
    line = "%s: %s" % (where, text)
    if line not in failures:
        print("FAILED %s" % line, file=sys.stderr, flush=True)
        failures.append(line)
    if len(failures) > 20:
        stop.set()


def wait_for(where, what, condition, seconds=LIMIT):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            fail(where, "waited in vain for %s" % what)
            raise Failed(what)
        time.sleep(0.02)


class Ledger:
    """What was sent untouched, in order, each with its identity and its values."""

    def __init__(self):
        self.entries = []
        self.places = {}

    def add(self, identity, values, must=True):
        """Not must: something happened to it that it may be refused for, but it may not change."""
        self.places[identity] = len(self.entries)
        self.entries.append((identity, values, must))


class Cursor:
    """A place where the entries of a ledger come out: each once, in order, with the right values.

    again: at least once, as QoS 1 promises. gaps: those left out are counted in `lost`. A cursor of
    somebody who came later begins with the first entry that comes."""

    def __init__(self, where, ledger, again=False, gaps=False, later=False):
        self.where, self.ledger, self.again, self.gaps = where, ledger, again, gaps
        self.at = None if later else 0
        self.came_count = self.repeated = self.lost = self.spared = 0

    def came(self, identity, values):
        place = self.ledger.places.get(identity)
        if place is None:
            fail(self.where, "%s came, but was not sent untouched" % (identity,))
            return
        if self.at is None:
            self.at = place
        if place < self.at:
            self.repeated += 1
            if not self.again:
                fail(self.where, "%s came twice or too late" % (identity,))
            return
        self.skip(place)
        self.at = place + 1
        self.came_count += 1
        if values != self.ledger.entries[place][1]:
            sent = self.ledger.entries[place][1]
            fail(self.where, "%s came as %s, sent as %s" % (identity, values, sent))

    def skip(self, place):
        for identity, _, must in self.ledger.entries[self.at:place]:
            if must:
                self.lost += 1
                if not self.gaps:
                    fail(self.where, "%s is lost" % (identity,))
            else:
                self.spared += 1

    def complete(self):
        return not any(must for _, _, must in self.ledger.entries[self.at or 0:])

    def wait(self):
        wait_for(self.where, "what was sent: %d of %d came" % (self.came_count, len(self.ledger.entries)),
                 self.complete)


def descriptors(pid):
    return len(os.listdir("/proc/%d/fd" % pid))


def memory(pid):
    """Resident bytes: all, and of them what the process itself has written to. The rest are pages of
    programs and libraries, 16 of which the system maps at once when code runs for the first time."""
    found = {}
    with open("/proc/%d/status" % pid) as lines:
        for line in lines:
            key, _, rest = line.partition(":")
            if key in ("VmRSS", "RssAnon"):
                found[key] = int(rest.split()[0]) << 10
    return found["VmRSS"], found["RssAnon"]


class Watch:
    """The resources of a process, looked at whenever its scenario has settled."""

    def __init__(self, name, pid, trace=False):
        self.name, self.pid, self.trace = name, pid, trace
        self.base = self.fds = None
        self.most = (0, 0)
        self.samples = 0

    def begin(self):
        """The warm-up is over and every fault has happened."""
        self.base = self.most = memory(self.pid)
        self.fds = descriptors(self.pid)

    def settled(self):
        if self.base is None:
            return
        now = memory(self.pid)
        if self.trace:
            print("%s: resident %d anonymous %d" % (self.name, now[0], now[1]), file=sys.stderr)
        self.samples += 1
        self.most = tuple(map(max, self.most, now))
        if now[1] - self.base[1] > GROWTH:
            fail(self.name, "resident memory grew by more than %d KiB" % (GROWTH >> 10))
        wait_for(self.name, "%d descriptors, has %d" % (self.fds, descriptors(self.pid)),
                 lambda: descriptors(self.pid) == self.fds)

    def figures(self):
        if self.base is None:
            return "%s: the run was too short to judge memory" % self.name
        return ("%s: resident %d KiB of its own, at most %+d KiB since the warm-up (%d and %+d with the pages of "
                "programs), %d descriptors, %d looks"
                % (self.name, self.base[1] >> 10, (self.most[1] - self.base[1]) >> 10, self.base[0] >> 10,
                   (self.most[0] - self.base[0]) >> 10, self.fds, self.samples))
