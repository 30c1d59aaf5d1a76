"""Encrypted pushes over a bad line into MQTT, and from MQTT into MQTT; the broker comes and goes."""
import base64
import json
import os
import time

import checks
import tools
import wire
from checks import Cursor, Ledger, wait_for
from mqtt import Client
from scenario import Scenario
from tools import Tool, output

KEY = "0F1E2D3C4B5A69788796A5B4C3D2E1F0"
PATIENCE = 1.0  # s: a push that pauses for longer may be refused
FIELDS = ("system_title", "frame_counter", "energy_import")


class Meter:
    """Pushes, each with its number as frame counter and as energy."""

    def __init__(self, model, title):
        self.model, self.title, self.number = model, title, 0

    def push(self):
        self.number += 1
        return output("sim", "push", self.model, "--key-file", keys(), "--title", self.title, "--counter",
                      str(self.number), "--set", "energy_import=%d" % self.number, "-n", "1", "-o", "-")

    def good(self, outlet, must=True):
        push = self.push()
        outlet.ledgers[self.title].add((self.title, self.number), self.number, must)
        return push


def keys():
    path = os.path.join(tools.directory, "key")
    if not os.path.exists(path):
        with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            file.write(KEY + "\n")
    return path


class Outlet:
    """Where the records of one emtool decrypt come out: printed, and published. MQTT keeps the order of
    each topic, not of all, so every meter has a ledger of its own."""

    def __init__(self, name, *meters):
        self.name = name
        self.ledgers = {meter.title: Ledger() for meter in meters}
        self.printed = {title: Cursor(name, ledger) for title, ledger in self.ledgers.items()}
        self.published = {title: Cursor(name + " published", ledger, again=True)
                          for title, ledger in self.ledgers.items()}

    @staticmethod
    def put(cursors, record):
        title, number, energy = (record[field] for field in FIELDS)
        cursors[title].came((title, number), energy)

    def wait(self):
        for cursor in (*self.printed.values(), *self.published.values()):
            cursor.wait()

    def figures(self):
        printed, published = self.printed.values(), self.published.values()
        return ("%s: %d pushes sent, %d printed, %d published (%d of them again)"
                % (self.name, sum(len(ledger.entries) for ledger in self.ledgers.values()),
                   sum(cursor.came_count for cursor in printed), sum(cursor.came_count for cursor in published),
                   sum(cursor.repeated for cursor in published)))


class Decrypt(Scenario):
    """The broker is reached through a forwarder, so that the link can go without the broker."""

    faults = ("broker_restart", "wrong_bit", "cut_within_a_push", "reset", "stall", "noise",
              "mqtt_link_loss", "damaged_message", "burst")
    pace = 0.15

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.damaged = 0
        self.broker = tools.Broker()
        self.forwarder = wire.Forwarder(self.broker.port)
        self.meter = Meter("evn", "4B464D6750000001")
        self.meters = [Meter("tinetz", "4B464D6750000002"), Meter("evn", "4B464D6750000003")]
        self.wired, self.messages = Outlet("decrypt", self.meter), Outlet("decrypt mqtt", *self.meters)
        self.subscriber = Client("subscriber", self.broker.port, ("soak/out/#",), self.published)
        self.publisher = Client("publisher", self.broker.port)
        self.subscriber.ready.wait(checks.LIMIT)
        self.line = wire.Line("decrypt", self.chance)
        url = "mqtt://127.0.0.1:%d/soak/" % self.forwarder.port
        common = ("decrypt", "--json", "--key-file", keys(), "--mqtt")
        self.watch(Tool("decrypt mqtt", (*common, url + "out/messages", url + "in/+?session=1&client=soak"),
                        lambda record: Outlet.put(self.messages.printed, record)))
        self.watch(Tool("decrypt", (*common, url + "out/wired?version=5", "tcp://127.0.0.1:%d" % self.line.port),
                        lambda record: Outlet.put(self.wired.printed, record)))
        self.line.up()
        self.subscribed()

    def subscribed(self):
        """What comes before emtool's subscription does not count; from then on the broker keeps it."""
        end = time.monotonic() + checks.LIMIT
        cursor = self.messages.printed[self.meters[0].title]
        while not cursor.came_count and time.monotonic() < end:
            self.publisher.publish("soak/in/1", self.meters[0].good(self.messages, must=False))
            time.sleep(0.2)

    def published(self, topic, payload):
        if topic.endswith("/availability"):
            return
        outlet = self.wired if topic == "soak/out/wired" else self.messages
        Outlet.put(outlet.published, json.loads(payload))

    def good(self):
        self.line.put(self.meter.good(self.wired))
        place = self.chance.randrange(len(self.meters))
        push = self.meters[place].good(self.messages)
        self.publisher.publish("soak/in/%d" % (place + 1), self.payload(push))

    def payload(self, push):
        return self.chance.choice((push, push.hex().encode(), base64.b64encode(push)))

    def settle(self):
        self.line.flush()
        wait_for("decrypt", "the broker to take all", lambda: not self.publisher.pending())
        self.wired.wait()
        self.messages.wait()

    # what goes wrong

    def broker_restart(self):
        """Meanwhile the meters go on."""
        self.broker.end()
        self.work(self.long(4))
        self.broker.begin()

    def mqtt_link_loss(self):
        for _ in range(self.chance.randint(1, 3)):
            self.forwarder.cut()
            self.work(self.long(1))

    def damage(self, meter):
        self.damaged += 1
        return wire.flip(self.chance, meter.push())

    def wrong_bit(self):
        for _ in range(self.chance.randint(1, 3)):
            self.line.put(self.damage(self.meter))
            self.work(0.3)

    def damaged_message(self):
        for _ in range(self.chance.randint(1, 3)):
            data = self.damage(self.meters[1])
            size = self.chance.choice((len(data), len(data) // 2))
            self.publisher.publish("soak/in/2", self.payload(data[:size]))

    def cut_within_a_push(self):
        push = self.meter.push()
        self.damaged += 1
        self.line.put(push[:self.chance.randint(1, len(push) - 1)])
        self.line.hang_up(self.long(2))
        self.line.up()

    def stall(self):
        self.line.flush()
        seconds = self.long(3)
        push = self.meter.good(self.wired, must=seconds < PATIENCE)
        cut = self.chance.randint(1, len(push) - 1)
        self.line.send(push[:cut])
        time.sleep(seconds)
        self.line.send(push[cut:])

    def noise(self):
        self.line.put(bytes(self.chance.randrange(256) for _ in range(self.chance.randint(1, 40))))

    def burst(self):
        self.line.flush()
        data = b"".join(self.damage(self.meter) if self.chance.random() < 0.2
                        else self.meter.good(self.wired) for _ in range(int(self.long(40))))
        with self.asleep(self.tools[1]):
            self.line.send(data)

    def figures(self):
        return "%s; %s; %d damaged; the broker was started %d times" % (
            self.wired.figures(), self.messages.figures(), self.damaged, self.broker.starts)
