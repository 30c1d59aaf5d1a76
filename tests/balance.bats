#!/usr/bin/env bats
# balance simulate: sources, algorithms, faults, comparisons, pictures. balance run is in
# balance_run.bats.

load helper

# rows FROM TO L1 [OVERRIDE]: seconds of a CSV
rows() {
	seq "$1" "$2" | sed "s/\$/,$3,2,1,$4/"
}

header=t,current_l1,current_l2,current_l3,override

field() {
	jq -r "select(.type == \"balance_summary\") | .$1"
}

@test "a cold start and a drop, second by second, as the firmware does it" {
	{ echo $header; rows 0 104 2; rows 105 129 23; rows 130 135 25; rows 136 155 20; rows 156 170 19; } > in.csv
	emtool balance simulate in.csv --open-loop --firmware-quirks --set lower_wait=5 --trace --json |
		jq -c 'select(.type == "balance") | [.t, .used, .limit, .state, .state_code]' > out
	for line in '[4,2.000,0.000,"lower",1]' '[5,2.000,1.000,"lower",1]' '[95,2.000,16.000,"lower",1]' \
		'[96,2.000,16.000,"normal",0]' '[105,23.000,16.000,"upper",2]' '[110,23.000,15.000,"upper",2]' \
		'[130,25.000,12.000,"alarm",3]' '[131,25.000,0.000,"alarm",3]' '[136,20.000,0.000,"normal",0]' \
		'[161,19.000,1.000,"lower",1]'; do
		grep -qFx "$(jq -c . <<< "$line")" <(jq -c . out) || { echo "missing $line"; false; }
	done
	[ "$(wc -l < out)" -eq 171 ]
}

@test "without data the fallback acts after exactly the configured time, with firmware quirks after twice that" {
	{ echo $header; rows 0 99 2; rows 100 170 '' | sed 's/,2,1,$/,,,/'; } > in.csv
	exact=$(emtool balance simulate in.csv -a threshold --open-loop --set fallback_limit=6 --trace --json |
		jq -r 'select(.t > 50 and .limit == 6) | .t' | head -1)
	firmware=$(emtool balance simulate in.csv --open-loop --firmware-quirks --set fallback_limit=6 --trace --json |
		jq -r 'select(.t > 50 and .limit == 6) | .t' | head -1)
	[ "$exact" -eq 129 ]
	[ "$firmware" -eq 158 ]
}

@test "seconds that are missing in the file count as seconds without telegrams" {
	{ echo $header; rows 0 9 2; rows 20 29 2; } > in.csv
	emtool balance simulate in.csv -a threshold --open-loop --set fallback_wait=5 --trace --json > out
	[ "$(field seconds < out)" -eq 30 ]
	[ "$(jq -r 'select(.t == 14) | .state' out)" = fallback ]
	[ "$(jq -r 'select(.t == 13) | .state' out)" != fallback ]
	[ "$(jq -r 'select(.t == 20) | .state' out)" != fallback ]
}

@test "an override lowers at once and is lifted step by step" {
	{ echo $header; rows 0 99 2; rows 100 100 2 8; rows 101 120 2; rows 121 121 2 16; rows 122 150 2; } > in.csv
	emtool balance simulate in.csv -a threshold --open-loop --trace --json > out
	[ "$(jq 'select(.t == 100) | .limit == 8' out)" = true ]
	[ "$(jq 'select(.t == 150) | .limit == 16' out)" = true ]
	[ "$(jq 'select(.t == 122) | .limit < 10' out)" = true ]
}

# bats test_tags=mutants
@test "verdicts: a fuse cannot, may, or must trip" {
	while read -r amps seconds verdict; do
		{ echo $header; rows 0 49 1; rows 50 $((49 + seconds)) "$amps"; rows $((50 + seconds)) 999 1; } > in.csv
		emtool balance simulate in.csv --open-loop --fuse 25 --json > out
		[ "$(field verdict < out)" = "$verdict" ]
		[ "$(field 'max_current * 1' < out)" = "$amps" ]
	done <<-END
		26 600 cannot_trip
		50 300 may_trip
		250 100 must_trip
	END
	{ echo $header; rows 0 600 26; } > in.csv
	emtool balance simulate in.csv --open-loop --fuse B16 --json | field verdict | grep -q trip
	run -2 emtool balance simulate in.csv --fuse E16
}

