#!/usr/bin/env bats
# `emtool p1` and `emtool sim p1`: meters of many countries, over every kind of source, with faults.

load helper

key=0F1E2D3C4B5A69788796A5B4C3D2E1F0
lock=D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF

# value FILTER: of the last record in $output
value() { jq -r "$1" <<< "${lines[-1]}"; }

@test "a Dutch telegram: exact digits, times with offset, base units" {
	emtool sim p1 dsmr5 -n 1 --start 2021-07-01T11:46:40Z -o one.p1
	run emtool p1 --json --units one.p1
	[ "$(value .meter_time)" = 2021-07-01T13:46:40+02:00 ]
	[ "$(value .version)" = 50 ]
	[ "$(value .meter_id)" = E0043007052870318 ]
	[ "$(value .crc)" = ok ]
	[[ $output == *'"energy_import_t1":{"value":2345678,"unit":"Wh","obis":"1-0:1.8.1"}'* ]]
	[[ $output == *'"gas":{"value":1234.567,"unit":"m3","obis":"0-1:24.2.1"}'* ]]
	[ "$(value '.power_failure_log | length')" -eq 2 ]
}

@test "Belgium's histories, Sweden's clock, Germany's and Luxembourg's units" {
	emtool sim p1 emucs -n 1 -o p1
	run emtool p1 --json p1
	[ "$(value '.peak_history | length')" = 13 ]
	[ "$(value '[.peak_history[0][]] | map(type) | join(" ")')" = "string string number" ]
	[ "$(value '[.channels[].kind] | join(" ")')" = "gas water" ]
	emtool sim p1 se -n 1 --start 2021-07-01T11:46:40Z -o p1
	sed -i 's/^\(0-0:1.0.0(.*\)W)/\1S)/; s/^!.*/!/' p1
	run emtool p1 --json p1
	[ "$(value .meter_time)" = 2021-07-01T12:46:40+01:00 ]
	printf '/ESY5Q3DA1024 V3.04\r\n\r\n1-0:1.8.0*255(00001234.1234567*kWh)\r\n1-0:96.5.5*255(80)\r\n!\r\n' > p1
	run emtool p1 --json p1
	[ "$(value .energy_import)" = 1234123.4567 ]
	[ "$(value '.unknown["1-0:96.5.5"]')" = "(80)" ]
	emtool sim p1 lu -n 1 -o p1
	run emtool p1 --json p1
	[ "$(value .breaker_state)" = 1 ]
}

# bats test_tags=valgrind
@test "an unreadable line is kept verbatim, and the rest of the telegram is decoded" {
	emtool sim p1 dsmr5 -n 1 -o p1
	sed -i 's/^1-0:32.7.0/1,0:32.7.0/; s/^0-0:1.0.0(......../0-0:1.0.0(99999999/; s/(......\*kW)/(x*kW)/; s/^!.*/!/' p1
	run emtool p1 --json --no-crc p1
	[ "$(value .crc)" = none ]
	[ "$(value .meter_time)" = null ]
	[ "$(value .power_import)" = null ]
	[[ $(value '.errors | join(" ")') == *"1,0:32.7.0("* ]]
	[ "$(value .energy_import_t1)" = 2345678 ]
}

@test "a telegram with a wrong CRC is refused, reported once and counted; --no-crc prints it" {
	emtool sim p1 dsmr5 -n 30 -o p1
	sed -i 's/^!.*/!0000\r/' p1
	run --separate-stderr emtool p1 --json p1
	[ "$status" -eq 3 ]
	[ -z "$output" ]
	[ "$(grep -c 'CRC 0000 at byte 0' <<< "$stderr")" -eq 1 ]
	[ "${#stderr_lines[@]}" -eq 2 ]
	run emtool p1 --json --no-crc -n 1 p1
	[ "$(value .crc)" = bad ]
	emtool sim p1 dsmr5 -n 30 --corrupt 0.5 -o p1
	run --separate-stderr emtool p1 -q --strict p1
	[ "$status" -eq 3 ]
}

@test "a telegram of version 4 or later without CRC is refused, reported and counted; --no-crc prints it" {
	for model in dsmr4 dsmr5 emucs lu; do
		emtool sim p1 "$model" -n 2 -o p1
		sed -i 's/^!.*/!\r/' p1
		run --separate-stderr emtool p1 --json --stats p1
		[ "$status" -eq 3 ]
		[[ ${lines[0]} == *'"telegrams":0,"crc_errors":2,'* ]]
		[[ ${stderr_lines[0]} == *"no CRC at byte 0, though this meter sends one"* ]]
		run --separate-stderr emtool balance simulate --json p1
		[[ $stderr == *"2 of 2 telegrams are unusable"* ]]
		run emtool p1 --json --no-crc p1
		[ "${#lines[@]}" -eq 2 ]
		[ "$(value .crc)" = none ]
	done
	emtool sim p1 dsmr3 -n 2 -o p1
	run --separate-stderr emtool p1 --json --strict p1
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 2 ]
}

# bats test_tags=mutants
@test "an encrypted telegram that comes twice is a replay" {
	emtool sim p1 lu -n 2 -k $key -o sealed.p1
	cat sealed.p1 sealed.p1 > twice.p1
	run --separate-stderr emtool p1 --json --stats -k $key twice.p1
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 3 ]
	[[ ${lines[2]} == *'"telegrams":2,"crc_errors":0,'*'"replay":2,'* ]]
	[[ $stderr == *"the frame counter did not rise"* ]]
	run emtool p1 --json -k $key --accept-replay twice.p1
	[ "${#lines[@]}" -eq 4 ]
}

