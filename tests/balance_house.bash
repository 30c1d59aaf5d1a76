# A house around `balance run`, for the tests that load this: a P1 port, a charger, and what they are told.
# shellcheck shell=bash disable=SC2154,SC2034

# A P1 port that sends the three currents from the file `amps`, ten times a second.
p1_port() {
	cat > p1_port.py <<-'END'
		import os, socket, sys, threading, time
		peers, port = [], socket.create_server(("127.0.0.1", int(sys.argv[1])))
		def accept():
		    while True:
		        peers.append(port.accept()[0])
		threading.Thread(target=accept, daemon=True).start()
		def crc(data):
		    crc = 0
		    for byte in data:
		        crc ^= byte
		        for _ in range(8):
		            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
		    return crc
		while True:
		    amps = open("amps").read().split()
		    clock = amps[3] if len(amps) > 3 else time.strftime("%y%m%d%H%M%S")
		    text = "/EMT5\\TEST\r\n\r\n1-3:0.2.8(50)\r\n"
		    if clock == "none":
		        text += "1-0:1.8.0(001234.567*kWh)\r\n1-0:1.7.0(%06.3f*kW)\r\n" % (sum(map(int, amps[:3])) * 0.23)
		    else:
		        text += "0-0:1.0.0(%sW)\r\n" % clock
		    for code, value in zip((31, 51, 71), amps):
		        text += "1-0:%d.7.0(%03d*A)\r\n" % (code, abs(int(value)))
		    for code, value in zip((21, 41, 61), amps):
		        power = int(value) * 0.23
		        text += "1-0:%d.7.0(%06.3f*kW)\r\n" % (code, max(power, 0))
		        text += "1-0:%d.7.0(%06.3f*kW)\r\n" % (code + 1, max(-power, 0))
		    data = (text + "!").encode()
		    data += b"%04X\r\n" % crc(data)
		    if os.path.exists("neighbour"):
		        other = open("neighbour", "rb").read()
		        data += other + b"%04X\r\n" % crc(other)
		    for peer in list(peers):
		        try:
		            peer.sendall(data)
		        except OSError:
		            peers.remove(peer)
		    time.sleep(0.1)
	END
	[ -f amps ] || echo 3 2 1 > amps
	start python3 p1_port.py "$1"
}

# silent_port PORT: takes one connection and never answers; the file `asked` has the first byte that it got
silent_port() {
	start python3 -c '
import socket, sys
port = socket.create_server(("127.0.0.1", int(sys.argv[1])))
open("listens", "w").close()
peer = port.accept()[0]
first = peer.recv(1)
open("asked", "wb").write(first)
while peer.recv(1 << 16): pass' "$1"
	wait_for test -e listens
}

house() {
	echo "$@" > amps.new && mv amps.new amps
}

# charger PORT [OPTIONS]: an ABB with an eager car
charger() {
	start emtool sim abb --listen "127.0.0.1:$1" --car dead=0,restart=0,up=16 "${@:2}" > charger.out
	charger=$started
}

# run_balance [-a headroom] [OPTIONS]: threshold unless told
run_balance() {
	local algorithm=(-a threshold --set lower_step=4 --set upper_wait=1)

	[ "${1:-}" != -a ] || algorithm=()
	# The signal may be ignored here, as under nohup.
	start env --default-signal=HUP emtool balance run --tick 0.1 --json --p1 "tcp://127.0.0.1:$p1" \
		--charger "abb://127.0.0.1:$abb" \
		--server "tcp-listen://127.0.0.1:$table" --set max_charger_current=14 \
		--set fallback_limit=6 --set fallback_wait=10 "${algorithm[@]}" "$@" > out.json 2> err.txt
	balance=$started
}

begin() {
	p1=$(free_port) abb=$(free_port) table=$(free_port)
	p1_port "$p1"
	meter=$started
	charger "$abb"
	run_balance "$@"
	wait_for registers 1000 1
}

# registers FIRST COUNT: the register table, as another program reads it
registers() {
	local words

	words=$(mbpoll -m tcp -p "$table" -a 10 -0 -1 -q -r "$1" -c "$2" -t 4 127.0.0.1 | sed -n 's/^\[[0-9]*\]:[[:space:]]*\([0-9]*\).*/\1/p' | paste -sd' ')
	[ -n "$words" ] || return 1
	echo "$words"
}

put() {
	mbpoll -m tcp -p "$table" -a 10 -0 -1 -q -r "$1" -t 4 127.0.0.1 "${@:2}"
}

limit_is() { [ "$(registers 1001 1)" = "$1" ]; }
state_is() { [ "$(registers 1002 1)" = "$1" ]; }

# the set-points that the charger received, in A
told() { [ "$(emtool abb get "127.0.0.1:$abb" charging_current_limit_modbus | sed 's/.*: *//; s/ .*//')" = "$1" ]; }

# is CONDITION: of the last record
is() { [ "$(tail -n 1 out.json | jq "$1")" = true ]; }

# ended PID CODE: it ends, with that exit code
ended() {
	local status=0

	wait "$1" || status=$?
	[ "$status" -eq "$2" ] || { echo "exit $status: $(cat err.txt)"; false; }
}