@test "other layouts of CSV: semicolons, time stamps, export by power, comments, CRLF" {
	printf '# a house\r\nt_s;l1_A;l2_A;l3_A\r\n0;3.5;2;1\r\n1;3.5;2;1\r\n' > in.csv
	emtool balance simulate in.csv --open-loop --trace --json > out
	[ "$(jq 'select(.t == 0) | .used == 3.5' out)" = true ]
	cat > in.csv <<-END
		type,time,current_l1,current_l2,current_l3,power_import_l1,power_export_l1
		p1,2026-06-01T12:00:00.000Z,7,2,1,0,1610
		p1,2026-06-01T12:00:03.000Z,7,2,1,1610,0
	END
	emtool balance simulate in.csv --open-loop --trace --json > out
	[ "$(field seconds < out)" -eq 4 ]
	[ "$(jq 'select(.t == 0) | .used == 2' out)" = true ]
	[ "$(jq 'select(.t == 3) | .used == 7' out)" = true ]
}

# bats test_tags=valgrind,mutants
@test "bad rows are counted, a file without currents is refused" {
	{ echo $header; rows 0 9 2; echo 10,abc,2,1,; rows 11 19 2; } > in.csv
	run -0 --separate-stderr emtool balance simulate in.csv --json
	[[ $stderr == *'1 of 20 rows'* ]]
	run -3 emtool balance simulate in.csv --json --strict
	echo a,b,c > none.csv
	run -3 emtool balance simulate none.csv
	run -4 emtool balance simulate /nonexistent.csv
	run -3 --separate-stderr emtool balance simulate /dev/null
	[[ $stderr == *'no household data'* ]]
}

# bats test_tags=mutants
@test "a P1 log: the meter's clock places telegrams, gaps are gaps, export is negative" {
	emtool sim p1 -o log.txt -n 20 --start 2026-06-01T10:00:00Z --interval 1 --seed 3 --set current_l1=7 \
		--set current_l2=2 --set current_l3=1 --set power_import_l1=0 --set power_export_l1=1610
	emtool balance simulate log.txt --open-loop --trace --json > out
	[ "$(field seconds < out)" -eq 20 ]
	[ "$(jq 'select(.t == 5) | .used == 2' out)" = true ]
	tr -d '\r' < log.txt > lf.txt
	emtool balance simulate lf.txt --open-loop --json | field seconds | grep -qx 20
	# the first telegram is cut
	tail -c +300 log.txt > cut.txt
	emtool balance simulate cut.txt --open-loop --json | field seconds | grep -qx 19
	emtool sim p1 -o slow.txt -n 5 --start 2026-06-01T10:00:00Z --interval 10 --seed 3 --set current_l1=7 \
		--set current_l2=2 --set current_l3=1
	emtool balance simulate slow.txt --open-loop --json | field seconds | grep -qx 41
}

@test "a synthetic day depends on the seed only, and headroom does better than threshold" {
	emtool balance simulate synthetic:seed=42,days=1 -a headroom --trace --json > one
	emtool balance simulate synthetic:seed=42,days=1 -a headroom --trace --json > two
	emtool balance simulate synthetic:seed=43,days=1 -a headroom --trace --json > other
	cmp one two
	run ! cmp -s one other
	[ "$(wc -l < one)" -eq 86401 ]
	[ "$(jq -s 'map(select(.limit > 0 and .limit < 6)) | length' one)" -eq 0 ]
	emtool balance simulate synthetic:seed=42 --compare threshold --compare headroom --json > both
	jq -se '.[1].energy >= .[0].energy and .[1].pauses <= 1 and .[1].seconds_over_fuse <= .[0].seconds_over_fuse' both
}

@test "solar: the car takes surplus power, and export never counts as load" {
	emtool balance simulate synthetic:seed=3,pv=6,day=172 -a headroom --json > out
	[ "$(field 'energy_solar > 5000' < out)" = true ]
}

# bats test_tags=mutants
@test "faults: lost telegrams, a silent and a frozen meter, a dead charger" {
	day=synthetic:seed=5
	emtool balance simulate $day -a headroom --fault lost=20 --json > out
	[ "$(field verdict < out)" = cannot_trip ]
	emtool balance simulate $day --fault silent=3600+600 --set fallback_limit=6 --json > out
	[ "$(field seconds_fallback < out)" -eq 571 ]
	emtool balance simulate $day -a headroom --fault dead=60000+3600,timeout=60,fallback=6 --json > out
	[ "$(field seconds < out)" -eq 86400 ]
	emtool balance simulate $day -a headroom --fault frozen=60000+3600 --json | field verdict
	emtool balance simulate $day -a headroom --fault resolution=1 --set margin=1 --json > out
	[ "$(field pauses < out)" -le 1 ]
	run -2 emtool balance simulate $day --fault lost
	run -2 emtool balance simulate $day --fault dead=5
	run -2 emtool balance simulate $day --fault fire=1
}

