#!/usr/bin/env bats
# Where the values go: SQLite databases, commands, files.

load helper
load broker
load database

# bats test_tags=valgrind,mutants
@test "sqlite: every record becomes a row, values are columns" {
	emtool sniff "hex:$n1_ct" --meter inepro_n1_ct --json --db sqlite:h.db > out
	[ "$(sqlite3 h.db 'SELECT count(*) FROM history')" -eq 5 ]
	[ "$(sqlite3 h.db 'SELECT current FROM history WHERE current > 0')" = 1.261 ]
	sqlite3 h.db 'SELECT record FROM history ORDER BY id' | cmp - out
	[ "$(sqlite3 h.db 'PRAGMA journal_mode')" = wal ]
	[ "$(sqlite3 h.db 'PRAGMA user_version')" = 1 ]
	emtool sniff "hex:$n1_ct" --meter inepro_n1_ct -q --db h.db >/dev/null
	[ "$(sqlite3 h.db 'SELECT count(*) FROM history')" -eq 10 ]
}

@test "sqlite: rows are there while the stream goes on, and stay when the program is killed" {
	mkfifo bus
	start emtool sniff bus -q --db h.db > /dev/null
	exec 8> bus
	many 1 >&8
	rows() { [ "$(sqlite3 h.db 'SELECT count(*) FROM history')" -eq "$1" ]; }
	wait_for rows 5
	many 2 >&8
	wait_for rows 15
	kill -KILL "$started"
	exec 8>&-
	rows 15
	[ "$(sqlite3 h.db 'PRAGMA integrity_check')" = ok ]
}

# bats test_tags=mutants
@test "sqlite: history_debounced has a row per slot of 5 minutes, across runs" {
	minutes 0 12 > first
	minutes 13 31 > second
	emtool sniff first --db h.db > /dev/null
	emtool sniff second --db h.db > /dev/null
	[ "$(sqlite3 h.db 'SELECT count(*) FROM history')" -eq 32 ]
	sqlite3 h.db 'SELECT time FROM history_debounced ORDER BY id' | diff - <(slot_changes 31)
}

# bats test_tags=mutants
@test "sqlite: a database of a newer version is refused and left as it is" {
	emtool sniff "hex:$n1_ct" --db h.db > /dev/null
	sqlite3 h.db 'PRAGMA user_version = 2'
	run emtool sniff "hex:$n1_ct" -q --db h.db
	[ "$status" -eq 2 ]
	[[ $output == "emtool: sniff: h.db: written by a newer version of emtool" ]]
	[ "$(sqlite3 h.db 'SELECT count(*) FROM history; PRAGMA user_version' | xargs)" = "5 2" ]
	run emtool sniff "hex:$n1_ct" -q --db nowhere/h.db
	[ "$status" -eq 4 ]
	[[ $output == *nowhere/h.db:* ]]
}

@test "sqlite: a full device is reported, and rows written before stay" {
	many 1 > one
	many 3000 > stream
	cat > full <<-'END'
		mkdir disk && mount -t tmpfs -o size=500k none disk || exit 99
		emtool sniff one -q --db disk/h.db > nothing
		emtool sniff stream -q --db disk/h.db > nothing 2> errors
		echo "$?" > status
		sqlite3 disk/h.db 'PRAGMA integrity_check; SELECT count(*) FROM history' > after
	END
	# in a separate name space the mount needs no privilege and ends with it
	unshare -rm sh full || skip "no mounts here"
	[ "$(cat status)" -eq 4 ]
	[ "$(cat errors)" = "emtool: sniff: disk/h.db: the disk is full" ]
	read -r sound rows <<< "$(xargs < after)"
	[ "$sound" = ok ]
	[ "$rows" -ge 5 ] # more, when the first of the stream went in on their own
}

# bats test_tags=mutants
@test "sqlite: a row of history_debounced when the slot changes" {
	emtool sniff "hex:$n1_ct" --db h.db --debounce 1 >/dev/null
	[ "$(sqlite3 h.db 'SELECT count(*) FROM history_debounced')" -le 1 ]
	sqlite3 h.db "UPDATE history SET time = '2020-01-01T00:00:00.000Z'; DELETE FROM history_debounced"
	emtool sniff "hex:$n1_ct" --db h.db --debounce 100000000 >/dev/null
	[ "$(sqlite3 h.db 'SELECT count(*) FROM history_debounced')" -eq 1 ]
	[ "$(sqlite3 h.db 'SELECT count(*) FROM history')" -eq 10 ]
}

# bats test_tags=mutants
@test "sqlite: --retain deletes what is older, in history only" {
	emtool sniff "hex:$n1_ct" --db h.db >/dev/null
	sqlite3 h.db "UPDATE history SET time = '2020-01-01T00:00:00.000Z';
		INSERT INTO history_debounced SELECT * FROM history"
	emtool sniff "hex:$n1_ct" --db h.db --retain 1 >/dev/null
	[ "$(sqlite3 h.db 'SELECT count(*) FROM history')" -eq 5 ]
	[ "$(sqlite3 h.db 'SELECT count(*) FROM history_debounced')" -ge 5 ]
	# the slots continue although the rows that showed the last one were deleted
	minutes 0 12 > first
	minutes 13 31 > second
	emtool sniff first --db slots.db > /dev/null
	sqlite3 slots.db 'DELETE FROM history'
	emtool sniff second --db slots.db > /dev/null
	[ "$(sqlite3 slots.db 'SELECT count(*) FROM history_debounced')" -eq 6 ]
	minutes 61 61 > third
	sqlite3 slots.db 'DELETE FROM history'
	emtool sniff third --db slots.db > /dev/null
	[ "$(sqlite3 slots.db 'SELECT count(*) FROM history_debounced')" -eq 7 ]
}

