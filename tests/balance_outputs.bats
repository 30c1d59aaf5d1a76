#!/usr/bin/env bats
# balance run with outputs that are full, stuck or away: the controller steers on, says it once, and
# ends in time.

load helper

# house AMPERE: a meter whose L1 carries so much
house() {
	start emtool sim p1 --listen "127.0.0.1:$p1" --interval 0.1 --seed 3 --set current_l1="$1" --set current_l2=2 \
		--set current_l3=1 --set power_export_l1=0 --set power_export_l2=0 --set power_export_l3=0 > p1.out
	meter=$started
}

begin() {
	p1=$(free_port) abb=$(free_port)
	house 3
	start emtool sim abb --listen "127.0.0.1:$abb" --car dead=0,restart=0,up=16 > charger.out
	steering=(emtool balance run --algorithm threshold --tick 0.1 --json --p1 "tcp://127.0.0.1:$p1" --charger "abb://127.0.0.1:$abb"
		--set max_charger_current=14 --set lower_step=4 --set fallback_limit=6 --set fallback_wait=10
		--set upper_wait=1)
}

# the set-points that the charger received, in A
told() { [ "$(emtool abb get "127.0.0.1:$abb" charging_current_limit_modbus | sed 's/.*: *//; s/ .*//')" = "$1" ]; }

# It raises the limit, and lowers it when the meter goes.
steers() {
	wait_for told 14.000
	kill "$meter"
	wait_for told 6.000
}

# ended PID CODE: SIGTERM ends it within 2 s, with that exit code
ended() {
	local begin=${EPOCHREALTIME/./} took status=0

	kill "$1"
	wait "$1" || status=$?
	took=$((${EPOCHREALTIME/./} - begin))
	[ "$status" -eq "$2" ] || { echo "exit $status: $(cat err.txt)"; false; }
	[ "$took" -lt 2300000 ] || { echo "it took $took us"; false; }
}

# said N TEXT: on so many lines of stderr
said() { [ "$(grep -c "$2" err.txt)" -eq "$1" ] || { cat err.txt; false; }; }

# Standard output is a pipe that is full from the start, and that nobody reads.
stuffed() {
	exec python3 -c '
import fcntl, os, sys
reader, writer = os.pipe()
fcntl.fcntl(writer, 1031, 4096) # F_SETPIPE_SZ
os.write(writer, b"x" * 4096)
os.dup2(writer, int(sys.argv[1]))
os.set_inheritable(reader, True)
os.execvp(sys.argv[2], sys.argv[2:])' "$@"
}

@test "nobody reads standard output: it steers, says so once, and ends in time with the number" {
	begin
	start stuffed 1 "${steering[@]}" 2> err.txt
	balance=$started
	steers
	wait_for said 1 'standard output: nobody reads; up to 10000 records wait'
	ended "$balance" 4
	said 1 'standard output: nobody reads; [0-9]* records were dropped'
	said 2 'standard output'
}

@test "metrics that nobody reads at the end: it ends in time and says so" {
	begin
	start stuffed 1 "${steering[@]}" --format prometheus 2> err.txt
	balance=$started
	steers
	ended "$balance" 4
	said 1 'standard output: nobody reads; 1 records were dropped'
	begin
	start "${steering[@]}" --format prometheus > metrics.txt 2> err.txt
	balance=$started
	steers
	ended "$balance" 143
	grep -q '^emtool_.*limit' metrics.txt
}

@test "nobody reads standard error: it steers and ends in time" {
	begin
	start stuffed 2 "${steering[@]}" --exec false > out.json
	steers
	touch err.txt
	ended "$started" 143
	[ -s out.json ]
}

@test "the reader of standard output goes: it steers on" {
	begin
	start bash -c '"$@" 2> err.txt | head -n 1 > out.json; exit ${PIPESTATUS[0]}' bash "${steering[@]}" -d 6
	steers
	status=0
	wait "$started" || status=$?
	[ "$status" -eq 4 ]
	said 1 'standard output: closed by its reader; its records are dropped'
	said 1 'standard output: closed by its reader; [0-9]* records were dropped'
}

@test "a full disk for the output and the recording: both are said once, exit 4" {
	begin
	start "${steering[@]}" --output /dev/full --record /dev/full --db history.db 2> err.txt
	balance=$started
	steers
	ended "$balance" 4
	said 2 '/dev/full: No space left on device; up to 10000 records wait'
	said 2 '/dev/full: No space left on device; [0-9]* records were dropped'
	[ "$(sqlite3 history.db 'SELECT count(*) FROM history')" -gt 10 ] # the other output goes on
}

