#!/usr/bin/env bats
# How emtool behaves towards other users of the machine and of the network.

load helper

key=36C66639E48A8CA4D6BC8B282A793BBB

# A ciphered push of the simulator, under $key.
make_push() {
	(umask 077 && echo "$key" > key.txt)
	emtool sim push evn --key-file key.txt --count "${1:-1}" --output push.bin
}

@test "keys: gone from the process list and its environment once they are read" {
	EMTOOL_KEY=$key start emtool decrypt --auth-key "$key" "tcp-listen://127.0.0.1:$(free_port)" --key "$key"
	hidden() { ! tr '\0' '\n' < "/proc/$started/$1" | grep -qi "$key"; }
	there() { tr '\0' ' ' < "/proc/$started/cmdline" | grep -q decrypt; }
	wait_for there
	wait_for hidden cmdline
	wait_for hidden environ
}

@test "keys: a file that others can read is said once, not with -q" {
	make_push
	run emtool decrypt push.bin --key-file key.txt --output /dev/null
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	chmod 644 key.txt
	run emtool decrypt push.bin --key-file key.txt --auth-key-file key.txt --output /dev/null
	[ "$status" -eq 0 ]
	[ "$output" = "emtool: decrypt: key.txt: other users can read it (mode 0644): chmod 600" ]
	run emtool decrypt -q push.bin --key-file key.txt --output /dev/null
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	CREDENTIALS_DIRECTORY=$PWD run emtool decrypt push.bin --key-file "$PWD/key.txt" --output /dev/null
	[ "$status" -eq 0 ]
	[ -z "$output" ]
}

@test "keys: in no message, wherever they were put by mistake" {
	make_push
	for mistake in "--key-file $key" "--auth-key-file $key" "--keys=$key" "--key ${key}0" "--unknown $key" \
		"$key" "mqtt://me:$key@127.0.0.1/x" "--key $key" "--mqtt mqtt://me:pa:ss@word@127.0.0.1/x" \
		"--db mysql://me:password@127.0.0.1/x"; do
		# shellcheck disable=SC2086
		run emtool decrypt -vv --stats --duration 0.1 --output /dev/null push.bin $mistake
		echo "$mistake: $output"
		[[ "${output^^}" != *"$key"* ]]
		[[ "$output" != *word@* ]]
		[[ "$output" != *pa:ss* ]]
	done
	run emtool decrypt -vv --json --stats --key-file key.txt push.bin
	[ "$status" -eq 0 ]
	[[ "${output^^}" != *"$key"* ]]
	run emtool p1 -vv --json --stats --key-file key.txt push.bin
	[[ "${output^^}" != *"$key"* ]]
}

@test "keys: a process that has one writes no core file" {
	[[ "$(cat /proc/sys/kernel/core_pattern)" =~ ^core ]] || skip "core files go elsewhere"
	dies() {
		(ulimit -c unlimited && cd "$1" && shift && exec "$@") 3>&- &
		started=$!
		pids+=("$started")
		wait_for listening "$port"
		kill -ABRT "$started"
		wait "$started" || true
	}
	make_push
	mkdir with without
	port=$(free_port)
	dies without emtool decrypt "tcp-listen://127.0.0.1:$port"
	compgen -G 'without/core*' >/dev/null || skip "no core files here"
	port=$(free_port)
	dies with emtool decrypt --key-file ../key.txt "tcp-listen://127.0.0.1:$port"
	run ! compgen -G 'with/core*'
	port=$(free_port)
	dies with env EMTOOL_KEY="$key" emtool decrypt "tcp-listen://127.0.0.1:$port"
	run ! compgen -G 'with/core*'
}

@test "state: mode 0600 whatever the umask, and nothing is written through a link" {
	make_push 3
	umask 000
	emtool decrypt push.bin --key-file key.txt --state counters --output /dev/null
	[ "$(stat -c %a counters)" = 600 ]
	umask 777
	rm counters
	emtool decrypt push.bin --key-file key.txt --state counters --output /dev/null
	umask 022
	[ "$(stat -c %a counters)" = 600 ]
	echo mine > victim
	ln -s victim counters.new
	rm counters
	emtool decrypt push.bin --key-file key.txt --state counters --output /dev/null
	[ "$(cat victim)" = mine ]
	[ -s counters ]
	[ ! -L counters ]
}
