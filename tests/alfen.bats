#!/usr/bin/env bats
# emtool alfen, emtool abb and their simulators, against each other, libmodbus and mbpoll.

load helper

# Starts a server that prints where it listens; its address is in $AT afterwards.
serve() {
	: > said
	start "$@" > said 2> said.err
	wait_for grep -q '^listening on ' said
	AT=$(sed -n 's/^listening on //p' said)
}

# Ends the server; its counters are in said.err afterwards.
unserve() {
	kill "$started"
	wait "$started" || true
}

sim() {
	serve emtool sim alfen --listen 127.0.0.1:0 "$@"
}

alfen() {
	run --separate-stderr emtool alfen "$@"
}

line_count() {
	[ "$(printf '%s\n' "$1" | grep -c .)" -eq "$2" ]
}

# bats test_tags=valgrind
@test "dump: 88 lines with the labels and words of the widespread Python library" {
	sim
	alfen dump "$AT"
	[ "$status" -eq 0 ]
	[ -z "$stderr" ]
	[ "${#lines[@]}" -eq 88 ]
	[ "${lines[0]}" = "Name: SIM-0001" ]
	[[ $output == *"Uptime: 86400000 ms"* ]]
	[[ $output == *"Station Active Maximum Current: 31.75 A"* ]]
	[[ $output == *"Meter State: Initialised & Updated"* ]]
	[[ $output == *"Mode 3 state: Charging, C2"* ]]
	[[ $output == *"Voltage Phase L1L2: -"* ]]
	[[ $output == *"Voltage Phase L1N: 230.6 V"* ]]
	[[ ${lines[87]} == "SCN Modbus Slave Max Current enable: Disabled" ]]
}

@test "dump --json: 89 keys after type, time, socket; null where nothing is available" {
	sim
	alfen dump "$AT" --json
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 1 ]
	echo "$output" | python3 -c '
import json, sys
r = json.loads(sys.stdin.read(), parse_constant=lambda w: sys.exit(w))
keys = list(r)
assert keys[:3] == ["type", "time", "socket"] and r["type"] == "alfen" and r["socket"] == 1, keys
assert len(keys) == 92 and keys[3] == "c_name" and keys[-1] == "scn_modbus_slave_max_current_enable"
assert r["current_sum"] is None and r["voltage_phase_L1N"] == 230.6 and r["meter_state"] == 3
assert r["real_energy_delivered_sum"] == 302806.0 and r["mode_3_state"] == "C2"'
}

@test "dump --units: values carry unit and address" {
	sim
	alfen dump "$AT" --json --units
	[[ $output == *'"voltage_phase_L1N":{"value":230.6,"unit":"V","address":306}'* ]]
}

@test "dump: two sockets are two records from one connection, nine requests" {
	sim --sockets 2 --platform ahp -v
	alfen dump "$AT" --json
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 2 ]
	[[ ${lines[0]} == *'"socket":1,'* ]]
	[[ ${lines[1]} == *'"socket":2,'* ]]
	alfen dump "$AT"
	[ "${lines[0]}" = "Socket 1" ]
	line_count "$output" 178
	alfen dump "$AT" --socket 2 --json
	[ "${#lines[@]}" -eq 1 ]
	[[ $output == *'"socket":2,'* ]]
	unserve
	grep -q "24 requests, 0 exceptions, 3 connections" said.err
}

@test "dump: one socket takes six requests; --socket 2 is an error then" {
	sim -v
	alfen dump "$AT"
	alfen dump "$AT" --socket 2
	[ "$status" -eq 1 ]
	[ -z "$output" ]
	[[ $stderr == *"it has 1 socket"* ]]
	unserve
	grep -q "9 requests" said.err
}

@test "dump: csv and influx" {
	sim
	alfen dump "$AT" --format csv
	[[ ${lines[0]} == type,time,socket,c_name,* ]]
	[ "${#lines[@]}" -eq 2 ]
	alfen dump "$AT" --format influx
	[[ $output == alfen* ]]
}

