"""Modbus TCP: questions, and a station that stands between emtool and its charger and knows what was
asked, written and confirmed."""
import socket
import struct
import threading

import wire

READ, WRITE_ONE, WRITE = 3, 6, 16


def exactly(s, size):
    data = b""
    while len(data) < size:
        block = s.recv(size - len(data))
        if not block:
            raise OSError("closed")
        data += block
    return data


def receive(s):
    head = exactly(s, 6)
    return head + exactly(s, struct.unpack(">H", head[4:])[0])


class Master:
    """Asks; connects again when it has to."""

    def __init__(self, port, unit):
        self.port, self.unit, self.socket, self.lock = port, unit, None, threading.Lock()

    def ask(self, pdu):
        with self.lock:
            for _ in range(5):
                try:
                    if not self.socket:
                        self.socket = wire.connect(self.port)
                    self.socket.sendall(struct.pack(">HHHB", 1, 0, len(pdu) + 1, self.unit) + pdu)
                    return receive(self.socket)[7:]
                except OSError:
                    self.close()
            raise OSError("no answer from port %d" % self.port)

    def close(self):
        if self.socket:
            self.socket.close()
        self.socket = None

    def read(self, address, count):
        answer = self.ask(struct.pack(">BHH", READ, address, count))
        return struct.unpack(">%dH" % count, answer[2:])

    def write(self, address, value):
        return self.ask(struct.pack(">BHH", WRITE_ONE, address, value))[0] == WRITE_ONE


class Station(threading.Thread):
    """mode: None, "away", "silent", or the number of an exception, with which it answers; arming is only
    ever refused as busy. The owner hears of each request before the charger does, and when it is done."""

    def __init__(self, target, owner):
        super().__init__(daemon=True)
        self.target, self.owner, self.mode, self.connections = target, owner, None, []
        self.door = wire.listen()
        self.port = self.door.getsockname()[1]
        self.refused = self.requests = 0
        self.start()

    def run(self):
        while True:
            near = self.door.accept()[0]
            if self.mode == "away":
                wire.reset(near)
                continue
            self.connections = [s for s in self.connections if s.fileno() >= 0] + [near]
            threading.Thread(target=self.serve, args=(near,), daemon=True).start()

    def serve(self, near):
        far = wire.connect(self.target)
        connection = {"safe": set()}
        try:
            while True:
                request = receive(near)
                reply = self.answer(far, connection, request)
                if reply:
                    near.sendall(reply)
        except OSError:
            pass
        near.close()
        far.close()

    def answer(self, far, connection, request):
        function, address, value = struct.unpack(">BHH", request[7:12])
        words = struct.unpack(">%dH" % value, request[13:]) if function == WRITE else (value,)
        mode = self.mode
        self.requests += 1
        if mode == "silent":
            return None
        if mode and mode != "away" and not (function == WRITE_ONE and mode != 6):
            self.refused += 1
            return request[:4] + b"\0\3" + request[6:7] + bytes([function | 0x80, mode])
        self.owner.asked(connection, function, address, words)
        far.sendall(request)
        reply = receive(far)
        if reply[7] == function:
            self.owner.confirmed(connection, function, address, words)
        return reply

    def cut(self):
        self.mode = "away"
        for s in self.connections:
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
