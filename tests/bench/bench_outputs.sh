#!/bin/sh
# Records through MQTT with QoS 1 to a broker on loopback, rows into SQLite, and the memory of a
# resident command with --mqtt. Wants 20,000 records/s, 100,000 rows/s, 8 MB.
set -eu

emtool=$PWD/${BUILD:-build}/emtool
PATH=$PATH:/usr/sbin
dir=$(mktemp -d)
broker=
command=
trap 'kill $broker $command 2>/dev/null; rm -rf "$dir"' EXIT
cd "$dir"
status=0

# report NAME VALUE UNIT GOAL LESS|MORE
report()
{
	verdict=$(awk -v v="$2" -v g="$4" -v w="$5" 'BEGIN {print (w == "MORE" ? v >= g : v <= g) ? "ok" : "MISSED"}')
	printf '%-40s %10s %-10s goal %s: %s\n' "$1" "$2" "$3" "$4" "$verdict"
	[ "$verdict" = ok ] || status=1
}

# rate RECORDS COMMAND...: records per second
rate()
{
	n=$1
	shift
	start=$(date +%s%N)
	"$@"
	end=$(date +%s%N)
	echo $((n * 1000000000 / (end - start)))
}

exchange=0103500A0002F5090103043FA16873C9E0
one=$(printf '%s' $exchange | sed 's/../\\x&/g')
python3 -c "import sys; sys.stdout.buffer.write(bytes.fromhex('$exchange') * 200000)" > stream
head -c $((17 * 60000)) stream > short
[ -n "$one" ]

report 'sniff into SQLite' "$(rate 200000 "$emtool" sniff stream --meter inepro_n1_ct -q -o /dev/null --db h.db)" rows/s 100000 MORE
[ "$(sqlite3 h.db 'SELECT count(*) FROM history')" -eq 200000 ]

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
printf 'listener %s 127.0.0.1\nallow_anonymous true\nlog_type none\n' "$port" > conf
mosquitto -c conf 2>/dev/null &
broker=$!
until mosquitto_pub -p "$port" -t x -m x 2>/dev/null; do sleep 0.1; done
report 'sniff through MQTT, QoS 1' "$(rate 60000 "$emtool" sniff short --meter inepro_n1_ct -q -o /dev/null --mqtt "mqtt://127.0.0.1:$port/bus")" records/s 20000 MORE

mkfifo bus
"$emtool" sniff bus --meter inepro_n1_ct -q -o /dev/null --mqtt "mqtt://127.0.0.1:$port/bus" &
command=$!
exec 8> bus
head -c $((17 * 1000)) stream >&8
sleep 2
report 'sniff resident with --mqtt' "$(awk '/^VmRSS/ {printf "%.1f", $2 / 1024}' /proc/$command/status)" MB 8 LESS
exec 8>&-
exit $status