@test "an unreachable charger is exit 1 with one line on stderr" {
	sim
	unserve
	alfen dump "$AT" --json
	[ "$status" -eq 1 ]
	[ -z "$output" ]
	line_count "$stderr" 1
	[[ $stderr == "emtool: alfen dump: $AT: connection refused (the port is open only with"* ]]
	alfen set "$AT" modbus_slave_max_current=7
	[ "$status" -eq 1 ]
	[ -z "$output" ]
	line_count "$stderr" 1
}

@test "a silent charger is exit 5" {
	sim --delay 60000
	alfen dump "$AT" --timeout 0.1 --retries 1
	[ "$status" -eq 5 ]
	[ -z "$output" ]
	[[ $stderr == *"unit 200: registers 100..178: no answer within 0.1 s"* ]]
	alfen set "$AT" modbus_slave_max_current=7 --timeout 0.1 --retries 0
	[ "$status" -eq 5 ]
}

@test "a signal ends the wait for a silent charger" {
	sim --delay 60000
	for verb in "dump $AT" "set $AT modbus_slave_max_current=7"; do
		start emtool alfen $verb --timeout 30
		wait_for catches 15 "$started"
		kill -s TERM "$started"
		code=0
		SECONDS=0
		wait "$started" || code=$?
		[ "$code" -eq 143 ]
		[ "$SECONDS" -lt 20 ]
	done
}

@test "a connection lost for good: what was read is printed, exit 1" {
	sim --drop 0.25
	partial=0
	for _ in $(seq 20); do
		alfen dump "$AT" --json --retries 0
		if [ "$status" -eq 0 ]; then continue; fi
		[ "$status" -eq 1 ]
		[[ $stderr == *"connection closed by the peer" ]]
		if [ -z "$output" ]; then continue; fi
		partial=1
		[[ $output == *'"c_name":"SIM-0001"'*'"availability":null'* ]]
	done
	[ "$partial" -eq 1 ]
}

@test "a charger that refuses everything is exit 1, and the exception is named" {
	sim --exception 4
	alfen dump "$AT" --json
	[ "$status" -eq 1 ]
	[ -z "$output" ]
	[[ $stderr == *"exception 4 (server device failure)"* ]]
}

@test "a refused block gives nulls and one warning, exit 0" {
	sim --refuse 1404
	alfen dump "$AT" --json
	[ "$status" -eq 0 ]
	line_count "$stderr" 1
	[[ $stderr == *"registers 1400..1431: exception 2 (illegal data address)"* ]]
	[[ $output == *'"charge_using_1_or_3_phases":3,"scn_name":null,"scn_sockets":null,'* ]]
	alfen dump "$AT" -q
	[ "$status" -eq 0 ]
	[ -z "$stderr" ]
	[ "${#lines[@]}" -eq 88 ]
}

