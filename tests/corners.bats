#!/usr/bin/env bats
# Rare but real input: unexplained models, damaged pushes, meters of every age, and the messages about them.

load helper

key=0F1E2D3C4B5A69788796A5B4C3D2E1F0

# A chain as an image: chain HEX..., each a model whole, from 40000
chain() {
	local address=40002
	echo 40000,53756e53
	for model; do
		echo "$address,$model"
		address=$((address + ${#model} / 4))
	done
	echo "$address,ffff0000"
}

# bats test_tags=mutants
@test "sunspec: a page for models without a definition" {
	words=$(printf '%04x' {1..40})
	# a vendor's model, a 121 that ends too early, a 160 with a group and three registers too many, and
	# a 101 without scale factors
	chain "fde8 0028 $words" 00790002000a8000 \
		"00a0001f$(printf '8000%.0s' {1..6})0001$(printf '8000%.0s' {1..24})" \
		"00650032$(printf '0001%.0s' {1..50})" 00010000 | tr -d ' ' > odd.csv
	run --separate-stderr emtool sunspec read --image odd.csv
	[ "$status" -eq 0 ]
	[[ $output == *"unknown model (65000) unit 1 at 40002, length 40"* ]]
	[[ $output == *"0001 0002 0003"*"0010"$'\n'*"0011"* ]] # sixteen a line
	[[ $output == *"! length 2 ends before the definition"* ]]
	[[ $output == *"extra"* ]]
	run emtool sunspec read --image odd.csv --all --color always --units
	[ "$status" -eq 0 ]
	[[ $output == *$'\033[36m'* && $output == *$'\033[33m! '* ]]
	# what is scaled by what is missing
	chain "00650032$(printf '0005%.0s' {1..4})8000$(printf '0005%.0s' {1..45})" > scale.csv
	run emtool sunspec read --image scale.csv
	[[ $output == *"! without a valid scale factor: A"* ]]
	for format in json csv influx; do
		emtool sunspec read --image odd.csv --format $format > /dev/null
	done
	run emtool sunspec scan --image odd.csv
	[[ $output == *"65000"* && $output == *"inverter_single_phase"* ]]
	run emtool sunspec read --image odd.csv --model 101 --points W,Hz --stats
	[[ $output == *"  W "* && $output != *PhV* && $output == *requests* ]]
	run -1 emtool sunspec read --image odd.csv --model 103
	[[ $output == *"nothing of what was asked for"* ]]
}

# bats test_tags=mutants
@test "sunspec models: points, groups, and definitions of one's own" {
	cat > own.json <<- 'end'
		{"id": 64100, "group": {"name": "own", "points": [
		  {"name": "ID", "type": "uint16"}, {"name": "L", "type": "uint16"},
		  {"name": "N", "type": "count", "mandatory": "M"},
		  {"name": "T", "type": "int16", "sf": -1, "units": "C", "access": "RW"},
		  {"name": "E", "type": "enum16", "symbols": [{"name": "ON", "value": 1}]},
		  {"name": "S", "type": "string", "size": 4}],
		 "groups": [{"name": "one", "count": 1, "points": [{"name": "A", "type": "int16"}]},
		  {"name": "two", "count": 2, "points": [{"name": "B", "type": "int16"}]},
		  {"name": "named", "count": "N", "points": [{"name": "C", "type": "int16"}]},
		  {"name": "rest", "count": 0, "points": [{"name": "D", "type": "int16"}]}]}}
	end
	run emtool sunspec models --models own.json 64100
	[ "$status" -eq 0 ]
	[[ ${lines[0]} == "64100"*"own" ]]
	[[ $output == *"T int16"* && $output == *"named"* && $output == *"rest"* ]]
	emtool sunspec models --models own.json 64100 --json > out
	[ "$(jq -c '[.groups[] | .count]' out)" = '[null,2,"N",0]' ]
	[ "$(jq -c '.points[] | select(.name == "T") | [.sf, .units, .access, .mandatory]' out)" = '[-1,"C","RW",false]' ]
	[ "$(jq -c '.points[] | select(.name == "N") | .mandatory' out)" = true ]
	run emtool sunspec models 705 160 --json
	[ "${#lines[@]}" -eq 2 ]
	[[ $output == *'"groups":['* ]]
	[ "$(emtool sunspec models --json --models own.json | wc -l)" -eq 113 ]
	run emtool sunspec models 99
	[ "$status" -eq 2 ]
	run emtool sunspec models x
	[ "$status" -eq 2 ]
	for wrong in '{' '[{"id":1}]' "$(cat own.json),"; do
		echo "$wrong" > wrong.json
		run emtool sunspec models --models wrong.json
		[ "$status" -eq 2 ]
		[[ $output == *wrong.json* ]]
	done
	echo "[$(cat own.json), $(cat own.json)]" > twice.json
	run emtool sunspec models --models twice.json
	[ "$status" -eq 2 ]
	[[ $output == *"a model is defined twice"* ]]
	run emtool sunspec models --models /nonexistent
	[ "$status" -eq 4 ]
	: > said
	start emtool sim sunspec --listen 127.0.0.1:0 --exception 4 > said
	wait_for grep -q '^listening on ' said
	run emtool sunspec scan "$(sed -n 's/^listening on //p' said)" -v
	[ "$status" -eq 1 ]
	[[ $output == *"none of units 1, 126"* ]]
}

# bats test_tags=mutants
@test "decrypt: messages about pushes that cannot be read" {
	run -3 --separate-stderr emtool decrypt hex:0102030405
	[[ $stderr == *"no frame found"* ]]
	printf '/ISK5\\2M550T-1012\r\n\r\n1-0:1.7.0(1*kW)\r\n!\r\n' > plain.p1
	run --separate-stderr emtool decrypt plain.p1
	[ "$status" -eq 3 ]
	[[ $stderr == *"that is emtool p1"* ]]
	emtool sim push evn -k $key -n 60 -o push.bin
	emtool sim push evn -k $key -n 20 --corrupt 1 -o bad.bin
	run --separate-stderr emtool decrypt -k $key --json bad.bin
	[[ $stderr == *"many damaged bytes"* ]]
	run --separate-stderr emtool decrypt --json push.bin
	[ "$status" -eq 6 ]
	[[ $stderr == *"--key-file"* ]]
	# one frame alone, a push whose last byte is missing, a compressed one, one for all meters
	head -c 100 push.bin > torn.bin
	run --separate-stderr emtool decrypt -k $key --json --stats torn.bin
	[ "$status" -eq 3 ]
	[ "$(jq .truncated <<< "${lines[-1]}")" -ge 1 ]
	run --separate-stderr emtool decrypt -k $key --json hex:DB084B464D675000000906A0000000015500
	[ "$status" -eq 3 ]
	[[ $stderr == *compressed* ]]
	run --separate-stderr emtool decrypt -v --json hex:DB084B464D675000000f0f40000000010F000000010002011105
	[[ $stderr == *"broadcast key"* ]]
	run --separate-stderr emtool decrypt --json --require-auth hex:0F000000010002011105
	[ "$status" -eq 6 ]
	[[ $stderr == *"as --require-auth demands"* ]]
	run emtool decrypt --json hex:0F000000010002011105
	[ "$status" -eq 0 ]
	[[ $output == *'"framing":"apdu","authenticated":false,"power_import":5}'* ]]
}

@test "meters of every age and line: sim p1 and sim push" {
	for model in $(emtool sim p1 --models | awk '{print $1}'); do
		emtool sim p1 "$model" -n 3 -o t.p1 --seven-bits --noise 20
		run --separate-stderr emtool p1 --json --stats t.p1
		[ "$status" -eq 0 ] || { echo "$model: $stderr"; false; }
		[ "$(jq .telegrams <<< "${lines[-1]}")" -ge 3 ]
	done
	emtool sim p1 dsmr22 -n 3 -o t.p1 --endless
	[ "$(emtool p1 --json t.p1 | wc -l)" -eq 3 ]
	emtool sim p1 lu -n 3 -o t.p1 -k $key --auth-key $key --counter 7
	[ "$(emtool p1 --json -k $key --auth-key $key t.p1 | wc -l)" -eq 3 ]
	run --separate-stderr emtool p1 --json -k $key --auth-key 00112233445566778899AABBCCDDEE00 t.p1
	[ "$status" -eq 6 ]
	[ -z "$output" ]
	run --separate-stderr emtool p1 --json t.p1
	[ "$status" -eq 6 ]
	[[ $stderr == *key* ]]
	run --separate-stderr emtool p1 --json -k 00112233445566778899AABBCCDDEE00 t.p1
	[ "$status" -eq 6 ]
	[ -z "$output" ]
	for wrong in "--set x" "--set nothing=1" "--set power_import=x" "--start x" "--serial ''" "--drop 2" \
		"-k xyz" "--title 12" "nosuch"; do
		# shellcheck disable=SC2086
		eval run emtool sim p1 -o t.p1 -n 1 $wrong
		[ "$status" -eq 2 ] || { echo "sim p1 $wrong: $status $output"; false; }
		# shellcheck disable=SC2086
		eval run emtool sim push evn -k $key -o t.bin -n 1 $wrong
		[ "$status" -eq 2 ] || { echo "sim push $wrong: $status $output"; false; }
	done
	emtool sim push landis -k $key -n 2 -o - --hex | grep -qx '[0-9A-F]*'
	emtool sim push landis -k $key -n 2 -o - --hex > t.hex
	[ "$(emtool decrypt --json -k $key t.hex | wc -l)" -eq 2 ]
	emtool sim push landis -k $key -n 9 -o t.bin --replay 1
	[ "$(emtool decrypt --json -k $key t.bin 2> /dev/null | wc -l)" -eq 1 ]
	for url in mqtt://h http://h/t 'mqtt://h/a/#' mqtt://u:p@h/t 'mqtt://h/t?nothing=1'; do
		run emtool sim push evn -k $key --mqtt "$url"
		[ "$status" -eq 2 ] || { echo "$url: $status $output"; false; }
	done
	for format in raw hex base64; do
		run emtool sim push evn -k $key --mqtt mqtt://127.0.0.1:1/t --payload $format -n 1 -i 0.01
		[ "$status" -eq 1 ]
		[[ $output == *broker* ]]
	done
}

# bats test_tags=mutants
@test "p1: messages about lines that are no telegrams" {
	run --separate-stderr emtool p1 hex:00010203
	[ "$status" -eq 3 ]
	[[ $stderr == *"no telegram in 4 bytes"* ]]
	printf '/A\r\n1-0:1.7.0(1*kW)\r\n!' > short.p1
	run emtool p1 --raw short.p1
	[ "$status" -eq 0 ]
	[[ $output == *"1-0:1.7.0(1*kW)"* ]]
	emtool p1 --raw --interval 1 short.p1 | grep -q '^!'
	printf '/A\r\n1-0:1.7.0(1*kW)\r\n!0000\r\n' > bad.p1
	run --separate-stderr emtool p1 --json --strict bad.p1
	[ "$status" -eq 3 ]
	[[ $stderr == *"CRC 0000 at byte 0"* ]]
	emtool p1 --json --no-crc bad.p1 | grep -q '"crc":"bad"'
	for wrong in --query\ x --relay\ x --relay\ 127.0.0.1 --query\ 127.0.0.1:99999 --sunspec\ 'a:b' --gas-channel\ 10; do
		# shellcheck disable=SC2086
		run emtool p1 $wrong short.p1
		[ "$status" -eq 2 ] || { echo "p1 $wrong: $status $output"; false; }
	done
	port=$(free_port)
	run emtool p1 --relay 192.0.2.1:"$port" short.p1
	[ "$status" -ne 0 ]
	run emtool p1 --query 192.0.2.1:"$port" short.p1
	[ "$status" -ne 0 ]
}

@test "a standard descriptor that is closed at the start is no file's, and nothing aborts" {
	for closed in '0<&-' '1>&-' '2>&-'; do
		run bash -c "emtool sniff --json --record kept --db rows.db hex:$n1_ct $closed 2>messages"
		case $closed in
		1*) [ "$status" -eq 4 ] && grep -q 'standard output: Bad file descriptor' messages ;;
		*) [ "$status" -eq 0 ] && [ "${#lines[@]}" -eq 5 ] ;;
		esac
		[ "$(head -n 1 kept)" = '# emtool recording 1' ]
		run ! grep -q type kept
		[ "$(sqlite3 rows.db 'SELECT count(*) FROM history')" -eq 5 ]
		rm -f kept rows.db*
	done
	run bash -c 'emtool p1 - <&-'
	[ "$status" -eq 4 ]
	[[ $output == *"-: Bad file descriptor" ]]
}
