#!/usr/bin/env bats
# Chargers, balancers and buses at their limits: what is counted, reduced and refused, with which message.

load helper

# serve ARGUMENTS...: a simulated device on a free port; its address is in $at
serve() {
	: > said
	start emtool sim "$@" --listen 127.0.0.1:0 > said 2> said.err
	wait_for grep -q '^listening on ' said
	at=$(sed -n 's/^listening on //p' said)
}

# says STATUS WORDS ARGUMENTS...
says() {
	run timeout 60 emtool "${@:3}" < /dev/null
	if [ "$status" -eq "$1" ] && [[ $output == *"$2"* ]]; then return 0; fi
	echo "emtool ${*:3}: exit $status, $output" >&2
	return 1
}

# bats test_tags=mutants
@test "alfen: counters, intervals, names and sockets that are not there" {
	serve alfen
	run --separate-stderr emtool alfen dump "$at" --json --stats -s 2
	[ "$status" -eq 1 ]
	[[ $stderr == *"it has 1 socket"* ]]
	emtool alfen get "$at" c_name meter_state --json --stats > out
	[ "$(jq -c '[.type, .c_name]' out | head -n 1)" = '["alfen","SIM-0001"]' ]
	[ "$(tail -n 1 out | jq -c '[.type, .retries, .connections, .exceptions]')" = '["stats",0,1,0]' ]
	[ "$(emtool alfen get "$at" c_name -i 0.05 -n 3 | grep -c '^c_name: SIM-0001$')" -eq 3 ]
	[ "$(emtool alfen watch "$at" -n 2 -i 0.05 --json --stats | wc -l)" -eq 3 ]
	says 2 "is not a number" alfen set "$at" modbus_slave_max_current=1e9
	says 2 "is outside 0..1000" alfen set "$at" modbus_slave_max_current=99999999999
	says 2 "at most 16 values at once" alfen set "$at" {a..r}=1
	says 2 "no register is named 'nosuch'" alfen get "$at" nosuch
	says 2 "nearest is 'c_name'" alfen get "$at" c_nam
	says 2 "can only be read" alfen set "$at" c_name=x
	says 2 "none of its values" alfen set "$at" charge_using_1_or_3_phases=2
	says 2 "is outside 1..2" alfen get "$at" c_name -s 3
	says 2 "" alfen set "$at" modbus_slave_max_current
	says 2 "" alfen get 'a:b:c'
	says 0 "requests " alfen set "$at" charge_using_1_or_3_phases=1 --stats
	for format in text csv influx; do
		emtool alfen registers --format $format > /dev/null
		emtool alfen dump "$at" --format $format > /dev/null
	done
	serve alfen --sockets 2
	[ "$(emtool alfen dump "$at" --json | jq -c .socket | paste -sd,)" = 1,2 ]
	says 0 "modbus_slave_max_current: 10" alfen set "$at" modbus_slave_max_current=10 -s 2
}

# bats test_tags=mutants
@test "a refused write: the message names the likely cause" {
	for exception in 2 3 4 6 9 11; do
		serve alfen --refuse-write $exception
		says 1 "exception $exception (" alfen set "$at" modbus_slave_max_current=10
	done
	says 1 "no such socket" alfen set "$at" modbus_slave_max_current=10
	serve abb
	says 0 "socket_lock_state: cable at station and car, locked" abb set "$at" lock_unlock_socket_cable=lock
	says 0 "charging_state: C2, charging" abb get "$at" charging_state
	says 2 "is outside 10..65535" abb set "$at" set_communication_timeout=5
	says 0 "communication_timeout: 60 s" abb set "$at" set_charging_current_limit=10 --stats
	serve abb --exception 4
	says 1 "exception 4" abb dump "$at"
	says 1 "exception 4" abb get "$at" charging_state
	serve abb --max-connections 1 --delay 20
	says 0 "Charging state: C2" abb dump "$at" --timeout 5
}