@test "lost connections and damaged answers are repeated, and change no value" {
	sim
	alfen get "$AT" --json real_energy_delivered_sum voltage_phase_L1N
	want=${output#*socket}
	unserve
	sim --drop 0.2 --corrupt 0.2
	for _ in 1 2 3 4 5; do
		alfen dump "$AT" --json --timeout 0.5 --retries 19
		[ "$status" -eq 0 ]
		[[ $output == *'"real_energy_delivered_sum":302806.0,'* ]]
		[[ $output == *'"voltage_phase_L1N":230.6,'* ]]
	done
}

# bats test_tags=valgrind
@test "get: in the order asked, one request where one will do" {
	sim -v --platform ahp
	alfen get "$AT" mode_3_state modbus_slave_max_current c_firmware_version
	[ "$status" -eq 0 ]
	[ "$output" = "mode_3_state: Charging, C2
modbus_slave_max_current: 6.0
c_firmware_version: 7.4.5-4320" ]
	alfen get "$AT" --json c_time_zone
	[[ $output == *'"socket":1,"c_time_zone":60}' ]]
	unserve
	grep -q "3 requests" said.err
}

@test "get: a misspelt name is exit 2 with the nearest name, nothing sent" {
	alfen get 127.0.0.1:1 modbus_slave_max_curent
	[ "$status" -eq 2 ]
	[[ $stderr == *"nearest is 'modbus_slave_max_current'"* ]]
	alfen get 127.0.0.1:1
	[ "$status" -eq 2 ]
	alfen get 'a b' mode_3_state
	[ "$status" -eq 2 ]
}

@test "get: refused registers are null with a warning, all of them refused is exit 1" {
	sim --refuse 1212 --refuse 102
	alfen get "$AT" temperature active_load_balancing_safe_current
	[ "$status" -eq 0 ]
	[[ $output == *"active_load_balancing_safe_current: -"* ]]
	[[ $stderr == *"exception 2"* ]]
	alfen get "$AT" c_name
	[ "$status" -eq 1 ]
	[ -z "$output" ]
}

# bats test_tags=valgrind
@test "set: the value is written in one request, read back, and printed with its time limit" {
	sim --platform ahp --validity 60
	alfen set "$AT" modbus_slave_max_current=7.5
	[ "$status" -eq 0 ]
	[ "${lines[0]}" = "modbus_slave_max_current: 7.5 A" ]
	[ "${lines[1]}" = "actual_applied_max_current: 7.5 A" ]
	[[ $output == *"modbus_slave_max_current_valid_time: 60 s"* ]]
	[[ $output == *"valid_until: 20"* ]]
	alfen set "$AT" charge_using_1_or_3_phases=1 --json
	[ "$status" -eq 0 ]
	[[ $output == *'"charge_using_1_or_3_phases":1'* ]]
	alfen get "$AT" modbus_slave_max_current
	[ "$output" = "modbus_slave_max_current: 7.5" ]
}

@test "set: --socket 2, SCN, several values" {
	sim --sockets 2
	alfen set "$AT" --socket 2 modbus_slave_max_current=9 scn_max_current_phase_l1=11
	[ "$status" -eq 0 ]
	[[ $output == *"scn_max_current_phase_l1: 11.0 A"* ]]
	alfen get "$AT" --socket 2 modbus_slave_max_current remaining_valid_time_max_current_phase_l1
	[[ $output == "modbus_slave_max_current: 9.0"*"l1: 60" ]]
	alfen get "$AT" modbus_slave_max_current
	[ "$output" = "modbus_slave_max_current: 6.0" ]
}

@test "set: a value above the maximum of the station is reduced to it" {
	sim
	alfen set "$AT" modbus_slave_max_current=100
	[ "$status" -eq 0 ]
	[[ $stderr == *"cut to 31.75 A"* ]]
	[ "${lines[0]}" = "modbus_slave_max_current: 31.75 A" ]
}

@test "set: usage errors are exit 2 with nothing sent" {
	for bad in actual_applied_max_current=7 modbus_slave_max_current=abc modbus_slave_max_current=nan \
		modbus_slave_max_current= modbus_slave_max_current nothing=1 modbus_slave_max_current=-1 \
		charge_using_1_or_3_phases=2 charge_using_1_or_3_phases=1.5 =; do
		alfen set 127.0.0.1:1 "$bad"
		[ "$status" -eq 2 ]
		line_count "$stderr" 2
		[ -z "$output" ]
	done
	alfen set 127.0.0.1:1 modbus_slave_max_current=7 --socket 3
	[ "$status" -eq 2 ]
}

@test "set: a refusal is exit 1, with the exception and its usual cause" {
	sim --refuse-write 3
	alfen set "$AT" charge_using_1_or_3_phases=1
	[ "$status" -eq 1 ]
	[ -z "$output" ]
	[[ $stderr == *"exception 3 (illegal data value)"*"Allow 1- and 3-phased charging"* ]]
	unserve
	sim --refuse-write 2
	alfen set "$AT" modbus_slave_max_current=7
	[ "$status" -eq 1 ]
	[[ $stderr == *"exception 2 (illegal data address)"*"licence"* ]]
}

@test "set: a value that does not hold is exit 1" {
	sim --validity 0.01 --delay 30
	alfen set "$AT" modbus_slave_max_current=7
	[ "$status" -eq 1 ]
	[[ $stderr == *"written 7, but it reads back as 6.0"* ]]
}

@test "set --hold: refreshes, falls back when ended, exit 130 and 143" {
	sim --validity 4
	for signal in INT TERM; do
		start emtool alfen set "$AT" modbus_slave_max_current=9 --hold --json >hold
		pid=$started
		held() { [ "$(wc -l <hold)" -ge 3 ]; }
		wait_for held
		alfen get "$AT" modbus_slave_max_current
		[ "$output" = "modbus_slave_max_current: 9.0" ]
		kill -s "$signal" "$pid"
		code=0
		wait "$pid" || code=$?
		case $signal in
		INT) [ "$code" -eq 130 ] ;;
		TERM) [ "$code" -eq 143 ] ;;
		esac
		refute grep -v '"modbus_slave_max_current":9.0,"actual_applied_max_current":9.0' hold
	done
	safe() { emtool alfen get "$AT" modbus_slave_max_current | grep -qx "modbus_slave_max_current: 6.0"; }
	wait_for safe
}

