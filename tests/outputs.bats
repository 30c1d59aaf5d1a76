#!/usr/bin/env bats
# Where the values go: broker, databases, commands, files. Against real servers on loopback.

load helper

# The exchanges of $n1_ct N times over, for streams that last.
many() {
	for _ in $(seq "$1"); do printf '%s' "$n1_ct"; done | xxd -r -p
}

broker_conf() {
	cat > mosquitto.conf <<-EOF
		listener $port 127.0.0.1
		allow_anonymous ${1:-true}
		persistence true
		persistence_location $PWD/
		max_queued_messages 100000
		log_type none
		user root
	EOF
}

broker_start() {
	PATH=$PATH:/usr/sbin
	start mosquitto -c mosquitto.conf 2>/dev/null 8>&-
	broker=$started
	wait_for listening "$port"
}

broker_stop() {
	kill "$broker"
	wait "$broker" 2>/dev/null || true
}

got() {
	[ "$(wc -l < got)" -ge "$1" ]
}

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

@test "mqtt: every record arrives though the broker goes away in between" {
	port=$(free_port)
	broker_conf
	broker_start
	start mosquitto_sub -p "$port" -t 'bus/#' -q 1 -c -i test -F '%t %p' > got
	wait_for bash -c "mosquitto_pub -p $port -t bus/0 -m ready -q 1; grep -q ready got"
	mkfifo bus
	start emtool sniff bus --meter inepro_n1_ct --json --mqtt "mqtt://127.0.0.1:$port/bus/[unit]/[function]?version=5" > out 2> errors
	reader=$started
	exec 8> bus
	many 1 >&8
	wait_for grep -q current got
	grep -q '^bus/availability online' got
	broker_stop
	many 20 >&8
	wait_for grep -q 'trying again' errors
	broker_start
	many 1 >&8
	exec 8>&-
	wait "$reader"
	wait_for grep -q 'availability offline' got
	[ "$(wc -l < out)" -eq 110 ]
	wait_for bash -c '[ "$(grep -c "^bus/1/3 {\"type\":\"modbus\"" got)" -ge 110 ]'
	sed -n 's|^bus/1/3 ||p' got | sort -u > published
	sort -u out | cmp - published
}

@test "mqtt: TLS, user and password from a file, wrong password is exit 6" {
	port=$(free_port)
	openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=localhost \
		-addext 'subjectAltName = DNS:localhost, IP:127.0.0.1' 2>/dev/null
	mosquitto_passwd -b -c users me secret
	broker_conf false
	printf '%s\n' "password_file $PWD/users" "certfile $PWD/cert.pem" "keyfile $PWD/key.pem" >> mosquitto.conf
	broker_start
	start mosquitto_sub -h localhost -p "$port" --cafile cert.pem -u me -P secret -t 'x/#' -q 1 > got
	wait_for bash -c "mosquitto_pub -h localhost -p $port --cafile cert.pem -u me -P secret -t x/0 -m ready; grep -q ready got"
	echo secret > password
	EMTOOL_MQTT_PASSWORD_FILE=password \
		emtool sniff "hex:$n1_ct" --mqtt "mqtts://me@localhost:$port/x/y?ca=$PWD/cert.pem" >/dev/null
	wait_for bash -c '[ "$(grep -c modbus got)" -eq 5 ]'
	EMTOOL_MQTT_PASSWORD=wrong run emtool sniff "hex:$n1_ct" -q --mqtt "mqtts://me@localhost:$port/x?ca=$PWD/cert.pem"
	[ "$status" -eq 6 ]
	run emtool sniff "hex:$n1_ct" --mqtt "mqtts://me:secret@localhost:$port/x"
	[ "$status" -eq 2 ]
	[[ $output == *EMTOOL_MQTT_PASSWORD_FILE* ]]
}

@test "mqtt: Home Assistant finds one device with its sensors, again when it comes online" {
	port=$(free_port)
	broker_conf
	broker_start
	mkfifo bus
	start emtool sniff bus --meter inepro_n1_ct -q --mqtt "mqtt://127.0.0.1:$port/home/bus" --mqtt-discovery > /dev/null
	exec 8> bus
	many 1 >&8
	config=homeassistant/device/emtool_modbus_1/config
	wait_for bash -c "mosquitto_sub -p $port -t $config -C 1 -W 1 | jq -e .cmps.energy_export"
	mosquitto_sub -p "$port" -t "$config" -C 1 > config
	jq -e '.cmps.current | .device_class == "current" and .unit_of_measurement == "A" and
		.state_class == "measurement" and .state_topic == "home/bus" and
		.unique_id == "emtool_modbus_1_current"' config
	jq -e '.availability_topic == "home/bus/availability" and .o.name == "emtool"' config
	jq -e '.cmps.energy_total.state_class == "total_increasing"' config
	start mosquitto_sub -p "$port" -t "$config" -R > again
	wait_for bash -c "mosquitto_pub -p $port -t homeassistant/status -m online; grep -q emtool_modbus_1 again"
	exec 8>&-
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

@test "mqtt as a source: shared subscription, hex, base64 and raw payloads" {
	port=$(free_port)
	broker_conf
	broker_start
	emtool sim push --help > /dev/null
	printf '000102030405060708090A0B0C0D0E0F\n' > key
	start emtool decrypt "mqtt://127.0.0.1:$port/\$share/g/meters/+?client=d1&session=1" --key-file key --accept-replay --json -v > got 2> errors
	emtool sim push evn --key-file key --count 3 --output push.bin --interval 0.01
	wait_for bash -c "mosquitto_pub -p $port -t meters/probe -q 1 -m 68fafa68; sleep 0.1; grep -q . errors got"
	for form in 'cat push.bin' 'xxd -p push.bin' 'base64 -w 0 push.bin'; do
		$form > payload
		mosquitto_pub -p "$port" -t meters/a -q 1 -f payload
	done
	wait_for bash -c '[ "$(grep -c "\"type\":\"dlms\"" got)" -eq 9 ]'
}
