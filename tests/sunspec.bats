#!/usr/bin/env bats
# emtool sunspec and emtool sim sunspec, against each other; loopback and pseudo-terminals only.

load helper

# serve ARGUMENTS...: a simulated device on a free port; its address is in $at
serve() {
	: > said
	start emtool sim sunspec --listen 127.0.0.1:0 "$@" > said 2> said.err
	wait_for grep -q '^listening on ' said
	at=$(sed -n 's/^listening on //p' said)
}

sunspec() {
	run --separate-stderr emtool sunspec "$@"
}

# A chain as an image: chain BASE ID LENGTH [ID LENGTH]..., bodies count up from 1
chain() {
	local address=$(($1 + 2)) word=1
	printf '%d,53756e53\n' "$1"
	shift
	while [ $# -gt 0 ]; do
		printf '%d,%04x%04x' $address "$1" "$2"
		for ((i = 0; i < $2; i++)); do
			printf '%04x' $((word++ & 0xFFF))
		done
		printf '\n'
		address=$((address + 2 + $2))
		shift 2
	done
	printf '%d,ffff0000\n' $address
}

# bats test_tags=mutants
@test "read: each model has a heading, and names, values, units and symbols stand in columns" {
	serve
	sunspec read "$at"
	[ "$status" -eq 0 ]
	[ -z "$stderr" ]
	[[ $output == *"inverter_three_phase (103) unit 1 at 40070, length 50"* ]]
	[[ $output == *"  W                6740 W"* ]]
	[[ $output == *"  Hz             50.010 Hz"* ]]
	[[ $output == *"  St                  4  MPPT"* ]]
	[[ $output == *"  module 2"*"    IDStr      West"*"    DCV               751.4 V"* ]]
	[[ $output != *"TmpCab"* ]]
	[[ $output != *"_SF"* ]]
	sunspec read "$at" --all
	[[ $output == *"  TmpCab              -"* ]]
	[[ $output == *"  W_SF                0"* ]]
}

# bats test_tags=mutants
@test "read --json: a record per model, groups as arrays, exact numbers" {
	serve
	sunspec read "$at" --json
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 3 ]
	[[ ${lines[1]} == '{"type":"sunspec","time":'*'"unit":1,"model":103,"name":"inverter_three_phase","instance":1,"address":40070,"length":50,"A":9.75,'* ]]
	[[ ${lines[1]} == *'"PF":-99.78,"PF_SF":-2,"WH":9470054,'* ]]
	[[ ${lines[1]} == *'"TmpCab":null,"TmpSnk":41.23,'* ]]
	[[ ${lines[2]} == *'"module":[{"ID":1,"IDStr":"East","DCA":4.70,"DCV":751.0,'* ]]
	sunspec read "$at" --json --raw --model 103
	[[ $output == *'"A":975,'*'"Hz":50010,'* ]]
	sunspec read "$at" --json --units -m 103 -p A,St
	[[ $output == *'"A":{"value":9.75,"unit":"A","address":40072},"St":{"value":4,"address":40108},"St_name":"MPPT"}' ]]
	sunspec read "$at" --json --points nosuch
	[ "$status" -eq 1 ]
	[ -z "$output" ]
	[[ $stderr == *"nothing of what was asked for" ]]
	sunspec read "$at" --json -p W --delay 5 --stats # the other bodies are not read
	[ "${#lines[@]}" -eq 2 ]
	[[ ${lines[1]} == *'"requests":4,'* ]]
	sunspec read "$at" --json --flat -m 160 -p DCW
	[[ $output == *'"module_1_DCW":3530,"module_2_DCW":3360}' ]]
	sunspec read "$at" --format csv -m 103 -p W,Hz
	[[ ${lines[0]} == *',W,Hz'* ]]
	[[ ${lines[1]} == *',6740,50.010'* ]]
}

# bats test_tags=mutants
@test "--image reads a file written with --dump, and sim sunspec --image serves it" {
	serve
	sunspec read "$at" --json --dump image.csv
	sed 's/"time":"[^"]*",//' <<<"$output" > direct
	sunspec read --image image.csv --json
	diff direct <(echo "$output")
	serve --image image.csv --unit 126 --strict
	sunspec read "$at" --unit 126 --json
	diff <(sed 's/"unit":1,/"unit":126,/' direct) <(sed 's/"time":"[^"]*",//' <<<"$output")
}

