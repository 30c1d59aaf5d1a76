#!/usr/bin/env bats
# --exec and --alarm, --format csv and prometheus, and what a one-shot command loads.

# shellcheck disable=SC2016 # commands in single quotes are for --exec
load helper

# bats test_tags=valgrind,mutants
@test "--exec gets the record on stdin and in variables" {
	readings 1.261 > readings
	export EMTOOL_KEY=secret
	run emtool sniff -q --meter inepro_n1_ct --output printed --json readings \
		--exec 'cat > input; env | grep ^EMTOOL_ | sort > variables'
	[ "$status" -eq 0 ]
	cmp printed input
	grep -qx EMTOOL_CURRENT=1.261 variables
	grep -qx EMTOOL_TYPE=modbus variables
	grep -qx EMTOOL_STATUS=ok variables
	run ! grep -q EMTOOL_KEY variables
}

@test "--exec inherits no open files" {
	readings 1 > readings
	emtool sniff -q --meter inepro_n1_ct --output printed --db rows.db --record kept --json readings \
		--exec 'ls -l /proc/self/fd > open'
	[ -s open ]
	[ -s kept ]
	run ! grep -E 'printed|rows|kept' open
}

# bats test_tags=mutants
@test "--exec runs in the order of the records, one at a time" {
	readings $(seq 60) > readings
	run emtool sniff -q --meter inepro_n1_ct --output /dev/null readings \
		--exec 'mkdir busy || echo twice >> order; echo $EMTOOL_CURRENT >> order; rmdir busy'
	[ "$status" -eq 0 ]
	diff order <(seq -f %.1f 60)
}

# bats test_tags=mutants
@test "--alarm: only when the condition begins to hold" {
	readings 10 24.9 25.1 30 26 20 25 25.5 3 > readings
	run emtool sniff -q --meter inepro_n1_ct --output /dev/null readings \
		--alarm 'current>25' --exec 'echo "$EMTOOL_ALARM $EMTOOL_CURRENT" >> alarms'
	[ "$status" -eq 0 ]
	diff alarms - <<-END
	current>25 25.1
	current>25 25.5
	END
}

@test "--alarm: several conditions, also with words, and a message for a malformed one" {
	readings 1 2 > readings
	run emtool sniff -q --meter inepro_n1_ct --output /dev/null readings \
		--alarm 'current >= 2' --alarm status=ok --exec 'echo "$EMTOOL_ALARM" >> alarms'
	[ "$status" -eq 0 ]
	diff alarms <(printf 'status=ok\ncurrent >= 2\n')
	for wrong in current '>5' 'current>>5' 'current>five' ''; do
		run emtool sniff --alarm "$wrong" --exec true readings
		[ "$status" -eq 2 ]
		[[ ${lines[0]} == *"--alarm: '$wrong' is no condition"* ]]
	done
	run emtool sniff --alarm 'current>5' readings
	[ "$status" -eq 2 ]
}

@test "--exec: a command that fails or ignores its input gives a message, and records go on" {
	readings 1 2 3 > readings
	run --separate-stderr emtool sniff --json readings --exec 'exit 7'
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 3 ]
	[ "$(grep -c 'exit 7: exit status 7' <<< "$stderr")" -eq 3 ]
}

@test "--exec: a command that hangs is ended with all it started" {
	readings 1 > readings
	start emtool sniff --json readings --exec-timeout 0.3 --exec 'sleep 300 & echo $! > pid; wait'
	wait_for test -s pid
	wait "$started"
	gone() { ! kill -0 "$(cat pid)" 2>/dev/null || grep -q '^State:.Z' "/proc/$(cat pid)/status"; }
	wait_for gone
}

@test "--exec: a signal ends the program within seconds, even while commands wait" {
	readings $(seq 50) > readings
	start emtool sniff -q --json --output printed readings --exec 'echo >> ran; sleep 0.5'
	wait_for test -s ran
	kill -TERM "$started"
	status=0
	wait "$started" || status=$?
	[ "$status" -eq 143 ]
	[ "$(wc -l < ran)" -lt 10 ]
	[ "$(wc -l < printed)" -eq 50 ]
}

# bats test_tags=mutants
@test "csv: a file that is continued keeps one header as long as the columns fit" {
	readings 1.5 > readings
	for _ in 1 2 3; do
		emtool sniff -q --meter inepro_n1_ct --format csv --output all.csv readings
	done
	[ "$(grep -c ^type, all.csv)" -eq 1 ]
	[ "$(grep -c ^modbus, all.csv)" -eq 3 ]
	emtool sniff -q --frames --format csv --output all.csv readings
	[ "$(grep -c ^type, all.csv)" -eq 2 ]
}

# bats test_tags=mutants
@test "prometheus: a valid exposition is written once at the end" {
	readings 1.5 2.5 > readings
	run emtool sniff -q --meter inepro_n1_ct --format prometheus readings
	[ "$status" -eq 0 ]
	grep -qx 'emtool_modbus_current_amperes{unit="1",meter="inepro_n1_ct"} 2.5' <<< "$output"
	# every sample is valid, follows the line of its family, and appears once
	python3 - <<-'PY' "$output"
	import re, sys
	seen, known = set(), {}
	for line in sys.argv[1].splitlines():
	    if line.startswith("# "):
	        word, kind, name, rest = line.split(" ", 3)
	        assert (name, kind) not in seen, line
	        seen.add((name, kind))
	        known[name] = rest
	        continue
	    m = re.fullmatch(r'([a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\["\\n])*",?)*\})? (\S+)', line)
	    assert m and m[1] in known and known[m[1]] in ("gauge", "counter"), line
	    float(m[3])
	    assert line.rsplit(" ", 1)[0] not in seen, line
	    seen.add(line.rsplit(" ", 1)[0])
	PY
}

@test "prometheus: the file is replaced as a whole while the stream runs" {
	mkfifo bus
	start emtool sniff -q --meter inepro_n1_ct --format prometheus --output meter.prom bus
	exec 8>bus
	readings 1.5 >&8
	wait_for grep -q ' 1.5$' meter.prom
	first=$(stat -c %i meter.prom)
	readings 2.5 >&8
	wait_for grep -q ' 2.5$' meter.prom
	[ "$(stat -c %i meter.prom)" != "$first" ]
	run ! grep -q ' 1.5$' meter.prom
	[ ! -e meter.prom.new ]
	exec 8>&-
	wait "$started"
}

@test "prometheus: a file that cannot be written is exit 4" {
	readings 1 > readings
	run emtool sniff -q --format prometheus --output none/meter.prom readings
	[ "$status" -eq 4 ]
	[[ $output == *"none/meter.prom: No such file or directory" ]]
}

@test "a one-shot command loads nothing but the C library and libmodbus" {
	allowed='linux-vdso|ld-linux|/lib64/ld|libc\.so|libm\.so|libmodbus\.so|libpthread|libdl'
	ldd "$(command -v emtool)" > needed
	if grep -q __asan_init "$EMTOOL"; then skip "sanitizers"; fi
	run ! grep -vE "$allowed" needed
	# and nothing is opened later on either
	readings 1 > readings
	LD_DEBUG=files LD_DEBUG_OUTPUT=debug emtool sniff -q --json readings
	sed -n 's/.*calling init: //p' debug.* > loaded
	[ -s loaded ]
	run ! grep -vE "$allowed" loaded
}