@test "lists of words: none is empty" {
	for words in '' , =; do
		for option in fault car compare; do
			run -2 --separate-stderr emtool balance simulate synthetic:seed=1 "--$option" "$words"
			[[ $stderr == *"--$option: "* ]]
		done
	done
	for words in fault:lost=1 car:max=16 compare:margin=1; do
		for list in "${words#*:}," ",${words#*:}" "${words#*:},,${words#*:}"; do
			run -2 emtool balance simulate synthetic:seed=1 "--${words%%:*}" "$list"
		done
		emtool balance simulate synthetic:seed=1 "--${words%%:*}" "${words#*:}" > out
	done
}

@test "faults: late data, rotated phases, a charger that does what it wants" {
	day=synthetic:seed=5
	emtool balance simulate $day -a headroom --json > well
	over=$(field seconds_over_fuse < well)
	emtool balance simulate $day -a headroom --fault lag=9 --json > out
	[ "$(field seconds_over_fuse < out)" -gt "$over" ]
	emtool balance simulate $day -a headroom --fault disobey=0+86400 --json > out
	[ "$(field 'energy == 0' < out)" = true ]
	for fault in rotate=312 scale=0.1 car-lag=5 reboot=64000 master=64000:32; do
		emtool balance simulate $day -a headroom --fault $fault --json > out
		[ "$(field seconds < out)" -eq 86400 ]
		[ "$(field verdict < out)" = cannot_trip ]
	done
	# A charger that starts anew while the line to it is cut keeps its own maximum.
	emtool balance simulate $day --car max=32 -a headroom \
		--fault reboot=64000,dead=64000+3600,timeout=60,fallback=6 --json > out
	[ "$(field 'max_current > 32' < out)" = true ]
	# The faults are those of every set.
	emtool balance simulate $day -a headroom --fault lag=9 --sweep margin=0..2/1 --json > out
	[ "$(jq -s 'map(select(.seconds_over_fuse > 0)) | length' out)" -eq 3 ]
}

# bats test_tags=mutants
@test "cars: one phase, a full battery, wrong words" {
	emtool balance simulate synthetic:seed=5 -a headroom --car phases=1,first=3,max=32 \
		--set max_charger_current=20 --json > out
	[ "$(field 'energy > 50000 and .energy < 111000' < out)" = true ]
	emtool balance simulate synthetic:seed=5 -a headroom --car battery=40,charge=50 --json > out
	[ "$(field 'energy_battery > 19900 and .energy_battery < 20200' < out)" = true ]
	[ "$(field pauses < out)" -eq 0 ]
	for bad in wheels=4 phases=4 max= min=20; do
		run -2 emtool balance simulate synthetic: --car $bad
	done
}

# bats test_tags=mutants
@test "a car that lives: at home by night, driven by day, a record per day" {
	emtool balance simulate synthetic:seed=7,days=4 --car home=18-7,daily=12 --daily --json > out
	[ "$(jq -s 'map(select(.type == "balance_day").day) | join(" ")' out)" = '"1 2 3 4"' ]
	# It fills up in the first night; after that it gets what it drove, and the losses.
	jq -se '.[0].energy > 55000 and (.[1:4] | all(.energy > 12000 and .energy < 13500))' out
	jq -se '.[:4] | all(.energy_driven == 12000 and .missing == 0 and .seconds == 86400)' out
	jq -se '(.[:4] | map(.energy) | add) - .[4].energy | fabs < 1' out
	jq -se '.[4] | .days == 4 and .energy_driven == 48000 and (.energy_per_day * 4 - .energy | fabs < 1)' out
	emtool balance simulate synthetic:seed=7,days=4 --car home=18-7,daily=12 > text
	grep -q 'to the car  .* kWh in .* min a day, ' text
	grep -q 'driven  .*12.0 kWh a day' text
	# Too much for an hour of 11 kW.
	emtool balance simulate synthetic:seed=7,days=5 --car home=19-20,daily=40,battery=50 --json > out
	[ "$(field 'missing > 100000 and .energy < 50000' < out)" = true ]
	emtool balance simulate synthetic:seed=7 --car home=18-7 --trace --json > out
	jq -se 'map(select(.t >= 7 * 3600 and .t < 18 * 3600)) | all(.car == 0)' out
	emtool balance simulate synthetic:seed=7 --json | jq -e '.energy_per_day > 200000 and .missing == 0'
	# Sets side by side: a record of each set for each day, in the order of the days.
	emtool balance simulate synthetic:seed=7,days=2 --daily --sweep margin=0..1/0.05 --json > out
	jq -se '[.[:42][].day] == [range(21) | 1] + [range(21) | 2] and (.[:42] | all(.name))' out
	emtool balance simulate synthetic:seed=7 --daily --open-loop --json | head -1 | jq -e '.day == 1 and .energy == 0'
}

