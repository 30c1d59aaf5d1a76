#!/usr/bin/env bats
# `emtool p1 --relay`, `--query`, `--sunspec` and `emtool sim p1` over real sockets.

load helper

export EMTOOL PYTHONPATH=$BATS_TEST_DIRNAME/peers PYTHONDONTWRITEBYTECODE=1

# service [OPTIONS]: emtool p1 with a listener at $in for the meter, relay and queries both at $out
service() {
	in=$(free_port) out=$(free_port) meter=
	start emtool p1 --json --tcp "127.0.0.1:$in" --relay "127.0.0.1:$out" --query "127.0.0.1:$out" "$@" \
		> records.json 2> messages
	service=$started
	export in out service
	wait_for listening "$in"
}

# feed FILE: the meter sends that telegram every second from now on, so that its values stay fresh
feed() {
	[ -z "$meter" ] || { kill "$meter"; wait "$meter" || true; }
	start python3 -c 'import os, sys; from p1_clients import feed; feed(int(os.environ["in"]), sys.argv[1])' "$1"
	meter=$started
}

ask() {
	python3 -m p1_clients "$out" "$1"
}

# answers COMMAND ANSWER
answers() {
	[ "$(ask "$1")" = "$2" ] || { echo "$1: $(ask "$1"), expected $2"; false; }
}

@test "sim p1: every model's telegrams are read, line by line" {
	for model in $(emtool sim p1 --models | awk '{print $1}'); do
		emtool sim p1 "$model" -n 3 -o t.p1 --start 2024-06-03T11:59:58Z --set power_import=1190
		run --separate-stderr emtool p1 --json t.p1
		[ "$status" -eq 0 ]
		[ "${#lines[@]}" -eq 3 ] || { echo "$model: $output $stderr"; false; }
		jq -e '.power_import == 1190 and (has("errors") | not) and (.unknown // {} | length) <= 2' \
			<<< "${lines[2]}" || { echo "$model: ${lines[2]}"; false; }
		case $model in
		dsmr22 | dsmr3) [[ $output == *'"crc":"none"'* ]] ;;
		*) [[ $output == *'"crc":"ok"'* && $output != *'"crc":"none"'* ]] ;;
		esac
	done
}

@test "sim p1: clock, peaks, gas and --set of a Belgian meter" {
	emtool sim p1 emucs -n 1 -o t.p1 --start 2024-01-15T12:00:07Z --set peak_demand_import=4229 \
		--set gas=92.287 --set current_l1=0.27 --set energy_import_t1=301548
	run emtool p1 --json t.p1
	jq -e '.meter_time == "2024-01-15T13:00:07+01:00" and .peak_demand_import == 4229 and
		.gas == 92.287 and .gas_time == "2024-01-15T13:00:00+01:00" and .current_l1 == 0.27 and
		.energy_import_t1 == 301548 and (.peak_history | length) == 13' <<< "$output"
	run -2 emtool sim p1 -n 1 -o - --set nonsense=1
	run -2 emtool sim p1 dsmr6 -n 1 -o -
	run -2 emtool sim p1 -o -
}

@test "sim p1: the same seed gives the same bytes, and faults are counted" {
	emtool sim p1 -n 200 -o a.p1 --start 2024-06-03T12:00:00Z --seed 4
	emtool sim p1 -n 200 -o b.p1 --start 2024-06-03T12:00:00Z --seed 4
	cmp a.p1 b.p1
	emtool sim p1 -n 200 -o c.p1 --start 2024-06-03T12:00:00Z --seed 4 --corrupt 0.2 --drop 0.1 --truncate 0.1 \
		--noise 50
	emtool p1 --raw a.p1 > sound
	cmp a.p1 sound
	emtool p1 --raw c.p1 > left
	python3 -c '
from p1_clients import telegrams
sound, left = (telegrams(open(name, "rb").read()) for name in ("a.p1", "left"))
assert 80 < len(left) < 180, len(left)
assert set(left) <= set(sound)'
}

