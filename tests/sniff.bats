#!/usr/bin/env bats
# emtool sniff from every kind of source, with good input and bad.

load helper

values='[.[] | .current // .voltage // .energy_total // .power // .energy_export] | map(tostring) | join(" ")'

five_values() {
	[ "$(jq -s "length" "$1")" -eq 5 ]
	[ "$(jq -rs "$values" "$1")" = "1.261 0.07 0 0 0" ]
	[ "$(jq -r .status "$1" | sort -u)" = ok ]
}

bytes() {
	printf '%s' "$1" | sed 's/../\\x&/g' | xargs -0 printf '%b'
}

# bats test_tags=mutants
@test "the five published exchanges, from hex, file, stdin and a fifo" {
	bytes $n1_ct > bus.bin
	emtool sniff --json -m inepro_n1_ct hex:$n1_ct > hex.json
	five_values hex.json
	emtool sniff --json -m inepro_n1_ct bus.bin > file.json
	cmp hex.json file.json
	emtool sniff --json -m inepro_n1_ct - < bus.bin > stdin.json
	cmp hex.json stdin.json
	mkfifo fifo
	start sh -c 'cat bus.bin > fifo'
	emtool sniff --json -m inepro_n1_ct fifo > fifo.json
	five_values fifo.json
	jq -e .time fifo.json > /dev/null
}

@test "text output has one line per transaction" {
	run emtool sniff -m inepro_n1_ct hex:$n1_ct
	[ "${lines[0]}" = "unit 1   read holding         0x500A+2    current 1.261 A" ]
	[ "${#lines[@]}" -eq 5 ]
	run emtool sniff hex:01060001000298CB010600010002 hex:
	[ "$status" -eq 2 ]
	run emtool sniff hex:01030000000AC5CD018302C0F1
	[ "${lines[0]}" = "unit 1   read holding         0x0000+10   exception 2 illegal data address" ]
}

# bats test_tags=valgrind
@test "csv and influx" {
	run emtool sniff --format csv -m inepro_n1_ct -n 1 hex:$n1_ct
	[ "${lines[0]}" = $'type,unit,function,address,count,status,registers,meter,current\r' ]
	[ "${lines[1]}" = $'modbus,1,3,20490,2,ok,"[16289,26739]",inepro_n1_ct,1.261\r' ]
	run emtool sniff --format influx -m inepro_n1_ct -n 1 hex:$n1_ct
	[ "$output" = 'modbus,unit=1,meter=inepro_n1_ct function=3i,address=20490i,count=2i,status="ok",registers_0=16289i,registers_1=26739i,current=1.261' ]
}

@test "--units tells unit and address" {
	[ "$(emtool sniff --json --units -m inepro_n1_ct -n 1 hex:$n1_ct | jq -c .current)" = '{"value":1.261,"unit":"A","address":20490}' ]
}

# bats test_tags=valgrind,mutants
@test "a listener decodes each peer separately and names it" {
	bytes $n1_ct > bus.bin
	port=$(free_port)
	start emtool sniff --json -m inepro_n1_ct --tcp "127.0.0.1:$port" -o out --count 15
	sniffer=$started
	wait_for listening "$port"
	for i in 1 2 3; do
		start bash -c "exec 8<>/dev/tcp/127.0.0.1/$port; for i in 0 7 13 20 61; do dd bs=1 skip=\$i count=\$((i == 0 ? 7 : i == 7 ? 6 : i == 13 ? 7 : i == 20 ? 41 : 99)) if=bus.bin status=none >&8; sleep 0.02; done; sleep 5"
	done
	wait "$sniffer"
	[ "$(jq -r .source out | sort -u | grep -c '^127\.0\.0\.1:[0-9]*$')" -eq 3 ]
	for peer in $(jq -r .source out | sort -u); do
		jq -c "select(.source == \"$peer\")" out > one
		five_values one
	done
}

