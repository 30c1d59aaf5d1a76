"""Bytes, and what happens to them on their way: cut, merged, damaged, delayed, not delivered."""
import random
import select
import socket
import struct
import threading
import time

import checks

TABLE = []
for byte in range(256):
    for _ in range(8):
        byte = byte >> 1 ^ (0xA001 if byte & 1 else 0)
    TABLE.append(byte)


def crc16(data, start):
    for byte in data:
        start = start >> 8 ^ TABLE[(start ^ byte) & 255]
    return start


def rtu(data):
    """A Modbus RTU frame."""
    return data + struct.pack("<H", crc16(data, 0xFFFF))


def telegram(lines):
    """A P1 telegram."""
    data = ("/EMT5\\SOAK\r\n\r\n" + "".join(line + "\r\n" for line in lines) + "!").encode()
    return data + b"%04X\r\n" % crc16(data, 0)


def flip(chance, data, first=0, last=None, bits=8):
    """The data with one wrong bit."""
    place = chance.randrange(first, len(data) if last is None else last)
    wrong = data[place] ^ 1 << chance.randrange(bits)
    return data[:place] + bytes([wrong]) + data[place + 1:]


guards = []


def free_port():
    """A port that stays ours while nobody listens there: whoever sets SO_REUSEADDR may listen."""
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(("127.0.0.1", 0))
    guards.append(s)
    return s.getsockname()[1]


def connect(port, seconds=checks.LIMIT):
    end = time.monotonic() + seconds
    while True:
        try:
            s = socket.create_connection(("127.0.0.1", port), timeout=checks.LIMIT)
            s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return s
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.02)


def listen(port=0):
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(("127.0.0.1", port))
    s.listen(8)
    return s


def reset(s):
    """Ends a connection without a goodbye."""
    try:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    except OSError:
        pass
    s.close()


class Line:
    """The far end of a line of emtool's. Units of bytes are put on it one by one and leave in other
    pieces. It connects to `port`, or listens on `self.port` for emtool to connect."""

    def __init__(self, where, chance, port=None):
        self.where, self.chance = where, chance
        self.waiting, self.socket = b"", None
        self.calls = port is not None
        self.port = port if self.calls else free_port()
        self.door = None if self.calls else listen(self.port)

    def up(self):
        """Waits for the connection."""
        if self.calls:
            self.socket = connect(self.port)
            return
        if not self.door:
            self.door = listen(self.port)
        self.door.settimeout(checks.LIMIT)
        self.socket = self.door.accept()[0]
        self.socket.settimeout(checks.LIMIT)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def name(self):
        return "%s:%d" % self.socket.getsockname()

    def put(self, data):
        self.waiting += data
        cut = self.chance.choice((0, self.chance.randint(0, len(self.waiting)), len(self.waiting)))
        self.send(self.waiting[:cut])
        self.waiting = self.waiting[cut:]

    def send(self, data):
        if data:
            self.socket.sendall(data)

    def flush(self):
        self.send(self.waiting)
        self.waiting = b""

    def hang_up(self, seconds=0, rough=False):
        """Ends the connection and refuses others for a while."""
        self.flush()
        if self.door:
            self.door.close()
            self.door = None
        if rough:
            reset(self.socket)
        else:
            self.socket.close()
        time.sleep(seconds)

    def again(self):
        """The next connection, when emtool has ended this one."""
        self.waiting = b""
        self.socket.close()
        self.up()

    def gone(self):
        """Did emtool end it?"""
        try:
            return bool(select.select([self.socket], [], [], 0)[0]) and self.socket.recv(1) == b""
        except (OSError, ValueError):
            return True


class Forwarder(threading.Thread):
    """Hands bytes on to a port of this machine, and sometimes stops doing so."""

    def __init__(self, target):
        super().__init__(daemon=True)
        self.target, self.pairs, self.lock = target, [], threading.Lock()
        self.door = listen()
        self.port = self.door.getsockname()[1]
        self.start()

    def run(self):
        while True:
            near = self.door.accept()[0]
            try:
                far = socket.create_connection(("127.0.0.1", self.target), timeout=5)
            except OSError:
                reset(near)
                continue
            far.settimeout(None)
            with self.lock:
                self.pairs = [pair for pair in self.pairs if pair[0].fileno() >= 0] + [(near, far)]
            for a, b in ((near, far), (far, near)):
                threading.Thread(target=self.copy, args=(a, b), daemon=True).start()

    def copy(self, a, b):
        try:
            while block := a.recv(random.choice((1, 7, 100, 4096))):
                b.sendall(block)
        except OSError:
            pass
        for s in (a, b):
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        a.close()

    def cut(self):
        with self.lock:
            pairs, self.pairs = self.pairs, []
        for near, far in pairs:
            for s in (near, far):
                try:
                    s.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