# bats test_tags=valgrind
@test "sim p1: encrypted telegrams" {
	(umask 077 && echo "D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF" > key)
	emtool sim p1 lu -n 2 -o t.bin --key-file key --set power_import=3074
	run emtool p1 --json --key-file key t.bin
	[ "${#lines[@]}" -eq 2 ]
	jq -e '.power_import == 3074 and .frame_counter == 2 and .authenticated' <<< "${lines[1]}"
	run -6 emtool p1 --json --key-file <(tr D E < key) t.bin
}

@test "sim p1: on a pseudo-terminal, read as a serial port" {
	start emtool sim p1 --pty "$PWD/meter" --interval 0.05
	wait_for test -e meter
	run emtool p1 --json -n 2 "$PWD/meter"
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 2 ]
}

# bats test_tags=mutants
@test "clients get every valid telegram verbatim, and nothing else" {
	service
	emtool sim p1 -n 40 -o all.p1 --start 2024-06-03T12:00:00Z
	emtool sim p1 -n 40 -o bad.p1 --start 2024-06-03T12:00:00Z --corrupt 0.3
	emtool p1 --raw bad.p1 > good.p1
	python3 -c '
import os
from p1_clients import *
port, source = int(os.environ["out"]), connect(int(os.environ["in"]))
clients = [connect(port) for _ in range(3)]
clients[1].sendall(b"GET / HTTP/1.0\r\n\r\n")
settle(3 + 1, int(os.environ["service"]))
good = open("good.p1", "rb").read()
source.sendall(open("bad.p1", "rb").read())
for client in clients:
    assert receive(client, len(good)) == good
clients[0].close()
source.sendall(open("all.p1", "rb").read())
for client in clients[1:]:
    assert receive(client, len(open("all.p1", "rb").read())) == open("all.p1", "rb").read()'
}

@test "a stalled client loses whole telegrams and delays no other client" {
	service
	emtool sim p1 -n 6000 -o all.p1 --start 2024-06-03T12:00:00Z
	python3 -c '
import os
from p1_clients import *
port, source = int(os.environ["out"]), connect(int(os.environ["in"]))
stalled = socket.socket()
stalled.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
stalled.connect(("127.0.0.1", port))
quick = connect(port)
settle(2 + 1, int(os.environ["service"]))
sent = telegrams(open("all.p1", "rb").read())
begun = time.monotonic()
for i in range(0, len(sent), 30):
    some = b"".join(sent[i:i + 30])
    source.sendall(some)
    assert receive(quick, len(some)) == some
assert time.monotonic() - begun < LIMIT
late = telegrams(silence(stalled))
assert 0 < len(late) < len(sent) / 2, len(late)
order = {telegram: i for i, telegram in enumerate(sent)}
places = [order[telegram] for telegram in late]
assert places == sorted(set(places)), places
assert places[-1] == len(sent) - 1, "the newest came once the client was back"
source.sendall(sent[0])
assert receive(stalled, len(sent[0])) == sent[0]
assert ask(port, "pcurnet") != "nan"'
}

@test "clients stay connected while the source is away" {
	meter=$(free_port) out=$(free_port)
	export out
	start emtool sim p1 --listen "127.0.0.1:$meter" --interval 0.05 --set power_import=1001
	first=$started
	wait_for listening "$meter"
	start emtool p1 --json "tcp://127.0.0.1:$meter" --relay "127.0.0.1:$out" --query "127.0.0.1:$out" > records.json
	wait_for listening "$out"
	known() { [[ $(ask PL1+) =~ ^[0-9.]+$ ]]; }
	wait_for known
	mkfifo back
	python3 -c '
import os
from p1_clients import *
client = connect(int(os.environ["out"]))
assert b"(01.001*kW)" in receive(client, 2000)
open("seen", "w")
open("back").read()
end, data = time.monotonic() + LIMIT, b""
while b"(02.002*kW)" not in data:
    assert time.monotonic() < end
    data += receive(client, 100)' &
	client=$!
	pids+=("$client")
	wait_for test -e seen
	kill "$first"
	wait "$first" || true
	start emtool sim p1 --listen "127.0.0.1:$meter" --interval 0.05 --set power_import=2002
	echo > back
	wait "$client"
	pids=("${pids[@]/$client/}")
}

