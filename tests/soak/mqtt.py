"""Just enough of MQTT 3.1.1: a client with a session that the broker keeps, QoS 1 both ways."""
import os
import select
import struct
import threading
import time

import checks
import wire

CONNECT, CONNACK, PUBLISH, PUBACK, SUBSCRIBE = 1, 2, 3, 4, 8
AT_LEAST_ONCE, AGAIN = 2, 8


def text(value):
    return struct.pack("!H", len(value)) + value.encode()


def packet(kind, flags, body):
    head, size = bytes([kind << 4 | flags]), len(body)
    while size > 127:
        head, size = head + bytes([size & 127 | 128]), size >> 7
    return head + bytes([size]) + body


class Client(threading.Thread):
    """Publishes until it is acknowledged, over all restarts; told(topic, payload) gets what comes."""

    def __init__(self, name, port, topics=(), told=None):
        super().__init__(daemon=True)
        self.client, self.port, self.topics, self.told = name, port, topics, told
        self.lock, self.unacknowledged, self.number = threading.Lock(), {}, 0
        self.fresh, self.ready, self.socket = [], threading.Event(), None
        self.wakened, self.waker = os.pipe()
        self.start()

    def publish(self, topic, payload):
        with self.lock:
            self.number = self.number % 65535 + 1
            self.unacknowledged[self.number] = text(topic) + struct.pack("!H", self.number) + payload
            self.fresh.append(self.number)
        os.write(self.waker, b"!")

    def pending(self):
        return len(self.unacknowledged)

    def run(self):
        while True:
            try:
                self.socket = wire.connect(self.port, 1e9)
                self.serve()
            except OSError:
                pass
            if self.socket:
                self.socket.close()
            time.sleep(0.1)

    def serve(self):
        body = text("MQTT") + bytes([4, 0, 0, 0]) + text(self.client)
        self.socket.sendall(packet(CONNECT, 0, body))
        data, up = b"", False
        while True:
            ready = select.select([self.socket, self.wakened], [], [])[0]
            if self.wakened in ready:
                os.read(self.wakened, 4096)
            if self.socket in ready:
                block = self.socket.recv(65536)
                if not block:
                    return
                data += block
                while (found := self.take(data)):
                    kind, flags, body, data = found
                    if kind == CONNACK:
                        up = self.begin()
                    self.handle(kind, flags, body)
            if up:
                self.send_fresh()

    @staticmethod
    def take(data):
        size, shift, at = 0, 0, 1
        while True:
            if at >= len(data):
                return None
            size |= (data[at] & 127) << shift
            shift, at = shift + 7, at + 1
            if data[at - 1] < 128:
                break
        if len(data) < at + size:
            return None
        return data[0] >> 4, data[0] & 15, data[at:at + size], data[at + size:]

    def begin(self):
        """What was not acknowledged goes out again, and in the old order."""
        if self.topics:
            topics = b"".join(text(topic) + b"\1" for topic in self.topics)
            self.socket.sendall(packet(SUBSCRIBE, 2, b"\0\1" + topics))
        with self.lock:
            old = [self.unacknowledged[n] for n in self.unacknowledged if n not in self.fresh]
        for body in old:
            self.socket.sendall(packet(PUBLISH, AT_LEAST_ONCE | AGAIN, body))
        self.ready.set()
        return True

    def send_fresh(self):
        with self.lock:
            bodies = [self.unacknowledged[n] for n in self.fresh]
            self.fresh = []
        for body in bodies:
            self.socket.sendall(packet(PUBLISH, AT_LEAST_ONCE, body))

    def handle(self, kind, flags, body):
        if kind == PUBACK:
            with self.lock:
                self.unacknowledged.pop(struct.unpack("!H", body[:2])[0], None)
        elif kind == PUBLISH:
            size = struct.unpack("!H", body[:2])[0]
            topic, rest = body[2:2 + size].decode(), body[2 + size:]
            if flags & AT_LEAST_ONCE:
                identifier, rest = rest[:2], rest[2:]
            try:
                self.told(topic, rest)
            except Exception as problem:
                checks.fail("mqtt " + self.client, "%r at %s" % (problem, rest[:200]))
            if flags & AT_LEAST_ONCE:
                self.socket.sendall(packet(PUBACK, 0, identifier))
