"""What the tests of `emtool p1 --relay` and `--query` talk with: a meter's bridge and its clients."""
import os
import re
import resource
import select
import socket
import sys
import time

LIMIT = 60


def raise_limit():
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096), hard))


def connect(port):
    end = time.monotonic() + LIMIT
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=LIMIT)
        except ConnectionRefusedError:
            if time.monotonic() > end:
                raise
            time.sleep(0.02)


def receive(client, size):
    """Exactly `size` bytes."""
    data = b""
    while len(data) < size:
        block = client.recv(min(65536, size - len(data)))
        assert block, "closed after %d of %d bytes" % (len(data), size)
        data += block
    return data


def silence(client, seconds=0.5):
    """All that comes until nothing has come for a while."""
    data = b""
    while select.select([client], [], [], seconds)[0]:
        block = client.recv(65536)
        if not block:
            break
        data += block
    return data


def telegrams(data):
    """Whole telegrams; whatever else there is makes the test fail."""
    found = re.findall(rb"/[^!]*![0-9A-F]{4}\r\n", data)
    assert b"".join(found) == data, "not only whole telegrams in %d bytes" % len(data)
    return found


def telegram(lines):
    """A telegram with its CRC."""
    body, crc = b"/XMX5LGBBFG1009394887\r\n\r\n1-3:0.2.8(42)\r\n" + lines + b"!", 0
    for byte in body:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return body + b"%04X\r\n" % crc


def resident(pid):
    with open("/proc/%d/status" % pid) as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


def settle(count, pid):
    """Waits until that many connections are taken, the source's included: each has a high descriptor."""
    end = time.monotonic() + LIMIT
    while sum(int(fd) >= 1024 for fd in os.listdir("/proc/%d/fd" % pid)) != count:
        assert time.monotonic() < end, "not all connections were taken"
        time.sleep(0.02)


def ask(port, command, seconds=LIMIT):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as service:
        service.settimeout(seconds)
        service.sendto(command if isinstance(command, bytes) else command.encode(), ("127.0.0.1", port))
        return service.recv(65536).decode("latin-1")


def feed(port, name, pause=1):
    """A meter that repeats its telegram, until ended."""
    with open(name, "rb") as telegram, connect(port) as bridge:
        data = telegram.read()
        while True:
            bridge.sendall(data)
            time.sleep(pause)


if __name__ == "__main__":
    print(ask(int(sys.argv[1]), sys.argv[2]), end="")
