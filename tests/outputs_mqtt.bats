#!/usr/bin/env bats
# MQTT as output and as source, against a real broker that is stopped and started in between.

load helper
load broker

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	unset NO_COLOR EMTOOL_KEY EMTOOL_MQTT_USER EMTOOL_MQTT_PASSWORD EMTOOL_MQTT_PASSWORD_FILE
	pids=()
	port=$(free_port)
	broker_conf
}

# lines N PATTERN FILE: are there N or more such lines?
lines() {
	[ "$(grep -c -- "$2" "$3")" -ge "$1" ]
}

@test "mqtt: every record arrives even when the broker restarts" {
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

@test "mqtt: TLS, user and password from file or environment, a wrong password is exit 6" {
	certificate cert
	certificate other
	mosquitto_passwd -b -c users me secret
	broker_conf false
	printf '%s\n' "password_file $PWD/users" "certfile $PWD/cert.pem" "keyfile $PWD/cert.key" >> mosquitto.conf
	broker_start
	secure=(-h localhost -p "$port" --cafile cert.pem -u me -P secret)
	start mosquitto_sub "${secure[@]}" -t 'x/#' -q 1 > got
	wait_for bash -c "mosquitto_pub ${secure[*]} -t x/0 -m ready; grep -q ready got"
	echo secret > password
	url=mqtts://me@localhost:$port/x/y?ca=$PWD/cert.pem
	EMTOOL_MQTT_PASSWORD_FILE=password emtool sniff "hex:$n1_ct" --mqtt "$url" >/dev/null
	wait_for lines 5 modbus got
	EMTOOL_MQTT_USER=me EMTOOL_MQTT_PASSWORD=secret \
		emtool sniff "hex:$n1_ct" --mqtt "${url/me@/}&version=5" >/dev/null
	wait_for lines 10 modbus got
	for version in 3.1.1 5; do
		EMTOOL_MQTT_PASSWORD=wrong run emtool sniff "hex:$n1_ct" -q --mqtt "$url&version=$version"
		[ "$status" -eq 6 ]
	done
	# a broker that is not who it should be gets nothing, not even the password
	EMTOOL_MQTT_PASSWORD=secret run --separate-stderr emtool sniff "hex:$n1_ct" -q --mqtt "${url/cert.pem/other.pem}"
	[ "$status" -eq 1 ]
	[[ $stderr == *"5 records not delivered: certificate verify failed"* ]]
	EMTOOL_MQTT_PASSWORD_FILE=nothing run emtool sniff "hex:$n1_ct" -q --mqtt "$url"
	[ "$status" -eq 4 ]
	run emtool sniff "hex:$n1_ct" --mqtt "mqtts://me:secret@localhost:$port/x"
	[ "$status" -eq 2 ]
	[[ $output == *EMTOOL_MQTT_PASSWORD_FILE* ]]
}

@test "mqtt: a broker that wants a certificate gets one" {
	certificate cert
	certificate client
	printf '%s\n' "certfile $PWD/cert.pem" "keyfile $PWD/cert.key" "cafile $PWD/client.pem" \
		"require_certificate true" >> mosquitto.conf
	broker_start
	url=mqtts://localhost:$port/x?ca=$PWD/cert.pem
	emtool sniff "hex:$n1_ct" --mqtt "$url&cert=$PWD/client.pem&key=$PWD/client.key" >/dev/null
	run emtool sniff "hex:$n1_ct" -q --mqtt "$url"
	[ "$status" -eq 1 ]
	run emtool sniff "hex:$n1_ct" -q --mqtt "$url&cert=$PWD/nothing&key=$PWD/nothing"
	[ "$status" -eq 2 ]
	[[ $output == *"cannot be read"* ]]
}

# bats test_tags=mutants
@test "mqtt: QoS 1, retained on request only, the availability always" {
	broker_start
	subscribe 'x/#' '%q %r %t %p'
	emtool sniff "hex:$n1_ct" --mqtt "mqtt://127.0.0.1:$port/x/a" >/dev/null
	emtool sniff "hex:$n1_ct" --mqtt "mqtt://127.0.0.1:$port/x/b?retain&availability=no" >/dev/null
	wait_for lines 5 '^1 0 x/a {' got
	wait_for lines 5 '^1 0 x/b {' got
	start mosquitto_sub -p "$port" -t 'x/#' -q 1 -F '%r %t %p' > late
	wait_for lines 1 '^1 x/b {' late
	wait_for lines 1 '^1 x/a/availability offline' late
	[ "$(wc -l < late)" -eq 2 ]
}

# bats test_tags=mutants
@test "mqtt: the last will is published when the program is killed" {
	broker_start
	mkfifo bus
	for version in 3.1.1 5; do
		start emtool sniff bus -q --mqtt "mqtt://127.0.0.1:$port/$version/[unit]?version=$version" > out
		exec 8> bus
		many 1 >&8
		says() { [ "$(mosquitto_sub -p "$port" -t "$version/availability" -C 1 -W 1)" = "$1" ]; }
		wait_for says online
		kill -KILL "$started"
		wait_for says offline
		exec 8>&-
	done
}

@test "mqtt: 10,000 records wait for the broker, then the oldest is dropped for the next" {
	broker_start
	subscribe 'bus/#' '%p'
	mkfifo bus
	start emtool sniff bus --meter inepro_n1_ct --json --mqtt "mqtt://127.0.0.1:$port/bus/a" > out 2> errors
	reader=$started
	exec 8> bus
	readings 0 >&8
	wait_for lines 1 current got
	broker_stop
	wait_for grep -q 'trying again' errors
	readings $(seq 10001) >&8
	wait_for lines 10002 current out
	broker_start
	wait_for grep -q 'connected again, 10000 records waiting, 1 dropped' errors
	readings 20000 >&8
	exec 8>&-
	wait "$reader"
	wait_for lines 1 '"current":20000' got
	# at least once, and in order: what came twice is counted once
	sed -n 's/.*"current":\([0-9]*\)[^0-9].*/\1/p' got | awk '!seen[$1]++' > numbers
	diff numbers <(echo 0; seq 2 10001; echo 20000)
}

@test "mqtt: Home Assistant finds one device with its sensors, again when it comes online" {
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

@test "mqtt: devices are announced again to a broker that lost its retained messages" {
	broker_conf
	sed -i '/persistence/d' mosquitto.conf
	broker_start
	mkfifo bus
	start emtool sniff bus --meter inepro_n1_ct -q --mqtt "mqtt://127.0.0.1:$port/home/bus" --mqtt-discovery > /dev/null
	exec 8> bus
	many 1 >&8
	known="mosquitto_sub -p $port -t homeassistant/device/emtool_modbus_1/config -C 1 -W 1 | grep -q current"
	wait_for bash -c "$known"
	broker_stop
	broker_start
	wait_for bash -c "mosquitto_sub -p $port -t home/bus/availability -C 1 -W 1 | grep -q online"
	many 1 >&8
	wait_for bash -c "$known"
	exec 8>&-
}

# A meter that measures the whole vocabulary, each quantity in its own registers.
vocabulary() {
	PYTHONPATH=$BATS_TEST_DIRNAME/peers python3 -B - "$BATS_TEST_DIRNAME/../lib/record/quantities.def" <<-'PY'
	import re, struct, sys
	from rtu import seal
	rows = re.findall(r'^QUANTITY\((\w+), "([^"]+)"', open(sys.argv[1]).read(), re.M)
	assert len(rows) > 90
	with open("all.csv", "w") as out:
	    print("meter,address,count,fc,dtype,word_order,scale,unit,name", file=out)
	    for i, (name, unit) in enumerate(rows):
	        print(f"all,{2 * i},2,3,u32,big,1,{unit},{name}", file=out)
	with open("stream", "wb") as out:
	    for begin in range(0, len(rows), 50):
	        n = min(50, len(rows) - begin)
	        values = b"".join(struct.pack(">I", 1000 + begin + i) for i in range(n))
	        out.write(seal(struct.pack(">BBHH", 1, 3, 2 * begin, 2 * n)))
	        out.write(seal(bytes((1, 3, 4 * n)) + values))
	with open("expected", "w") as out:
	    for i, (name, _) in enumerate(rows):
	        print("emtool_modbus_1_" + name, 1000 + i, file=out)
	PY
	sort -o expected expected
}

ha() {
	python3 "$BATS_TEST_DIRNAME/peers/homeassistant.py" "$@"
}

@test "mqtt: Home Assistant's rules hold for the whole vocabulary" {
	vocabulary
	broker_start
	for units in '' --units; do
		start mosquitto_sub -p "$port" -t '#' -q 1 -F '%t %p' > "got$units"
		wait_for bash -c "mosquitto_pub -p $port -t x -m ready; grep -q ready got$units"
		# a record holds a part of the quantities: the others keep what they were
		emtool sniff stream --meter-map all.csv --meter all $units \
			--mqtt "mqtt://127.0.0.1:$port/home/bus" --mqtt-discovery > /dev/null
		wait_for lines 1 'home/bus/availability offline' "got$units"
		ha "got$units" > shown
		LC_ALL=C sort shown | diff <(LC_ALL=C sort expected) -
	done
}

@test "mqtt: Home Assistant's rules hold for every kind of record, with the same ids in every run" {
	broker_start
	printf '000102030405060708090A0B0C0D0E0F\n' > key
	inverter=$(free_port)
	charger=$(free_port)
	start emtool sim sunspec --listen "127.0.0.1:$inverter"
	start emtool sim alfen --listen "127.0.0.1:$charger"
	wait_for listening "$inverter"
	wait_for listening "$charger"
	emtool sim push evn --key-file key --count 2 --output push.bin --interval 0.01
	for model in esmr emucs; do emtool sim p1 "$model" --count 2 --interval 0.01 --output "$model.p1"; done
	for run in 1 2; do
		start mosquitto_sub -p "$port" -t 'r/#' -t 'homeassistant/#' -R -q 1 -F '%t %p' > "got$run"
		wait_for bash -c "mosquitto_pub -p $port -t r/x -m ready; grep -q ready got$run"
		to=(--mqtt "mqtt://127.0.0.1:$port/r/[type]" --mqtt-discovery -o /dev/null)
		emtool sunspec read "127.0.0.1:$inverter" "${to[@]}"
		emtool alfen dump "127.0.0.1:$charger" "${to[@]}"
		emtool decrypt push.bin --key-file key "${to[@]}"
		emtool p1 esmr.p1 "${to[@]}"
		emtool p1 emucs.p1 "${to[@]}"
		emtool balance simulate synthetic:seed=1,days=1 --trace --count 20 "${to[@]}"
		mosquitto_pub -p "$port" -t r/x -q 1 -m last
		wait_for grep -q last "got$run"
		ha "got$run" > "shown$run"
		for kind in sunspec alfen dlms p1; do grep -q "^emtool_${kind}_" "shown$run"; done
	done
	diff <(cut -d' ' -f1 shown1) <(cut -d' ' -f1 shown2)
}

# bats test_tags=valgrind,mutants
@test "mqtt as a source: shared subscription, hex, base64 and raw payloads" {
	broker_start
	emtool sim push --help > /dev/null
	printf '000102030405060708090A0B0C0D0E0F\n' > key
	start emtool decrypt "mqtt://127.0.0.1:$port/\$share/g/meters/+?client=d1&session=1" --key-file key --accept-replay --json -v > got 2> errors
	emtool sim push evn --key-file key --count 3 --output push.bin --interval 0.01
	# the subscription works once a push arrives
	wait_for bash -c "mosquitto_pub -p $port -t meters/probe -q 1 -f push.bin; sleep 0.1; grep -q meters/probe got"
	for form in 'cat push.bin' 'xxd -p push.bin' 'base64 -w 0 push.bin'; do
		$form > payload
		mosquitto_pub -p "$port" -t meters/a -q 1 -f payload
	done
	wait_for bash -c '[ "$(grep -c "\"source\":\"meters/a\"" got)" -eq 9 ]'
}

@test "mqtt as a source: records that the outputs had not stored come again after a crash" {
	broker_start
	printf '000102030405060708090A0B0C0D0E0F\n' > key
	reader() {
		start emtool decrypt "mqtt://127.0.0.1:$port/meters/+?client=d&session" --key-file key --json \
			--db h.db > "$1" 2> errors
	}
	rows() { [ "$(sqlite3 h.db "SELECT count(*) FROM $1")" -ge "$2" ]; }
	reader first
	# the session works once a push arrives
	emtool sim push evn --key-file key --count 1 --mqtt "mqtt://127.0.0.1:$port/meters/a" --interval 0.01
	again() {
		emtool sim push evn --key-file key --count 1 --counter "$((++counter))" --interval 0.01 \
			--mqtt "mqtt://127.0.0.1:$port/meters/a" && [ -s first ]
	}
	counter=100
	wait_for again
	wait_for rows history 1
	start python3 -c 'import sqlite3, time
c = sqlite3.connect("h.db"); c.execute("BEGIN IMMEDIATE"); open("held", "w"); time.sleep(600)'
	lock=$started
	wait_for test -f held
	emtool sim push evn --key-file key --count 5 --counter 5000 --interval 0.01 --mqtt "mqtt://127.0.0.1:$port/meters/a"
	wait_for grep -q '"frame_counter":5000' first # taken, printed, and not in the database
	kill -KILL "${pids[1]}"
	kill "$lock"
	wait_for sqlite3 h.db 'BEGIN IMMEDIATE; COMMIT'
	[ "$(sqlite3 h.db 'SELECT count(*) FROM history WHERE frame_counter >= 5000')" -eq 0 ]
	reader second
	wait_for rows "history WHERE frame_counter BETWEEN 5000 AND 5004" 5
}

@test "mqtt as a source: a full disk ends the program, and no message is lost" {
	broker_start
	printf '000102030405060708090A0B0C0D0E0F\n' > key
	url="mqtt://127.0.0.1:$port/meters/+?client=d&session"
	mosquitto_sub -p "$port" -c -i d -q 1 -t 'meters/+' -E
	emtool sim push evn --key-file key --count 60 --interval 0.01 --mqtt "mqtt://127.0.0.1:$port/meters/a"
	run timeout 60 bash -c "ulimit -f 100; trap '' XFSZ; emtool decrypt '$url' --key-file key -q --db h.db >/dev/null"
	[ "$status" -eq 4 ]
	[[ $output == *h.db:* ]]
	start emtool decrypt "$url" --key-file key -q --db h.db > nothing
	all() { [ "$(sqlite3 h.db 'SELECT count(DISTINCT frame_counter) FROM history')" -eq 60 ]; }
	wait_for all
}

@test "mqtt as a source: --count takes that many messages, the rest stay with the broker" {
	broker_start
	printf '000102030405060708090A0B0C0D0E0F\n' > key
	url="mqtt://127.0.0.1:$port/meters/+?client=d&session"
	mosquitto_sub -p "$port" -c -i d -q 1 -t 'meters/+' -E
	emtool sim push evn --key-file key --count 6 --counter 1 --interval 0.01 --mqtt "mqtt://127.0.0.1:$port/meters/a"
	: > got
	for _ in 1 2 3 4 5 6; do # QoS 1: one may come again
		emtool decrypt "$url" --key-file key --json --count 2 > two
		[ "$(wc -l < two)" -eq 2 ]
		grep -o '"frame_counter":[0-9]*' two >> got
		sort -u got > kinds
		[ "$(wc -l < kinds)" -lt 6 ] || break
	done
	diff kinds <(seq -f '"frame_counter":%.0f' 6)
}
