#!/usr/bin/env bats
# What is refused, command by command: the exit code, one line that names it, nothing on stdout.

load helper

# refused STATUS WORDS ARGUMENTS...
refused() {
	run --separate-stderr timeout 60 emtool "${@:3}" < /dev/null
	if [ "$status" -eq "$1" ] && [ -z "$output" ] && [[ $stderr == emtool:*"$2"* ]]; then return 0; fi
	echo "emtool ${*:3}: exit $status, $stderr" >&2
	return 1
}

@test "options: wrong numbers and words, and repeated options" {
	refused 2 "is not a number" sniff --duration 1e999 -
	refused 2 "is not a number" sniff --duration ' 5' -
	refused 2 "is not a whole number" sniff --count 1.5 -
	refused 2 "is outside" sniff --count 99999999999999999999 -
	refused 2 "unknown option '-Z'" sniff -Z -
	refused 2 "needs a value" sniff --format
	refused 2 "unknown verb 'xyzzy'" sim xyzzy
	refused 2 "unknown command 'xyzzy'" xyzzy
	refused 2 "no command 'xyzzy'" help xyzzy
	many=()
	for i in {1..100}; do many+=(--alarm "a>$i"); done
	refused 2 "at most" sniff --exec true "${many[@]}" -
	refused 2 "more than one source" sniff --tcp 127.0.0.1:1 --udp 127.0.0.1:1
	run emtool help
	[ "$status" -eq 0 ]
	[[ $output == "usage: emtool"* ]]
	run env PATH=/nonexistent "$EMTOOL" help sniff
	[ "$status" -eq 4 ]
	[[ $output == *"'emtool sniff --help' is built in" ]]
	run env PATH=/nonexistent "$EMTOOL" help help
	[ "$status" -eq 2 ]
}

# Each name that is wrong gets the nearest right one, or all; each number its bounds.
@test "names and values that do not exist: the message tells which do" {
	simulate=(balance simulate synthetic:seed=1)
	refused 2 "--fault: no fault 'carlag', nearest is 'car-lag'" "${simulate[@]}" --fault carlag=3
	refused 2 "--fault: no fault 'xyzzy'; known are lost, seed, " "${simulate[@]}" --fault xyzzy
	refused 2 "--fault: lag=99 is outside 0..63" "${simulate[@]}" --fault lag=99
	refused 2 "--fault: lost=101 is outside 0..100" "${simulate[@]}" --fault seed=1,lost=101
	refused 2 "--fault: 'silent=5' is not silent=FROM+FOR" "${simulate[@]}" --fault silent=5
	refused 2 "--fault: 'lag' is not lag=S" "${simulate[@]}" --fault lag
	refused 2 "--fault: 'rotate=111' is not rotate=231" "${simulate[@]}" --fault rotate=111
	refused 2 "--car: no property 'phase', nearest is 'phases'" "${simulate[@]}" --car max=16,phase=1
	refused 2 "--car: no property 'xyzzy'; known are min, max, " "${simulate[@]}" --car xyzzy=1
	refused 2 "--car: max=99 is outside 1..63" "${simulate[@]}" --car max=99
	refused 2 "--car: 'max' is not NAME=NUMBER" "${simulate[@]}" --car max
	refused 2 "--set: no setting 'margins', nearest is 'margin'" "${simulate[@]}" --set margins=1
	refused 2 "--set: no setting 'xyzzy'; known are override_limit, " "${simulate[@]}" --set xyzzy=1
	refused 2 "--compare: no setting 'treshold', nearest is 'threshold'" "${simulate[@]}" --compare treshold
	refused 2 "--sweep: no setting 'margn', nearest is 'margin'" "${simulate[@]}" --sweep margn=1..2
	refused 2 "no register is named 'xyzzy'; 'emtool abb registers' lists them" abb set 127.0.0.1:1 xyzzy=1
	refused 2 "charging_enabled: 'on' is none of its values: 'suspended' (0), 'charging allowed' (1)" \
		keba set 127.0.0.1:1 charging_enabled=on
	refused 2 "--listen: '5020' is no ADDR:PORT and no serial line; a port alone is :PORT" sim abb --listen 5020
	refused 2 "--server: '5020' is no ADDR:PORT" balance run --p1 /dev/null --charger none --server 5020
}

