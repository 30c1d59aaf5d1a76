#!/usr/bin/env bats
# A house in one terminal: sim house, and sim p1 with the currents of a simulated charger.

load helper

# house OPTIONS...: starts it; its addresses are in the file `house`
house() {
	start emtool sim house --json "$@" > house 2> house.err
	wait_for grep -q sim_house house
}

at() {
	jq -r ".$1" house
}

@test "sim house: the meter sees the car, and balance run keeps it below the fuse" {
	house --start 18:30 --house seed=7 --car restart=0,dead=0,up=16
	emtool p1 "$(at meter)" --json > meter.json & pids+=($!)
	# Nobody steers: the car takes 16 A, which is more than a fuse of 16 A bears beside the house.
	wait_for grep -q current_l1 meter.json
	sleep 2
	[ "$(tail -n 1 meter.json | jq '.current_l1 >= 16')" = true ]
	emtool balance run --p1 "$(at meter)" --charger "$(at charger)" --fuse 16 --duration 15 --json \
		--set restart_wait=1 --set quiet_wait=2 --set margin=1 > out.json 2> err
	jq -se 'length > 10 and (.[-1].limit >= 6) and (map(select(.charger == "ready" and .car_l1 >= 6)) | length > 8)' out.json
	# After the first seconds every telegram is at or below the fuse.
	jq -se '.[3:] | all(.grid_l1 <= 16 and .grid_l2 <= 16 and .grid_l3 <= 16)' out.json
	jq -se '.[3:] | all(.grid_l1 >= .car_l1 - 1)' out.json
}

@test "sim house: text, the inverter, other chargers, what it refuses" {
	start emtool sim house --house seed=3,pv=6 --start 12:00 --charger keba --car home=0-24 > text
	wait_for grep -q '^command  *emtool balance run --p1 tcp://127.0.0.1:.* --charger keba://127.0.0.1:' text
	inverter=$(sed -n 's|^inverter *tcp://||p' text) charger=$(sed -n 's|^charger *keba://||p' text)
	emtool sunspec read "$inverter" --model 103 --points W,A --json | jq -e '.W > 300 and .A > 1'
	emtool keba get "$charger" charging_state
	# The panels of the inverter are those of the house: its meter exports at noon.
	emtool p1 "$(sed -n 's/^meter *//p' text)" -n 1 --json > p1.json
	jq -e '.voltage_l1 > 220 and (.power_export > 300 or .power_import > 0)' p1.json
	for bad in --start=25:00 --start=noon --house=moon=1 --charger=tesla --car=2:max=7; do
		run -2 emtool sim house "$bad"
	done
	run -2 emtool sim house --listen nowhere:x
	port=$(free_port)
	start emtool sim house --port "$port" > other
	wait_for grep -q "charger  *abb://127.0.0.1:$((port + 2))" other
	run -4 emtool sim house --port "$port"
}

@test "sim p1 --charger: the meter adds what the charger draws; a lost charger draws nothing" {
	p1=$(free_port) charger=$(free_port)
	start emtool sim alfen --listen "127.0.0.1:$charger" --car restart=0,dead=0,up=16 > alfen.out
	alfen=$started
	start emtool sim p1 --listen "127.0.0.1:$p1" --charger "alfen://127.0.0.1:$charger" --interval 0.2 \
		--set current_l1=3 --set current_l2=2 --set current_l3=1 --set power_export_l3=0 2> err
	told() {
		[ "$(emtool p1 "tcp://127.0.0.1:$p1" -n 1 --json | jq -c '[.current_l1, .current_l2, .current_l3]')" = "$1" ]
	}
	wait_for told '[13,12,11]' # the safe current of the Alfen
	emtool alfen get "127.0.0.1:$charger" mode_3_state | grep -q C2
	kill "$alfen"
	wait_for told '[3,2,1]'
	sleep 1.5
	[ "$(grep -c 'tells no currents' err)" -eq 1 ]
	start emtool sim alfen --listen "127.0.0.1:$charger" --car restart=0,dead=0,up=16 > alfen.out
	wait_for told '[13,12,11]'
	grep -q 'tells its currents again' err
	run -2 emtool sim p1 --listen 127.0.0.1:0 --charger tesla://127.0.0.1
	run -2 emtool sim p1 -o log.txt -n 5 --charger abb://127.0.0.1
}
