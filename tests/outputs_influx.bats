#!/usr/bin/env bats
# --format influx, into a real InfluxDB and back.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	pids=()
	command -v influxd >/dev/null || skip "no InfluxDB"
	port=$(free_port)
	export INFLUXDB_REPORTING_DISABLED=true INFLUXDB_MONITOR_STORE_ENABLED=false \
		INFLUXDB_META_DIR=$PWD/meta INFLUXDB_DATA_DIR=$PWD/data INFLUXDB_DATA_WAL_DIR=$PWD/wal \
		INFLUXDB_HTTP_BIND_ADDRESS=127.0.0.1:$port INFLUXDB_BIND_ADDRESS=127.0.0.1:0
	start influxd -config /dev/null > log 2>&1
	wait_for listening "$port"
}

# same COMMAND...: writes its records as lines and as JSON to InfluxDB; prints their number
same() {
	"$@" -q --format influx > lines
	"$@" -q --json > records
	python3 "$BATS_TEST_DIRNAME/peers/influxdb.py" "$port" lines records
}

@test "influx: InfluxDB returns the values of meters, chargers and inverters unchanged" {
	printf '000102030405060708090A0B0C0D0E0F\n' > key
	emtool sim push evn --key-file key --count 2 --output push.bin --interval 0.01
	[ "$(same emtool decrypt push.bin --key-file key)" -eq 2 ]
	for model in dsmr22 esmr emucs at; do
		emtool sim p1 "$model" --count 2 --interval 0.01 --output telegrams
		[ "$(same emtool p1 telegrams)" -eq 2 ]
		rm telegrams
	done
	[ "$(same emtool sniff "hex:$n1_ct" --meter inepro_n1_ct)" -eq 5 ]
	image=$(free_port)
	start emtool sim sunspec --listen "127.0.0.1:$image"
	wait_for listening "$image"
	emtool sunspec read "127.0.0.1:$image" --dump image.csv > nothing
	[ "$(same emtool sunspec read --image image.csv)" -ge 2 ]
}

@test "influx: special characters come back from InfluxDB unchanged" {
	python3 - <<-'PY'
	def hexed(text):
	    return text.encode().hex().upper()
	body = "/XMX5LGBBFFB231215493\r\n\r\n1-3:0.2.8(50)\r\n0-0:1.0.0(210204163628W)\r\n"
	body += "0-0:96.1.1(%s)\r\n" % hexed(r"a b,c=d\e")
	body += "0-0:96.13.0(%s)\r\n" % hexed('he said "hi, \\ there"')
	body += "1-0:1.8.1(000051.775*kWh)\r\n0-0:99.9.9(x y,\"z\"=\\)\r\n!"
	crc = 0
	for byte in body.encode():
	    crc ^= byte
	    for _ in range(8):
	        crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
	open("telegram", "w", newline="").write(body + "%04X\r\n" % crc)
	PY
	[ "$(same emtool p1 telegram)" -eq 1 ]
	jq -e '.meter_id == "a b,c=d\\e" and .text_message == "he said \"hi, \\ there\""' records
}