@test "a connection that is lost within a telegram completes nothing" {
	service
	emtool sim p1 se -n 2 -o all.p1 # names no version, so that it might be one without an end
	python3 -c '
import os
from p1_clients import *
sent = telegrams(open("all.p1", "rb").read())
client = connect(int(os.environ["out"]))
settle(1, int(os.environ["service"]))
source = connect(int(os.environ["in"]))
source.sendall(sent[0][:sent[0].rindex(b"1-0:")])
source.close()
source = connect(int(os.environ["in"]))
source.sendall(sent[1])
assert receive(client, len(sent[1])) == sent[1]'
	[ "$(wc -l < records.json)" -eq 1 ]
}

@test "1,000 clients each get every telegram in bounded memory, while some hang up and some stall" {
	solar=$(free_port)
	export solar
	service --sunspec "127.0.0.1:$solar"
	emtool sim p1 -n 40 -o all.p1
	python3 -c '
import os, subprocess
from p1_clients import *
raise_limit()
port, pid, source = int(os.environ["out"]), int(os.environ["service"]), connect(int(os.environ["in"]))
clients = [connect(port) for _ in range(1000)]
settle(1000 + 1, pid)
data = open("all.p1", "rb").read()
source.sendall(data)
for client in clients:
    assert receive(client, len(data)) == data
for client in clients[:100]:
    client.close()
for _ in range(50):
    source.sendall(data)
    for client in clients[200:]:
        assert receive(client, len(data)) == data
settle(900 + 1, pid)
# an inverter that comes late is reached beside so many descriptors
with subprocess.Popen(["emtool", "sim", "sunspec", "--listen", "127.0.0.1:" + os.environ["solar"]]) as inverter:
    end = time.monotonic() + LIMIT
    while ask(port, "40084") == "nan" and time.monotonic() < end:
        time.sleep(0.05)
    inverter.terminate()
assert ask(port, "40084") == "6740"
if "sanitize" not in os.environ["EMTOOL"]:
    assert resident(pid) < 3072 + 8 * 1000, resident(pid)'
}

@test "memory is bounded with telegrams of 60 KB and clients that stall" {
	service
	python3 -c '
import os
from p1_clients import *
port, pid, source = int(os.environ["out"]), int(os.environ["service"]), connect(int(os.environ["in"]))
long = [telegram(b"0-0:96.13.0(" + b"%04d" % i * 15000 + b")\r\n") for i in range(6)]
assert 60000 < len(long[0]) < 61000
still = []
quick = connect(port)
for i in range(120):
    if i < 60:
        client = socket.socket()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect(("127.0.0.1", port))
        still.append(client)
    source.sendall(long[i % 6])
    assert receive(quick, len(long[0])) == long[i % 6]
if "sanitize" not in os.environ["EMTOOL"]:
    assert resident(pid) < 3072 + 8 * 61 + 2048, resident(pid)
assert silence(still[0]).startswith(long[0])'
}

# bats test_tags=valgrind
@test "every command over UDP" {
	service
	for command in PL1+ gas pcurnet timestamp all; do
		answers $command nan
	done
	emtool sim p1 emucs -n 1 -o t.p1 --start 2024-06-03T12:00:07Z \
		--set power_import_l1=1001 --set power_import_l2=202 --set power_import_l3=33 \
		--set power_export_l1=4 --set power_export_l2=50 --set power_export_l3=600 \
		--set power_import=1236 --set power_export=654 --set gas=1234.567 \
		--set energy_import_t1=1001002 --set energy_import_t2=2002003 \
		--set energy_export_t1=30004 --set energy_export_t2=40005 \
		--set voltage_l1=231.1 --set voltage_l2=232.2 --set voltage_l3=233.3
	feed t.p1
	wait_for answers PL1+ 1001
	while read -r command expected; do
		answers "$command" "$expected"
	done <<- END
		10s 1236
		pcuruse 1236
		pcurprod 654
		pcurnet 582
		volt 231.1
		VL1 231.1
		VL2 232.2
		VL3 233.3
		PL2+ 202
		PL3+ 33
		PL1- 4
		PL2- 50
		PL3- 600
		gas 1234.567
		gastime 2024-06-03T14:00:00+02:00
		timestamp 2024-06-03T14:00:07+02:00
		net 2932.996
		cur 3003.005
		curused 3003.005
		curproduced 70.009
		usagetariff1 1001.002
		usagetariff2 2002.003
		consumption nan
		40084 nan
		40999 nan
		nonsense not implemented, run 'help' for an overview
	END
	[ -n "$(ask test)" ]
	ask all | cmp - t.p1
	ask help > help
	for command in 10s pcuruse PL3- json all consumption usagetariff2; do
		grep -q "^$command  *[a-z]" help
	done
	ask json | jq -e '.energy == {unit: "Wh", p1consumedtariff1: 1001002, p1consumedtariff2: 2002003,
		p1producedtariff1: 30004, p1producedtariff2: 40005, sunspecproduced: null} and
		.power == {unit: "W", p1consuming: 1236, p1producing: 654, sunspecproducing: null,
		netconsuming: null} and .modbustimestamp == null and (.p1timestamp - now | fabs) < 60'
	# with a line end, as nc sends it; empty; far too long
	python3 -c '
