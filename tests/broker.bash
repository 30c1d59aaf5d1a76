# A mosquitto broker of the test's own, on $port; and streams to publish.

# The exchanges of $n1_ct N times over, for streams that last.
many() {
	for _ in $(seq "$1"); do printf '%s' "$n1_ct"; done | xxd -r -p
}

# broker_conf [false]: a configuration, without anonymous clients if false
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

# subscribe TOPIC FORMAT: into the file `got`, in a session that the broker keeps; returns when it is subscribed
subscribe() {
	start mosquitto_sub -p "$port" -t "$1" -q 1 -c -i test -F "$2" > got 8>&-
	wait_for bash -c "mosquitto_pub -p $port -t '${1%#}ready' -m ready -q 1; grep -q ready got"
	grep -v ready got > nothing || true
}

# certificate NAME [SIGNER]: NAME.pem and NAME.key for localhost
certificate() {
	openssl req -x509 -newkey rsa:2048 -nodes -keyout "$1.key" -out "$1.pem" -days 2 -subj "/CN=$1" \
		-addext 'subjectAltName = DNS:localhost, IP:127.0.0.1' 2>/dev/null
}
