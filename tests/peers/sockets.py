#!/usr/bin/env python3
"""What a process listens at: `sockets.py PID` prints a line per listening TCP or bound UDP socket."""
import os
import socket
import sys


def address(text):
    host, port = text.split(":")
    raw = bytes.fromhex(host)
    words = b"".join(raw[i:i + 4][::-1] for i in range(0, len(raw), 4))
    family = socket.AF_INET if len(raw) == 4 else socket.AF_INET6
    return "%s %d" % (socket.inet_ntop(family, words), int(port, 16))


def main(pid):
    mine = set()
    for name in os.listdir("/proc/%s/fd" % pid):
        try:
            mine.add(os.readlink("/proc/%s/fd/%s" % (pid, name)))
        except FileNotFoundError:
            pass
    for kind, wanted in (("tcp", "0A"), ("tcp6", "0A"), ("udp", "07"), ("udp6", "07")):
        if not os.path.exists("/proc/net/" + kind):
            continue
        for line in open("/proc/net/" + kind).read().splitlines()[1:]:
            field = line.split()
            if field[3] == wanted and "socket:[%s]" % field[9] in mine:
                print(kind[:3], address(field[1]))


main(sys.argv[1])