@test "set --hold: survives a charger that goes away and comes back" {
	sim --validity 3
	"$EMTOOL" alfen set "$AT" modbus_slave_max_current=9 --hold --json --retries 0 >hold 2>hold.err 3>&- &
	pids+=($!)
	held() { [ "$(wc -l <hold)" -ge "$1" ]; }
	wait_for held 1
	unserve
	wait_for grep -q refused hold.err
	had=$(wc -l <hold)
	serve emtool sim alfen --listen "$AT" --validity 3
	wait_for held $((had + 1))
	alfen get "$AT" modbus_slave_max_current
	[ "$output" = "modbus_slave_max_current: 9.0" ]
}

# refuser PORT: answers every request with exception 4, and counts them in lines of the file `refused`
refuser() {
	start python3 -c '
import socket, sys
port, log = socket.create_server(("127.0.0.1", int(sys.argv[1]))), open("refused", "w", 1)
while True:
    peer = port.accept()[0]
    while len(head := peer.recv(8, socket.MSG_WAITALL)) == 8:
        peer.recv(head[5] - 2, socket.MSG_WAITALL)
        peer.sendall(head[:4] + bytes([0, 3, head[6], head[7] | 0x80, 4]))
        log.write("x\n")
    peer.close()' "$1"
}

# refusal_is_said_once DEVICE NAME=VALUE: the same line each time is said once, and so is the end of it
refusal_is_said_once() {
	port=$(free_port)
	start emtool sim "$1" --listen "127.0.0.1:$port"
	simulator=$started
	wait_for listening "$port"
	start emtool "$1" set "127.0.0.1:$port" "$2" --hold --interval 0.2 --json >hold 2>hold.err
	holder=$started
	wait_for test -s hold
	kill "$simulator"
	wait "$simulator" || true
	refuser "$port"
	refused() { [ "$(wc -l <refused)" -ge 4 ]; }
	wait_for refused
	kill "$started"
	wait "$started" || true
	rm refused
	start emtool sim "$1" --listen "127.0.0.1:$port"
	wait_for grep -q 'takes the values again' hold.err
	[ "$(grep -c 'exception 4' hold.err)" -eq 1 ] || { cat hold.err; false; }
	kill "$holder"
	wait "$holder" || true
}

@test "set --hold: a charger that refuses the values is said once, and that it takes them again" {
	refusal_is_said_once alfen modbus_slave_max_current=9
	refusal_is_said_once abb set_charging_current_limit=9
}

@test "set --hold: what another master writes is said once, and written again" {
	sim --validity 60
	start emtool alfen set "$AT" modbus_slave_max_current=9 --hold >hold 2>hold.err
	holds() { [ "$(emtool alfen get "$AT" modbus_slave_max_current)" = "modbus_slave_max_current: 9.0" ]; }
	wait_for grep -q 9.0 hold
	sleep 1.2
	emtool alfen set "$AT" modbus_slave_max_current=12 >/dev/null
	wait_for holds
	wait_for grep -q 'changed to 12.0.*9 is written again' hold.err
	emtool alfen set "$AT" modbus_slave_max_current=13 >/dev/null
	wait_for holds
	[ "$(wc -l <hold.err)" -eq 1 ]
	wait_for grep -q 'holds what was written again' hold.err
}

