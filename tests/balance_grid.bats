#!/usr/bin/env bats
# balance run with other meters than P1 ports: pushes, JSON from a broker, Modbus and SunSpec meters.

load helper
load broker
load balance_house

# meter_is VALUE...: the currents of the last record
meter_is() {
	is "[.grid_l1, .grid_l2, .grid_l3] == [$(IFS=,; echo "$*")] and .age < 3"
}

# steer OPTIONS: a live controller without a charger, instead of the one before
steer() {
	if [ -n "${balance:-}" ]; then
		kill "$balance"
		wait "$balance" || true
	fi
	start emtool balance run --charger none --json "$@" > out.json 2> err.txt
	balance=$started
}

# A register image of floats and words: ADDRESS:VALUE..., f for floats
image() {
	python3 - "$@" <<-'END'
		import struct, sys
		for item in sys.argv[1:]:
		    address, value = item.split(":")
		    data = struct.pack(">f", float(value[1:])) if value[0] == "f" else struct.pack(">h", int(value))
		    print("%s,%s" % (address, data.hex()))
	END
}

sunspec_meter() {
	image 40000:21365 40001:28243 40002:1 40003:66 40070:203 40071:105 \
		40072:157 40073:105 40074:-22 40075:30 40076:-1 40077:2300 40078:2300 40079:2300 40080:2300 40085:-1 \
		40088:2500 40089:2400 40090:-500 40091:600 40092:0 40177:-1 > words
	# all other registers of the chain are 0
	python3 -c '
known = dict(line.strip().split(",") for line in open("words"))
for a in range(40000, 40178): print("%d,%s" % (a, known.get(str(a), "0000")))'
}

@test "a SunSpec meter; inverted; a charger follows it" {
	meter=$(free_port) abb=$(free_port)
	sunspec_meter > meter.csv
	start emtool sim sunspec --image meter.csv --listen "127.0.0.1:$meter" > meter.out
	charger "$abb"
	wait_for listening "$meter"
	wait_for listening "$abb"
	start emtool balance run --grid "sunspec:127.0.0.1:$meter" --charger "abb://127.0.0.1:$abb" --json \
		--set max_charger_current=14 --set restart_wait=1 --set quiet_wait=1 > out.json 2> err.txt
	balance=$started
	wait_for meter_is 10.500 -2.200 3.000
	wait_for told 14.000
	steer --grid "sunspec://127.0.0.1:$meter?invert=1"
	wait_for meter_is -10.500 2.200 -3.000
}

@test "a Modbus meter by its name, gone and back" {
	meter=$(free_port)
	image 0:f230 2:f230 4:f230 6:f10.5 8:f2.25 10:f3 12:f2400 14:f-500 16:f600 52:f2500 > meter.csv
	begin_meter() {
		start emtool sim sunspec --image meter.csv --unit 3 --listen "127.0.0.1:$meter" > meter.out
		wait_for listening "$meter"
	}
	begin_meter
	sim=$started
	steer --grid "meter:127.0.0.1:$meter?unit=3&meter=eastron_sdm630" --set fallback_wait=2
	wait_for meter_is 10.500 -2.250 3.000
	kill "$sim"
	wait_for is '.state == "fallback" and .age >= 2'
	wait_for grep -q "meter 127.0.0.1:$meter: " err.txt
	grep -q 'no valid meter data for 2 s' err.txt
	begin_meter
	wait_for grep -q 'answers again' err.txt
	wait_for meter_is 10.500 -2.250 3.000
}

@test "a one-phase meter needs --phases 1" {
	meter=$(free_port)
	image 20480:f230 20490:f8.5 20498:f1.9 > meter.csv
	start emtool sim sunspec --image meter.csv --listen "127.0.0.1:$meter" > meter.out
	wait_for listening "$meter"
	steer --grid "meter:127.0.0.1:$meter?meter=inepro_n1_ct" --phases 1
	wait_for is '.grid_l1 == 8.5 and .grid_l2 == null and .age < 3'
	run -0 --separate-stderr emtool balance run --charger none --grid "meter:127.0.0.1:$meter?meter=inepro_n1_ct" -d 1.5 --json
	[ "$(jq -s 'all(.[]; .grid_l1 == null)' <<< "$output")" = true ]
	[[ $stderr == *'tells no current or power of any phase'*'--phases 1'* ]]
}

