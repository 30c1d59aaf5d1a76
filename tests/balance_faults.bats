#!/usr/bin/env bats
# balance run while its meter or its charger fails: what is no data, and what a charger is told then.

load helper
load balance_house

@test "the meter goes and comes back: fallback in exactly the configured time" {
	begin
	wait_for told 14.000
	kill "$meter"
	wait_for told 6.000
	wait_for state_is 4
	p1_port "$p1"
	wait_for told 14.000
	# the age decides, tick by tick, and it is that of the meter's last telegram
	jq -se 'map(select(.used != null)) | any(.age >= 10) and all((.age >= 10) == (.state == "fallback"))' out.json
	jq -se 'map(select(.state == "fallback" and .used != null)) | all(.limit == 6)' out.json
}

@test "a meter that repeats its last telegram counts as lost" {
	begin
	wait_for told 14.000
	house 3 2 1 260101120000
	wait_for told 6.000
	grep -q 'again and again' err.txt
	house 3 2 1
	wait_for told 14.000
}

@test "another meter on the same line is ignored; a clock that vanishes, and registers that stand still, are no data" {
	begin
	wait_for told 14.000
	printf '/XYZ5\\OTHER\r\n\r\n1-3:0.2.8(50)\r\n1-0:31.7.0(040*A)\r\n1-0:51.7.0(040*A)\r\n1-0:71.7.0(040*A)\r\n!' > new
	mv new neighbour
	wait_for grep -q "telegrams of another meter, XYZ5.OTHER, come on the line of EMT5.TEST: ignored" err.txt
	sleep 1
	is '.grid_l1 == 3 and .set_point == 14'
	house 23 2 1 none
	wait_for grep -q "the meter's clock has vanished" err.txt
	wait_for grep -q "repeats old telegrams: its energy registers stand still while it tells 5.98 kW" err.txt
	wait_for state_is 4
	house 3 2 1
	wait_for is '.state_code != 4'
	[ "$(grep -c "telegrams of another meter" err.txt)" = 1 ]
	kill "$balance"
	wait "$balance" || true
	grep -q "[0-9] telegrams of other meters than EMT5.TEST were ignored" err.txt
}

@test "a phase that the meter stops sending is unknown, and its last value is not used" {
	begin
	wait_for told 14.000
	house 3 2
	wait_for told 6.000
	grep -q 'no current of L3' err.txt
	house 3 2 1
	wait_for told 14.000
	grep -q 'all phases again' err.txt
}

# An encrypted P1 port: 3 A on L1, ten telegrams a second. encrypted_port PORT [OPTIONS]
encrypted_port() {
	[ -f key.txt ] || (umask 077 && echo 0123456789ABCDEF0123456789ABCDEF > key.txt)
	start emtool sim p1 --listen "127.0.0.1:$1" --interval 0.1 --key-file key.txt --title 454D546750000009 \
		--set current_l1=3 --set current_l2=2 --set current_l3=1 --set power_export_l1=0 \
		--set power_export_l2=0 --set power_export_l3=0 "${@:2}" > p1.out
	meter=$started
}

@test "an encrypted P1 port is read with --key-file" {
	p1=$(free_port) abb=$(free_port) table=$(free_port)
	encrypted_port "$p1"
	charger "$abb"
	run_balance --key-file key.txt
	wait_for told 14.000
	is '.used == 3'
	run ! grep -q rejected err.txt
	kill "$meter"
	wait_for told 6.000
	encrypted_port "$p1" --counter 1000000
	wait_for told 14.000
}

@test "encrypted telegrams without a key, with a wrong one, and from before are no data" {
	p1=$(free_port) abb=$(free_port) table=$(free_port)
	encrypted_port "$p1"
	charger "$abb"
	run_balance
	wait_for grep -q 'the key must be given with --key-file' err.txt
	wait_for state_is 4
	is '.used == null'
	kill "$balance"
	ended "$balance" 143
	(umask 077 && echo 00000000000000000000000000000000 > wrong.txt)
	run_balance --key-file wrong.txt
	wait_for grep -q 'telegram rejected' err.txt
	wait_for state_is 4
	is '.used == null'
	kill "$balance" "$meter"
	ended "$balance" 143
	encrypted_port "$p1"
	run_balance --key-file key.txt
	wait_for told 14.000
	kill "$meter"
	encrypted_port "$p1" --counter 1 --start 2020-01-01T00:00:00Z
	wait_for grep -q 'the frame counter did not rise' err.txt
	wait_for told 6.000
}

@test "the charger's own fallback is at most the largest set-point" {
	begin --set fallback_limit=20
	wait_for told 14.000
	emtool abb get "127.0.0.1:$abb" fallback_limit | grep -q ': 14'
}

@test "a lost charger is taken to draw no current, and nobody else gets its share" {
	begin -a headroom --charger-timeout 10 --set restart_wait=5 --set quiet_wait=5 --set ride_wait=5
	wait_for told 14.000
	kill "$charger"
	wait_for is '.charger == "away"'
	house 20 2 1
	wait_for limit_is 0
}

@test "a charger that comes back gets its time-out and fallback before its first set-point" {
	begin
	wait_for told 14.000
	kill "$charger"
	wait_for is '.charger == "away"'
	put 1000 9000
	charger "$abb"
	wait_for told 9.000
	emtool abb get "127.0.0.1:$abb" communication_timeout fallback_limit > armed
	grep -q '60' armed
	grep -q 'fallback_limit: 6' armed
	wait_for is '.charger == "ready" and .set_point == 9'
	kill -0 "$balance"
}