@test "watch: a record per interval, changes marked, session energy" {
	sim --validity 4
	emtool alfen set "$AT" modbus_slave_max_current=9 >/dev/null
	alfen watch "$AT" --interval 1.5 --count 5
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 5 ]
	[[ ${lines[0]} != *"*"* ]]
	[[ $output == *"modbus_slave_max_current *6.0 A"* ]]
	alfen watch "$AT" --interval 0.05 --count 2 --json
	[ "${#lines[@]}" -eq 2 ]
	[[ ${lines[1]} == *'"session_energy":0.0}' ]]
	alfen watch "$AT" --interval 0.05 --duration 0.3
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -ge 2 ]
}

# sim_with_energy WH [OPTIONS]: a car is charging
sim_with_energy() {
	{
		python3 -c 'import struct, sys; print("1,374," + struct.pack(">d", float(sys.argv[1])).hex())' "$1"
		echo 1,1201,43320000000000000000
	} > image.csv
	serve emtool sim alfen --listen "${AT:-127.0.0.1:0}" --image image.csv "${@:2}"
}

last_record() { tail -n 1 watch.json | grep -q "$1"; }

@test "watch: a reading without the car's state does not end the session" {
	sim_with_energy 1000
	server=$started
	start emtool alfen watch "$AT" --interval 0.1 --json --socket 1 > watch.json 2> watch.err
	wait_for last_record '"session_energy":0.0'
	kill "$server"
	wait "$server" || true
	sim_with_energy 1500 --refuse 1201
	server=$started
	wait_for last_record '"real_energy_delivered_sum":1500.0.*"mode_3_state":null.*"session_energy":null'
	kill "$server"
	wait "$server" || true
	sim_with_energy 2000
	wait_for last_record '"real_energy_delivered_sum":2000.0.*"session_energy":1000.0'
}

@test "watch: no interval has two records" {
	sim
	begin=$(date +%s%N)
	alfen watch "$AT" --interval 0.0507 --count 20
	[ "${#lines[@]}" -eq 20 ]
	[ $(($(date +%s%N) - begin)) -ge $((19 * 50700000)) ]
}

# bats test_tags=valgrind
@test "registers: the table" {
	alfen registers --json
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 89 ]
	[[ $output == *'{"type":"register","name":"modbus_slave_max_current","unit_id":"socket","address":1210,"count":2,"dtype":"float32","unit":"A","access":"RW","enum":[]}'* ]]
	alfen registers
	[[ $output == *"meter_type"*"0=RTU, 1=TCP/IP, 2=UDP, 3=P1, 4=Other"* ]]
}

@test "a charger served by libmodbus" {
	printf '%s\n' '200 100 4142' '200 101 4300' '200 1100 41c8' '200 1105 0001' '1 306 4366' \
		'1 307 28f5' '1 1201 4232' '1 1210 40c0' >table
	serve "$(dirname "$EMTOOL")/peers/libmodbus_alfen" table
	alfen dump "$AT" --json
	[ "$status" -eq 0 ]
	[ -z "$stderr" ]
	[[ $output == *'"c_name":"ABC"'*'"voltage_phase_L1N":230.15999,'*'"mode_3_state":"B2"'* ]]
	alfen set "$AT" modbus_slave_max_current=8
	[ "$status" -eq 0 ]
	[ "${lines[0]}" = "modbus_slave_max_current: 8.0 A" ]
	[[ $stderr == *"does not take the value into account"* ]]
	alfen set "$AT" scn_max_current_phase_l1=8
	[ "$status" -eq 1 ]
	[[ $stderr == *"exception 2"* ]]
}