# bats test_tags=mutants
@test "few requests: a body is read with the next header, --fast needs fewer, a known chain the fewest" {
	chain 40000 1 66 64900 20 64901 20 64902 20 64903 20 64904 20 64905 20 > image.csv
	serve --image image.csv
	sunspec read "$at" --json --stats
	[[ ${lines[7]} == *'"requests":8,'*'"exceptions":0,'* ]]
	sunspec read "$at" --json --stats --fast
	[[ ${lines[7]} == *'"models":7,"requests":6,'* ]]
	sunspec read "$at" --json --interval 0.01 --count 21 -vv
	[ "$(grep -c ' registers at ' <<<"$stderr")" -eq 12 ] # 8, then 2 and 2 for 204 registers
	[ "$(sed 's/"time":"[^"]*",//' <<<"$output" | sort -u | wc -l)" -eq 7 ]
}

# bats test_tags=valgrind,mutants
@test "scan finds units and models; models knows the definitions" {
	serve --unit 126
	sunspec scan "$at"
	[ "$status" -eq 0 ]
	[ "${lines[1]}" = " 126      1   1    40002      66  common" ]
	sunspec scan "$at" --unit 126 --json
	[[ ${lines[2]} == *'"type":"sunspec_model"'*'"unit":126,"model":160,"name":"mppt","instance":1,"address":40122,"length":48}' ]]
	sunspec scan "$at" --unit 5
	[ "$status" -eq 1 ]
	[[ $stderr == *"exception 11"* ]]
	sunspec models
	[ "${#lines[@]}" -eq 112 ]
	sunspec models 103 --json
	[[ $output == *'{"name":"A","type":"uint16","size":1,"sf":"A_SF","units":"A","access":"R","mandatory":true,'* ]]
	sunspec models 100
	[ "$status" -eq 2 ]
}

# bats test_tags=valgrind,mutants
@test "--models adds definitions in SunSpec JSON form" {
	cat > vendor.json <<-'END'
	{"id": 64900, "group": {"name": "heatpump", "points": [
	 {"name": "ID", "type": "uint16", "size": 1}, {"name": "L", "type": "uint16", "size": 1},
	 {"name": "T", "type": "int16", "size": 1, "sf": "T_SF", "units": "C"},
	 {"name": "St", "type": "enum16", "symbols": [{"name": "OFF", "value": 0}, {"name": "HEAT", "value": 2}]},
	 {"name": "T_SF", "type": "sunssf", "size": 1}]}}
	END
	printf '40000,53756e53fd84000300eb0002ffffffff0000\n' > image.csv
	sunspec read --image image.csv --json
	[[ $output == *'"registers":[235,2,65535]}' ]]
	sunspec read --image image.csv --json --models vendor.json
	[[ $output == *'"name":"heatpump",'*'"T":23.5,"St":2,"St_name":"HEAT","T_SF":-1}' ]]
	sunspec models --models vendor.json
	[ "${lines[0]}" = "64900   3   heatpump" ]
	[ "${#lines[@]}" -eq 113 ]
	echo '{"id": 64900' > broken.json
	sunspec read --image image.csv --models broken.json
	[ "$status" -eq 2 ]
	[[ $stderr == *"broken.json: line "* ]]
}

# bats test_tags=mutants
@test "wrong lengths and endless chains: readable models are still read" {
	printf '40000,53756e5300650034%s\n40056,fde80000fde90001000a\n' \
		"$(printf '0005%.0s' $(seq 52))" > long.csv
	sunspec read --image long.csv --json
	[[ ${lines[0]} == *'"extra":[5,5],"warning":"length 52 has 2 registers more than the definition"}' ]]
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 3 ]
	[[ $stderr == *"no end marker"* ]]
	chain 0 1 66 101 50 | sed '$d' > open.csv
	sunspec read --image open.csv --json
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 2 ]
	[ "${#stderr_lines[@]}" -eq 1 ]
	sunspec read --image open.csv --json --strict
	[ "$status" -eq 3 ]
	echo '40000,0001' > none.csv
	sunspec read --image none.csv
	[ "$status" -eq 1 ]
	[[ $stderr == *"no SunSpec marker"* ]]
	echo '40000,xyz' > bad.csv
	sunspec read --image bad.csv
	[ "$status" -eq 3 ]
	[[ $stderr == *"line 1"* ]]
}

