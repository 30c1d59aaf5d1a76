#!/usr/bin/env bats
# balance run --control: orders over MQTT from a real broker, that is away, comes and goes.

load helper
load balance_house
load broker

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	unset NO_COLOR EMTOOL_KEY EMTOOL_MQTT_USER EMTOOL_MQTT_PASSWORD EMTOOL_MQTT_PASSWORD_FILE
	pids=()
	port=$(free_port)
	broker_conf
	sed -i '/persistence/d' mosquitto.conf
	control=mqtt://127.0.0.1:$port/house/car
}

# order NAME WORDS [OPTIONS]
order() {
	mosquitto_pub -p "$port" -t "house/car/$1/set" -q 1 -m "$2" "${@:3}"
}

# kept TOPIC: what the broker keeps there
kept() {
	mosquitto_sub -p "$port" -t "$1" -C 1 -W 1
}

# answers NAME WORDS: is that the answer which the broker keeps?
answers() { [ "$(kept "house/car/$1")" = "$2" ]; }

# said N TEXT: on so many lines of stderr
said() { [ "$(grep -c -- "$2" err.txt)" -eq "$1" ] || { cat err.txt; false; }; }

reason_is() { is ".reason == \"$1\""; }

# bats test_tags=valgrind,mutants
@test "override, mode and pause take effect and are answered" {
	broker_start
	begin --control "$control" -v
	wait_for told 14.000
	answers override none
	answers mode normal
	answers pause OFF
	answers availability online
	order override 8
	wait_for told 8.000
	wait_for answers override 8
	[ "$(registers 1000 1)" = 8000 ]
	order pause on
	wait_for told 0.000
	wait_for answers pause ON
	reason_is 'paused by the user'
	order override 10.5
	wait_for answers override 10.5
	told 0.000
	order pause OFF
	wait_for told 10.500
	wait_for answers pause OFF
	order mode Off
	wait_for told 0.000
	wait_for answers mode off
	order mode normal
	wait_for told 10.500
	wait_for answers mode normal
	order override 32 # the charger's maximum is 14 A
	wait_for told 14.000
	wait_for answers override 14
	put 1000 7000
	wait_for answers override 7
	order override none
	wait_for told 14.000
	wait_for answers override none
	said 1 'car: override 8$'
	said 2 'car: pause'
}

@test "words and topics that are not understood change nothing and are said once" {
	broker_start
	begin --control "$control"
	wait_for told 14.000
	wait_for answers override none
	order override 'eight'
	order override '8 A'
	order override 9
	wait_for told 9.000
	order override -1
	order mode swim
	order mode swim
	order pause 1
	order pause "$(printf '%0100d' 7)"
	order energy 7
	order other 7
	order pause ON
	wait_for told 0.000
	answers override 9
	answers mode normal
	said 1 "house/car/override/set: 'eight' is not understood: a number of A, none or auto"
	said 1 "house/car/override/set: '-1' is not understood"
	said 1 "house/car/mode/set: 'swim' is not understood: normal, off, surplus, minimum or now"
	said 1 "house/car/pause/set: '1' is not understood: ON or OFF"
	said 1 'house/car/energy/set: no such order; there are override, mode and pause'
	said 5 'not understood\|no such'
}

@test "modes of the sun, whatever --solar says" {
	broker_start
	p1=$(free_port) abb=$(free_port) table=$(free_port)
	p1_port "$p1"
	start emtool sim abb --listen "127.0.0.1:$abb" --car restart=600 > charger.out # it never starts
	run_balance -a headroom --control "$control" --solar surplus --set quiet_wait=1 --set restart_wait=1
	wait_for reason_is 'waiting for the sun'
	wait_for answers mode normal
	told 0.000
	order mode now
	wait_for told 14.000
	answers mode now
	order mode minimum
	wait_for told 6.000
	reason_is 'follows the sun'
	answers mode minimum
	order mode surplus
	wait_for told 0.000
	order mode now
	wait_for told 14.000
	order mode normal
	wait_for told 0.000
	wait_for answers mode normal
}

@test "headroom: a pause is quick to begin and to end" {
	broker_start
	p1=$(free_port) abb=$(free_port) table=$(free_port)
	p1_port "$p1"
	start emtool sim abb --listen "127.0.0.1:$abb" --car restart=600 > charger.out # it never starts: the currents are those of the house
	run_balance -a headroom --control "$control" --set quiet_wait=1 --set restart_wait=1 --set restart_room=3
	wait_for told 14.000
	for _ in 1 2; do
		order pause ON
		wait_for told 0.000
		reason_is 'paused by the user'
		house 18 2 1 # 6.5 A fit: no room for a restart of its own
		wait_for is '.ceilings.fuse == 6.5'
		order pause OFF
		wait_for told 6.000
		house 3 2 1
		wait_for told 14.000
	done
}

@test "orders survive a restart, also that there is no override" {
	broker_start
	begin --control "$control" --state state.conf --set override_limit=9
	wait_for told 9.000
	wait_for answers override 9
	order override auto
	wait_for told 14.000
	wait_for grep -qx 'order_override=none' state.conf
	order pause ON
	order mode off
	wait_for answers mode off
	kill "$balance"
	ended "$balance" 143
	answers availability offline
	grep -qx 'order_pause=ON' state.conf
	grep -qx 'order_mode=off' state.conf
	told 6.000 # the fallback
	run_balance --control "$control" --state state.conf --set override_limit=9
	wait_for told 0.000
	wait_for answers availability online
	answers override none
	answers pause ON
	said 1 "state.conf: the user's pause holds on"
	said 1 'state.conf: the mode off holds on'
	kill -9 "$balance"
	ended "$balance" 137
	wait_for answers availability offline # the last will
	run_balance --state state.conf
	wait_for told 14.000
	said 1 'state.conf: the saved pause and mode do not hold without --control'
}