@test "mbpoll reads and writes the simulated charger" {
	sim
	run mbpoll -0 -1 -B -a 1 -r 306 -c 3 -t 4:float -p "${AT#*:}" "${AT%:*}"
	[ "$status" -eq 0 ]
	[[ $output == *230.6*229.9*231.2* ]]
	run mbpoll -0 -1 -B -a 1 -r 1210 -t 4:float -p "${AT#*:}" "${AT%:*}" 12.5
	[ "$status" -eq 0 ]
	run mbpoll -0 -1 -B -a 1 -r 1206 -c 3 -t 4:float -p "${AT#*:}" "${AT%:*}"
	[[ $output == *"[1206]"*12.5* ]]
	run mbpoll -0 -1 -a 7 -r 306 -c 1 -t 4 -p "${AT#*:}" "${AT%:*}"
	[ "$status" -ne 0 ]
}

# bats test_tags=mutants
@test "sim: image files" {
	printf 'unit,address,hex\n200,100,41420000\n1,1210,41200000\n' >image.csv
	sim --image image.csv
	alfen get "$AT" c_name modbus_slave_max_current temperature
	[ "$output" = "c_name: AB
modbus_slave_max_current: 10.0
temperature: -" ]
	printf 'unit,address,hex\n200,100,414\n' >image.csv
	run --separate-stderr emtool sim alfen --image image.csv
	[ "$status" -eq 2 ]
	[[ $stderr == *"line 2 is no unit,address,hex"* ]]
	run --separate-stderr emtool sim alfen --image none.csv
	[ "$status" -eq 4 ]
}

@test "sim: two masters at most, a port in use is exit 4" {
	sim
	exec 8<>"/dev/tcp/${AT%:*}/${AT#*:}" 9<>"/dev/tcp/${AT%:*}/${AT#*:}"
	refute emtool alfen get "$AT" c_name --retries 0 2>err
	grep -q "connection closed by the peer" err
	exec 8>&- 9>&-
	run --separate-stderr emtool sim alfen --listen "$AT"
	[ "$status" -eq 4 ]
	[[ $stderr == *": address already in use"* ]]
}

@test "the same over RTU, over RTU in TCP, over IPv6 and a host name" {
	serve emtool sim alfen --listen rtu+tcp-listen://127.0.0.1:0
	alfen get "rtu+tcp://$AT" c_name
	[ "$output" = "c_name: SIM-0001" ]
	sim
	alfen get "localhost:${AT#*:}" c_name
	[ "$output" = "c_name: SIM-0001" ]
	start socat "pty,raw,echo=0,link=$PWD/a" "pty,raw,echo=0,link=$PWD/b" 2>/dev/null
	wait_for test -e b
	serve emtool sim alfen --listen "serial://$PWD/a?baud=115200"
	alfen dump "serial://$PWD/b?baud=115200" --json
	[ "$status" -eq 0 ]
	[[ $output == *'"c_name":"SIM-0001"'*'"scn_safe_current":6.0'* ]]
}

# bats test_tags=valgrind
@test "abb: dump, set and watch" {
	serve emtool sim abb --listen 127.0.0.1:0 --unit 254 -v
	run --separate-stderr emtool abb dump "$AT" --unit 254
	[ "$status" -eq 0 ]
	[ "${lines[0]}" = "Serial number: TACW22-4-4920-T0025" ]
	[[ $output == *"Charging state: C2, charging"*"Voltage L1: 230.6 V"* ]]
	run --separate-stderr emtool abb set "$AT" --unit 254 set_charging_current_limit=15.65
	[ "$status" -eq 0 ]
	[[ $output == *"charging_current_limit_modbus: 15.650 A"* ]]
	run --separate-stderr emtool abb set "$AT" --unit 254 set_charging_current_limit=40
	[[ $stderr == *"cut to 32.000 A"* ]]
	run --separate-stderr emtool abb get "$AT" --unit 254 --json charging_current_limit
	[[ $output == *'"charging_current_limit":32.000}' ]]
	run --separate-stderr emtool abb get "$AT" charging_current_limit
	[ "$status" -eq 1 ]
	[[ $stderr == *"exception 11"* ]]
	run --separate-stderr emtool abb get "$AT" set_fallback_limit
	[ "$status" -eq 2 ]
}