# bats test_tags=mutants
@test "two cars take turns at a charger; what --car refuses" {
	local emtool='emtool balance simulate synthetic:seed=7,days=3 --json'
	$emtool --car home=18-7,daily=20 --car 2:home=8-17 --car 2:daily=10,phases=1 > out
	jq -e '.cars | length == 2 and (map(.energy_driven) == [60000, 30000]) and (map(.missing) == [0, 0])' < out
	$emtool --car home=18-7,daily=20 --car 2:home=18-7,daily=60 --car 3:home=9-10 | jq -e '.cars[1].missing > 0'
	while read -r words message; do
		run -2 --separate-stderr emtool balance simulate synthetic: --car "$words"
		[[ $stderr == *"$message"* ]] || { echo "$words: $stderr"; false; }
	done <<-END
		home=7 is not home=FROM-TO
		home=7-7 windows do not touch
		home=7-25 hours are 0 to 24
		daily=-1 daily=-1 is outside 0..1000
		daily=3,home=0-24 has to leave time
		3:max=16 there is a car 3:, but no car 2:
		5:max=16 cars are 1: to 4:
		2:min=20 min is greater than max
	END
	run -2 emtool sim abb --listen 127.0.0.1:0 --car 2:max=16
}

# bats test_tags=mutants
@test "settings are checked: names, numbers, bounds" {
	for bad in upper=3 upper_limit= upper_limit=-1 upper_limit=70 phases=4 lower_wait=255 lower_wait=1.5; do
		run -2 --separate-stderr emtool balance simulate synthetic: --set $bad
		[ "$(wc -l <<< "$stderr")" -eq 2 ]
	done
	for bad in seeds=3 days=0 seed=x day=400; do
		run -2 emtool balance simulate synthetic:$bad
	done
	run -2 emtool balance simulate synthetic: --compare headroom,upper=3
	run -2 emtool balance simulate synthetic: --sweep upper_limit=20..10
	run -2 emtool balance simulate synthetic: --sweep upper_limit=10..60/0.01
	run -2 emtool balance simulate
}

# refused WORDS OPTIONS...: simulate ends with exit 2, and its only line and the hint say WORDS
refused() {
	run -2 --separate-stderr emtool balance simulate synthetic:seed=4 "${@:2}"
	[ "$(wc -l <<< "$stderr")" -eq 2 ] || { echo "$stderr"; false; }
	[[ $stderr == *"$1"* ]] || { echo "$stderr"; false; }
}

# bats test_tags=mutants
@test "headroom is the default algorithm, and --firmware-quirks chooses threshold" {
	emtool balance simulate synthetic:seed=4 --json | field algorithm | grep -qx headroom
	emtool balance simulate synthetic:seed=4 -a threshold --json | field algorithm | grep -qx threshold
	emtool balance simulate synthetic:seed=4 --firmware-quirks --json | field algorithm | grep -qx threshold
	emtool balance simulate synthetic:seed=4 --compare margin=1 --json | field algorithm | grep -qx headroom
}

@test "no setting above the fuse: limits are refused, the maximum and the override are clipped" {
	for set in alarm_limit=16.001 upper_limit=17 lower_limit=16.5 fallback_limit=30; do
		refused "--set: $set is above the main fuse, --fuse 16" -a threshold --fuse B16 --set $set
	done
	for set in fallback_limit=25.5 min_current=26 margin=30; do
		refused "--set: $set is above the main fuse, --fuse 25" --set $set
	done
	for set in max_charger_current=32 override_limit=32; do
		run -0 --separate-stderr emtool balance simulate synthetic:seed=4 --fuse 16 --set $set --json
		[ "$stderr" = "emtool: balance simulate: --set: $set is above the main fuse: 16 A is the most" ]
	done
	emtool balance simulate synthetic:seed=4 --fuse 10 --trace --json > out
	[ "$(jq -s 'map(select(.limit > 10)) | length' out)" -eq 0 ]
	[ "$(jq -s 'map(.limit // 0) | max >= 6' out)" = true ]
	emtool balance simulate synthetic:seed=4 --fuse 10 --set alarm_step=30 -a threshold --json > out # a step is no limit
}

