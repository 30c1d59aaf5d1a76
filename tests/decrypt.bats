#!/usr/bin/env bats
# `emtool decrypt` and `emtool sim push`: meters talk to the decoder over every kind of source.

load helper

key=0F1E2D3C4B5A69788796A5B4C3D2E1F0
lock=D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF
base64_of() { base64 -w0 "$1"; }

# push MODEL [OPTIONS]: writes push.bin
push() {
	emtool sim push "$1" -k $key --auth-key $lock -n 3 -o push.bin --start 2024-06-03T12:00:00Z "${@:2}"
}

decrypt() {
	emtool decrypt --json -k $key --auth-key $lock "$@"
}

@test "every meter's pushes are read, authenticated where it has a tag" {
	for model in $(emtool sim push | awk '{print $1}'); do
		push "$model" --set power_import=4321 --set power_export=0
		run --separate-stderr decrypt push.bin
		[ "$status" -eq 0 ]
		[ "${#lines[@]}" -eq 3 ] || { echo "$model: $output $stderr"; false; }
		[ -z "$stderr" ]
		[ "$(jq -r .power_import <<< "${lines[2]}")" = 4321 ]
		case $model in
		kamstrup | landis | p1) [[ ${lines[0]} == *'"authenticated":true'* ]] ;;
		*) [[ ${lines[0]} == *'"authenticated":false'* ]] ;;
		esac
	done
}

# bats test_tags=valgrind
@test "the record of an EVN meter, with units and codes" {
	push evn --set energy_import=1234567 --set voltage_l1=233.7 --set current_l1=0.05
	run emtool decrypt --json --units -n 1 -k $key push.bin
	[ "$(jq -r .type <<< "$output")" = dlms ]
	[ "$(jq -r .meter_time <<< "$output")" = 2024-06-03T14:00:00+02:00 ]
	[ "$(jq -r .system_title <<< "$output")" = 4B464D675000002A ]
	[[ $output == *'"frame_counter":1,"framing":"mbus","authenticated":false'* ]]
	[[ $output == *'"energy_import":{"value":1234567,"unit":"Wh","obis":"1-0:1.8.0"}'* ]]
	[[ $output == *'"voltage_l1":{"value":233.7,"unit":"V","obis":"1-0:32.7.0"}'* ]]
	[[ $output == *'"current_l1":{"value":0.05,"unit":"A","obis":"1-0:31.7.0"}'* ]]
}

@test "binary, hexadecimal text and single bytes give the same" {
	push tinetz
	decrypt push.bin > truth
	decrypt "hex:$(xxd -p push.bin | tr -d '\n')" | diff truth -
	xxd -p push.bin > push.hex
	decrypt push.hex | diff truth -
	xxd -u -p -c 11 push.bin | sed 's/../& /g; s/$/\r/' > push.hex
	decrypt push.hex | diff truth -
	python3 -c '
import sys, time
for byte in open("push.bin", "rb").read():
    sys.stdout.buffer.write(bytes([byte])); sys.stdout.flush(); time.sleep(0.0002)' |
		decrypt - | sed 's/"time":"[^"]*",//' | diff truth -
}

@test "the forms of a key, and a file for many meters" {
	push evn -n 1
	for how in "-k $key" "--key-file hex.key" "--key-file raw.key" "--key-file meters.key"; do
		echo $key > hex.key
		echo -n $key | xxd -r -p > raw.key
		printf '# two meters\n0000000000000001 %s\n4b464d675000002a %s %s\n' $lock $key $lock > meters.key
		# shellcheck disable=SC2086
		run emtool decrypt --json $how push.bin
		[ "$status" -eq 0 ]
	done
	EMTOOL_KEY=$key run emtool decrypt --json push.bin
	[ "$status" -eq 0 ]
	push evn -n 1 --title 4B464D6750000001
	run emtool decrypt --json --key-file meters.key push.bin
	[ "$status" -eq 6 ]
	[[ $output == *"wrong_key: meter 4B464D6750000001"*"no key for this system title"* ]]
	[[ $output == *"hint: the key file has lines for other system titles only"* ]]
	run emtool decrypt --json push.bin
	[ "$status" -eq 6 ]
	[[ $output == *"hint: these pushes are encrypted"* ]]
	run emtool decrypt --key-file nosuch.key push.bin
	[ "$status" -eq 4 ]
	echo 0F1E > short.key
	run emtool decrypt --key-file short.key push.bin
	[ "$status" -eq 2 ]
	[[ $output != *0F1E* ]]
}