@test "retained orders are ignored and said once, also when the broker comes back" {
	broker_start
	order pause ON -r
	order override 6 -r
	begin --control "$control"
	wait_for told 14.000
	wait_for said 1 'car/.*/set: a retained message is ignored'
	answers pause OFF
	answers override none
	order override 8 -r # ordered now: it counts, even if it is retained
	wait_for told 8.000
	order override 10
	wait_for answers override 10
	broker_stop
	wait_for said 1 'mqtt.*trying again'
	wait_for told 10.000
	put 1000 11000
	broker_start # it has lost everything
	wait_for answers override 11
	wait_for answers pause OFF
	answers mode normal
	answers availability online
	order override 12 -r
	wait_for answers override 12
	said 1 'a retained message is ignored'
}

@test "a broker that is away, one that never answers, one that refuses: it steers and ends in time" {
	mute=$(free_port)
	start python3 -c '
import socket, sys, time
s = socket.create_server(("127.0.0.1", int(sys.argv[1])))
held = []
while True:
    held.append(s.accept())' "$mute"
	wait_for listening "$mute"
	begin --control "$control"
	wait_for told 14.000
	wait_for said 1 'mqtt.*Connection refused; trying again'
	put 1000 8000
	wait_for told 8.000
	broker_start
	wait_for answers override 8
	order override 9
	wait_for told 9.000
	broker_stop
	wait_for said 2 'mqtt.*trying again'
	before=${EPOCHREALTIME/./}
	kill "$balance"
	ended "$balance" 143
	[ $((${EPOCHREALTIME/./} - before)) -lt 2000000 ]
	run_balance --control "mqtt://127.0.0.1:$mute/house/car"
	wait_for told 14.000
	before=${EPOCHREALTIME/./}
	kill "$balance"
	ended "$balance" 143
	[ $((${EPOCHREALTIME/./} - before)) -lt 2000000 ]
	broker_conf false
	broker_start
	run_balance --control "$control?version=5"
	wait_for told 14.000
	wait_for said 1 'mqtt.*trying again'
	kill "$balance"
	ended "$balance" 143
}

@test "Home Assistant discovers a number, a select and a switch of the balancer's device" {
	broker_start
	begin --control "$control/" --mqtt-discovery
	config=homeassistant/device/emtool_control_house_car/config
	wait_for kept "$config"
	kept "$config" > config
	jq -e '.dev.ids == ["emtool_balance"] and .availability_topic == "house/car/availability" and (.cmps | length) == 3' config
	jq -e '.cmps.override | .p == "number" and .min == 0 and .max == 14 and .state_topic == "house/car/override" and
		.command_topic == "house/car/override/set" and .payload_reset == "none" and .unit_of_measurement == "A"' config
	jq -e '.cmps.mode | .p == "select" and .options == ["normal", "off", "surplus", "minimum", "now"]' config
	jq -e '.cmps.pause | .p == "switch" and .command_topic == "house/car/pause/set"' config
	refute kept homeassistant/device/emtool_balance/config
	start mosquitto_sub -p "$port" -t "$config" -R > again
	wait_for bash -c "mosquitto_pub -p $port -t homeassistant/status -m online; grep -q emtool_control again"
	put 1010 12000
	put 1091 1
	wait_for bash -c "mosquitto_sub -p $port -t $config -C 1 -W 1 | jq -e '.cmps.override.max == 12'"
	kill "$balance"
	ended "$balance" 143
	run_balance --control "$control?availability=no" --mqtt-discovery --mqtt "mqtt://127.0.0.1:$port/house/balance"
	wait_for kept homeassistant/device/emtool_balance/config
	wait_for bash -c "mosquitto_sub -p $port -t $config -C 1 -W 1 | jq -e '.availability_topic == null'"
	kept homeassistant/device/emtool_balance/config | jq -e '.dev.ids == ["emtool_balance"] and .cmps.limit.p == "sensor"'
}

@test "the commands of the manual page give orders" {
	broker_start
	begin --control "$control"
	wait_for told 14.000
	mandoc -T utf8 -O width=500 "$BATS_TEST_DIRNAME/../man/emtool-balance.1" | col -bx |
		sed -n "s/^ *\(mosquitto_pub .*\)/\1 -p $port/p" | sed 's/homeassistant.local/127.0.0.1/' > orders
	[ "$(wc -l < orders)" -eq 3 ]
	bash -e orders
	wait_for told 0.000
	wait_for answers override 8
	answers pause ON
	answers mode normal
}

@test "wrong URLs are told before it begins" {
	for url in http://h/x mqtt://h mqtt://h/ mqtt://h/x/+ 'mqtt://h/x/[unit]' mqtt:///x 'mqtt://h/x?retain' \
		'mqtt://h/x?client=a&session=1' 'mqtt://h/x?version=4.5' mqtt://me:secret@h/x; do
		run -2 --separate-stderr emtool balance run --p1 tcp://127.0.0.1:1 --charger none --control "$url"
		[[ $stderr == *--control* ]]
	done
	[[ $stderr == *EMTOOL_MQTT_PASSWORD_FILE* ]]
	run -2 --separate-stderr emtool balance run --p1 tcp://127.0.0.1:1 --charger none --mqtt-discovery
	[[ $stderr == *'needs --mqtt'* ]]
}