from p1_clients import *
port = int(os.environ["out"])
assert ask(port, "VL2\r\n") == ask(port, b"VL2\0") == "232.2"
for request in (b"", b"x" * 1000, b"x" * 60000, b"\xff\0\n"):
    assert ask(port, request).startswith("not implemented")'
}

@test "a value that the meter does not send is nan in text and null in JSON" {
	service
	emtool sim p1 dsmr22 -n 1 -o t.p1 --set power_import=980
	feed t.p1
	wait_for answers pcuruse 980
	for command in VL1 PL1+ PL3- volt timestamp; do
		answers $command nan
	done
	emtool sim p1 se -n 1 -o t.p1 --set energy_import=123321
	feed t.p1
	wait_for answers cur 123.321
	answers usagetariff1 nan
	answers gas nan
	ask json | jq -e '.energy.p1consumedtariff1 == null and .power.p1consuming != null'
}

# bats test_tags=mutants
@test "with an inverter: its registers, consumption, json" {
	solar=$(free_port)
	start emtool sim sunspec --listen "127.0.0.1:$solar" > solar
	wait_for listening "$solar"
	service --sunspec "127.0.0.1:$solar"
	emtool sim p1 -n 1 -o t.p1 --set power_import=0 --set power_export=1740
	feed t.p1
	wait_for answers 40084 6740
	answers consumption 5000
	answers 40072 9.75
	answers 40073 3.25
	answers 40104 41.23
	answers 40094 9470054
	answers 40085 nan
	ask json | jq -e '.energy.sunspecproduced == 9470054 and .power.sunspecproducing == 6740 and
		.power.netconsuming == 5000 and (.modbustimestamp - now | fabs) < 60'
}

@test "an inverter that is away gives one message, and nothing else changes" {
	service --sunspec "127.0.0.1:$(free_port)"
	emtool sim p1 -n 1 -o t.p1 --set power_import=432
	feed t.p1
	wait_for grep -q "inverter 127.0.0.1" messages
	answers 40084 nan
	answers consumption nan
	ask json | jq -e '.power.p1consuming == 432 and .power.sunspecproducing == null'
	sleep 1.2
	[ "$(grep -c "inverter 127.0.0.1" messages)" -eq 1 ]
}

@test "with -v the services tell at the end what they did" {
	service -v
	emtool sim p1 dsmr22 -n 1 -o t.p1 --set power_import=430
	feed t.p1
	wait_for answers pcuruse 430
	python3 -c '
import os
from p1_clients import *
client = connect(int(os.environ["out"]))
assert receive(client, 1) == b"/"'
	kill "$service"
	wait "$service" || true
	grep -q "relay: 1 clients, 0 refused, 0 hung up, 0 telegrams lost" messages
	grep -qE "query: [1-9][0-9]* requests, [1-9][0-9]* answered, 0 above the rate, 0 not sent" messages
}

@test "addresses of the services are checked" {
	run -2 emtool p1 --relay nowhere - < /dev/null
	run -2 emtool p1 --query 127.0.0.1 - < /dev/null
	run -2 emtool p1 --sunspec "" - < /dev/null
	service
	run -4 emtool p1 --relay "127.0.0.1:$out" - < /dev/null
	[[ $output == *"address already in use"* ]]
	run -4 emtool p1 --query "127.0.0.1:$out" - < /dev/null
}