@test "help without a manual page names what is built in" {
	run --separate-stderr env MANPATH=/nonexistent "$EMTOOL" help balance
	[ "$status" -eq 4 ]
	[[ $stderr == *"'emtool balance --help' is built in" ]]
}

# bats test_tags=mutants
@test "wrong sources are usage errors" {
	for url in tcp:// tcp://host tcp://127.0.0.1:99999 tcp-listen://127.0.0.1 udp://127.0.0.1 \
		'serial://' serial:///dev/ttyUSB0?mode=9X1 serial:///dev/ttyUSB0?baud=x serial:///dev/ttyUSB0?speed=1 \
		hex:0 foo://bar; do
		refused 2 "" sniff "$url"
	done
	refused 4 "No such file" sniff serial:///dev/nonexistent
	refused 4 "No such file" sniff "serial:///dev/nonexistent?mode=auto"
	refused 4 "No such file" sniff pcap:/nonexistent
	for url in mqtt:// mqtt://h mqtt://h:x/t mqtt://u:p@h/t 'mqtt://h/t?unknown=1' mqtts://h/t?ca=/nonexistent; do
		run --separate-stderr emtool decrypt "$url"
		[[ $status == [24] && $stderr == emtool:\ decrypt:* ]]
	done
	run --separate-stderr emtool sniff tcp-listen://192.0.2.1:5020
	[ "$status" -ne 0 ]
	[[ $stderr == *192.0.2.1:5020* ]]
	run --separate-stderr emtool sniff udp://192.0.2.1:5020
	[ "$status" -ne 0 ]
	[[ $stderr == *192.0.2.1:5020* ]]
}

# bats test_tags=mutants
@test "wrong outputs are usage errors" {
	refused 2 "topic" sniff --mqtt 'mqtt://h/a/#' hex:00
	refused 2 "" sniff --mqtt mqtt://h hex:00
	refused 2 "" sniff --mqtt http://h/t hex:00
	refused 2 "" sniff --mqtt 'mqtt://h/t?qos=7' hex:00
	refused 2 "visible to everybody" sniff --db mysql://u:p@h/d hex:00
	refused 2 "expected mysql://user@host[:port]/database" sniff --db mysql://h hex:00
	refused 2 "expected mysql://user@host[:port]/database" sniff --db 'mysql://h/d?x=1' hex:00
	refused 2 "unknown kind of database" sniff --db oracle://h/d hex:00
	refused 2 "the path is missing" sniff --db sqlite: hex:00
	refused 4 "" sniff --db sqlite:/nonexistent/x.db hex:00
	refused 2 "" sniff --exec true --alarm 'a>' hex:00
	refused 4 "No such file" sniff --format prometheus -o /nonexistent/x.prom hex:$n1_ct
	emtool sniff --db "sqlite://$PWD/x.db" --json hex:$n1_ct -q
	[ "$(sqlite3 x.db 'select count(*) from history')" = 5 ]
}

@test "wrong keys are usage errors" {
	key=0F1E2D3C4B5A69788796A5B4C3D2E1F0
	refused 2 "exclude each other" decrypt -k $key --key-file x hex:00
	refused 2 "exclude each other" decrypt -k $key --auth-key $key --auth-key-file x hex:00
	refused 2 "--key: a key is 32 hexadecimal digits or 16 bytes" decrypt -k 0F1E hex:00
	refused 2 "--key: a key is" decrypt -k 0123456789abcdef hex:00
	refused 2 "--auth-key: a key is" decrypt -k $key --auth-key 0123456789abcdef hex:00
	refused 2 "--auth-key: a key is" decrypt -k $key --auth-key x hex:00
	EMTOOL_KEY=x refused 2 "EMTOOL_KEY: a key is" decrypt hex:00
	refused 4 "/nonexistent: No such file" decrypt --key-file /nonexistent hex:00
	refused 4 "/nonexistent: No such file" decrypt -k $key --auth-key-file /nonexistent hex:00
	refused 4 "Is a directory" decrypt --key-file / hex:00
	printf '%s\n' "# two" "4B464D675000002A $key" "4B464D $key" > keys
	refused 2 "keys: line 3: needs a key of 32 hexadecimal digits, or SYSTEMTITLE KEY [AUTHKEY]" \
		decrypt --key-file keys hex:00
	for line in "4B464D675000002A $key x" "4B464D675000002A" "4B464D675000002A $key $key $key" "$key $key"; do
		echo "$line" > keys
		refused 2 "keys: line 1" decrypt --key-file keys hex:00
	done
	echo "x" > lock
	refused 2 "lock: a key is" decrypt -k $key --auth-key-file lock hex:00
	head -c 20000000 /dev/zero > large
	refused 4 "large: File too large" decrypt --key-file large hex:00
	# keys in a file, lines for many meters, and in the environment
	emtool sim push evn -k $key -n 1 -o push.bin
	{
		for i in {10..99}; do echo "4B464D67500000$i $key"; done
		echo "4B464D675000002A  $key	$key  # ours"
	} > keys
	emtool decrypt --json --key-file keys push.bin | grep -q '"frame_counter":1'
	printf '\n %s \r\n' $key > one
	emtool decrypt --json --key-file one push.bin | grep -q '"frame_counter":1'
	printf '%s' $key | xxd -r -p > binary
	emtool decrypt --json --key-file binary push.bin | grep -q '"frame_counter":1'
	EMTOOL_KEY=$key emtool decrypt --json --auth-key-file binary push.bin | grep -q '"frame_counter":1'
	echo "4B464D6750000099 $key" > other
	run --separate-stderr emtool decrypt --json --key-file other push.bin
	[ "$status" -eq 6 ]
	[[ $stderr == *"lines for other system titles only"* ]]
}