# bats test_tags=mutants
@test "a limit of 0 is what firmware says without a car: nothing is cut to it" {
	{
		echo unit,address,hex
		echo 200,1100,00000000
		echo 1,1206,40c00000
		echo 1,1208,00000000
		echo 1,1210,40c00000
		echo 1,1212,40c00000
		echo 1,1214,0001
	} > no_car.csv
	serve alfen --image no_car.csv
	says 0 "modbus_slave_max_current: 16" alfen set "$at" modbus_slave_max_current=16
	[[ $output != *"cut to"* ]]
}

# bats test_tags=mutants
@test "keba: one value per request, what is only written, a switch beside the set-point" {
	serve keba --car dead=0,restart=0,up=16
	[ "$(emtool keba dump "$at" --json --stats | jq -s '.[1].requests')" = 23 ]
	says 0 "current_l1: " keba get "$at" current_l1
	says 2 "can only be written" keba get "$at" charging_enabled
	says 2 "neither 0 nor within 6..63" keba set "$at" set_charging_current_limit=5
	says 2 "outside 0..65535" keba set "$at" set_communication_timeout=65536
	says 2 "none of its values" keba set "$at" charging_enabled=2
	says 0 "charging_current_limit: 10.000 A" keba set "$at" set_charging_current_limit=10
	says 0 "set_charging_current_limit: 32.000 A" keba set "$at" set_charging_current_limit=63
	[[ $output == *"cut to 32.000 A"* ]]
	says 0 "charging_enabled: suspended" keba set "$at" charging_enabled=suspended
	wait_for says 0 "charging_state: interrupted" keba get "$at" charging_state
	says 0 "communication_timeout: 9 s" keba set "$at" set_fallback_limit=6 set_communication_timeout=9
	[[ $output == *"fallback_limit: 6.000 A"* ]]
	[ "$(emtool keba watch "$at" -n 2 -i 0.05 --json | wc -l)" -eq 2 ]
	emtool keba registers --json | jq -se 'length == 32'
}

@test "keba set --hold feeds the charger, whose time only a write of the time-out starts again" {
	serve keba
	emtool keba set "$at" set_charging_current_limit=12 set_communication_timeout=2 > /dev/null
	start emtool keba set "$at" set_charging_current_limit=12 --hold
	sleep 3
	says 0 "charging_current_limit: 12.000" keba get "$at" charging_current_limit
	kill "$started"
	wait_for says 0 "charging_current_limit: 0.000" keba get "$at" charging_current_limit
}

# bats test_tags=mutants
@test "balance simulate: verdicts, traces, and telegrams that tell too little" {
	{
		echo t,current_l1,current_l2,current_l3
		for i in {0..200}; do echo "$i,40,2,1"; done
		echo 300,40,2,1
	} > hot.csv
	says 0 "fuse                  may trip, wear" balance simulate hot.csv
	[[ $output == *"first after 1 min 48 s on L1"* ]]
	says 0 "0  used  40.000 A  limit  0.000 A  alarm     car  0.000 A" balance simulate hot.csv --trace -n 3
	says 0 "may_trip     headroom,min_current=8" balance simulate hot.csv --compare threshold --compare headroom,min_current=8
	sed -i 's/,40,/,200,/' hot.csv
	says 0 "must trip" balance simulate hot.csv --open-loop --fuse B16 --color always
	emtool sim p1 dsmr5 -n 5 -o five.p1
	{
		printf '/A\r\n\r\n1-3:0.2.8(50)\r\n1-0:31.7.0(005*A)\r\n!\r\n' # names a version, has no CRC
		cat five.p1
		printf '/A\r\n\r\n1-0:31.7.0(005*A)\r\n!\r\n'
	} > odd.p1
	says 0 "1 of 7 telegrams are unusable" balance simulate odd.p1
	for empty in 'x' 'current_l1\n' 'current_l1'; do
		# shellcheck disable=SC2059
		printf "$empty" > none
		says 3 "no household data in it" balance simulate none
	done
	head -c 100000 /dev/zero > none
	says 3 "1 of 1 rows are unusable" balance simulate none
	says 3 "no household data in it" balance simulate /dev/null
}

