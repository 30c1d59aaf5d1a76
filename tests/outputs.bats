#!/usr/bin/env bats
# Where the values go: broker, databases, commands, files. Against real servers on loopback.

load helper
load broker

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

@test "sqlite: a row of history_debounced when the slot changes" {
	emtool sniff "hex:$n1_ct" --db h.db --debounce 1 >/dev/null
	[ "$(sqlite3 h.db 'SELECT count(*) FROM history_debounced')" -le 1 ]
	sqlite3 h.db "UPDATE history SET time = '2020-01-01T00:00:00.000Z'; DELETE FROM history_debounced"
	emtool sniff "hex:$n1_ct" --db h.db --debounce 100000000 >/dev/null
	[ "$(sqlite3 h.db 'SELECT count(*) FROM history_debounced')" -eq 1 ]
	[ "$(sqlite3 h.db 'SELECT count(*) FROM history')" -eq 10 ]
}

@test "sqlite: --retain deletes what is older, in history only" {
	emtool sniff "hex:$n1_ct" --db h.db >/dev/null
	sqlite3 h.db "UPDATE history SET time = '2020-01-01T00:00:00.000Z';
		INSERT INTO history_debounced SELECT * FROM history"
	emtool sniff "hex:$n1_ct" --db h.db --retain 1 >/dev/null
	[ "$(sqlite3 h.db 'SELECT count(*) FROM history')" -eq 5 ]
	[ "$(sqlite3 h.db 'SELECT count(*) FROM history_debounced')" -ge 5 ]
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
	[[ $output == *"not emtool's"* ]]
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

@test "mariadb: rows in a server of the test's own; reconnects" {
	command -v mariadbd || PATH=$PATH:/usr/sbin
	command -v mariadbd || skip "no MariaDB server"
	port=$(free_port)
	mkdir data
	mariadb-install-db --no-defaults --datadir="$PWD/data" --auth-root-authentication-method=normal \
		--user=root --skip-test-db >/dev/null 2>&1
	server() {
		start mariadbd --no-defaults --datadir="$PWD/data" --socket="$PWD/s" --port="$port" \
			--bind-address=127.0.0.1 --user=root --innodb-buffer-pool-size=8M 2>/dev/null 8>&-
		server=$started
		wait_for mariadb --no-defaults -S s -uroot -e 'SELECT 1'
	}
	server
	sql() {
		mariadb --no-defaults -S s -uroot -N emtool -e "$1"
	}
	mariadb --no-defaults -S s -uroot -e "CREATE DATABASE emtool;
		CREATE USER e@'127.0.0.1' IDENTIFIED BY 'secret'; GRANT ALL ON emtool.* TO e@'127.0.0.1'"
	url=mysql://e@127.0.0.1:$port/emtool
	run emtool sniff "hex:$n1_ct" --db "$url"
	[ "$status" -eq 6 ]
	[[ $output == *"Access denied"* ]]
	echo secret > password
	export EMTOOL_DB_PASSWORD_FILE=$PWD/password
	emtool sniff "hex:$n1_ct" --meter inepro_n1_ct --json --db "$url" > out
	[ "$(sql 'SELECT count(*) FROM history')" -eq 5 ]
	[ "$(sql 'SELECT current FROM history WHERE current > 0')" = 1.261 ]
	sql 'SELECT record FROM history ORDER BY id' | cmp - out

	# away in the middle of a stream
	mkfifo bus
	start emtool sniff bus -q --db "$url" --debounce 1 > /dev/null 2> errors
	reader=$started
	exec 8> bus
	many 1 >&8
	wait_for bash -c "[ \$(mariadb --no-defaults -S s -uroot -N emtool -e 'SELECT count(*) FROM history') -eq 10 ]"
	kill "$server"
	wait "$server" || true
	many 1 >&8
	sleep 1.5
	server
	many 1 >&8
	exec 8>&-
	wait "$reader"
	[ "$(sql 'SELECT count(*) FROM history')" -eq 20 ]
	[ "$(sql 'SELECT count(*) FROM history_debounced')" -ge 1 ]
}

@test "exec: the record on stdin and in variables; alarms fire once" {
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

