"""What all scenarios share: good work, a fault, good work, another fault, until the time is over."""
import contextlib
import os
import random
import signal
import threading
import time

import checks


class Scenario(threading.Thread):
    """faults: names of methods. Each happens once in their order, at its worst, then by chance."""

    faults = ()

    def __init__(self, seed, warm_up, trace):
        super().__init__(daemon=True)
        self.chance = random.Random("%s %s" % (self.name_of(), seed))
        self.warm = time.monotonic() + warm_up
        self.happened = dict.fromkeys(self.faults, 0)
        self.watches, self.tools = [], []
        self.first_round = True
        self.trace = trace
        self.over = threading.Event()

    @classmethod
    def name_of(cls):
        return cls.__name__.lower()

    def watch(self, tool):
        self.tools.append(tool)
        self.watches.append(checks.Watch(tool.name, tool.pid, self.trace))

    def long(self, most):
        """Seconds of a fault: the most that it ever takes comes first."""
        return most if self.first_round else self.chance.uniform(0.1, 1) * most

    def run(self):
        try:
            rounds = 0
            while not checks.stop.is_set():
                self.first_round = rounds < len(self.faults)
                self.work(0.5 if self.first_round else self.chance.uniform(0.5, 1.5))
                if checks.stop.is_set():
                    break
                fault = self.faults[rounds] if self.first_round else self.chance.choice(self.faults)
                getattr(self, fault)()
                self.happened[fault] += 1
                rounds += 1
                self.work(0.3)
                self.look()
            self.look()
        except checks.Failed:
            pass
        except Exception as problem:
            checks.fail(self.name_of(), "%r" % problem)
            if self.trace:
                raise
        finally:
            self.finish()
            self.over.set()
        threading.Event().wait()  # what this thread has started ends with it

    def look(self):
        for tool in self.tools:
            tool.alive()
        self.settle()
        for watch in self.watches:
            if watch.base is None and all(self.happened.values()) and time.monotonic() > self.warm:
                watch.begin()
            watch.settled()

    def work(self, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end and not checks.stop.is_set():
            self.good()
            time.sleep(self.pace)

    def report(self):
        happened = ", ".join("%s %d" % (fault.replace("_", " "), n) for fault, n in self.happened.items())
        return [self.figures(), "  faults: " + happened] + ["  " + watch.figures() for watch in self.watches]

    @contextlib.contextmanager
    def asleep(self, tool):
        """The machine has no time for it: what comes meanwhile it finds all at once. The first time that
        is as much as its buffers hold, whose memory counts only from when they are used."""
        os.kill(tool.pid, signal.SIGSTOP)
        try:
            yield
            time.sleep(self.long(0.5))
        finally:
            os.kill(tool.pid, signal.SIGCONT)

    def reset(self):
        """A fault of those with a line: the connection is gone at once."""
        self.settle()
        self.line.hang_up(self.long(1), rough=True)
        self.line.up()

    def finish(self):
        pass