@test "wrong files of frame counters" {
	key=0F1E2D3C4B5A69788796A5B4C3D2E1F0
	emtool sim push evn -k $key -n 2 -o push.bin
	echo nonsense > state
	refused 2 "state" decrypt -k $key --state state push.bin
	refused 4 "Is a directory" decrypt -k $key --state / push.bin
	run --separate-stderr emtool decrypt -k $key --state /nonexistent/state --json push.bin
	[ "$status" -eq 4 ]
	rm state
	emtool decrypt -k $key --state state --json push.bin > out
	[ "$(wc -l < out)" = 2 ]
	[[ $(cat state) == "4B464D675000002A 2 "* ]]
	run --separate-stderr emtool decrypt -k $key --state state --json --stats push.bin
	[ "$status" -eq 3 ]
	[ "$(jq -r .replay <<< "${lines[-1]}")" = 2 ]
	emtool sim push evn -k $key -n 1 --counter 0 -o push.bin --start 2030-01-01T00:00:00Z
	run --separate-stderr emtool decrypt -k $key --state state --json push.bin
	[ "$status" -eq 0 ]
	[[ $stderr == *"frame counter fell to 0"* ]]
}

@test "meter maps: errors in every column" {
	head=meter,address,count,fc,dtype,word_order,scale,unit,name
	while IFS='|' read -r row words; do
		printf '%s\n%s\n' $head "$row" > map.csv
		refused 2 "map.csv:2: $words" sniff --meter-map map.csv hex:00
	done <<- 'end'
		,1,1,3,u16,big,1,V,v|too many meters, or no name
		m,,1,3,u16,big,1,V,v|address is not 0..65535
		m,1x,1,3,u16,big,1,V,v|address is not 0..65535
		m,65536,1,3,u16,big,1,V,v|address is not 0..65535
		m,1,1,3,u8,big,1,V,v|dtype is none of
		m,1,2,3,u16,big,1,V,v|count does not fit the dtype
		m,1,1,3,u16,big,2,V,v|scale is not a power of ten
		m,1,1,3,u16,big,-1,V,v|scale is not a power of ten
		m,1,1,3,u16,big,0,V,v|scale is not a power of ten
		m,1,1,3,u16,big,x,V,v|scale is not a power of ten
		m,1,1,3,u16,big,10000000000000,V,v|scale is not a power of ten
		m,1,1,3,u16,big,0.0000000000001,V,v|scale is not a power of ten
		m,1,1,3,u16,big,1,V,|no name
		m,1,1,3,u16,big,1,V,a_name_that_is_much_longer_than_any_name_of_a_quantity_in_the_vocabulary|no name
	end
	for first in "" "meter,address,dtype" "meter,address,name" "meter,dtype,name" "address,dtype,name" x; do
		echo "$first" > map.csv
		refused 2 "the first line must name the columns" sniff --meter-map map.csv hex:00
	done
	refused 4 "/nonexistent: No such file" sniff --meter-map /nonexistent hex:00
	{
		echo $head
		for i in {1..65}; do echo "m$i,1,1,3,u16,big,1,V,v"; done
	} > map.csv
	refused 2 "map.csv:66: too many meters" sniff --meter-map map.csv hex:00
}

