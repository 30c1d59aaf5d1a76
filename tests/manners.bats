#!/usr/bin/env bats
# How emtool behaves towards other users of the machine and of the network.

load helper

key=36C66639E48A8CA4D6BC8B282A793BBB

# A ciphered push of the simulator, under $key.
make_push() {
	(umask 077 && echo "$key" > key.txt)
	emtool sim push evn --key-file key.txt --count "${1:-1}" --output push.bin
}

@test "keys: gone from the process list and its environment once they are read" {
	EMTOOL_KEY=$key start emtool decrypt --auth-key "$key" "tcp-listen://127.0.0.1:$(free_port)" --key "$key"
	hidden() { ! tr '\0' '\n' < "/proc/$started/$1" | grep -qi "$key"; }
	there() { tr '\0' ' ' < "/proc/$started/cmdline" | grep -q decrypt; }
	wait_for there
	wait_for hidden cmdline
	wait_for hidden environ
}

@test "keys: a key file that others can read gives one warning, none with -q" {
	make_push
	run emtool decrypt push.bin --key-file key.txt --output /dev/null
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	chmod 644 key.txt
	run emtool decrypt push.bin --key-file key.txt --auth-key-file key.txt --output /dev/null
	[ "$status" -eq 0 ]
	[ "$output" = "emtool: decrypt: key.txt: other users can read it (mode 0644): chmod 600" ]
	run emtool decrypt -q push.bin --key-file key.txt --output /dev/null
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	CREDENTIALS_DIRECTORY=$PWD run emtool decrypt push.bin --key-file "$PWD/key.txt" --output /dev/null
	[ "$status" -eq 0 ]
	[ -z "$output" ]
}

@test "keys: no message shows a key, even when it is given in a wrong place" {
	make_push
	for mistake in "--key-file $key" "--auth-key-file $key" "--keys=$key" "--key ${key}0" "--unknown $key" \
		"$key" "mqtt://me:$key@127.0.0.1/x" "--key $key" "--mqtt mqtt://me:pa:ss@word@127.0.0.1/x" \
		"--db mysql://me:password@127.0.0.1/x"; do
		# shellcheck disable=SC2086
		run emtool decrypt -vv --stats --duration 0.1 --output /dev/null push.bin $mistake
		echo "$mistake: $output"
		[[ "${output^^}" != *"$key"* ]]
		[[ "$output" != *word@* ]]
		[[ "$output" != *pa:ss* ]]
	done
	run emtool decrypt -vv --json --stats --key-file key.txt push.bin
	[ "$status" -eq 0 ]
	[[ "${output^^}" != *"$key"* ]]
	run emtool p1 -vv --json --stats --key-file key.txt push.bin
	[[ "${output^^}" != *"$key"* ]]
}

@test "keys: a process that has one writes no core file" {
	[[ "$(cat /proc/sys/kernel/core_pattern)" =~ ^core ]] || skip "core files go elsewhere"
	dies() {
		(ulimit -c unlimited && cd "$1" && shift && exec "$@") 3>&- &
		started=$!
		pids+=("$started")
		wait_for listening "$port"
		kill -ABRT "$started"
		wait "$started" || true
	}
	export EMTOOL_SANDBOX=off # in it there are none anyway
	make_push
	mkdir with without
	port=$(free_port)
	dies without emtool decrypt "tcp-listen://127.0.0.1:$port"
	compgen -G 'without/core*' >/dev/null || skip "no core files here"
	port=$(free_port)
	dies with emtool decrypt --key-file ../key.txt "tcp-listen://127.0.0.1:$port"
	run ! compgen -G 'with/core*'
	port=$(free_port)
	dies with env EMTOOL_KEY="$key" emtool decrypt "tcp-listen://127.0.0.1:$port"
	run ! compgen -G 'with/core*'
}

@test "state: files have mode 0600 with any umask, and symbolic links are not followed" {
	make_push 3
	umask 000
	emtool decrypt push.bin --key-file key.txt --state counters --output /dev/null
	[ "$(stat -c %a counters)" = 600 ]
	umask 777
	rm counters
	emtool decrypt push.bin --key-file key.txt --state counters --output /dev/null
	umask 022
	[ "$(stat -c %a counters)" = 600 ]
	echo mine > victim
	ln -s victim counters.new
	rm counters
	emtool decrypt push.bin --key-file key.txt --state counters --output /dev/null
	[ "$(cat victim)" = mine ]
	[ -s counters ]
	[ ! -L counters ]
}