# A charger that hangs up behind a reading of the car's currents, the first or the second of a connection. It
# writes down what every connection was told, as ADDRESS=VALUE: the time-out, the fallback, the set-point.
moody_charger() {
	cat > moody.py <<-'END'
		import socket, struct, sys
		port, patience, told, log = socket.create_server(("127.0.0.1", int(sys.argv[1]))), 5, {}, open("told", "w", 1)
		back = {0x4020: 0x4106, 0x4022: 0x4100, 0x4023: 0x4101, 0x4024: 0x4109}
		while True:
		    peer, words, looks = port.accept()[0], [], 0
		    while True:
		        head = peer.recv(8, socket.MSG_WAITALL)
		        if len(head) < 8:
		            break
		        pdu = peer.recv(head[5] - 2, socket.MSG_WAITALL)
		        address, value = struct.unpack(">HH", pdu[:4])
		        if head[7] == 3:
		            body = struct.pack(">B", 2 * value) + b"".join(
		                struct.pack(">H", told.get(back.get(address + i), 0)) for i in range(value))
		        else:
		            body = pdu[:4]
		            values = struct.unpack(">%dH" % value, pdu[5:]) if head[7] == 16 else [value]
		            told.update(enumerate(values, address))
		            words.append("%x=%d" % (address, values[-1]))
		        peer.sendall(head[:4] + struct.pack(">H", len(body) + 2) + head[6:] + body)
		        looks += head[7] == 3 and address <= 0x4010 < address + value
		        if patience and looks > patience % 2:
		            patience -= 1
		            break
		    peer.close()
		    log.write(" ".join(words) + "\n")
	END
	start python3 moody.py "$1"
}

# Nothing is raised before that: on a connection that is not armed, a set-point is one that the charger had before.
@test "a charger that hangs up between reading and writing gets its time-out and fallback before its set-point" {
	p1=$(free_port) abb=$(free_port) table=$(free_port)
	p1_port "$p1"
	moody_charger "$abb"
	wait_for listening "$abb"
	run_balance
	wait_for is '.charger == "ready" and .set_point == 14'
	wait_for eval '[ $(wc -l < told) -ge 5 ]'
	kill "$balance"
	wait "$balance" || true
	wait_for grep -q 4100=14 told
	cat told
	awk '/^4106=60 4109=/ { armed = 1; next } $0 != "" && !(armed && /^4100=[0-9]+$/) { exit 1 }' told
	[ "$(grep -c '^4106=60 4109=' told)" -ge 2 ]
}

@test "the balancer is killed: the charger falls back by itself" {
	begin --charger-timeout 10
	wait_for told 14.000
	kill -KILL "$balance"
	wait "$balance" || true
	sleep 10 # nobody may ask the charger meanwhile: every question is a sign of life
	emtool abb get "127.0.0.1:$abb" charging_current_limit | grep -q ': 6'
}

@test "above the fuse, a charger that ignores set-points gets nothing at all, so that it falls back" {
	p1=$(free_port) behind=$(free_port) abb=$(free_port) table=$(free_port)
	p1_port "$p1"
	charger "$behind"
	cat > deaf.py <<-'END'
		import os, socket, sys, threading
		def pump(source, sink, answer=None):
		    while data := source.recv(4096):
		        if os.path.exists("deaf") and answer and data[7] == 16 and data[8:10] == b"\x41\x00":
		            answer.sendall(data[:5] + b"\x06" + data[6:12])
		        else:
		            sink.sendall(data)
		door = socket.create_server(("127.0.0.1", int(sys.argv[1])))
		while True:
		    client = door.accept()[0]
		    charger = socket.create_connection(("127.0.0.1", int(sys.argv[2])))
		    threading.Thread(target=pump, args=(client, charger, client), daemon=True).start()
		    threading.Thread(target=pump, args=(charger, client), daemon=True).start()
	END
	start python3 deaf.py "$abb" "$behind"
	wait_for listening "$abb"
	run_balance --charger-timeout 10
	wait_for is '.applied == 14'
	touch deaf
	house 40 2 1
	wait_for grep -q "does not apply" err.txt
	sleep 12
	wait_for grep -q "above the fuse, and the charger does not do what it is told: nothing is sent to it for 20 s" err.txt
	wait_for is '.charger == "away"'
	sleep 12
	emtool abb get "127.0.0.1:$behind" charging_current_limit | grep -q ': 6'
	rm deaf
	house 3 2 1
	wait_for is '.charger == "ready" and .applied == 14'
}

# bats test_tags=mutants
@test "a charger that accepts no fallback is not steered, unless told" {
	p1=$(free_port) abb=$(free_port) table=$(free_port)
	p1_port "$p1"
	charger "$abb" --refuse-write 2
	wait_for listening "$abb"
	run -1 --separate-stderr emtool balance run --tick 0.1 --p1 "tcp://127.0.0.1:$p1" --charger "abb://127.0.0.1:$abb"
	[[ $stderr == *unarmed* ]]
	run -0 emtool balance run --tick 0.1 --p1 "tcp://127.0.0.1:$p1" --charger "abb://127.0.0.1:$abb" --unarmed -d 1 --json
}

@test "a charger that answers with exceptions is given a pause, then its time-out and fallback again" {
	begin
	wait_for told 14.000
	for exception in 4 6; do
		kill "$charger"
		wait "$charger" || true
		charger "$abb" --exception "$exception"
		wait_for grep -q "exception $exception" err.txt
		wait_for is '.charger == "away"'
		kill "$charger"
		wait "$charger" || true
		charger "$abb"
		wait_for is '.charger == "ready" and .set_point == 14'
	done
	emtool abb get "127.0.0.1:$abb" fallback_limit | grep -q ': 6'
}