@test "the limits of threshold follow the fuse" {
	{ echo $header; rows 0 29 2; rows 30 69 14; rows 70 99 15.5; } > in.csv
	emtool balance simulate in.csv -a threshold --fuse 16 --open-loop --trace --json > out
	[ "$(jq -r 'select(.t == 20) | .state' out)" = lower ]
	[ "$(jq -r 'select(.t == 40) | .state' out)" = upper ]
	[ "$(jq -r 'select(.t == 80) | .state' out)" = alarm ]
	emtool balance simulate in.csv -a threshold --fuse 16 --firmware-quirks --open-loop --trace --json > out
	[ "$(jq -r 'select(.t == 80) | .state' out)" = normal ]
}

@test "limits out of order contradict each other" {
	refused 'lower_limit (19.000 A) is above upper_limit (18.000 A)' -a threshold --set upper_limit=18
	refused 'upper_limit (24.500 A) is above alarm_limit (24.000 A)' -a threshold --set upper_limit=24.5
	refused 'threshold,lower_limit=23: lower_limit (23.000 A) is above upper_limit (22.000 A)' \
		--compare headroom --compare threshold,lower_limit=23
	emtool balance simulate synthetic:seed=4 -a threshold --set upper_limit=24 --set lower_limit=24 --json > out
	emtool balance simulate synthetic:seed=4 -a threshold --firmware-quirks --set upper_limit=18 --json > out
}

@test "a setting of the other algorithm is refused, and the algorithm that uses it is named" {
	refused 'quiet_wait=60: only the algorithm headroom uses quiet_wait' -a threshold --set quiet_wait=60
	refused 'alarm_wait=3: only the algorithm threshold uses alarm_wait' --set alarm_wait=3
	refused 'only the algorithm headroom uses margin' --firmware-quirks --set margin=1
	refused '--compare: margin=1: only the algorithm headroom' --compare threshold,margin=1
	refused '--sweep: upper_limit=22: only the algorithm threshold' --sweep upper_limit=20..22
	refused 'only the algorithm headroom uses margin' --set margin=1 --compare threshold
	emtool balance simulate synthetic:seed=4 --set margin=1 --set upper_wait=2 --compare threshold --compare headroom --json > out
	[ "$(wc -l < out)" -eq 2 ]
	emtool balance simulate synthetic:seed=4 --set fallback_limit=20 --firmware-quirks --fuse 16 \
		--compare threshold --json > out
	refused 'fallback_limit=20 is above' --set fallback_limit=20 --firmware-quirks --fuse 16 --compare threshold --compare headroom
}

@test "with --firmware-quirks every setting of the firmware is taken, above the fuse too" {
	emtool balance simulate synthetic:seed=4 --firmware-quirks --fuse 16 --set max_charger_current=32 --set alarm_limit=60 \
		--set upper_limit=30 --set lower_limit=40 --set fallback_limit=63 --trace --json > out 2> err
	[ ! -s err ]
	[ "$(jq -s 'map(.limit // 0) | max == 32' out)" = true ]
}

@test "a sweep leaves out corners that contradict themselves, and says so" {
	run -0 --separate-stderr emtool balance simulate synthetic:seed=4 -a threshold --sweep upper_limit=16..22/2 \
		--sweep lower_limit=17..19/2 --json
	[ "$(wc -l <<< "$output")" -eq 5 ]
	[[ $stderr == *"3 of 8 sets contradict themselves"* ]]
	refused 'in all sets' -a threshold --sweep lower_limit=23..24
	refused 'upper_limit=26 is above the main fuse' -a threshold --sweep upper_limit=20..26
}

# bats test_tags=mutants
@test "--phase-order: an order or auto" {
	for order in auto 123 132 213 231 312 321; do
		emtool balance simulate synthetic:seed=4 --phase-order $order --json > out
	done
	for order in 112 1234 12 231x ''; do
		refused 'auto|123|132|213|231|312|321' --phase-order "$order"
	done
}