@test "--connect connects again when the converter comes back" {
	port=$(free_port)
	start emtool sniff --json -m inepro_n1_ct --connect "127.0.0.1:$port" -o out --count 15
	sniffer=$started
	for i in 1 2; do
		timeout 3 emtool sim meter inepro_n1_ct --listen "127.0.0.1:$port" --interval 0.1 -d 1 3>&- || true
	done
	start emtool sim meter inepro_n1_ct --listen "127.0.0.1:$port" --interval 0.1
	wait "$sniffer"
	[ "$(jq -r .status out | grep -c ok)" -ge 10 ]
}

@test "an unreachable converter is exit 1 once the time is up" {
	port=$(free_port)
	run emtool sniff --connect "127.0.0.1:$port" --duration 0.5
	[ "$status" -eq 1 ]
	[[ $output == *"127.0.0.1:$port"*"connection refused"* ]]
}

@test "no data within the time is exit 5" {
	port=$(free_port)
	run emtool sniff --tcp "127.0.0.1:$port" --duration 0.3
	[ "$status" -eq 5 ]
}

# bats test_tags=mutants
@test "UDP datagrams are a source" {
	port=$(free_port)
	start emtool sniff --json -m inepro_n1_ct --udp "127.0.0.1:$port" -o out --count 5
	sniffer=$started
	bytes $n1_ct > bus.bin
	for _ in $(seq 100); do
		socat -u OPEN:bus.bin "udp4-sendto:127.0.0.1:$port"
		kill -0 "$sniffer" 2>/dev/null || break
		sleep 0.2
	done
	wait "$sniffer"
	[ "$(head -n 1 out | jq .current)" = 1.261 ]
	jq -re .source out | head -n 1 | grep -q '^127\.0\.0\.1:'
}

# bats test_tags=mutants
@test "a serial port is a source of sniff" {
	start emtool sim meter inepro_n1_ct --pty line --interval 0.05
	wait_for test -e line
	run emtool sniff --json -m inepro_n1_ct --serial "$(readlink line)?baud=9600&mode=8N1" --count 10
	[ "$status" -eq 0 ]
	[ "$(printf '%s\n' "${lines[@]}" | jq -r .status | grep -c ok)" -ge 8 ]
	run emtool sniff --serial "/dev/nonexistent" --count 1
	[ "$status" -eq 4 ]
	run emtool sniff --serial "$(readlink line)?mode=9X3"
	[ "$status" -eq 2 ]
}

@test "a serial port behind a link that udev made" {
	link=/dev/ttyUSB-emtool-test-$$
	ln -s ttyS0 "$link" 2>/dev/null || skip "no links in /dev here"
	run emtool sniff /dev/ttyS0 --duration 0.2
	direct=$status
	run emtool sniff "$link" --duration 0.2
	rm "$link"
	[ "$direct" -eq 5 ] || skip "no serial port"
	[ "$status" -eq 5 ]
}

@test "mode=auto chooses line settings that give valid frames" {
	start emtool sim meter inepro_n1_ct --pty line --interval 0.05
	wait_for test -e line
	run emtool sniff --json --serial "$(readlink line)?mode=auto" --duration 5 -o out
	[ "$status" -eq 0 ]
	[[ $output == *"settled on 9600 baud 8N1"* ]]
}

# le16 N, le32 N: little-endian numbers; be16, be32 the other way round
le16() { printf '%b' "$(printf '\\x%02x\\x%02x' $(($1 & 255)) $(($1 >> 8 & 255)))"; }
le32() { le16 $(($1 & 65535)); le16 $(($1 >> 16 & 65535)); }
be16() { printf '%b' "$(printf '\\x%02x\\x%02x' $(($1 >> 8 & 255)) $(($1 & 255)))"; }
be32() { be16 $(($1 >> 16 & 65535)); be16 $(($1 & 65535)); }