@test "an encrypted telegram without an end: its values outlive the framer" {
	apdu=DB08454D5400000000015330000000011BC70B2A60BB1221F3E8C1509F2FD09FDB0795589FDEC683963F8D1528BD1306
	apdu+=78AADB79D7D59C28DDDC9EE12BF858F73002BBEAC9A7C13577D7362AB57DFB59FA15AA0ADC6113900CB21433B87C
	run emtool decrypt --json --units -k 000102030405060708090A0B0C0D0E0F hex:$apdu
	[ "$status" -eq 0 ]
	[ "$(jq -r .header <<< "$output")" = 'EMT5\9' ]
	[ "$(jq -r .meter_id <<< "$output")" = METER-B ]
	[[ $output == *'{"value":123456,"unit":"Wh","obis":"1-0:1.8.0"}'* ]]
}

# bats test_tags=valgrind
@test "a wrong key prints nothing and is exit 6" {
	for model in evn tinetz kamstrup wien landis p1; do
		push $model
		run --separate-stderr emtool decrypt --json --stats -k $lock push.bin
		[ "$status" -eq 6 ]
		[ "${#lines[@]}" -eq 1 ]
		[ "$(jq .wrong_key <<< "$output")" = 3 ]
		[[ $stderr == *wrong_key* ]]
		[[ $stderr != *$lock* ]]
	done
}

@test "a wrong authentication key and a wrong key have different messages" {
	push kamstrup
	run emtool decrypt --json -k $key --auth-key $key push.bin
	[ "$status" -eq 6 ]
	[[ $output == *"auth_failed: meter"* ]]
	run --separate-stderr emtool decrypt --json -k $key push.bin
	[ "$status" -eq 0 ]
	[[ ${lines[0]} == *'"authenticated":false'* ]]
	[ "${#stderr_lines[@]}" -eq 1 ]
	run emtool decrypt --json -k $key --require-auth push.bin
	[ "$status" -eq 6 ]
	[[ $output == *auth_failed* ]]
}

@test "keys given as arguments vanish from the list of processes" {
	mkfifo pipe
	exec 7<>pipe
	start emtool decrypt --json -k $key --auth-key $lock pipe -o out
	decoder=$started
	push evn -n 1
	cat push.bin >&7
	wait_for test -s out
	run tr '\0' ' ' < "/proc/$decoder/cmdline"
	[[ $output == *decrypt* ]]
	[[ $output != *0F1E2D* ]]
	[[ $output != *D0D1D2* ]]
	exec 7>&-
}

@test "damaged pushes give no values and are counted by class" {
	push evn -n 1
	size=$(stat -c %s push.bin)
	head -c $((size - 5)) push.bin > cut.bin
	run --separate-stderr decrypt --stats cut.bin
	[ "$status" -eq 3 ]
	[ "${#lines[@]}" -eq 1 ]
	[ "$(jq .truncated <<< "$output")" -ge 1 ]
	[[ $stderr == *truncated* ]]
	printf '\xff' | dd of=push.bin bs=1 seek=100 conv=notrunc status=none
	run --separate-stderr decrypt --stats push.bin
	[ "$status" -eq 3 ]
	[ "$(jq .checksum <<< "${lines[-1]}")" = 1 ]
	[[ $stderr == *checksum* ]]
	emtool sim push evn -k $key -n 300 -o push.bin --corrupt 0.1 --drop 0.05 --truncate 0.05 --repeat 0.05 --noise 40
	run --separate-stderr decrypt --stats push.bin
	[ "$status" -eq 0 ]
	stats=${lines[-1]}
	[ "$(jq .pushes <<< "$stats")" -gt 200 ]
	[ "$(jq '.checksum + .truncated + .replay' <<< "$stats")" -gt 20 ]
	run decrypt --strict push.bin
	[ "$status" -eq 3 ]
}

