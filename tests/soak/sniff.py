"""Two buses behind bad converters, emtool sniff."""
import struct
import time

import checks
import wire
from checks import Cursor, Ledger
from scenario import Scenario
from tools import Tool

ADDRESSES = (0x6000, 0x5012, 0x6018, 0x500A, 0x5000)
NAMES = {0x500A: "current", 0x5000: "voltage"}
LATE = 1.0  # s: an answer that comes later may be refused an address


class Bus:
    """One peer of emtool; each connection has a ledger of its own."""

    def __init__(self, owner, unit):
        self.owner, self.unit, self.number = owner, unit, 0
        self.line = wire.Line("sniff", owner.chance, owner.port)
        self.sent = self.came = self.late = 0
        self.up()

    def up(self):
        self.line.up()
        self.ledger = Ledger()
        self.cursor = Cursor("sniff unit %d" % self.unit, self.ledger)
        self.owner.buses[self.line.name()] = self

    def down(self, seconds, rough=False):
        if rough:
            self.settle()
        self.line.hang_up(rough=rough)
        self.cursor.wait()
        self.came += self.cursor.came_count
        self.late += self.cursor.spared
        time.sleep(seconds)

    def settle(self):
        self.line.flush()
        self.cursor.wait()

    def frames(self):
        """A request and its answer; the number in the answer is its identity."""
        self.number += 1
        address = ADDRESSES[self.number % len(ADDRESSES)]
        request = wire.rtu(struct.pack(">BBHH", self.unit, 3, address, 2))
        answer = wire.rtu(struct.pack(">BBBf", self.unit, 3, 4, self.number))
        return address, request, answer

    def good(self, must=True, exception=None):
        address, request, answer = self.frames()
        self.sent += 1
        told = {"address": address, "status": "ok"}
        if exception:
            answer = wire.rtu(struct.pack(">BBB", self.unit, 0x83, exception))
            told = {"address": address, "status": "exception", "exception": exception}
        elif address in NAMES:
            told[NAMES[address]] = self.number
        # an exception carries no number: of its like there is one at a time
        self.ledger.add(("exception", exception) if exception else self.number, told, must)
        return request, answer

    def told(self, record):
        status = record["status"]
        if record["unit"] != self.unit:
            checks.fail(self.cursor.where, "a record of unit %s" % record["unit"])
        if status == "exception":
            self.cursor.came(("exception", record["exception"]),
                             {key: record[key] for key in ("address", "status", "exception")})
        elif status == "ok":
            number = int(struct.unpack(">f", struct.pack(">HH", *record["registers"]))[0])
            told = {key: record[key] for key in ("address", "status")}
            told.update((name, int(record[name])) for name in NAMES.values() if name in record)
            self.cursor.came(number, told)
        elif (status == "unpaired" and "address" in record
              or any(name in record for name in NAMES.values())):
            checks.fail(self.cursor.where, "values without a question: %s" % record)


class Sniff(Scenario):
    faults = ("wrong_bit", "lost_answer", "lost_request", "exception", "noise", "stall", "one_by_one",
              "cut_within_a_frame", "reset", "burst")
    pace = 0.02

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.port, self.buses, self.damaged = wire.free_port(), {}, 0
        self.watch(Tool("sniff", ("sniff", "--json", "--meter", "inepro_n1_ct", "--tcp",
                                  "127.0.0.1:%d" % self.port), self.told))
        self.peers = [Bus(self, 1), Bus(self, 2)]
        self.exceptions = 0

    def told(self, record):
        self.buses[record["source"]].told(record)

    def good(self):
        for bus in self.peers:
            for frame in bus.good():
                bus.line.put(frame)

    def settle(self):
        for bus in self.peers:
            bus.settle()

    def some(self):
        self.damaged += 1
        return self.chance.choice(self.peers)

    def send(self, bus, *frames):
        """Then good ones: two damaged neighbours would leave no trace of what was asked."""
        for frame in frames:
            bus.line.put(frame)
        for _ in range(2):
            for frame in bus.good():
                bus.line.put(frame)

    def wrong_bit(self):
        for _ in range(self.chance.randint(1, 4)):
            bus = self.some()
            _, request, answer = bus.frames()
            if self.chance.random() < 0.5:
                request = wire.flip(self.chance, request)
            else:
                answer = wire.flip(self.chance, answer)
            self.send(bus, request, answer)
            self.work(0.1)

    def lost_answer(self):
        bus = self.some()
        self.send(bus, bus.frames()[1])

    def lost_request(self):
        bus = self.some()
        self.send(bus, bus.frames()[2])

    def exception(self):
        bus = self.some()
        self.damaged -= 1
        self.settle()
        self.exceptions += 1
        self.send(bus, *bus.good(exception=self.exceptions % 4 + 1))

    def noise(self):
        bus = self.some()
        glitch = bytes(self.chance.choice((0, 0xFE, 0xFF, 0xF8)) for _ in range(self.chance.randint(1, 3)))
        self.send(bus, glitch)

    def stall(self):
        bus = self.some()
        self.damaged -= 1
        seconds = self.long(2)
        request, answer = bus.good(must=seconds < LATE)
        cut = self.chance.randint(0, len(answer) - 1)
        bus.line.put(request)
        bus.line.flush()
        bus.line.send(answer[:cut])
        time.sleep(seconds)
        self.send(bus, answer[cut:])

    def one_by_one(self):
        bus = self.some()
        self.damaged -= 1
        bus.line.flush()
        for byte in b"".join(bus.good()):
            bus.line.send(bytes([byte]))
            time.sleep(0.002)

    def cut_within_a_frame(self):
        bus = self.some()
        _, request, answer = bus.frames()
        data = request + answer
        bus.line.put(data[:self.chance.randint(1, len(data) - 1)])
        bus.down(self.long(1))
        bus.up()

    def reset(self):
        bus = self.some()
        bus.down(self.long(0.5), rough=True)
        bus.up()

    def burst(self):
        bus = self.some()
        self.damaged -= 1
        bus.line.flush()
        data = b"".join(frame for _ in range(int(self.long(4000))) for frame in bus.good())
        with self.asleep(self.tools[0]):
            bus.line.send(data)

    def figures(self):
        for bus in self.peers:
            bus.came += bus.cursor.came_count
            bus.late += bus.cursor.spared
        return ("sniff: %d good questions and answers sent and %d came; %d damaged or lost; %d late ones without "
                "address; %d connections" % (sum(bus.sent for bus in self.peers),
                                             sum(bus.came for bus in self.peers), self.damaged,
                                             sum(bus.late for bus in self.peers), len(self.buses)))