# segment FROM TO FROMPORT TOPORT SEQUENCE FLAGS HEX: an Ethernet frame with a TCP segment
segment() {
	local size=$((${#7} / 2))
	bytes 0200000000010200000000020800
	bytes 4500; be16 $((40 + size)); bytes 0000000040060000; bytes "0A0000$1"; bytes "0A0000$2"
	be16 "$3"; be16 "$4"; be32 "$5"; be32 0; bytes "50$6"; bytes 100000000000
	bytes "$7"
}

pcap_packet() {
	segment "$@" > packet
	le32 1612453000; le32 123000; le32 "$(stat -c %s packet)"; le32 "$(stat -c %s packet)"
	cat packet
}

# bats test_tags=valgrind,mutants
@test "captures: Modbus TCP with repeated and cut segments" {
	{
		bytes D4C3B2A1; le16 2; le16 4; le32 0; le32 0; le32 65535; le32 1
		pcap_packet 01 02 40000 502 100 02 ""
		pcap_packet 01 02 40000 502 101 18 000700000006
		pcap_packet 01 02 40000 502 107 18 0103500A0002
		pcap_packet 01 02 40000 502 107 18 0103500A0002
		pcap_packet 02 01 502 40000 901 18 0007000000070103043FA16873
	} > modbus.pcap
	emtool sniff --json -m inepro_n1_ct modbus.pcap > out
	[ "$(jq -c '[.time, .source, .unit, .address, .status, .current]' out)" = '["2021-02-04T15:36:40.123Z","10.0.0.1:40000",1,20490,"ok",1.261]' ]
	emtool sniff --json -m inepro_n1_ct pcap:modbus.pcap | cmp - out
	# a gateway that leaks the RTU checksum into the stream; and the file cut short
	head -c -3 modbus.pcap > cut.pcap
	run emtool sniff --json cut.pcap
	[ "$status" -eq 0 ]
	[[ $output == *"no_response"* && $output == *"ends within a packet"* ]]
}

# bats test_tags=mutants
@test "captures: units 255 and 7 are kept apart" {
	local n=0 unit read
	{
		bytes D4C3B2A1; le16 2; le16 4; le32 0; le32 0; le32 65535; le32 1
		for read in FF500A40C66E98 FF50004366CCCD FF6000449A5225 07500A40C66E98; do
			unit=${read:0:2}
			pcap_packet 01 02 40000 502 $((100 + 12 * n)) 18 "000000000006${unit}03${read:2:4}0002"
			pcap_packet 02 01 502 40000 $((900 + 13 * n)) 18 "000000000007${unit}0304${read:6}"
			n=$((n + 1))
		done
	} > modbus.pcap
	emtool sniff --json modbus.pcap > out
	[ "$(jq -c '[.unit, .meter]' out | tail -n 2 | tr -d '\n')" = '[255,"inepro_n1_ct"][7,null]' ]
}

# bats test_tags=mutants
@test "captures: RTU over TCP, and RTU of link type USER0 in pcapng" {
	{
		bytes D4C3B2A1; le16 2; le16 4; le32 0; le32 0; le32 65535; le32 1
		pcap_packet 01 02 40000 23 1 18 0103500A0002F509
		pcap_packet 02 01 23 40000 1 18 0103043FA16873C9E0
	} > over.pcap
	[ "$(emtool sniff --json -m inepro_n1_ct over.pcap | jq .current)" = 1.261 ]
	{
		bytes 0A0D0D0A; le32 28; bytes 4D3C2B1A; le16 1; le16 0; bytes FFFFFFFFFFFFFFFF; le32 28
		le32 1; le32 20; le16 147; le16 0; le32 0; le32 20
		le32 6; le32 40; le32 0; le32 376000; le32 0; le32 8; le32 8; bytes 0103500A0002F509; le32 40
		le32 6; le32 44; le32 0; le32 376000; le32 0; le32 9; le32 9; bytes 0103043FA16873C9E0000000; le32 44
	} > user0.pcapng
	[ "$(emtool sniff --json -m inepro_n1_ct user0.pcapng | jq .current)" = 1.261 ]
}

# bats test_tags=mutants
@test "a recording gives the same records again, with their times" {
	emtool sim meter inepro_n1_ct -n 20 --corrupt 0.05 -o bus.bin
	port=$(free_port)
	start emtool sniff --json --record tape --tcp "127.0.0.1:$port" -o live --count 150
	sniffer=$started
	wait_for listening "$port"
	bytes "${n1_ct}0103500A" > cut.bin # a request's beginning: it waits for its end until the peer goes
	socat -u OPEN:cut.bin "tcp4:127.0.0.1:$port"
	socat -u OPEN:bus.bin "tcp4:127.0.0.1:$port"
	socat -u OPEN:bus.bin "tcp4:127.0.0.1:$port"
	wait "$sniffer"
	grep -qE '^[0-9]+\.[0-9]{3} x 127\.0\.0\.1:[0-9]+$' tape
	emtool sniff --json --count 150 tape > again
	diff <(jq -c 'del(.rtt_ms)' live) <(jq -c 'del(.rtt_ms)' again)
	echo "nonsense" >> tape
	run emtool sniff --json tape
	[ "$status" -ne 0 ]
	[[ $output == *"is not a line of a recording"* ]]
}

@test "a meter is recognised from several registers, never from one" {
	[ "$(emtool sim meter inepro_n1_ct -n 3 -o - | emtool sniff --json - | tail -n 1 | jq -r .meter)" = inepro_n1_ct ]
	[ "$(emtool sim meter abb_b21_b23_b24 -n 3 -o - | emtool sniff --json - | tail -n 1 | jq -r .meter)" = abb_b21_b23_b24 ]
	[ "$(emtool sniff --json -n 1 hex:$n1_ct | jq -r .meter)" = null ]
	[ "$(emtool sniff --json --meter none hex:$n1_ct | jq -r .meter | sort -u)" = null ]
	run emtool sniff --meter nosuch hex:$n1_ct
	[ "$status" -eq 2 ]
	run emtool sniff --meters
	[ "${#lines[@]}" -ge 43 ]
}

# bats test_tags=mutants
@test "a user's meter map" {
	printf 'meter,address,count,fc,dtype,word_order,scale,unit,name\nmine,0x500A,2,3,u32,big,0.001,kW,power\n' > map.csv
	[ "$(emtool sniff --json --units --meter-map map.csv -m mine -n 1 hex:$n1_ct | jq -c .power)" = '{"value":1067542643,"unit":"W","address":20490}' ]
	printf 'mine,70000,2,3,u32,big,1,W,power\n' >> map.csv
	run emtool sniff --meter-map map.csv hex:$n1_ct
	[ "$status" -eq 2 ]
	[[ $output == *"map.csv:3: address"* ]]
	printf '# mine\nname;meter;dtype;address\n"the ""power"" ; now";mine;u32;0x500A\n' > map.csv
	[ "$(emtool sniff --json --meter-map map.csv -m mine -n 1 hex:$n1_ct | jq '."the \"power\" ; now"')" = 1067542643 ]
	printf 'a,b\n' > map.csv
	run emtool sniff --meter-map map.csv hex:$n1_ct
	[ "$status" -eq 2 ]
	run emtool sniff --meter-map nosuch.csv hex:$n1_ct
	[ "$status" -eq 4 ]
}

# bats test_tags=mutants
@test "filters by unit, function and register" {
	[ "$(emtool sniff --json --unit 2 hex:$n1_ct | wc -l)" -eq 0 ]
	[ "$(emtool sniff --json --unit 1 --function 3 hex:$n1_ct | wc -l)" -eq 5 ]
	[ "$(emtool sniff --json --frames hex:$n1_ct | jq -c '[.offset, .length, .kind, .address, .count]' | sed -n 2p)" = '[8,9,"response",20490,2]' ]
}

# bats test_tags=valgrind
@test "noise is exit 3, and a damaged frame gives no value" {
	head -c 100000 /dev/zero | openssl enc -aes-128-ctr -K 00000000000000000000000000000001 -iv 0 > noise 2>/dev/null
	run emtool sniff --json noise
	[ "$status" -eq 3 ]
	[[ $output == *"no valid frame in 100000 bytes"* ]]
	emtool sim meter inepro_n1_ct -n 400 -o good.bin
	emtool sim meter inepro_n1_ct -n 400 --corrupt 0.2 -o bad.bin
	emtool sniff --json -m inepro_n1_ct good.bin | jq -c '[.address, .registers]' | LC_ALL=C sort -u > true_values
	emtool sniff --json -m inepro_n1_ct bad.bin | jq -c 'select(.status == "ok") | [.address, .registers]' | LC_ALL=C sort -u > shown
	[ "$(wc -l < shown)" -gt 100 ]
	[ -z "$(LC_ALL=C comm -13 true_values shown)" ]
	run emtool sniff --strict -q bad.bin
	[ "$status" -eq 3 ]
}

@test "the counters of --stats add up" {
	emtool sim meter eastron_sdm630 -n 100 --corrupt 0.1 --drop 0.05 -o bus.bin
	emtool sniff --frames --json --stats bus.bin > out
	tail -n 1 out | jq -e '.type == "stats" and .frames == .requests + .responses + .exceptions and .crc_errors > 50 and .bytes > .bytes_skipped' 
	[ "$(tail -n 1 out | jq .frames)" -eq "$(($(wc -l < out) - 1))" ]
	[ "$(tail -n 1 out | jq .bytes)" -eq "$(stat -c %s bus.bin)" ]
	[ "$(head -n -1 out | jq -s 'map(.length) | add')" -eq "$(tail -n 1 out | jq '.bytes - .bytes_skipped')" ]
}

@test "sniff survives a thousand connections, floods and peers that die" {
	port=$(free_port)
	start emtool sniff --json --stats --tcp "127.0.0.1:$port" -o out
	sniffer=$started
	wait_for listening "$port"
	python3 - "$port" <<-'END'
		import os, socket, sys
		port = int(sys.argv[1])
		peers = []
		for i in range(1000):
		    peer = socket.create_connection(("127.0.0.1", port))
		    peer.sendall(bytes.fromhex("0103500A00"))
		    peers.append(peer)
		flood = socket.create_connection(("127.0.0.1", port))
		for i in range(100):
		    flood.sendall(os.urandom(65536))
		for peer in peers:
		    peer.close()
		for i in range(2000):
		    socket.create_connection(("127.0.0.1", port)).close()
	END
	grep -q __asan_init "$EMTOOL" || # the sanitizer keeps what was freed
		[ "$(awk '/VmRSS/ {print $2}' "/proc/$sniffer/status")" -lt 40000 ]
	emtool sim meter inepro_n1_ct --connect "127.0.0.1:$port" --interval 0.05 -n 3 3>&-
	wait_for grep -q '"status":"ok"' out
	kill -TERM "$sniffer"
	status=0
	wait "$sniffer" || status=$?
	[ "$status" -eq 143 ]
	[ "$(tail -n 1 out | jq -r .type)" = stats ]
}

@test "a port in use and a forbidden port are exit 4" {
	port=$(free_port)
	start emtool sniff --tcp "127.0.0.1:$port"
	wait_for listening "$port"
	run emtool sniff --tcp "127.0.0.1:$port" --duration 1
	[ "$status" -eq 4 ]
	[ "$output" = "emtool: sniff: 127.0.0.1:$port: address already in use" ]
}

@test "the JSON is valid for any input" {
	cat > strict.py <<-'END'
		import json, sys
		def refuse(word):
		    raise ValueError(word)
		def once(pairs):
		    assert len(dict(pairs)) == len(pairs), "a key stands twice"
		    return dict(pairs)
		for line in sys.stdin.buffer:
		    json.loads(line.decode("utf-8"), parse_constant=refuse, object_pairs_hook=once)
	END
	for seed in 1 2 3; do
		emtool sim meter eastron_sdm630 --seed $seed -n 300 --corrupt 0.3 -o bus.bin
		emtool sniff --json bus.bin | python3 strict.py
	done
}