@test "a push with an old counter is a replay, in this run and the next" {
	push evn --counter 100
	cat push.bin push.bin > twice.bin
	run --separate-stderr decrypt --stats --state counters twice.bin
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 4 ]
	[ "$(jq .replay <<< "${lines[3]}")" = 3 ]
	[[ $(cat counters) == "4B464D675000002A 102 "* ]]
	run decrypt --state counters push.bin
	[ "$status" -eq 3 ]
	[[ $output == *replay* ]]
	run decrypt --state counters --accept-replay push.bin
	[ "$status" -eq 0 ]
	push evn --counter 103
	run decrypt --state counters push.bin
	[ "$status" -eq 0 ]
	echo nonsense > counters
	run decrypt --state counters push.bin
	[ "$status" -eq 2 ]
}

@test "--compat evn prints what EVNSmartmeterDecrypter does" {
	push evn -n 1 --set energy_import=10069016
	run emtool decrypt --compat evn -k $key push.bin
	[ "$status" -eq 0 ]
	[ "$(jq -c keys_unsorted <<< "$output")" = \
		'["WIn","WOut","PIn","POut","U1","U2","U3","I1","I2","I3","PF","timestamp"]' ]
	[[ $output == '{"WIn":{"value":10069016,"unit":"Wh"},'* ]]
	now=$(date +%s)
	[ $((now - $(jq .timestamp.value <<< "$output"))) -le 5 ]
}

@test "pushes arrive over TCP, as client and as listener" {
	port=$(free_port)
	start emtool decrypt --json -k $key -n 4 tcp-listen://127.0.0.1:"$port" -o out
	decoder=$started
	wait_for listening "$port"
	start emtool sim push evn -k $key --connect 127.0.0.1:"$port" -i 0.02
	start emtool sim push wien -k $key --connect 127.0.0.1:"$port" -i 0.02
	wait "$decoder"
	[ "$(wc -l < out)" -eq 4 ]
	[[ $(head -n 1 out) == *'"source":"127.0.0.1:'* ]]
	port=$(free_port)
	start emtool sim push kamstrup -k $key --auth-key $lock --listen 127.0.0.1:"$port" -i 0.02
	wait_for listening "$port"
	run timeout 60 emtool decrypt --json -k $key --auth-key $lock -n 2 tcp://127.0.0.1:"$port"
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 2 ]
}

# bats test_tags=mutants
@test "datagrams may be binary, hexadecimal or base64" {
	port=$(free_port)
	start emtool decrypt --json -k $key --accept-replay -n 6 udp://127.0.0.1:"$port" -o out
	decoder=$started
	push evn -n 1
	xxd -p push.bin | tr -d '\n' > push.hex
	base64 -w0 push.bin > push.b64
	send() {
		python3 -c 'import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for f in sys.argv[2:]: s.sendto(open(f, "rb").read(), ("127.0.0.1", int(sys.argv[1])))' "$port" "$@"
	}
	received() { [ "$(wc -l < out)" -ge "$1" ]; }
	wait_for bash -c "grep -qi ':$(printf %04X "$port") ' /proc/net/udp"
	for form in bin hex b64; do
		send push.$form
		send push.$form
	done
	wait "$decoder"
	[ "$(wc -l < out)" -eq 6 ]
}