@test "sqlite: a locked database, a full disk and a foreign one are clear errors" {
	emtool sniff "hex:$n1_ct" --db h.db >/dev/null
	start python3 -c 'import sqlite3, time
c = sqlite3.connect("h.db"); c.execute("BEGIN IMMEDIATE"); open("held", "w"); time.sleep(60)'
	wait_for test -f held
	run emtool sniff "hex:$n1_ct" --db h.db
	[ "$status" -eq 4 ]
	[[ $output == *"h.db: locked by another program"* ]]
	kill "$started"
	wait_for sqlite3 h.db 'BEGIN IMMEDIATE; COMMIT'
	[ "$(sqlite3 h.db 'SELECT count(*) FROM history')" -eq 5 ]
	sqlite3 other.db 'CREATE TABLE history (x)'
	run emtool sniff "hex:$n1_ct" --db other.db
	[ "$status" -ne 0 ]
	[[ $output == *"was not made by emtool"* ]]
}

@test "sqlite: a full disk is exit 4, and nothing written before is lost" {
	emtool sniff "hex:$n1_ct" --db h.db >/dev/null
	many 2000 > stream
	run bash -c "ulimit -f 200; trap '' XFSZ; emtool sniff stream -q --db h.db >/dev/null"
	[ "$status" -eq 4 ]
	[[ $output == *h.db:* ]]
	[ "$(sqlite3 h.db 'PRAGMA integrity_check')" = ok ]
	[ "$(sqlite3 h.db 'SELECT count(*) FROM history')" -ge 5 ]
}

@test "sqlite: at the end, rows wait for a locked database, even after a long lock" {
	mkfifo bus
	start emtool sniff bus -q --db h.db > /dev/null 2> errors
	reader=$started
	exec 8> bus
	many 1 >&8
	wait_for bash -c '[ "$(sqlite3 h.db "SELECT count(*) FROM history")" -eq 5 ]'
	start python3 -c 'import sqlite3, time
c = sqlite3.connect("h.db"); c.execute("BEGIN IMMEDIATE"); open("held", "w"); time.sleep(600)' 8>&-
	wait_for test -f held
	many 1 >&8
	sleep 12 # longer than it waits at the end
	exec 8>&-
	SECONDS=0
	status=0
	wait "$reader" || status=$?
	[ "$status" -eq 4 ]
	[ "$SECONDS" -ge 9 ]
	grep -q 'locked by another program' errors
}

@test "sqlite: more values than a table can have columns" {
	emtool sniff "hex:$n1_ct" --db h.db > /dev/null
	own='id INTEGER PRIMARY KEY, time TEXT, type TEXT, source TEXT, device TEXT, record TEXT'
	sqlite3 h.db "DROP TABLE history; CREATE TABLE history ($own $(columns 1984))"
	wide 20 uint16
	emtool sunspec read --image image.csv --models wide.json --json --db h.db > out
	sqlite3 h.db 'SELECT record FROM history' | cmp - out
	[ "$(sqlite3 h.db 'SELECT count(*) FROM pragma_table_xinfo("history")')" -eq 2000 ]
	emtool sunspec read --image image.csv --models wide.json --db h.db > /dev/null
	[ "$(sqlite3 h.db 'SELECT count(*) FROM history')" -eq 2 ]
}

# bats test_tags=mutants
@test "exec: the record comes on stdin and in variables, and alarms fire once" {
	emtool sniff "hex:$n1_ct" --meter inepro_n1_ct --json \
		--exec 'cat >> seen; echo "$EMTOOL_TYPE $EMTOOL_CURRENT" >> variables' > out
	cmp seen out
	[ "$(head -n 1 variables)" = "modbus 1.261" ]
	many 3 > stream
	emtool sniff stream --meter inepro_n1_ct -q --alarm 'current>1' --alarm 'voltage > 400' \
		--exec 'echo "$EMTOOL_ALARM" >> fired' >/dev/null
	[ "$(cat fired)" = "current>1" ]
	run emtool sniff stream --alarm 'current>1'
	[ "$status" -eq 2 ]
	run emtool sniff stream --exec true --alarm 'current'
	[ "$status" -eq 2 ]
}

# bats test_tags=valgrind,mutants
@test "prometheus: a file replaced as a whole" {
	emtool sniff "hex:$n1_ct" --meter inepro_n1_ct --format prometheus --output x.prom
	grep -q '^# TYPE emtool_modbus_current_amperes gauge$' x.prom
	grep -q '^emtool_modbus_current_amperes{unit="1",meter="inepro_n1_ct"} 1.261$' x.prom
	[ "$(ls)" = x.prom ]
}

@test "one-shot commands load none of the libraries" {
	for arguments in "--help" "sniff hex:$n1_ct --json" "sniff hex:$n1_ct --format prometheus -o x.prom"; do
		# shellcheck disable=SC2086
		LD_DEBUG=files emtool $arguments >/dev/null 2> loaded
		grep -q libc.so loaded
		run ! grep -E 'libmosquitto|libsqlite|libmariadb|libssl|libcrypto' loaded
	done
	LD_DEBUG=files emtool sniff "hex:$n1_ct" --db h.db >/dev/null 2> loaded
	grep -q libsqlite3 loaded
	run ! grep -E 'libmosquitto|libmariadb' loaded
}