@test "a device that answers late: every value is right, and no answer is mixed up" {
	chain 40000 64900 20 64901 20 64902 20 64903 20 64904 20 64905 20 > image.csv
	sunspec read --image image.csv --json
	sed 's/"unit":1,//' <<<"$output" > expected
	for scheme in "" rtu+tcp; do
		: > said
		start emtool sim sunspec --image image.csv --late 3 --late-ms 900 \
			--listen "${scheme:+$scheme-listen://}127.0.0.1:0" > said 2> said.err
		wait_for grep -q '^listening on ' said
		at=$(sed -n 's/^listening on //p' said)
		sunspec read "${scheme:+$scheme://}${at##*/}" --json --timeout 0.6 --retries 9
		[ "$status" -eq 0 ]
		diff expected <(sed 's/"time":"[^"]*",//; s/"unit":1,//' <<<"$output")
		kill "$started"
	done
}

# bats test_tags=mutants
@test "RTU on a serial line" {
	start socat pty,raw,echo=0,link=device pty,raw,echo=0,link=line
	wait_for test -e device -a -e line
	chain 40000 64900 20 64901 20 64902 20 > image.csv
	start emtool sim sunspec --image image.csv --unit 2 --listen "$PWD/device" > said
	wait_for grep -q '^listening on ' said
	sunspec read "$PWD/line" --unit 2 --json
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 3 ]
	[ -z "$stderr" ]
	sunspec read --image image.csv --json
	[[ ${lines[2]} == *'"model":64902,'*'"registers":[41,42,43,'* ]]
	sunspec read "$PWD/line" --unit 3 --json --timeout 0.1 --retries 1
	[ "$status" -eq 5 ]
	[ -z "$output" ]
}

# bats test_tags=mutants
@test "exit codes: silent 5, absent unit and closed port 1, usage 2" {
	serve --exception 6
	sunspec read "$at" --timeout 0.2 --retries 1
	[ "$status" -eq 1 ]
	serve --late 1 --late-ms 900
	sunspec read "$at" --timeout 0.1 --retries 1
	[ "$status" -eq 5 ]
	[ "${#stderr_lines[@]}" -eq 1 ]
	serve --unit 7
	sunspec read "$at" --unit 9
	[ "$status" -eq 1 ]
	[ "${#stderr_lines[@]}" -eq 1 ]
	sunspec read "127.0.0.1:$(free_port)"
	[ "$status" -eq 1 ]
	for wrong in "" "127.0.0.1 --image x" "127.0.0.1 --model x" "127.0.0.1 --unit 256" "::: --json"; do
		# shellcheck disable=SC2086
		sunspec read $wrong
		[ "$status" -eq 2 ]
		[ "${#stderr_lines[@]}" -eq 2 ]
	done
	sunspec read --image nosuch.csv
	[ "$status" -eq 4 ]
}

# bats test_tags=mutants
@test "Ctrl-C while a device is silent ends at once with 130" {
	serve --late 1 --late-ms 5000
	start emtool sunspec read "$at" --timeout 30 2> ended
	wait_for catches 2 "$started"
	kill -INT "$started"
	SECONDS=0 code=0
	wait "$started" || code=$?
	[ "$code" -eq 130 ]
	[ "$SECONDS" -lt 20 ]
}

# ask WORD: one UDP question to p1's query service at $port
ask() {
	printf '%s' "$1" | timeout 2 socat -t 1 - "udp:127.0.0.1:$port"
}

@test "p1 --sunspec: an inverter beside the meter, wherever its models are" {
	serve # a common model of 66 registers: power is not at register 40084
	port=$(free_port)
	mkfifo meter
	start bash -c 'exec 9<>meter; printf "/ABC5METER\r\n\r\n1-0:1.7.0(00.250*kW)\r\n1-0:2.7.0(00.000*kW)\r\n!\r\n" >&9; exec sleep 600'
	start emtool p1 --json --query "127.0.0.1:$port" --sunspec "$at" meter > out 2> err
	answers() { [ "$(ask 40084)" = "$1" ]; }
	wait_for answers 6740
	[ "$(ask 40086)" = 50.01 ] || [ "$(ask 40086)" = 50.010 ]
	[ "$(ask 40076)" = nan ]
	wait_for grep -q '"type":"p1"' out
	[[ $(ask consumption) =~ ^6990(\.0)?$ ]]
	[[ $(ask json) == *'"sunspecproducing":6740'* ]]
	[ ! -s err ]
}