@test "JSON from a broker: emtool's own records, others, nothing that the broker kept" {
	port=$(free_port) p1=$(free_port)
	broker_conf
	broker_start
	mosquitto_pub -p "$port" -t house/meter -r -m '{"current_l1":40,"current_l2":40,"current_l3":40}'
	steer --grid "mqtt://127.0.0.1:$port/house/meter" --tick 0.2
	wait_for is '.reason == "no meter data yet"'
	start emtool sim p1 --listen "127.0.0.1:$p1" --interval 0.2 --seed 3 --set current_l1=3 --set current_l2=2 \
		--set current_l3=1 --set power_export_l1=0 --set power_export_l2=0 --set power_export_l3=0 > p1.out
	meter=$started
	start emtool p1 "tcp://127.0.0.1:$p1" -q --json --mqtt "mqtt://127.0.0.1:$port/house/meter" > p1.json
	wait_for meter_is 3.000 2.000 1.000
	[ "$(jq -s 'all(.[]; .grid_l1 == null or .grid_l1 == 3)' out.json)" = true ]
	kill "$meter"
	steer --grid "json:mqtt://127.0.0.1:$port/shelly" --tick 0.2
	for _ in 1 2 3 4; do
		sleep 0.3
		mosquitto_pub -p "$port" -t shelly -m '{"params":{"em:0":{"a_current":4.5,"a_act_power":-1000,"b_current":2,"b_act_power":400,"c_current":1,"c_act_power":1}}}'
		mosquitto_pub -p "$port" -t shelly -m '{"temperature":5}'
	done
	wait_for meter_is -4.500 2.000 1.000
	grep -q 'tells no current and no power' err.txt
}

@test "powers without currents: a power factor, said once" {
	port=$(free_port)
	broker_conf
	broker_start
	steer --grid "mqtt://127.0.0.1:$port/power" --tick 0.2 --power-factor 0.8
	for _ in 1 2 3 4 5; do
		sleep 0.3
		mosquitto_pub -p "$port" -t power -m '{"power_l1":1840,"power_l2":-184,"power_l3":0,"voltage_l1":230,"voltage_l2":230,"voltage_l3":230}'
	done
	wait_for meter_is 10.000 -1.000 0.000
	[ "$(grep -c 'P / (U x 0.8)' err.txt)" -eq 1 ]
	run -2 emtool balance run --grid - --charger none --power-factor 1.1
}

@test "DLMS pushes, encrypted, with their kind and recognised" {
	port=$(free_port)
	key=000102030405060708090A0B0C0D0E0F
	start emtool sim push evn -k $key --listen "127.0.0.1:$port" -i 0.5 --set current_l1=7 --set current_l2=2 --set current_l3=1
	wait_for listening "$port"
	steer --grid "dlms:tcp://127.0.0.1:$port" -k $key
	wait_for is '.grid_l1 == 7 and .age < 3'
	steer --grid "tcp://127.0.0.1:$port" -k $key
	wait_for is '.grid_l1 == 7 and .age < 3'
	refute grep -q key err.txt
	steer --grid "tcp://127.0.0.1:$port"
	wait_for grep -q 'the key must be given with --key-file' err.txt
}

# bats test_tags=mutants
@test "what --grid does not take" {
	refused() {
		run -2 --separate-stderr emtool balance run --charger "${url:-none}" "${@:2}"
		[[ $stderr == *"$1"* ]] || { echo "$stderr"; false; }
	}
	refused "missing --p1 or --grid"
	refused "give one meter" --p1 a --grid b
	refused "needs meter=NAME" --grid meter:10.0.0.5
	refused "no meter 'x'" --grid 'meter:10.0.0.5?meter=x'
	refused "known are p1, dlms, json, meter, sunspec" --grid foo:bar
	refused "is no HOST[:PORT]" --grid 'sunspec:a b'
	refused "nothing that can be recorded" --grid sunspec:10.0.0.5 --record file
	clash() { url=$2 refused "cannot share a serial line" --grid "$1"; }
	clash 'meter:/dev/ttyX?meter=eastron_sdm630' abb+serial:///dev/ttyX?baud=19200
	clash 'sunspec+rtu+tcp://10.0.0.5:99' abb+rtu+tcp://10.0.0.5:99
	clash p1:/dev/ttyX abb:///dev/ttyX
	refused "unknown kind of source" --grid foo://bar
}

@test "simulate takes what other meters sent" {
	emtool sim p1 -n 20 -o p1.log --start 2026-06-01T10:00:00Z --interval 1 --set current_l1=7
	emtool p1 p1.log --json > p1.json
	emtool balance simulate p1.log --json > of_p1.json
	emtool balance simulate p1.json --json > of_json.json
	diff of_p1.json of_json.json
	emtool sim push iskra -n 5 -o push.bin
	emtool balance simulate push.bin --json | jq -e '.seconds > 10'
	emtool sim push iskra -n 5 --hex -o push.hex
	emtool balance simulate push.hex --json | jq -e '.seconds > 10'
}
