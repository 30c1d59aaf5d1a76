#!/usr/bin/env bats
# Trouble of the machine's own: full disks, no descriptors, unreadable files. `make faults` makes every
# call fail in turn; these tests need no shim.

load helper

one_line() {
	[ "$status" -eq 4 ] || { echo "exit $status: $output $stderr"; return 1; }
	[ "${#stderr_lines[@]}" -eq 1 ] || { echo "$stderr"; return 1; }
	[[ $stderr == "emtool: "* ]]
}

@test "too few descriptors are an error, not a crash" {
	for ((n = 4; n < 24; n++)); do
		bash -c "ulimit -n $n && exec emtool --version" > /dev/null 2>&1 || continue
		run --separate-stderr bash -c "ulimit -n $n && exec emtool sniff --json hex:$n1_ct"
		[ "$status" -eq 0 ] || one_line
	done
	[ "$status" -eq 0 ]
}

# bats test_tags=mutants
@test "a recording that cannot be written is exit 4" {
	run --separate-stderr emtool sniff -q hex:$n1_ct --json --record /dev/full
	one_line
	[[ $stderr == *"/dev/full: No space left on device" ]]
}

# bats test_tags=mutants
@test "unreadable input gives a message, also with -q" {
	run --separate-stderr emtool sniff -q /proc/self/mem
	one_line
	[[ $stderr == *"/proc/self/mem: Input/output error" ]]
	run --separate-stderr emtool p1 -q --json --stats /proc/self/mem
	one_line
	[ -z "$output" ]
}

# bats test_tags=mutants
@test "tables that cannot be written completely are an error" {
	for command in "completions bash" "sniff --meters" "sunspec models" "--help"; do
		# shellcheck disable=SC2086
		run --separate-stderr bash -c "emtool $command > /dev/full"
		one_line
	done
}

# bats test_tags=mutants
@test "a push that could not be printed is not treated as a replay later" {
	key=0F1E2D3C4B5A69788796A5B4C3D2E1F0
	emtool sim push evn -n 2 -k $key -o push.bin
	run --separate-stderr emtool decrypt -q --json -k $key push.bin --state counters -o /dev/full
	one_line
	run --separate-stderr emtool decrypt -q --json -k $key push.bin --state counters
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 2 ]
}
