#!/usr/bin/env bats
# balance run from end to end: a P1 port, the balancer, a charger with a car, Modbus clients on the
# register table. balance_faults.bats has those that go away and come back.

load helper
load balance_house

# bats test_tags=mutants
@test "the limit follows the house and an override, and a client reads it from registers" {
	begin --state state.conf
	wait_for told 14.000
	house 23 2 1
	wait_for told 12.000
	house 3 2 1
	wait_for told 14.000
	put 1000 8000
	wait_for told 8.000
	[ "$(registers 1000 2)" = '8000 8000' ]
	[ "$(registers 1010 13)" = '14000 3 24000 1 12500 22000 1 1000 19000 1 4000 6000 10' ]
	jq -se 'all(.[]; .type == "balance" and (.reason | length > 0) and .limit <= 14)' out.json
	house -20 2 1
	wait_for is '.used == 2'
}

@test "a whole street of simulators: meter, balancer, charger, car" {
	p1=$(free_port) abb=$(free_port) table=$(free_port)
	start emtool sim p1 --listen "127.0.0.1:$p1" --interval 0.1 --seed 3 --set current_l1=3 --set current_l2=2 \
		--set current_l3=1 --set power_export_l1=0 --set power_export_l2=0 --set power_export_l3=0 > p1.out
	meter=$started
	charger "$abb"
	run_balance
	wait_for told 14.000
	wait_for limit_is 14000
	kill "$meter"
	wait_for told 6.000
	start emtool sim p1 --listen "127.0.0.1:$p1" --interval 0.1 --drop 0.2 --corrupt 0.2 --set current_l1=24 \
		--set current_l2=2 --set current_l3=1 --set power_export_l1=0 > p1.out
	wait_for limit_is 0
}

@test "a KEBA: armed, paused by its switch, and resumed" {
	p1=$(free_port) abb=$(free_port) table=$(free_port)
	p1_port "$p1"
	start emtool sim keba --listen "127.0.0.1:$abb" --car dead=0,restart=0,up=16 > keba.out
	run_balance --charger "keba://127.0.0.1:$abb" --charger-timeout 30
	shows() { [ "$(emtool keba get "127.0.0.1:$abb" "$1")" = "$1: $2" ]; }
	wait_for shows charging_current_limit 14.000
	wait_for shows charging_state charging
	shows communication_timeout 30
	shows fallback_limit 6.000
	house 40 2 1
	wait_for shows charging_state interrupted
	wait_for shows current_l1 0.000
	house 3 2 1
	wait_for shows charging_state charging
	wait_for shows charging_current_limit 14.000
	wait_for is '.charger == "ready" and .set_point == 14'
}

# bats test_tags=valgrind,mutants
@test "exceptions: unknown, read-only, across a gap, out of range; function 16" {
	begin
	put 1001 5000 2>&1 | grep -q 'Illegal data address'
	put 1011 4 2>&1 | grep -q 'Illegal data value'
	put 1013 255 2>&1 | grep -q 'Illegal data value'
	put 1091 2 2>&1 | grep -q 'Illegal data value'
	mbpoll -m tcp -p "$table" -a 10 -0 -1 -q -r 1002 -c 9 -t 4 127.0.0.1 2>&1 | grep -q 'Illegal data address'
	put 1021 6500 5
	[ "$(registers 1021 2)" = '6500 5' ]
	emtool sniff --help > /dev/null # the table serves on
	[ "$(registers 1021 1)" = 6500 ]
}

# through UNIT OPTIONS...: a request for another unit than the table's
through() {
	mbpoll -m tcp -p "$table" -a "$1" -0 -1 -q -o 3 "${@:2}" 2>&1
}

