#!/usr/bin/env bats
# The systemd units, and the notifications of services to their manager.

load helper

units=$BATS_TEST_DIRNAME/../systemd

# Prints every datagram that comes to $PWD/notify, a line each.
manager() {
	python3 -u -c '
import socket
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind("notify")
while True:
    print(s.recv(4096).decode())' > told &
	pids+=($!)
	wait_for test -S notify
}

# bats test_tags=mutants
@test "a service reports to its manager that it is ready, alive and stopping" {
	manager
	NOTIFY_SOCKET=$PWD/notify WATCHDOG_USEC=100000 start emtool sniff "tcp-listen://127.0.0.1:$(free_port)"
	enough() { [ "$(grep -c WATCHDOG=1 told)" -ge 3 ]; }
	wait_for enough
	[ "$(head -n 1 told)" = READY=1 ]
	kill -TERM "$started"
	wait_for grep -q STOPPING=1 told
	status=0
	wait "$started" || status=$?
	[ "$status" -eq 143 ]
	[ "$(tail -n 1 told)" = STOPPING=1 ]
}

# bats test_tags=mutants
@test "a watchdog of another process is not fed" {
	manager
	NOTIFY_SOCKET=$PWD/notify WATCHDOG_USEC=20000 WATCHDOG_PID=1 \
		run emtool sniff --duration 0.3 "tcp-listen://127.0.0.1:$(free_port)"
	stopped() { [ "$(cat told)" = $'READY=1\nSTOPPING=1' ]; }
	wait_for stopped
}

# bats test_tags=mutants
@test "a service works without a manager, and when the manager is gone" {
	NOTIFY_SOCKET=$PWD/nobody run emtool sniff --json hex:0103500A0002F5090103043FA16873C9E0
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 1 ]
	NOTIFY_SOCKET=nonsense run emtool sniff --json hex:0103500A0002F5090103043FA16873C9E0
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 1 ]
}

@test "the systemd units have a low exposure score" {
	command -v systemd-analyze >/dev/null || skip "no systemd-analyze"
	for unit in "$units"/*.service; do
		systemd-analyze security --offline=true --threshold=20 --no-pager "$unit" >report ||
			{ tail -n 1 report; false; }
	done
}

@test "the systemd units are valid and run existing commands" {
	for unit in "$units"/*.service; do
		name=${unit##*/emtool-}
		name=${name%.service}
		[ -f "$units/$name.conf" ]
		grep -q "^EnvironmentFile=/etc/emtool/$name.conf$" "$unit"
		grep -q "^ExecStart=/usr/bin/emtool $name " "$unit"
		grep -q '^SuccessExitStatus=.*\<143\>' "$unit" # of a service that was told to stop
		if command -v systemd-analyze >/dev/null; then
			# the program need not be installed here
			sed "s|/usr/bin/emtool|$(command -v emtool)|" "$unit" > "${unit##*/}"
			run systemd-analyze verify --man=no "./${unit##*/}"
			[ "$status" -eq 0 ]
			[ -z "$output" ]
		fi
	done
}