@test "meter maps: quotes, prefixes, word orders and empty cells" {
	printf '%s\r\n' 'unit,name,"meter",dtype,address,scale,fc,word_order,note' \
		'kW,power_import,"my ""own"", one",f32,0x500A,,,,"a, b"' '' \
		'A,current_l1,mine,u32,20490,0.001,3,little,' \
		',switch,mine,u16,20492,100,4,big' > map.csv
	emtool sniff --json --units --meter-map map.csv -m 'my "own", one' hex:0103500A0002F5090103043FA16873C9E0 > out
	[ "$(jq -c .power_import out)" = '{"value":1261,"unit":"W","address":20490}' ]
	emtool sniff --json --meter-map map.csv -m mine hex:0103500A0002F5090103043FA16873C9E0 > out
	[ "$(jq -c .current_l1 out)" = 1752383.393 ]
	run emtool sniff --meters --meter-map map.csv
	[[ $output == *mine* ]]
}

@test "balance simulate: settings, faults, cars, spans" {
	day=synthetic:seed=1,days=1
	for fault in lost=101 lost=x silent=-1+5 silent=5 silent=5+0 silent=5+x silent=x+5 dead=5+5x \
		dead=1+9999999999999 timeout=-1 timeout=x fallback=64 resolution=11 seed=x nothing \
		lag=64 lag=x car-lag=-1 rotate=221 rotate=12 rotate=1234 scale=1001 disobey=5 reboot=5+1 \
		reboot=x master=5 master=5:64 master=x:6; do
		refused 2 "--fault" balance simulate $day --fault $fault
	done
	refused 2 "is too long" balance simulate $day --fault "seed=1,$(printf 'x%.0s' {1..500})"
	for sweep in nothing=1..2 max_charger_current max_charger_current=1 max_charger_current=a..b max_charger_current=10..a max_charger_current=10..6 \
		max_charger_current=10..12/0 max_charger_current=10..12/x max_charger_current=10..12/1x max_charger_current=10..9999; do
		refused 2 "--sweep" balance simulate $day --sweep $sweep
	done
	refused 2 "more than" balance simulate $day --sweep max_charger_current=6..32/0.001 --sweep phases=1..3
	nine=()
	for _ in {1..9}; do nine+=(--sweep phases=1..1); done
	refused 2 "more than 8 times" balance simulate $day "${nine[@]}"
	for set in nothing=1 max_charger_current max_charger_current=x max_charger_current=1000 phases=4 max_charger_current=1.2345; do
		refused 2 "" balance simulate $day --set $set
	done
	for compare in nothing threshold,nothing=1 threshold,max_charger_current=x; do
		refused 2 "" balance simulate $day --compare $compare
	done
	for car in nothing=1 max=x max=1000 phases=0 battery; do
		refused 2 "" balance simulate $day --car $car
	done
	for fuse in x X16 0.5 2000; do
		refused 2 "" balance simulate $day --fuse $fuse
	done
	for source in synthetic:seed=x synthetic:days=0 synthetic:nothing=1; do
		refused 2 "" balance simulate $source
	done
	refused 4 "" balance simulate /nonexistent
	run -4 --separate-stderr emtool balance simulate $day --plot /nonexistent/x.svg
	[[ $stderr == *"/nonexistent/x.svg: No such file or directory" ]]
	emtool balance simulate $day --fault seed=3,lost=50 --phases 1 --car battery=20 --json > out
	[ "$(jq .seconds out)" = 86400 ]
	emtool balance simulate $day --open-loop --report r.html --json > out
	grep -q 'already contain the car' r.html
}

@test "balance simulate: logs without usable data" {
	printf 't,voltage\n0,230\n' > log.csv
	run --separate-stderr emtool balance simulate log.csv
	[ "$status" -ne 0 ]
	[[ $stderr == emtool:* ]]
	: > empty.csv
	run --separate-stderr emtool balance simulate empty.csv
	[ "$status" -ne 0 ]
	[[ $stderr == emtool:* ]]
	printf 't,current_l1\n0,1\nx,1\n2,1\n' > log.csv
	run --separate-stderr emtool balance simulate log.csv --json --strict
	[ "$status" -eq 3 ]
}