@test "other units pass through to the charger: reads, and writes that are not the balancer's" {
	begin
	wait_for told 14.000
	through 1 -r 16390 -c 2 -t 4 127.0.0.1 | grep -q '32000' # 0x4006
	through 1 -r 16640 -t 4 127.0.0.1 0 32000 | grep -q 'Illegal data value'
	through 1 -r 16646 -t 4 127.0.0.1 600 | grep -q 'Illegal data value'
	[ "$(grep -c "a client's write to register 0x4100 of the charger is refused" err.txt)" -eq 1 ]
	through 1 -r 16645 -t 4 127.0.0.1 1 | grep -q Written
	told 14.000
	kill "$charger"
	wait_for is '.charger == "away"'
	through 1 -r 16390 -c 2 -t 4 127.0.0.1 | grep -qi 'target device failed'
	[ "$(registers 1010 1)" = 14000 ] # the table answers on
}

@test "without a charger other units get no answer" {
	table=$(free_port)
	start emtool balance run --p1 tcp://127.0.0.1:1 --charger none --server ":$table" > out.json 2> err.txt
	wait_for registers 1000 1
	mbpoll -m tcp -p "$table" -a 11 -0 -1 -q -o 0.3 -r 1000 -t 4 127.0.0.1 2>&1 | grep -qi 'timed out'
}

# bats test_tags=mutants
@test "saved settings take effect, survive a restart, precede --set, and can be reset" {
	begin --state state.conf
	put 1010 10000
	refute limit_is 10000
	put 1091 1
	wait_for told 10.000
	grep -qx 'max_charger_current=10.000' state.conf
	[ "$(stat -c %a state.conf)" = 600 ]
	kill "$balance"
	ended "$balance" 143
	run_balance --state state.conf
	wait_for registers 1000 1
	[ "$(registers 1010 1)" = 10000 ]
	grep -q 'goes before --set max_charger_current=14' err.txt
	put 1092 1
	[ "$(registers 1010 13)" = '16000 3 24000 1 12500 22000 5 1000 19000 1 1000 0 30' ]
	echo 'phases=7' > broken.conf
	run -2 emtool balance run --p1 "tcp://127.0.0.1:$p1" --charger none --state broken.conf
}

@test "an override survives a restart, even of a program that was killed; unsaved settings do not" {
	begin --state state.conf
	put 1010 10000
	put 1000 8000
	wait_for grep -qx 'override_limit=8.000' state.conf
	refute grep -q max_charger_current state.conf
	kill -9 "$balance"
	ended "$balance" 137
	run_balance --state state.conf
	wait_for registers 1000 1
	[ "$(registers 1000 1)" = 8000 ]
	grep -q 'state.conf: the override of 8 A holds on' err.txt
	wait_for told 8.000
	put 1000 7000
	put 1000 9000 # within 30 s of the save before: saved at the end
	wait_for told 9.000
	kill "$balance"
	ended "$balance" 143
	grep -qx 'override_limit=9.000' state.conf
}

# refused WORDS OPTIONS...: run ends with exit 2 and says WORDS
refused() {
	run -2 --separate-stderr emtool balance run --p1 tcp://127.0.0.1:1 --charger none "${@:2}"
	[[ $stderr == *"$1"* ]] || { echo "$stderr"; false; }
}

# bats test_tags=mutants
@test "settings that cannot be safe end the program before it starts" {
	refused '--set: fallback_limit=30 is above the main fuse, --fuse 16' --fuse 16 --set fallback_limit=30
	refused '--set: alarm_limit=24 is above the main fuse, --fuse 16' -a threshold --fuse 16 --set alarm_limit=24
	refused 'lower_limit (20.000 A) is above upper_limit (17.000 A)' -a threshold --fuse 20 --set lower_limit=20
	refused 'only the algorithm threshold uses upper_wait' --set upper_wait=1
	refused "'112' is none of auto|123|132|213|231|312|321" --phase-order 112
	printf 'phases=3\nalarm_limit=24\nfallback_limit=17\nend\n' > state.conf
	refused 'state.conf:3: fallback_limit is above the main fuse, --fuse 16' --fuse 16 --state state.conf
	refused 'state.conf:2: alarm_limit is above the main fuse, --fuse 16' -a threshold --fuse 16 --state state.conf
	printf 'lower_limit=23\nend\n' > state.conf
	refused 'state.conf: lower_limit (23.000 A) is above upper_limit (22.000 A)' -a threshold --state state.conf
	printf 'max_charger_current=32\nend\n' > state.conf
	run -1 --separate-stderr emtool balance run --p1 tcp://127.0.0.1:1 --charger none --fuse 20 --state state.conf -d 0.2
	[[ $stderr == *'state.conf: max_charger_current is above the main fuse: 20 A is the most'* ]]
}

@test "no register above the fuse, and no order that contradicts itself" {
	begin --fuse 20
	[ "$(registers 1010 13)" = '14000 3 19000 1 12500 17000 1 1000 14000 1 4000 6000 10' ]
	for register in 1010 1012 1015 1018 1021; do
		put $register 20001 2>&1 | grep -q 'Illegal data value'
	done
	put 1018 18000
	put 1091 1 2>&1 | grep -q 'Illegal data value'
	put 1018 17000
	put 1091 1
	grep -q "a client of the register table changed the settings: lower_limit=17 instead of 14$" err.txt
	wait_for is '.grid_l3 == 1'
	put 1011 1
	put 1091 1 2>&1 | grep -q 'Illegal data value' # the meter tells three
	put 1011 3
	put 1021 16000
	put 1022 254
	put 1091 1
	grep -q "the settings: fallback_limit=16 instead of 6, fallback_wait=254 instead of 10$" err.txt
	put 1092 1
	[ "$(registers 1010 13)" = '16000 3 19000 1 12500 17000 5 1000 14000 1 1000 0 30' ]
}

@test "a state file that cannot be written gives exception 4, and the setting is not applied" {
	mkdir gone
	begin --state gone/state.conf
	rm -r gone
	put 1010 10000
	put 1091 1 2>&1 | grep -qi 'failure'
	wait_for told 14.000
}

# bats test_tags=mutants
@test "a dry run decides and writes nothing" {
	begin --dry-run
	wait_for limit_is 14000
	emtool abb get "127.0.0.1:$abb" charging_current_limit_modbus communication_timeout | grep -q 'modbus: 16'
	is '.set_point == null'
}

@test "headroom reads the car's currents and never sets less than the minimum" {
	begin -a headroom --set restart_wait=5 --set quiet_wait=5 --set ride_wait=5
	wait_for told 14.000
	wait_for is '.car_l1 != null'
	house 30 2 1
	wait_for is '.limit != 14'
	jq -se 'all(.[]; .limit == 0 or .limit >= 6)' out.json
}

@test "a port without an address is served on loopback only" {
	table=$(free_port)
	start emtool balance run --p1 tcp://127.0.0.1:1 --charger none --server ":$table" > out.json 2> err.txt
	wait_for registers 1000 1
	run ! bash -c "exec 9<>/dev/tcp/127.0.0.2/$table" # bound to 127.0.0.1, not to everything
}

@test "serial lines: the charger and the register table over RTU" {
	p1=$(free_port) table=$(free_port)
	p1_port "$p1"
	start socat pty,raw,echo=0,link=charger.a pty,raw,echo=0,link=charger.b
	start socat pty,raw,echo=0,link=table.a pty,raw,echo=0,link=table.b
	wait_for test -e charger.b
	wait_for test -e table.b
	start emtool sim abb --listen "serial://$PWD/charger.a?baud=9600&mode=8N1" --car dead=0 > charger.out
	start emtool balance run -a threshold --tick 0.1 --json --p1 "tcp://127.0.0.1:$p1" \
		--charger "abb+serial://$PWD/charger.b" --server "serial://$PWD/table.a?baud=9600&mode=8N1" \
		--set max_charger_current=8 > out.json
	wait_for is '.set_point == 8'
	wait_for eval 'mbpoll -m rtu -b 9600 -P none -a 10 -0 -1 -q -r 1001 -t 4 "$PWD/table.b" | grep -q 8000'
}

@test "an Alfen gets its set-point again before it expires" {
	p1=$(free_port) alfen=$(free_port)
	p1_port "$p1"
	start emtool sim alfen --listen "127.0.0.1:$alfen" --validity 6 > charger.out
	start emtool balance run -a threshold --tick 0.1 --json --p1 "tcp://127.0.0.1:$p1" --charger "alfen://127.0.0.1:$alfen" \
		--set max_charger_current=8 > out.json
	wait_for is '.set_point == 8'
	sleep 7
	emtool alfen get "127.0.0.1:$alfen" modbus_slave_max_current | grep -q ': 8'
}

# bats test_tags=mutants
@test "exit codes: SIGTERM 143, SIGINT 130, --duration 0, a missing option 2" {
	begin
	wait_for is '.used == 3'
	kill -TERM "$balance"
	ended "$balance" 143
	run_balance
	wait_for is '.used == 3'
	kill -INT "$balance"
	ended "$balance" 130
	run -0 emtool balance run --tick 0.1 --p1 "tcp://127.0.0.1:$p1" --charger none -d 1
	run -2 emtool balance run --charger none
	run -2 emtool balance run --p1 "tcp://127.0.0.1:$p1"
	run -2 emtool balance run --p1 "tcp://127.0.0.1:$p1" --charger easee://x
	run -2 emtool balance run --p1 "tcp://127.0.0.1:$p1" --charger none --server nowhere
	run -2 emtool balance run --p1 "tcp://127.0.0.1:$p1" --charger none --charger-timeout 5
}

@test "a terminal that goes away ends it in order, too" {
	begin
	wait_for told 14.000
	kill -HUP "$balance"
	ended "$balance" 129
	told 6.000
}

# bats test_tags=mutants
@test "an ordered end leaves the charger at its fallback, and --disarm gives it its own settings back" {
	p1=$(free_port) abb=$(free_port) table=$(free_port)
	p1_port "$p1"
	charger "$abb"
	wait_for listening "$abb"
	emtool abb set "127.0.0.1:$abb" set_communication_timeout=77 set_fallback_limit=9
	run_balance --state state.conf
	wait_for told 14.000
	kill "$balance"
	ended "$balance" 143
	told 6.000
	grep -q 'armed: time-out 60 s, fallback 6 A' err.txt
	refute grep -q 'fallback 0 A' err.txt
	grep -q 'left at 6 A' err.txt
	run -0 emtool balance run --disarm --dry-run --charger "abb://127.0.0.1:$abb" --state state.conf
	[[ $output == *77* ]]
	emtool abb get "127.0.0.1:$abb" fallback_limit | grep -q ': 6'
	run -0 emtool balance run --disarm --charger "abb://127.0.0.1:$abb" --state state.conf --json
	[ "$(jq -c 'del(.time)' <<< "$output")" = '{"type":"disarm","set_communication_timeout":77,"set_fallback_limit":9}' ]
	emtool abb get "127.0.0.1:$abb" fallback_limit | grep -q ': 9'
	run -0 --separate-stderr emtool balance run --disarm --charger "abb://127.0.0.1:$abb" --state state.conf
	[[ $stderr == *factory* ]]
	emtool abb get "127.0.0.1:$abb" fallback_limit | grep -q ': 255'
	run -2 emtool balance run --disarm
	run -2 emtool balance run --disarm --charger none
	run -1 emtool balance run --disarm --charger "abb://127.0.0.1:$p1" -t 0.3
}

@test "--disarm ends at a signal, however long the charger takes to answer" {
	abb=$(free_port)
	silent_port "$abb"
	start emtool balance run --disarm --charger "abb://127.0.0.1:$abb" -t 60 2> err.txt
	balance=$started
	wait_for test -s asked
	kill "$balance"
	ended "$balance" 143
	grep -q 'run --disarm again' err.txt
}

@test "a safe current above the fuse is refused, unless it was checked" {
	p1=$(free_port) alfen=$(free_port)
	p1_port "$p1"
	start emtool sim alfen --listen "127.0.0.1:$alfen" > charger.out
	wait_for listening "$alfen"
	run -1 --separate-stderr emtool balance run --tick 0.1 --p1 "tcp://127.0.0.1:$p1" --fuse 5 \
		--charger "alfen://127.0.0.1:$alfen" --set fallback_limit=0
	[[ $stderr == *"safe current"*"6 A"*"5 A"*safe-current-checked* ]]
	run -0 emtool balance run --tick 0.1 --p1 "tcp://127.0.0.1:$p1" --fuse 5 --charger "alfen://127.0.0.1:$alfen" \
		--set fallback_limit=0 --safe-current-checked -d 1 --json
}

@test "the age of the data is judged each second, whatever --tick says" {
	p1=$(free_port)
	silent_port "$p1"
	start emtool balance run --tick 60 --p1 "tcp://127.0.0.1:$p1" --charger none --set fallback_wait=2 --json \
		> out.json 2> err.txt
	balance=$started
	wait_for grep -q 'no valid meter data for 2 s' err.txt # 30 s at most: half a tick
	kill "$balance"
	ended "$balance" 143
	jq -se 'map(.age) | .[0] < 2 and (. == sort) and .[-1] >= 2' out.json
}