@test "a serial port is a source" {
	start emtool sim push evn -k $key --pty meter -i 0.05
	wait_for test -e meter
	run --separate-stderr timeout 60 emtool decrypt --json -k $key -n 2 --serial "$(readlink -f meter)"
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 2 ]
}

@test "sim push sends at the speed of the meter's line" {
	port=$(free_port)
	start emtool sim push evn -k $key --listen 127.0.0.1:"$port"
	wait_for listening "$port"
	before=$(date +%s%N)
	run timeout 60 emtool decrypt --json -k $key -n 1 tcp://127.0.0.1:"$port"
	[ "$status" -eq 0 ]
	[ $(($(date +%s%N) - before)) -gt 1000000000 ] # 256 bytes of 11 bits at 2400 Bd, and a pause
}

# bats test_tags=mutants
@test "silence ends an incomplete push" {
	mkfifo pipe
	exec 7<>pipe
	start emtool decrypt --json --stats -k $key pipe -o out
	wait_for catches 15 "$started"
	push evn -n 1
	head -c 270 push.bin >&7
	sleep 3
	cat push.bin >&7
	wait_for test -s out
	[[ $(head -n 1 out) == *'"frame_counter":1'* ]]
	exec 7>&-
}

# broker PORT: a real one, on loopback
broker() {
	printf 'listener %s 127.0.0.1\nallow_anonymous true\npersistence false\n' "$1" > broker.conf
	start "$(PATH=$PATH:/usr/sbin command -v mosquitto)" -c broker.conf
	wait_for listening "$1"
}

@test "pushes travel through a broker in every form" {
	port=$(free_port)
	broker "$port"
	for payload in raw hex base64; do
		start mosquitto_sub -p "$port" -t "meters/$payload" -C 2 -F %x
		subscriber=$started
		start emtool sim push evn -k $key -i 0.1 --mqtt mqtt://127.0.0.1:"$port"/meters/$payload --payload $payload
		pusher=$started
		wait "$subscriber"
		kill "$pusher"
	done > messages
	[ "$(wc -l < messages)" -eq 6 ]
	head -n 2 messages > raw.hex
	sed -n 3,4p messages | xxd -r -p > hex.hex
	for form in raw.hex hex.hex; do
		run emtool decrypt --json -k $key $form
		[ "$status" -eq 0 ]
		[ "${#lines[@]}" -eq 2 ]
	done
}

@test "through a broker in both directions, in our record and in the other program's" {
	port=$(free_port)
	broker "$port"
	url=mqtt://127.0.0.1:$port
	start emtool decrypt --json -k $key --accept-replay "$url/meters/+" --mqtt "$url/energy/[meter_id]" -o records
	start emtool decrypt --compat evn -k $key --accept-replay "$url/meters/+" --mqtt "$url/evn" -o objects
	start bash -c "exec mosquitto_sub -p $port -t energy/181220000042 > energy"
	start bash -c "exec mosquitto_sub -p $port -t evn > evn"
	for payload in raw:1001 hex:1002 base64:1003; do
		start emtool sim push evn -k $key -i 0.05 --mqtt "$url/meters/1" --payload ${payload%:*} \
			--set energy_import=${payload#*:}
		pusher=$started
		wait_for grep -q "\"energy_import\":${payload#*:}," energy
		wait_for grep -q "{\"WIn\":{\"value\":${payload#*:},\"unit\":\"Wh\"}," evn
		kill "$pusher"
		wait "$pusher" || true
	done
	jq -e '.type == "dlms" and .framing == "mbus"' < energy
	jq -e '.timestamp.unit == "s"' < evn
}

@test "a P1 telegram without encryption gets the hint to p1, and none about the line" {
	emtool sim p1 -n 3 -o plain.p1
	run --separate-stderr emtool decrypt plain.p1
	[ "$status" -eq 3 ]
	[[ $stderr == *"that is emtool p1"* ]]
	[[ $stderr != *"many damaged bytes"* ]]
}
