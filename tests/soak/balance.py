"""emtool balance run between a meter and a charger, both of which come and go. The house's currents are
known, so it is known what may be left for the car."""
import collections
import struct
import subprocess
import threading
import time
from decimal import Decimal

import checks
import wire
from checks import wait_for
from modbus import READ, WRITE, Master, Station
from scenario import Scenario
from tools import Tool, spawn, EMTOOL

FALLBACK, FALLBACK_TICKS, MOST, TICK = 6, 25, 16, 0.1
QUIET = 5  # A that the house draws between the faults


class Balance(Scenario):
    faults = ("busy_house", "overloaded_house", "meter_silent", "meter_link_loss", "damaged_telegrams",
              "charger_link_loss", "charger_silent", "charger_exceptions", "override", "table_clients")
    pace = 0.2

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.house, self.allowed, self.wrong = QUIET, MOST, False
        self.sent, self.damaged, self.records, self.writes = 0, 0, 0, 0
        self.last, self.set_point, self.sign, self.longest = {}, None, time.monotonic(), 0
        self.asked_for = None  # the last set-point on its way to the charger
        self.used = collections.deque(maxlen=300)
        self.speaking, self.line_lock, self.over = True, threading.Lock(), threading.Event()
        charger, self.table_port = wire.free_port(), wire.free_port()
        spawn([EMTOOL, "sim", *self.simulator, "--listen", "127.0.0.1:%d" % charger],
              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wire.connect(charger).close()
        self.charger, self.table = Master(charger, 1), Master(self.table_port, 10)
        self.station = Station(charger, self)
        self.line = wire.Line(self.name_of(), self.chance)
        self.watch(Tool(self.name_of(), (
            "balance", "run", "--json", "--tick", str(TICK), "--p1", "tcp://127.0.0.1:%d" % self.line.port,
            "--charger", "%s://127.0.0.1:%d" % (self.simulator[0], self.station.port),
            "--server", "tcp-listen://127.0.0.1:%d" % self.table_port, "--charger-timeout", "10",
            "--set", "max_charger_current=%d" % MOST, "--set", "fallback_limit=%d" % FALLBACK,
            "--set", "fallback_wait=%d" % FALLBACK_TICKS, *self.settings), self.told))
        self.line.up()
        self.speaker = threading.Thread(target=self.meter, daemon=True)
        self.speaker.start()

    # the meter

    def telegram(self, currents):
        lines = ["1-3:0.2.8(50)", time.strftime("0-0:1.0.0(%y%m%d%H%M%SW)", time.gmtime())]
        return wire.telegram(lines + ["1-0:%d.7.0(%07.3f*A)" % pair for pair in zip((31, 51, 71), currents)])

    def meter(self):
        """Damaged telegrams have currents of their own: none of them may ever be acted on."""
        try:
            while not self.over.wait(TICK):
                if not self.speaking:
                    continue
                currents = [Decimal(house) + Decimal(car) / 1000
                            for house, car in zip((self.house, 1, 1), self.car())]
                with self.line_lock:
                    while self.line.gone():  # emtool connects again when nothing comes
                        self.line.again()
                    if self.wrong:
                        telegram = self.telegram((60, 60, 60) if self.sent % 2 else (0, 0, 0))
                        self.line.put(wire.flip(self.chance, telegram, last=telegram.index(b"!"), bits=7))
                        self.damaged += 1
                        continue
                    self.used.append(max(currents))
                    self.sent += 1
                    self.line.put(self.telegram(currents))
                    self.line.flush()
        except Exception as problem:
            checks.fail(self.name_of(), "%r in the meter" % problem)

    def finish(self):
        self.over.set()
        self.speaker.join()

    def hang_up(self, seconds):
        with self.line_lock:
            self.line.put(self.telegram((0, 0, 0))[:self.chance.randint(1, 60)])
            self.line.hang_up(seconds)
            self.line.up()

    # what emtool does

    def told(self, record):
        self.records += 1
        used, limit, age = record["used"], record["limit"], record["age"]
        if limit > (FALLBACK if record["state"] == "fallback" else self.allowed):
            checks.fail(self.name_of(), "limit %s A, at most %s A are safe" % (limit, self.allowed))
        if (record["state"] == "fallback") != (age >= FALLBACK_TICKS or used is None):
            checks.fail(self.name_of(), "state %s at age %s" % (record["state"], age))
        if age >= FALLBACK_TICKS and limit != FALLBACK:
            checks.fail(self.name_of(), "limit %s A without a meter" % limit)
        if used is not None and age == 0 and used not in tuple(self.used):
            checks.fail(self.name_of(), "acted on %s A, which no good telegram had" % used)
        self.last = record

    def asked(self, connection, function, address, words):
        """A request on its way to the charger."""
        now = time.monotonic()
        if function == READ and self.safe_read in range(address, address + words[0]):
            connection["safe"].add(self.safe_read)
        elif function == 6:
            connection["safe"].add(address)
        if address == self.set_register and function == WRITE:
            self.writes += 1
            told, before = self.amperes(words), self.asked_for
            self.asked_for = told
            # A charger that is not heard is told the limit all the same, but never a higher one.
            if not self.safe <= connection["safe"] and (before is None or told > before):
                checks.fail(self.name_of(), "a set-point before the charger's own fallback was armed")
            if told > max(self.allowed, FALLBACK):
                checks.fail(self.name_of(), "set-point %s A, at most %s A are safe" % (told, self.allowed))
        if address == self.set_register or not self.expires:
            self.longest = max(self.longest, now - self.sign)
            self.sign = now

    def confirmed(self, connection, function, address, words):
        if address == self.set_register and function == WRITE:
            self.set_point = self.amperes(words)

    def good(self):
        """The charger hears of emtool before it thinks that nobody is there."""
        if self.station.mode is None and time.monotonic() - self.sign > self.validity:
            checks.fail(self.name_of(), "the charger heard nothing for %d s" % self.validity)
        elif self.station.mode is not None:
            self.sign = time.monotonic()

    def settle(self):
        self.sign = max(self.sign, time.monotonic() - self.validity / 2)
        wait_for(self.name_of(), "the limit of a quiet house", self.recovered)

    def recovered(self):
        last = self.last
        return (last.get("charger") == "ready" and last["state"] != "fallback"
                and last["limit"] >= self.quiet_limit and last["limit"] == last["set_point"] == self.set_point)

    def demand(self, house):
        """The house draws more: the car gets what is left, and no more from then on."""
        self.house = house
        left = self.left(house)
        wait_for(self.name_of(), "at most %s A for the car" % left,
                 lambda: self.set_point <= left and self.last["limit"] <= left and self.last["used"] >= house)
        self.allowed = self.safe_beside(house)
        self.work(self.long(1))

    def relax(self):
        self.allowed = MOST
        self.house = QUIET

    # what goes wrong

    def busy_house(self):
        self.demand(self.chance.choice((11, 12, 13, 14)))
        self.relax()

    def overloaded_house(self):
        self.demand(self.chance.choice((26, 30, 40)))
        self.relax()

    def fall_back(self):
        wait_for(self.name_of(), "the fallback", lambda: self.last["state"] == "fallback"
                 and self.last["limit"] == FALLBACK and self.set_point == FALLBACK)
        self.allowed = FALLBACK
        self.work(self.long(0.5))
        self.allowed = MOST

    def meter_silent(self):
        self.speaking = False
        self.fall_back()
        self.speaking = True

    def meter_link_loss(self):
        self.hang_up(self.long(2))

    def damaged_telegrams(self):
        self.wrong = True
        if self.chance.random() < 0.5:
            self.fall_back()
        else:
            self.work(self.long(2))
        self.wrong = False

    def charger_link_loss(self):
        """The first set-point after it is already what is safe by then."""
        self.station.cut()
        self.house = 12
        left = self.left(12)
        wait_for(self.name_of(), "the limit to fall", lambda: self.last["limit"] <= left)
        self.work(self.long(2))
        self.allowed = self.safe_beside(12)
        self.station.mode = None
        wait_for(self.name_of(), "the charger",
                 lambda: self.last["charger"] == "ready" and self.set_point <= left)
        self.relax()

    def charger_silent(self):
        self.trouble("silent", 2)

    def charger_exceptions(self):
        self.trouble(self.chance.choice((4, 6)), 2)

    def trouble(self, mode, seconds):
        """Something new is wanted of the charger meanwhile."""
        self.station.mode = mode
        self.house = 12
        left = self.left(12)
        wait_for(self.name_of(), "the limit to fall", lambda: self.last["limit"] <= left)
        self.work(self.long(seconds))
        self.station.mode = None
        wait_for(self.name_of(), "the charger", lambda: self.set_point <= left)
        self.relax()

    def override(self):
        current = self.chance.choice((7, 9, 11))
        if not self.table.write(1000, 1000 * current):
            checks.fail(self.name_of(), "register 1000 was refused")
        wait_for(self.name_of(), "an override of %d A" % current,
                 lambda: self.set_point <= current and self.last["limit"] <= current)
        self.allowed = current
        self.work(self.long(1))
        if self.table.read(1001, 1)[0] > 1000 * current:
            checks.fail(self.name_of(), "register 1001 is above the override")
        self.allowed = MOST
        self.table.write(1000, 1000 * MOST)
        self.table.close()

    def table_clients(self):
        """Some say half a word, some leave at once, some send nonsense."""
        guests = [wire.connect(self.table_port) for _ in range(10)]
        for guest in guests[:5]:
            guest.sendall(struct.pack(">HHHBBHH", 1, 0, 6, 10, 3, 1000, 3)[:self.chance.randint(1, 12)])
        for guest in guests[5:8]:
            guest.sendall(bytes(self.chance.randrange(256) for _ in range(50)))
        self.work(0.5)
        for guest in guests:
            wire.reset(guest)

    def figures(self):
        return ("%s: %d telegrams and %d damaged ones, %d decisions, %d set-points, none above what is safe; "
                "at most %.1f s between %s of %g s" % (
                    self.name_of(), self.sent, self.damaged, self.records, self.writes, self.longest,
                    "set-points" if self.expires else "signs of life", self.validity))


class BalanceAbb(Balance):
    """The headroom rule with an ABB and a car behind it."""

    simulator = ("abb", "--car", "dead=0,restart=0,up=4")
    settings = ("--algorithm", "headroom", "--fuse", "25", "--set", "quiet_wait=20",
                "--set", "restart_wait=15", "--set", "ride_wait=10")
    set_register, safe, safe_read = 0x4100, {0x4106, 0x4109}, None
    expires, validity, quiet_limit = False, 10, MOST

    def car(self):
        words = self.charger.read(0x4010, 6)
        return [words[i] << 16 | words[i + 1] for i in (0, 2, 4)]

    @staticmethod
    def amperes(words):
        return Decimal(words[0] << 16 | words[1]) / 1000

    @staticmethod
    def left(house):
        room = Decimal(25) - Decimal("0.5") - house
        return room if room >= 6 else 0

    safe_beside = left


class BalanceAlfen(Balance):
    """The threshold rule with an Alfen, whose set-points expire."""

    simulator = ("alfen", "--validity", "12")
    settings = ("--algorithm", "threshold", "--set", "upper_wait=1", "--set", "upper_step=3")
    set_register, safe, safe_read = 1210, {1212}, 1212
    expires, validity, quiet_limit = True, 12, 14

    def car(self):
        """It takes what it may, and at once what it is about to be told."""
        return [1000 * max(self.set_point or 0, self.last.get("limit", 0))] * 3

    @staticmethod
    def amperes(words):
        return Decimal(struct.unpack(">f", struct.pack(">HH", *words))[0])

    @staticmethod
    def left(house):
        """Where it settles; on its way up it may be above that for a moment, but not above the fuse."""
        return max(0, 22 - house)

    @staticmethod
    def safe_beside(house):
        return max(0, 25 - house)
