"""A meter behind a bad bridge, emtool p1, clients of its relay, questions over UDP."""
import json
import re
import socket
import threading
import time
from decimal import Decimal

import checks
import wire
from checks import Cursor, Ledger, wait_for
from scenario import Scenario
from tools import Tool, output

TELEGRAM = re.compile(rb"/[^!]*![0-9A-F]{4}\r\n")
BATCH, RECENT = 50, 5000
KNOWN = (("power_import", rb"1-0:1\.7\.0"), ("power_export", rb"1-0:2\.7\.0"),
         ("energy_import_t1", rb"1-0:1\.8\.1"), ("energy_import", rb"1-0:1\.8\.0"))
PHASES = (("power_import_l1", "power_import_l2", "power_import_l3"),
          ("power_export_l1", "power_export_l2", "power_export_l3"))
BUFFER = 66000  # bytes that emtool reads at once, and a bit more
SILENCE = 4  # s after which the bridge counts as dead


def telegrams():
    """Telegrams of several meters for ever; the clock of each is its identity."""
    start = 1705320000
    while True:
        for model, pace in (("dsmr5", 1), ("emucs", 1), ("se", 10)):
            text = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(start))
            yield from TELEGRAM.findall(output("sim", "p1", model, "-n", str(BATCH), "--start", text,
                                               "--seed", str(start), "-o", "-"))
            start += BATCH * pace


def identity(telegram):
    clock = re.search(rb"0-0:1\.0\.0\((\d{12})W\)", telegram)[1].decode()
    return "20%s-%s-%sT%s:%s:%s+01:00" % tuple(clock[i:i + 2] for i in range(0, 12, 2))


def values(telegram):
    found = ((name, re.search(code + rb"\((\d+\.\d+)\*", telegram)) for name, code in KNOWN)
    return {name: Decimal(match[1].decode()) * 1000 for name, match in found if match}


def net(telegram):
    """W: the sum of the phases that the meter prints, as `pcurnet` has it."""
    sums = [0, 0]
    for i in range(2):
        for code in (21, 41, 61):
            match = re.search(rb"1-0:%d\.7\.0\(([\d.]+)\*kW\)" % (code + i), telegram)
            sums[i] += Decimal(match[1].decode()) * 1000 if match else 0
    return sums[0] - sums[1]


class Client(threading.Thread):
    """A client of the relay."""

    def __init__(self, name, port, ledger, buffer=None, gaps=False):
        super().__init__(daemon=True)
        self.cursor = Cursor(name, ledger, gaps=gaps, later=True)
        self.go, self.rest, self.ended = threading.Event(), b"", False
        self.go.set()
        self.socket = socket.socket()
        if buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        self.socket.connect(("127.0.0.1", port))
        self.address = "%s:%d" % self.socket.getsockname()
        self.start()

    def run(self):
        try:
            while (self.go.wait(), block := self.socket.recv(4096))[1]:
                self.rest += block
                while (match := TELEGRAM.match(self.rest)):
                    self.cursor.came(identity(match[0]), match[0])
                    self.rest = self.rest[match.end():]
                if self.rest and not self.rest.startswith(b"/") or len(self.rest) > 4096:
                    checks.fail(self.cursor.where, "not only whole telegrams: %s" % self.rest[:60])
                    return
        except OSError:
            pass
        if not self.ended:
            checks.fail(self.cursor.where, "the relay hung up")

    def leave(self, rough=False):
        self.ended = True
        if rough:
            wire.reset(self.socket)
        else:
            self.socket.shutdown(socket.SHUT_RDWR)
            self.join(checks.LIMIT)
            self.socket.close()


