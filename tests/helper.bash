# What the tests share. EMTOOL is the program under test.

bats_require_minimum_version 1.5.0

EMTOOL=$(realpath "${EMTOOL:-$BATS_TEST_DIRNAME/../build/emtool}")
PATH=$(dirname "$EMTOOL"):$PATH

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	unset NO_COLOR EMTOOL_KEY
	pids=()
}

# Ends what a test started, and nothing else.
teardown() {
	for pid in "${pids[@]}"; do
		kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null
	done
	true
}

# start COMMAND...: in the background, ended with the test; its pid is in $started
start() {
	"$@" 3>&- &
	started=$!
	pids+=("$started")
}

# A port on loopback that is free at the moment.
free_port() {
	python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# refute COMMAND...: it must fail. A line that begins with `!` fails no test.
refute() {
	if "$@"; then
		echo "succeeded, but must not: $*" >&2
		return 1
	fi
}

# wait_for COMMAND...: until it succeeds, at most 30 s; a busy machine may take its time
wait_for() {
	local until=$((SECONDS + 30))
	while [ $SECONDS -lt $until ]; do
		"$@" >/dev/null 2>&1 && return 0
		sleep 0.05
	done
	echo "waited in vain for: $*" >&2
	return 1
}

# catches SIGNAL PID: is it emtool by now, and does it handle that signal (its number)?
catches() {
	[ "$(cat "/proc/$2/comm")" = emtool ] && (((0x$(sed -n 's/^SigCgt:[[:space:]]*//p' "/proc/$2/status") >> ($1 - 1)) & 1))
}

# listening PORT: is somebody listening there?
listening() {
	(exec 9<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# The five exchanges of an N1-CT meter, as seen on a charger's bus.
n1_ct=0103500A0002F5090103043FA16873C9E0010350000002D50B0103043D8F5C293EAA010360000002DA0B
n1_ct+=01030400000000FA33010350120002750E01030400000000FA330103601800025A0C01030400000000FA33

# readings AMPERE...: transactions of a meter with a float register at 0x500A
readings() {
	python3 "$BATS_TEST_DIRNAME/peers/rtu.py" "$@"
}
