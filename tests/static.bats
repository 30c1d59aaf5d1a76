#!/usr/bin/env bats
# The static program (make static): the same records, and a clear refusal of what needs a library.

load helper

setup() {
	static=$(realpath "$BATS_TEST_DIRNAME/../build/static/emtool" 2>/dev/null) || skip "not built: make static"
	cd "$BATS_TEST_TMPDIR" || return
	pids=()
}

@test "static: needs no loader and no shared library, and is position independent" {
	readelf -hW "$static" | grep -Eq 'Type: +DYN'
	readelf -lW "$static" >segments
	refute grep -q INTERP segments
	readelf -dW "$static" >dynamic
	refute grep NEEDED dynamic
	grep -Eq '^ +GNU_RELRO ' segments
	refute grep -E '^ +[A-Z_]+ .* (RWE|WE) ' segments
}

@test "static: prints what the dynamic program prints" {
	emtool sim p1 dsmr5 -n 3 -o telegrams
	emtool sim meter inepro_n1_ct -n 3 --whole -o bus
	"$static" p1 telegrams --json | diff - <(emtool p1 telegrams --json)
	"$static" sniff bus --json --units | diff - <(emtool sniff bus --json --units)
	[ "$("$static" sniff bus --json | wc -l)" -gt 2 ]
}

@test "static: reads from an address and from localhost" {
	port=$(free_port)
	start emtool sim p1 dsmr5 --listen "127.0.0.1:$port" --interval 0.1
	wait_for listening "$port"
	for host in 127.0.0.1 localhost; do
		[ "$("$static" p1 "tcp://$host:$port" --json -n 1 --duration 20 | jq -r .type)" = p1 ]
	done
}

@test "static: libraries and names are refused with the reason" {
	emtool sim p1 dsmr5 -n 1 -o telegram
	for wanted in "--db x.db" "--mqtt mqtt://127.0.0.1/x"; do
		# shellcheck disable=SC2086
		run -2 "$static" p1 telegram -o /dev/null $wanted
		[[ ${lines[0]} == *"this static emtool opens no libraries; the dynamic one does"* ]]
	done
	run -4 "$static" alfen dump 127.0.0.1:9
	[[ ${lines[0]} == *"this static emtool opens no libraries"* ]]
}