# bats test_tags=mutants
@test "many sets share the cores, and each gets what it gets alone" {
	house=synthetic:seed=8,days=40,heatpump=3
	emtool balance simulate $house -a headroom --sweep margin=0..2/0.1 --json | jq -c 'del(.rank, .front)' > together
	[ "$(wc -l < together)" -eq 21 ]
	for margin in 0 0.3 2; do
		emtool balance simulate $house -a headroom --sweep margin=$margin..$margin --json |
			jq -c 'del(.rank, .front)' | grep -qxFf - together
	done
	# --trace shows each piece of the house for all sets, then the next one.
	emtool balance simulate synthetic:seed=8 -a headroom --sweep margin=0..2/0.1 --trace --json -n 9000 > traced
	[ "$(jq -r .name traced | uniq | sed -n '1p;21p;22p' | xargs)" = "margin=0 margin=2 margin=0" ]
}

# bats test_tags=mutants
@test "a sweep ranks the settings, the best first" {
	emtool balance simulate synthetic:seed=4 -a threshold --sweep lower_wait=1..9/4 --sweep upper_limit=20..22 --json > out
	[ "$(wc -l < out)" -eq 9 ]
	jq -se 'map(.rank) == [range(1; 10)]' out
	jq -se 'map(.front) | . == (sort | reverse)' out
	emtool balance simulate synthetic:seed=4 -a threshold --sweep lower_wait=1..9/4 | head -1 | grep -q 'energy kWh'
}

# bats test_tags=valgrind,mutants
@test "picture and report: well-formed, self-contained, one picture per set" {
	emtool balance simulate synthetic:seed=4 --compare threshold --compare 'headroom,margin=1' \
		--plot day.svg --report day.html > /dev/null
	python3 - <<-'END'
		import xml.etree.ElementTree as tree
		svg = "{http://www.w3.org/2000/svg}"
		root = tree.parse("day.svg").getroot()
		assert root.tag == svg + "svg"
		assert len([e for e in root.iter(svg + "path") if e.get("class") == "limit"]) == 2
		page = open("day.html").read()
		body = tree.fromstring(page.replace("<!DOCTYPE html>", ""))
		pictures = [e for e in body.iter("svg") if e.get("role") == "img"]
		assert len(pictures) == 2 and "http" not in page and "<script" not in page
		for picture in pictures:
		    ids = picture.get("aria-labelledby").split()
		    assert [e.get("id") for e in picture if e.tag in ("title", "desc")] == ids
		assert "prefers-color-scheme:dark" in page and "headroom,margin=1" in page
	END
	run -4 emtool balance simulate synthetic:seed=4 --plot /nonexistent/day.svg
}

# bats test_tags=mutants
@test "report: the sentence at the top says what the summary says; a month has bars and a map" {
	emtool balance simulate synthetic:seed=4 --report day.html --json > day.json
	emtool balance simulate synthetic:seed=4,days=31,day=1,pv=4 --report month.html > /dev/null
	python3 - <<-'END'
		import json, re, xml.etree.ElementTree as tree
		def page(name):
		    return tree.fromstring(open(name).read().replace("<!DOCTYPE html>", ""))
		def words(e):
		    return re.sub(r"\s+", " ", "".join(e.itertext()))
		day, month, summary = page("day.html"), page("month.html"), json.load(open("day.json"))
		answer = words(day.find(".//p[@class='answer']"))
		assert answer == ("With a main fuse of 25 A the car gets %.1f kWh in 24 h. "
		    "The fuse cannot trip." % (summary["energy"] / 1000)), answer
		assert not day.findall(".//svg[@class='map']")
		assert len(month.findall(".//svg[@class='map']")) == 1
		rows = [r for r in month.find(".//details").iter("tr")][1:]
		assert [words(r[0]) for r in rows] == ["%d Jan" % (d + 1) for d in range(31)]
	END
}

# bats test_tags=mutants
@test "a simulation prints in every format" {
	emtool balance simulate synthetic:seed=4 | grep -q 'cannot trip'
	emtool balance simulate synthetic:seed=4 --format csv | head -1 | grep -q '^type,algorithm,fuse,seconds,energy'
	emtool balance simulate synthetic:seed=4 --format influx | grep -q '^balance_summary'
	emtool balance simulate synthetic:seed=4 --json --units | jq -e '.energy.unit == "Wh"'
	emtool balance simulate synthetic:seed=4 --trace --count 3 --json | wc -l | grep -qx 3
}