# A telegram whose header is $1 and whose meter number is $2, both with what bytes they like.
make_telegram() {
	python3 - "$1" "$2" <<'EOF'
import os, sys
header, number = os.fsencode(sys.argv[1]), os.fsencode(sys.argv[2])
t = b"/ISK5" + header + b"\r\n\r\n1-3:0.2.8(50)\r\n0-0:1.0.0(210204163628W)\r\n"
t += b"0-0:96.1.1(%s)\r\n1-0:1.7.0(01.193*kW)\r\n!" % number.hex().upper().encode()
crc = 0
for byte in t:
    crc ^= byte
    for _ in range(8):
        crc = crc >> 1 ^ 0xA001 if crc & 1 else crc >> 1
sys.stdout.buffer.write(t + b"%04X\r\n" % crc)
EOF
}

# Colour, title and reversed writing for a terminal; quotes and separators for everything else.
hostile=$'x\e[31m\a\u009b2J\u202e\u2028é"\'\\,=;+#$(touch owned)`touch owned`\xff b'
number="\$/+#a\"b\\,c=d e'; DROP TABLE history;--"

# harmless FILE: no byte that a terminal would obey; all of it is UTF-8
harmless() {
	python3 - "$1" <<'EOF'
import sys, unicodedata
text = open(sys.argv[1], newline="").read()
bad = [c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp") and c not in "\r\n"]
sys.exit("%s: %r" % (sys.argv[1], bad) if bad else 0)
EOF
}

@test "device strings: escaped in every format, complete in JSON and CSV" {
	make_telegram "$hostile" "$number" > in.p1
	for format in text json csv influx prometheus; do
		emtool p1 in.p1 --format "$format" > "out.$format"
		harmless "out.$format"
	done
	harmless out.json
	python3 - "$hostile" "$number" <<'EOF'
import csv, json, os, sys
header = os.fsencode(sys.argv[1]).decode("latin-1")
r = json.load(open("out.json"))
assert r["header"] == "ISK5" + header, r["header"]
assert r["meter_id"] == sys.argv[2], r["meter_id"]
row = list(csv.DictReader(open("out.csv", newline="")))
assert len(row) == 1 and row[0]["meter_id"] == sys.argv[2], row
assert row[0]["header"].endswith("\u00ff b") and "\\x1B[31m\\x07" in row[0]["header"], row
EOF
	[ "$(wc -l < out.influx)" -eq 1 ]
	[ "$(grep -vc '^#' out.prometheus)" -eq 3 ]
}

@test "device strings: a telegram is verbatim in a file, escaped on a terminal" {
	make_telegram "$hostile" 1 > in.p1
	emtool p1 --raw in.p1 | cmp - in.p1
	script -qc "emtool p1 --raw in.p1" typescript < /dev/null > /dev/null
	grep -q '^/ISK5x\\x1B\[31m' typescript
	sed '/^Script /d' typescript > shown
	harmless shown
}

@test "device strings: no SQL and no shell commands are executed" {
	make_telegram "$hostile" "$number" > in.p1
	emtool p1 in.p1 --output /dev/null --db history.db \
		--exec 'printf "%s\n" "$EMTOOL_HEADER" $EMTOOL_METER_ID > seen'
	[ "$(sqlite3 history.db 'SELECT count(*) FROM history')" -eq 1 ]
	[ "$(sqlite3 history.db 'SELECT device FROM history')" = "$number" ]
	[ "$(sqlite3 history.db 'SELECT meter_id FROM history')" = "$number" ]
	harmless seen
	[ ! -e owned ]
}

@test "device strings: a value fills exactly one level of a topic" {
	port=$(free_port)
	printf 'listener %s 127.0.0.1\nallow_anonymous true\n' "$port" > mosquitto.conf
	start mosquitto -c mosquitto.conf
	wait_for listening "$port"
	start mosquitto_sub -p "$port" -t '#' -t '$SYS/x/#' -F '%t' > topics
	wait_for bash -c "mosquitto_pub -p $port -t ready -m 1; grep -q ready topics"
	make_telegram "$hostile" '$SYS' > in.p1
	emtool p1 in.p1 --output /dev/null --mqtt "mqtt://127.0.0.1:$port/[meter_id]/x/[header]"
	make_telegram "$hostile" "../+/#/$number" > in.p1
	emtool p1 in.p1 --output /dev/null --mqtt "mqtt://127.0.0.1:$port/[meter_id]/x/[header]"
	seen() { [ "$(grep -c /x/ topics)" -eq 2 ]; }
	wait_for seen
	harmless topics
	run grep /x/ topics
	[[ "${lines[0]}" =~ ^_SYS/x/ISK5[^/+#]*$ ]]
	[[ "${lines[1]}" =~ ^[^/+#$]+[^/+#]*/x/ISK5[^/+#]*$ ]]
}

@test "device strings: a topic that is a source cannot forge lines of a recording" {
	port=$(free_port)
	printf 'listener %s 127.0.0.1\nallow_anonymous true\n' "$port" > mosquitto.conf
	start mosquitto -c mosquitto.conf
	wait_for listening "$port"
	make_telegram ordinary 1 > in.p1
	start emtool p1 "mqtt://127.0.0.1:$port/m/#" --record bus.log --json --output out.json
	sent() { mosquitto_pub -p "$port" -t 'm/a b' -f in.p1; [ -s out.json ]; }
	wait_for sent
	kill "$started"
	wait "$started" || true
	run emtool p1 bus.log --json
	[ "$status" -eq 0 ]
	[ "$(jq -r .source <<< "${lines[0]}")" = m/a_b ]
}

# What a running program gave up: "NoNewPrivs Seccomp" as the kernel sees it.
given_up() {
	awk '/^NoNewPrivs:/ { n = $2 } /^Seccomp:/ { s = $2 } END { print n, s }' "/proc/$1/status"
}

needs_sandbox() {
	emtool sniff -v --duration 0.05 "tcp-listen://127.0.0.1:$(free_port)" 2> said || true
	grep -q '(Landlock).*(seccomp)' said && ! grep -q 'no seccomp' said ||
		skip "not here: $(grep confined said)"
}

@test "sandbox: every service is confined" {
	needs_sandbox
	inverter=$(free_port)
	start emtool sim sunspec --listen "127.0.0.1:$inverter"
	wait_for listening "$inverter"
	station=$(free_port)
	start emtool sim alfen --listen "127.0.0.1:$station"
	wait_for listening "$station"
	for service in "sniff tcp-listen://127.0.0.1:PORT" "sniff udp://127.0.0.1:PORT" \
		"decrypt tcp://127.0.0.1:PORT --state state" "decrypt --accept-replay tcp-listen://127.0.0.1:PORT" \
		"p1 tcp://127.0.0.1:1 --relay 127.0.0.1:PORT --query 127.0.0.1:PORT" \
		"balance run --p1 tcp://127.0.0.1:1 --charger none --server tcp-listen://127.0.0.1:PORT" \
		"sunspec read 127.0.0.1:$inverter --interval 0.2" "alfen watch 127.0.0.1:$station --interval 0.2" \
		"alfen set 127.0.0.1:$station modbus_slave_max_current=10 --hold" \
		"sim alfen --listen 127.0.0.1:PORT" "sim p1 --listen 127.0.0.1:PORT"; do
		echo "$service"
		# shellcheck disable=SC2086
		start emtool ${service//PORT/$(free_port)} > out 2> err
		confined() { [ "$(given_up "$started")" = "1 2" ]; }
		wait_for confined
	done
}

@test "sandbox: not with --exec, not when switched off, not for one-shot commands" {
	start emtool sniff -v --exec true "tcp-listen://127.0.0.1:$(free_port)" 2> said
	wait_for grep -q 'not confined: --exec' said
	[ "$(given_up "$started")" = "0 0" ]
	EMTOOL_SANDBOX=off start emtool sniff -v "tcp-listen://127.0.0.1:$(free_port)" 2> off
	wait_for grep -q 'not confined: EMTOOL_SANDBOX' off
	[ "$(given_up "$started")" = "0 0" ]
	mkfifo pipe
	start emtool sniff --json pipe > records
	exec 7> pipe
	printf '\x01\x03\x50\x0a\x00\x02\xf5\x09\x01\x03\x04\x3f\xa1\x68\x73\xc9\xe0' >&7
	wait_for test -s records
	[ "$(given_up "$started")" = "0 0" ]
	exec 7>&-
	run emtool sniff -v --json hex:0103500A0002F5090103043FA16873C9E0
	[[ "$output" != *confined* ]]
}

@test "sandbox: every output works inside, and files are replaced and created again" {
	needs_sandbox
	mkdir deep
	touch deep/target.db
	ln -s deep/target.db link.db
	port=$(free_port)
	start emtool sniff "tcp-listen://127.0.0.1:$port" --format prometheus --output deep/x.prom --meter inepro_n1_ct \
		--db link.db --record deep/bus.log
	wait_for listening "$port"
	send() { printf '\x01\x03\x50\x0a\x00\x02\xf5\x09\x01\x03\x04\x3f\xa1\x68\x73\xc9\xe0' > "/dev/tcp/127.0.0.1/$port"; }
	send
	wait_for grep -q current deep/x.prom
	rm deep/x.prom
	again() { send; [ -s deep/x.prom ]; }
	wait_for again
	[ "$(given_up "$started")" = "1 2" ]
	kill "$started"
	wait "$started" || true
	[ "$(sqlite3 deep/target.db 'SELECT count(*) > 1 FROM history')" -eq 1 ]
	emtool sniff deep/bus.log --json --meter inepro_n1_ct | grep -q '"current":1.261'
	# standard output by name, and what is no file at all
	emtool p1 --relay "127.0.0.1:$(free_port)" --output /dev/stdout "udp://127.0.0.1:$(free_port)" --duration 0.1 || [ $? -eq 5 ]
	emtool sniff --output /dev/null "udp://127.0.0.1:$(free_port)" --duration 0.1 || [ $? -eq 5 ]
}

@test "sandbox: a serial port that vanishes is opened again" {
	needs_sandbox
	emtool sim meter inepro_n1_ct --pty line --seed 1 &
	first=$!
	pids+=("$first")
	wait_for test -e line
	start emtool sniff serial://line --json --output seen
	wait_for test -s seen
	[ "$(given_up "$started")" = "1 2" ]
	kill "$first"
	wait "$first" || true
	: > seen
	start emtool sim meter inepro_n1_ct --pty line --seed 1
	wait_for test -s seen
}

sockets() {
	python3 "$BATS_TEST_DIRNAME/peers/sockets.py" "$started" | sort
}

# listens_at LINES: what the program started last listens at is exactly this.
listens_at() {
	expected=$(sort <<< "$1")
	[ "$(sockets)" = "$expected" ]
}

@test "listeners: only the addresses that were given are bound" {
	a=$(free_port)
	b=$(free_port)
	start emtool sniff "tcp-listen://127.0.0.1:$a" --db h.db --format prometheus --output x.prom
	wait_for listens_at "tcp 127.0.0.1 $a"
	start emtool decrypt --udp "127.0.0.2:$a"
	wait_for listens_at "udp 127.0.0.2 $a"
	start emtool p1 tcp://127.0.0.1:1 --relay "127.0.0.1:$b" --query "127.0.0.3:$b" --mqtt mqtt://127.0.0.1:1/x
	wait_for listens_at "tcp 127.0.0.1 $b"$'\n'"udp 127.0.0.3 $b"
	start emtool balance run --p1 tcp://127.0.0.1:1 --charger none --json --output ticks
	wait_for test -s ticks
	listens_at ""
	c=$(free_port)
	start emtool balance run --p1 tcp://127.0.0.1:1 --charger none --output /dev/null --server ":$c"
	wait_for listens_at "tcp 127.0.0.1 $c" # whoever reaches it can steer
	d=$(free_port)
	start emtool sim alfen --listen "127.0.0.1:$d"
	wait_for listens_at "tcp 127.0.0.1 $d"
}

@test "listeners: a port without an address means every address, IPv6 and IPv4" {
	python3 -c 'import socket; socket.socket(socket.AF_INET6).bind(("::1", 0))' || skip "no IPv6"
	a=$(free_port)
	start emtool p1 --tcp ":$a" --query ":$a" --json --output seen
	wait_for listens_at "tcp :: $a"$'\n'"udp :: $a"
	emtool sim p1 --count 1 --output in.p1
	for host in 127.0.0.1 ::1; do
		python3 -c '
import socket, sys
s = socket.create_connection((sys.argv[1], int(sys.argv[2])))
s.sendall(open("in.p1", "rb").read())
while True:
    u = socket.socket(socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET, socket.SOCK_DGRAM)
    u.settimeout(1)
    u.sendto(b"test", (sys.argv[1], int(sys.argv[2])))
    try:
        assert u.recv(99) == b"emtool p1 answers"
        break
    except socket.timeout:
        pass' "$host" "$a"
	done
	both() { grep -q '"source":"127.0.0.1:' seen && grep -q '"source":"\[::1\]:' seen; }
	wait_for both
}

@test "listeners: clients cannot use up the descriptors of the program" {
	a=$(free_port)
	(ulimit -n 100 && exec emtool sniff --tcp "127.0.0.1:$a" --format prometheus --output x.prom \
		--meter inepro_n1_ct 2> said) 3>&- &
	started=$!
	pids+=("$started")
	wait_for listening "$a"
	run python3 - "$a" <<'EOF'
import os, select, socket, sys, time
port = int(sys.argv[1])
first = socket.create_connection(("127.0.0.1", port))
rest = [socket.create_connection(("127.0.0.1", port)) for _ in range(150)]
dropped, until = set(), time.monotonic() + 30
while len(dropped) < 117 and time.monotonic() < until:
    for s in select.select([r for r in rest if r not in dropped], [], [], 0.1)[0]:
        assert s.recv(1) == b""
        dropped.add(s)
# who is in is served, and the program can still write its file
first.sendall(bytes.fromhex("0103500A0002F5090103043FA16873C9E0"))
while time.monotonic() < until and not os.path.exists("x.prom"):
    time.sleep(0.05)
# the probe that saw it listening may have had a place still
print(len(dropped) in (117, 118), os.path.exists("x.prom"))
EOF
	[ "$output" = "True True" ]
	[ "$(cat said)" = "emtool: sniff: 34 peers, no more are taken" ]
}

@test "listeners: memory for the costliest peers is bounded" {
	if grep -q __asan_init "$EMTOOL"; then skip "sanitizers"; fi
	a=$(free_port)
	start emtool sniff --tcp "127.0.0.1:$a" --format csv --output records
	wait_for listening "$a"
	python3 - "$a" "$started" <<'EOF'
import socket, sys, time
def frame(body):
    crc = 0xFFFF
    for byte in body:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0xA001 if crc & 1 else crc >> 1
    return body + bytes([crc & 255, crc >> 8])
def resident():
    with open("/proc/%s/status" % sys.argv[2]) as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))
units = b"".join(frame(bytes([u, 3, 0x50, 0x0A, 0, 2])) + frame(bytes([u, 3, 4, 0x3F, 0xA1, 0x68, 0x73]))
                 for u in range(1, 248))
before, peers = resident(), []
for _ in range(100):
    s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
    s.sendall(units)
    peers.append(s)
until = time.monotonic() + 60
while open("records").read().count("\n") < 1 + 100 * 247: # all of it is decoded, nobody has left
    assert time.monotonic() < until
    time.sleep(0.1)
assert resident() - before < 100 * 128, resident() - before
EOF
}

@test "listeners: relay and register table report when they are full" {
	a=$(free_port)
	start emtool balance run --p1 tcp://127.0.0.1:1 --charger none --output /dev/null \
		--server "tcp-listen://127.0.0.1:$a" 2> said
	wait_for listening "$a"
	start python3 -c '
import socket, sys, time
s = [socket.create_connection(("127.0.0.1", int(sys.argv[1]))) for _ in range(40)]
time.sleep(60)' "$a"
	wait_for grep -q "127.0.0.1:$a: 32 clients, no more are taken" said
	b=$(free_port)
	(ulimit -n 64 && exec emtool p1 tcp://127.0.0.1:1 --relay "127.0.0.1:$b" 2> full) 3>&- &
	pids+=("$!")
	wait_for listening "$b"
	start python3 -c '
import socket, sys, time
s = [socket.create_connection(("127.0.0.1", int(sys.argv[1]))) for _ in range(40)]
time.sleep(60)' "$b"
	wait_for grep -q "relay: 16 clients, no more are taken" full
}

@test "query: answers to a forged sender are limited, and two services do not answer each other for ever" {
	a=$(free_port)
	start emtool p1 --tcp "127.0.0.1:$a" --query "0.0.0.0:$a" --output /dev/null -v 2> said
	wait_for listening "$a"
	python3 - "$a" <<'EOF'
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
def ask(request, patience=30):
    s.settimeout(patience)
    s.sendto(request, ("127.0.0.1", int(sys.argv[1])))
    return s.recv(65536)
refusal = b"not implemented, run 'help' for an overview"
assert ask(b"nonsense") == refusal
try:
    assert not ask(refusal, 0.3)
except socket.timeout:
    pass
for _ in range(300): # loopback cannot be forged
    assert len(ask(b"help")) > 500
EOF
	own=$(python3 -c '
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.connect(("192.0.2.200", 9)) # sends nothing
print(s.getsockname()[0])') || skip "no address but loopback"
	flood() {
		python3 - "$own" "$a" <<'EOF'
import socket, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(0.2)
begin, size = time.monotonic(), 0
for _ in range(200):
    s.sendto(b"help", (sys.argv[1], int(sys.argv[2])))
try:
    while True:
        size += len(s.recv(65536))
except socket.timeout:
    pass
assert size < 65536 + 32768 * (time.monotonic() - begin + 1), size
EOF
		grep -q "$own:.* asks too much" said
	}
	wait_for flood
}
