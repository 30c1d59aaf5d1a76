#!/usr/bin/env bats
# Rows in a MariaDB database: a real server on loopback.

load helper
load broker
load database

# A MariaDB server of the test's own, with an empty database.
mariadb_new() {
	command -v mariadbd || PATH=$PATH:/usr/sbin
	command -v mariadbd || skip "no MariaDB server"
	port=$(free_port)
	url=mysql://e@127.0.0.1:$port/emtool
	mkdir data
	mariadb-install-db --no-defaults --datadir="$PWD/data" --auth-root-authentication-method=normal \
		--user=root --skip-test-db >/dev/null 2>&1
	mariadb_start
	mariadb --no-defaults -S s -uroot -e "CREATE DATABASE emtool;
		CREATE USER e@'127.0.0.1' IDENTIFIED BY 'secret'; GRANT ALL ON emtool.* TO e@'127.0.0.1'"
}

mariadb_start() {
	start mariadbd --no-defaults --datadir="$PWD/data" --socket="$PWD/s" --port="$port" \
		--bind-address=127.0.0.1 --user=root --innodb-buffer-pool-size=8M 2>/dev/null 8>&-
	server=$started
	wait_for mariadb --no-defaults -S s -uroot -e 'SELECT 1'
}

sql() {
	mariadb --no-defaults -S s -uroot -N emtool -e "$1"
}

gives() {
	[ "$(sql "$2")" = "$1" ]
}

@test "mariadb: rows reach a server that the test starts, also after a reconnect" {
	mariadb_new
	run emtool sniff "hex:$n1_ct" --db "$url"
	[ "$status" -eq 6 ]
	[[ $output == *"Access denied"* ]]
	EMTOOL_DB_PASSWORD=secret emtool sniff "hex:$n1_ct" --meter inepro_n1_ct --json --db "$url" > out
	echo secret > password
	export EMTOOL_DB_PASSWORD_FILE=$PWD/password
	[ "$(sql 'SELECT count(*) FROM history')" -eq 5 ]
	[ "$(sql 'SELECT current FROM history WHERE current > 0')" = 1.261 ]
	sql 'SELECT record FROM history ORDER BY id' | cmp - out

	# away in the middle of a stream
	mkfifo bus
	start emtool sniff bus --db "$url" > /dev/null 2> errors
	reader=$started
	exec 8> bus
	many 1 >&8
	wait_for gives 10 'SELECT count(*) FROM history'
	kill "$server"
	wait "$server" || true
	many 1 >&8
	wait_for grep -q 'trying again' errors
	mariadb_start
	many 1 >&8
	wait_for gives 20 'SELECT count(*) FROM history'
	grep -q 'available again' errors
	exec 8>&-
	wait "$reader"
	[ "$(sql 'SELECT count(*) FROM history')" -eq 20 ]
}

# bats test_tags=mutants
@test "mariadb: many texts, and more values than a table can have columns" {
	mariadb_new
	export EMTOOL_DB_PASSWORD=secret
	wide 70 string
	emtool sunspec read --image image.csv --models wide.json --json --db "$url" > out
	sql 'SELECT record FROM history' | cmp - out
	gives AB 'SELECT P69 FROM history'
	# full, be it by their number or by the room that an earlier version's texts take
	own='id BIGINT PRIMARY KEY AUTO_INCREMENT, time DATETIME(3), type VARCHAR(32),
		source VARCHAR(128), device VARCHAR(128), record LONGTEXT'
	wide 80 string
	for full in "$(columns 1005 'TINYINT AS (1)')" "$(columns 60 'VARCHAR(255) AS (record)')"; do
		sql "DROP TABLE history; CREATE TABLE history ($own $full) DEFAULT CHARSET utf8mb4"
		emtool sunspec read --image image.csv --models wide.json --db "$url" > /dev/null
		gives 1 'SELECT count(*) FROM history'
	done
}

# bats test_tags=mutants
@test "mariadb: slots, --retain, a locked table and a newer version, as with SQLite" {
	mariadb_new
	export EMTOOL_DB_PASSWORD=secret
	minutes 0 12 > first
	minutes 13 31 > second
	emtool sniff first --db "$url" > /dev/null
	emtool sniff second --db "$url" > /dev/null
	gives 32 'SELECT count(*) FROM history'
	sql 'SELECT time FROM history_debounced ORDER BY id' | diff - <(slot_changes 31 ' ' '')
	{ echo '# emtool recording 1'; echo "$(date +%s).000 < - 0103500A0002F5090103043FA16873C9E0"; } > now
	emtool sniff now --db "$url" --retain 1 > /dev/null # one row: several may stand in two slots
	gives 1 'SELECT count(*) FROM history'
	gives 7 'SELECT count(*) FROM history_debounced'

	# another program holds the table: the row waits, and comes when it lets go
	start mariadb --no-defaults -S s -uroot emtool -e "LOCK TABLES history WRITE,
		history_debounced WRITE; SELECT SLEEP(600)" > /dev/null 2>&1
	sleeper="FROM information_schema.processlist WHERE info LIKE 'SELECT SLEEP%'"
	wait_for gives 1 "SELECT count(*) $sleeper"
	mkfifo bus
	start emtool sniff bus -q --db "$url" > /dev/null
	reader=$started
	exec 8> bus
	many 1 >&8
	exec 8>&-
	sql "KILL $(sql "SELECT id $sleeper")"
	wait "$reader"
	gives 6 'SELECT count(*) FROM history'

	sql 'UPDATE emtool_schema SET version = 2'
	run emtool sniff "hex:$n1_ct" -q --db "$url"
	[ "$status" -eq 2 ]
	[[ $output == *"written by a newer version of emtool" ]]
	gives 6 'SELECT count(*) FROM history'
}