@test "telegrams are read without CR, in lower case, with parity bits, without end mark, with NULs, with text behind the CRC" {
	emtool sim p1 dsmr5 -n 1 -o p1
	tr -d '\r' < p1 > lf.p1
	run emtool p1 --json lf.p1
	[ "$(value '[.crc, .line_ends] | join(" ")')" = "ok restored" ]
	sed 's/^!.*/\L&/' p1 > lower.p1
	run emtool p1 --json lower.p1
	[ "$(value .crc)" = ok ]
	emtool sim p1 dsmr3 -n 3 -o seven.p1
	python3 -c 'd = open("seven.p1", "rb").read()
open("seven.p1", "wb").write(bytes(b | bin(b).count("1") % 2 << 7 for b in d))'
	run emtool p1 --json seven.p1
	[ "${#lines[@]}" -eq 3 ]
	[ "$(value .meter_id)" = E0043007052870318 ]
	emtool sim p1 dsmr22 -n 3 -o endless.p1
	sed -i '/^!/d' endless.p1
	run emtool p1 --json endless.p1
	[ "${#lines[@]}" -eq 3 ]
	{ printf 'noise\n/no meter\n'; cat p1; printf 'rest\n\0\0'; cat p1; } > odd.p1
	run emtool p1 --json odd.p1
	[ "${#lines[@]}" -eq 2 ]
}

@test "any cutting gives the same records" {
	for model in dsmr5 emucs dsmr22; do emtool sim p1 $model -n 4 -o "$model"; done
	cat dsmr5 emucs dsmr22 > all.p1
	emtool p1 --json all.p1 | jq -c . > whole
	python3 -c 'import sys; d = open("all.p1", "rb").read()
for i in range(0, len(d), 7): sys.stdout.buffer.write(d[i:i + 7]); sys.stdout.buffer.flush()' |
		emtool p1 --json - | jq -c 'del(.time)' > pieces
	cmp whole pieces
}

@test "--raw prints telegrams verbatim, --once the first, --interval one in each interval" {
	emtool sim p1 dsmr5 -n 10 -o p1
	emtool p1 --raw p1 | cmp - p1
	run emtool p1 --once --json p1
	[ "${#lines[@]}" -eq 1 ]
	run emtool p1 --interval 5 --json p1
	[ "${#lines[@]}" -eq 2 ]
	cat p1 p1 > again # a clock that was set back does not bring silence
	run emtool p1 --interval 5 --json again
	[ "${#lines[@]}" -eq 4 ]
	run emtool p1 --gas-channel 2 --json --once p1
	[ "$(value .gas)" = null ]
}

@test "encrypted telegrams: verified, refused with a wrong key, exit 6 without a key" {
	emtool sim p1 lu -n 2 --title 454D546750000009 -k $key --auth-key $lock -o sealed.p1
	echo "454D546750000009 $key $lock" > keys
	run --separate-stderr emtool p1 --json --key-file keys sealed.p1
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 2 ]
	[[ ${lines[1]} == *'"system_title":"454D546750000009","frame_counter":2,"authenticated":true}' ]]
	run emtool p1 -q --json -k $lock sealed.p1
	[ "$status" -eq 6 ]
	run emtool p1 -q --json -k $key --auth-key $key sealed.p1
	[ "$status" -eq 6 ]
	run --separate-stderr emtool p1 --json sealed.p1
	[ "$status" -eq 6 ]
	[[ $stderr == *--key-file* ]]
	emtool sim p1 lu -n 1 -k $key -o usual.p1
	run emtool p1 --json -k $key usual.p1
	[ "$(value .authenticated)" = true ]
}

# bats test_tags=mutants
@test "a pseudo-terminal and a TCP listener are sources" {
	start emtool sim p1 dsmr5 --interval 0.1 --pty meter
	wait_for test -e meter
	run -0 timeout 60 emtool p1 --json -n 2 meter
	[ "${#lines[@]}" -eq 2 ]
	port=$(free_port)
	start emtool p1 --json -n 2 --tcp "127.0.0.1:$port" -o records
	wait_for listening "$port"
	start emtool sim p1 dsmr5 --interval 0.1 --connect "127.0.0.1:$port"
	wait_for grep -q '"source":"127.0.0.1' records
}

@test "a link to a serial port is opened again when the port comes back" {
	emtool sim p1 dsmr5 --interval 0.1 --pty meter &
	first=$!
	pids+=("$first")
	wait_for test -e meter
	start emtool p1 --json -o records meter 2> messages
	wait_for test -s records
	kill "$first"
	wait "$first" || true
	wait_for grep -q 'meter: lost, waiting for it to come back' messages
	: > records
	start emtool sim p1 dsmr5 --interval 0.1 --pty meter
	wait_for test -s records
}

@test "--interval: every meter is printed once in each interval" {
	port=$(free_port)
	emtool sim p1 dsmr5 -n 3 -o p1
	start emtool p1 --json --interval 3600 --tcp "127.0.0.1:$port" -o records
	wait_for listening "$port"
	for peer in 1 2; do
		emtool sim p1 dsmr5 -n 3 --interval 0.01 --connect "127.0.0.1:$port"
		wait_for bash -c "[ \$(wc -l < records) -eq $peer ]"
	done
}

@test "p1: usage errors" {
	run emtool p1
	[ "$status" -eq 2 ]
	run emtool p1 --relay nowhere -
	[ "$status" -eq 4 ] || [ "$status" -eq 2 ]
	run emtool p1 --key-file /nonexistent -
	[ "$status" -ne 0 ]
	run emtool sim p1 dsmr9
	[ "$status" -eq 2 ]
}