class P1(Scenario):
    faults = ("wrong_bit", "cut_within_a_telegram", "reset", "stall", "dead_bridge", "slow_client",
              "clients_come_and_go", "burst")
    pace = 0.04

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.source, self.ledger, self.verbatim = telegrams(), Ledger(), Ledger()
        self.recent, self.damaged, self.asked, self.slow_lost = {}, 0, 0, 0
        self.line = wire.Line("p1", self.chance)
        self.port = wire.free_port()
        address = "127.0.0.1:%d" % self.port
        self.out = Cursor("p1", self.ledger)
        self.watch(Tool("p1", ("p1", "--json", "-v", "--timeout", str(SILENCE), "--relay", address, "--query",
                               address, "tcp://127.0.0.1:%d" % self.line.port), self.told))
        self.line.up()
        wire.connect(self.port).close()
        self.clients = [Client("p1 client %d" % i, self.port, self.verbatim) for i in range(3)]
        threading.Thread(target=self.ask_on, daemon=True).start()

    def told(self, record):
        self.out.came(record["meter_time"], {name: record[name] for name, _ in KNOWN if name in record})

    def next(self, must=True):
        telegram = next(self.source)
        name = identity(telegram)
        self.recent[name] = telegram
        if len(self.recent) > RECENT:
            del self.recent[next(iter(self.recent))]
        self.verbatim.add(name, telegram, must)
        self.ledger.add(name, values(telegram), must)
        return telegram

    def good(self):
        self.line.put(self.next())

    def settle(self):
        self.line.flush()
        self.out.wait()
        for client in self.clients:
            client.cursor.wait()

    # what goes wrong

    def damage(self):
        telegram = next(self.source)
        self.damaged += 1
        return wire.flip(self.chance, telegram, last=telegram.index(b"!"), bits=7)

    def wrong_bit(self):
        for _ in range(self.chance.randint(1, 3)):
            self.line.put(self.damage())
            self.work(0.1)

    def part(self):
        telegram = next(self.source)
        self.damaged += 1
        return telegram[:self.chance.randrange(1, telegram.index(b"!") + 4)]

    def cut_within_a_telegram(self):
        self.line.put(self.part())
        self.line.hang_up(self.long(2))
        self.line.up()

    def stall(self):
        telegram = self.next()
        self.line.flush()
        self.line.send(telegram[:300])
        time.sleep(self.long(2))
        self.line.send(telegram[300:])

    def dead_bridge(self):
        """It keeps the connection and says nothing more: emtool gives it up and connects again."""
        self.line.put(self.part())
        self.line.flush()
        wait_for("p1", "a new connection", self.line.gone)
        self.line.hang_up()
        self.line.up()

    def slow_client(self):
        client = Client("p1 slow client", self.port, self.verbatim, buffer=4096, gaps=True)
        self.until(lambda: client.cursor.came_count)
        before = client.cursor.came_count + 1
        client.go.clear()
        for _ in range(500):
            self.good()
            time.sleep(0.008)
        self.settle()  # the others got everything meanwhile
        client.go.set()
        self.until(lambda: client.cursor.came_count > before
                   and client.cursor.at == len(self.verbatim.entries))
        client.leave()
        self.slow_lost += client.cursor.lost
        said = "%s was too slow for %d telegrams" % (client.address, client.cursor.lost)
        wait_for("p1", "a message '%s'" % said, lambda: self.tools[0].said(re.escape(said)))
        if not client.cursor.lost:
            checks.fail("p1", "the stalled client lost nothing: it was not slow")

    def until(self, condition):
        """Sends now and then, as whoever fell behind has the newest only when the next one came."""
        end = time.monotonic() + checks.LIMIT
        while not condition():
            if time.monotonic() > end:
                checks.fail("p1 slow client", "gets nothing more")
                raise checks.Failed
            self.good()
            self.line.flush()
            pause = time.monotonic() + 1
            while not condition() and time.monotonic() < pause:
                time.sleep(0.01)

    def clients_come_and_go(self):
        guests = [Client("p1 guest", self.port, self.verbatim) for _ in range(20)]
        self.work(1)
        self.line.flush()
        for guest in guests[:10]:
            guest.leave(rough=True)
        for guest in guests[10:]:
            self.until(lambda guest=guest: guest.cursor.came_count)
            guest.leave()

    def burst(self):
        """Good and bad ones come at once."""
        telegrams = (self.damage() if self.chance.random() < 0.1 else self.next() for _ in iter(int, 1))
        most, data = int(self.long(BUFFER)), b""
        while len(data) < most:
            data += next(telegrams)
        with self.asleep(self.tools[0]):
            self.line.flush()
            self.line.send(data)

    # questions

    def ask(self, word):
        self.asked += 1
        end = time.monotonic() + checks.LIMIT
        while time.monotonic() < end:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
                s.settimeout(5)
                s.connect(("127.0.0.1", self.port))
                s.send(word.encode())
                try:
                    return s.recv(65536)
                except socket.timeout:
                    continue
        checks.fail("p1", "no answer to %s" % word)
        return b""

    def fresh(self, name, oldest):
        """Not older than what had come out when it was asked."""
        place = self.ledger.places.get(name)
        if place is None or place < oldest:
            checks.fail("p1", "an answer of %s, when %d telegrams had come" % (name, oldest + 1))

    def ask_all(self):
        oldest, came = self.out.at - 1, time.time()
        whole = self.ask("all")
        self.fresh(identity(whole), oldest)
        if whole != self.recent[identity(whole)]:
            checks.fail("p1", "the answer to all is no telegram that was sent")
        oldest = self.out.at - 1
        before, power, after = (self.ask(word).decode() for word in ("timestamp", "pcurnet", "timestamp"))
        self.fresh(before, oldest)
        if before == after and Decimal(power) != net(self.recent[before]):
            checks.fail("p1", "pcurnet %s at %s is %s" % (power, before, net(self.recent[before])))
        told = json.loads(self.ask("json"))
        if not came - 3600 < told["p1timestamp"] <= time.time() + 1:
            checks.fail("p1", "p1timestamp %s at %s" % (told["p1timestamp"], time.time()))

    def ask_on(self):
        try:
            wait_for("p1", "a first telegram", lambda: self.out.at)
            while not self.over.is_set():
                self.ask_all()
                time.sleep(0.3)
        except Exception as problem:
            checks.fail("p1", "%r at a question" % problem)

    def finish(self):
        for client in self.clients:
            client.leave()

    def figures(self):
        return ("p1: %d telegrams sent, %d came; %d damaged, none came; clients got %s; %d questions answered; "
                "slow clients lost %d, as told"
                % (len(self.ledger.entries), self.out.came_count, self.damaged,
                   "/".join(str(client.cursor.came_count) for client in self.clients), self.asked,
                   self.slow_lost))
