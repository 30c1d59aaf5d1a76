#!/usr/bin/env bats
# The command line itself: names, help, errors, exit codes, standard output.

load helper

@test "--help and --version exit 0 and print to stdout" {
	run emtool --help
	[ "$status" -eq 0 ]
	[[ $output == "usage: emtool"* ]]
	run emtool --version
	[ "$status" -eq 0 ]
	[[ $output =~ ^emtool\ [0-9]+\.[0-9]+\.[0-9]+$ ]]
	for command in $(emtool --help | awk '/^  [a-z]/ {print $1}'); do
		run emtool "$command" --help
		[ "$status" -eq 0 ]
		[[ $output == "usage: emtool $command"* ]]
	done
}

@test "a usage error is two lines on stderr and exit 2" {
	for wrong in "" "sinff" "sniff --jsn -" "sniff --js -" "sniff --format xml -" "sniff --count x -" \
		"sniff --count 0 -" "sniff" "sniff a b" "sniff --json=1 -" "sniff --count" "sim metr x" "sim" \
		"sim meter nosuch --output -" "completions tcsh" "sniff --he" "sniff --unit 256 -"; do
		# shellcheck disable=SC2086
		run --separate-stderr emtool $wrong
		[ "$status" -eq 2 ] || { echo "'$wrong' gave $status"; false; }
		[ -z "$output" ]
		[ "${#stderr_lines[@]}" -eq 2 ] || { echo "'$wrong': $stderr"; false; }
		[[ ${stderr_lines[1]} == *"--help'" ]]
	done
}

@test "the nearest name is suggested" {
	run emtool sinff
	[[ $output == *"nearest is 'sniff'"* ]]
	run emtool sniff --frame -
	[[ $output == *"nearest is '--frames'"* ]]
	run emtool sim metre
	[[ $output == *"nearest is 'meter'"* ]]
}

@test "options stand before or after arguments, -- ends them" {
	run emtool sniff hex:$n1_ct --json
	[ "${#lines[@]}" -eq 5 ]
	run emtool sniff --json -- hex:$n1_ct
	[ "${#lines[@]}" -eq 5 ]
	run emtool sniff -- --json
	[ "$status" -eq 4 ]
	[[ $output == *"--json: No such file"* ]]
}

@test "a link with the command's name is the command" {
	ln -s "$(command -v emtool)" emtool-sniff
	run ./emtool-sniff --json hex:$n1_ct
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 5 ]
}

@test "a full disk is exit 4, with one line" {
	run --separate-stderr emtool sniff --json hex:$n1_ct -o /dev/full
	[ "$status" -eq 4 ]
	[ "${#stderr_lines[@]}" -eq 1 ]
	run bash -c 'emtool sniff --json hex:'$n1_ct' > /dev/full'
	[ "$status" -eq 4 ]
	[[ $output == *"standard output: No space left on device" ]]
	run bash -c 'emtool --help > /dev/full'
	[ "$status" -eq 4 ]
	run bash -c 'emtool sniff --meters > /dev/full'
	[ "$status" -eq 4 ]
}

@test "a reader that closes the pipe early is no error" {
	run bash -c 'emtool sim meter inepro_n1_ct -n 2000 -o - | emtool sniff --json - 2>&1 | head -n 1'
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 1 ]
}

@test "colour only where it is wanted" {
	run emtool sniff -m inepro_n1_ct hex:$n1_ct
	[[ $output != *$'\033'* ]]
	run emtool sniff -m inepro_n1_ct --color always hex:$n1_ct
	[[ $output == *$'\033'* ]]
	run env NO_COLOR=1 TERM=xterm script -qec "emtool sniff -m inepro_n1_ct hex:$n1_ct" /dev/null
	[[ $output != *$'\033'* ]]
	run env TERM=xterm script -qec "emtool sniff -m inepro_n1_ct hex:$n1_ct" /dev/null
	[[ $output == *$'\033'* ]]
}

@test "SIGINT and SIGTERM end it after the last record, 130 and 143" {
	mkfifo pipe
	exec 7<>pipe
	for signal in INT:130 TERM:143; do
		start emtool sniff --frames --json --stats pipe -o "out.$signal"
		listener=$started
		printf '\x01\x03\x50\x0a\x00\x02\xf5\x09' >&7
		wait_for test -s "out.$signal"
		kill -s "${signal%:*}" "$listener"
		status=0
		wait "$listener" || status=$?
		[ "$status" -eq "${signal#*:}" ]
		[ "$(head -n 1 "out.$signal" | jq -r .kind)" = request ]
		[ "$(tail -n 1 "out.$signal" | jq -r .requests)" = 1 ]
	done
	exec 7>&-
}

# bats test_tags=valgrind
@test "error messages name the cause and the place" {
	run emtool sniff /nonexistent
	[ "$status" -eq 4 ]
	[ "$output" = "emtool: sniff: /nonexistent: No such file or directory" ]
	run emtool sniff /
	[ "$status" -eq 4 ]
	[ "$output" = "emtool: sniff: /: Is a directory" ]
	run emtool sniff foo://bar
	[ "$status" -eq 2 ]
	run emtool sniff tcp://localhost
	[ "$status" -eq 2 ]
	run emtool sniff --json hex:$n1_ct -o /nonexistent/file
	[ "$status" -eq 4 ]
}