@test "a pipe without a reader as output and recording: it steers, and a late reader gets all records" {
	begin
	mkfifo out.pipe record.pipe
	start "${steering[@]}" --output out.pipe --record record.pipe 2> err.txt
	balance=$started
	steers
	start cat record.pipe > record.txt
	start cat out.pipe > out.json
	wait_for test -s out.json
	wait_for test -s record.txt
	ended "$balance" 143
	wait_for jq -se '.[0].reason and length > 5' out.json
	[ "$(head -n 1 record.txt)" = '# emtool recording 1' ]
}

@test "a pipe that nobody ever reads ends in time" {
	begin
	mkfifo out.pipe record.pipe
	start "${steering[@]}" --output out.pipe --record record.pipe --mqtt "mqtt://127.0.0.1:$(free_port)/house" \
		--exec 'sleep 100' 2> err.txt
	balance=$started
	steers
	ended "$balance" 4
	said 1 'out.pipe: nobody reads; [0-9]* records were dropped'
	said 1 'record.pipe: nobody reads; [0-9]* records were dropped'
}

@test "a database on a full disk: it steers, says so once, exit 4" {
	begin
	start bash -c 'trap "" XFSZ; ulimit -f 100; exec "$@"' bash "${steering[@]}" --db history.db 2> err.txt > /dev/null
	balance=$started
	steers
	wait_for said 1 'history.db: .*; trying again'
	wait_for told 6.000
	ended "$balance" 4
	said 1 'history.db: .* records were dropped'
	said 2 'history.db'
	[ "$(sqlite3 history.db 'PRAGMA integrity_check')" = ok ]
}

@test "a database on a full disk takes its records when there is room again" {
	begin
	start bash -c 'ulimit -Sf 100; exec "$@"' bash "${steering[@]}" --db history.db 2> err.txt > out.json
	balance=$started
	wait_for said 1 'history.db: .*; trying again'
	prlimit --pid "$balance" --fsize=unlimited
	wait_for said 1 'history.db: available again, records are written'
	kill "$balance"
	wait "$balance" || [ $? -eq 143 ]
	[ "$(sqlite3 history.db 'SELECT count(*) FROM history')" -eq "$(wc -l < out.json)" ]
}

@test "a file of metrics whose folder is gone: said once, and once when it is there" {
	begin
	start "${steering[@]}" --format prometheus --output gone/metrics.prom 2> err.txt
	balance=$started
	wait_for said 1 'gone/metrics.prom: No such file or directory; the program goes on without it'
	sleep 2.5
	said 1 'gone/metrics.prom'
	mkdir gone
	wait_for said 1 'gone/metrics.prom: takes records again'
	rm -r gone
	wait_for said 2 'No such file or directory; the program goes on without it'
	ended "$balance" 4
	said 1 'gone/metrics.prom: No such file or directory$'
}

@test "a database that another program locks: it begins, steers, and ends in time" {
	begin
	emtool sniff -q -o /dev/null --db history.db hex:$n1_ct
	start python3 -c '
import sqlite3, time
base = sqlite3.connect("history.db", isolation_level=None)
base.execute("BEGIN EXCLUSIVE")
time.sleep(600)'
	wait_for refute sqlite3 history.db 'BEGIN IMMEDIATE; ROLLBACK'
	start "${steering[@]}" --db history.db 2> err.txt > out.json
	balance=$started
	steers
	ended "$balance" 4
	said 1 'history.db: .* records were dropped'
}

@test "a wrong path and a foreign database are told before it begins" {
	begin
	run -4 --separate-stderr "${steering[@]}" --db gone/history.db
	[ "$stderr" = 'emtool: balance run: gone/history.db: unable to open database file' ]
	run -4 --separate-stderr "${steering[@]}" --output gone/out.json
	run -4 --separate-stderr "${steering[@]}" --record gone/record
	sqlite3 other.db 'CREATE TABLE history (x)'
	run --separate-stderr "${steering[@]}" --db other.db
	[[ $stderr == *'not made by emtool' ]]
}

@test "a broker that is away, and one that never answers: it steers and ends in time" {
	begin
	gone=$(free_port) mute=$(free_port)
	start python3 -c '
import socket, sys, time
s = socket.create_server(("127.0.0.1", int(sys.argv[1])))
held = []
while True:
    held.append(s.accept())' "$mute"
	wait_for listening "$mute"
	start "${steering[@]}" --mqtt "mqtt://127.0.0.1:$gone/house" 2> err.txt > out.json
	away=$started
	start "${steering[@]}" --charger none --mqtt "mqtt://127.0.0.1:$mute/house" 2> mute.txt > mute.json
	stuck=$started
	steers
	said 1 'Connection refused; trying again'
	ended "$away" 1
	wait_for test -s mute.json
	ended "$stuck" 1
}