# bats test_tags=mutants
@test "balance run: missing options, and files that it cannot read" {
	emtool sim p1 dsmr5 -n 5 -o five.p1
	says 2 "missing --charger" balance run --p1 five.p1
	says 2 "missing --p1" balance run --charger none
	says 2 "is none of alfen://HOST, abb://HOST, abb+serial:///dev/..." balance run --p1 five.p1 --charger foo://x
	says 2 "names no charger to connect to" balance run --p1 five.p1 --charger abb://
	says 2 "is no ADDR:PORT and no serial line" balance run --p1 five.p1 --charger none --server x
	echo bad > state
	says 2 "state:1: unknown; remove the file" balance run --p1 five.p1 --charger none --state state -n 1
	echo alarm_wait=999 > state
	says 2 "state:1: out of range" balance run --p1 five.p1 --charger none --state state -n 1
	echo address=0 > state
	says 2 "state:1: " balance run --p1 five.p1 --charger none --state state -n 1
	says 4 "" balance run --p1 five.p1 --charger none --state / -n 1
	says 4 "/nonexistent" balance run --p1 /nonexistent --charger none -n 1
	emtool balance run --p1 five.p1 --charger none --tick 0.05 -n 3 --json > out
	[ "$(jq -r .charger out | sort -u)" = none ]
	[ "$(wc -l < out)" -eq 3 ]
}

# bats test_tags=mutants
@test "the balancer's registers: unknown functions, units and settings" {
	port=$(free_port)
	emtool sim p1 dsmr5 -n 1 -o one.p1
	mkfifo pipe
	exec 7<>pipe
	start emtool balance run --p1 pipe --charger none --tick 0.1 --server tcp-listen://127.0.0.1:"$port" \
		--json -o out
	cat one.p1 >&7
	wait_for listening "$port"
	ask() { mbpoll -m tcp -p "$port" -a "$1" -0 -1 "${@:2}"; }
	wait_for ask 10 -t 4 -r 1002 127.0.0.1
	run ask 11 -t 4 -r 1002 -o 0.5 127.0.0.1 # another unit is not answered
	[ "$status" -ne 0 ]
	run ask 10 -t 3 -r 1002 127.0.0.1 # input registers
	[[ $output == *"Illegal function"* ]]
	run ask 10 -t 4 -r 999 127.0.0.1
	[[ $output == *"Illegal data address"* ]]
	run ask 10 -t 4 -r 1011 127.0.0.1 4
	[[ $output == *"Illegal data value"* ]]
	ask 10 -t 4 -r 1012 127.0.0.1 20
	ask 10 -t 4 -r 1091 127.0.0.1 1 # kept only for this run: there is no --state
	run ask 10 -t 4 -r 1012 127.0.0.1
	[[ $output == *"[1012]:"*20* ]]
	exec 7>&-
}

# bats test_tags=mutants
@test "sniff: writes, coils, filters, and answers without requests" {
	says 0 "write register       0x0001+1    0003" sniff hex:010600010003980B010600010003980B
	says 0 "coils [1,0,1,1,0,0,1,1,1,0]" sniff hex:010F0013000A02CD0172CB010F0013000A2409
	says 0 "no response" sniff -m inepro_n1_ct hex:0103500A0002F5090183
	says 3 "" sniff --json --unit 2 hex:$n1_ct
	says 3 "" sniff --json --function 4 hex:$n1_ct
	says 3 "no valid frame in 1 bytes" sniff hex:2B
	says 2 "no meter 'nosuch'" sniff -m nosuch hex:00
	says 0 "bgetech_ds100" sniff --meters
	for format in csv influx json text prometheus; do
		emtool sniff -m inepro_n1_ct --format $format hex:$n1_ct | grep -q 1.261
	done
	emtool sniff --frames hex:$n1_ct | grep -q request
	emtool sniff --strict --json --stats "hex:${n1_ct}00" > out || true
	[ "$(tail -n 1 out | jq .bytes_skipped)" -ge 1 ]
}
