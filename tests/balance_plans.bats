#!/usr/bin/env bats
# balance by the clock and by price: --plan, --price, --until, --energy, --zone.

load helper

# prices FROM PRICE...: a list of hours that begins at FROM (UTC, as date(1) reads it)
prices() {
	local from
	from=$(date -u -d "$1" +%s)
	shift
	echo "start,price EUR/kWh"
	for price; do
		echo "$(date -u -d "@$from" +%Y-%m-%dT%H:%MZ),$price"
		from=$((from + 3600))
	done
}

# simulate DAY OPTION...: one synthetic day of 2026 in Berlin
simulate() {
	local day=$1
	shift
	emtool balance simulate "synthetic:seed=7,day=$day" --zone Europe/Berlin --json "$@"
}

# hours of the local day in which the car draws current, from a trace on standard input
hours() {
	jq -r 'select(.type == "balance" and .car > 0) | .t / 3600 | floor' | uniq | tr '\n' ' '
}

@test "the energy is there in time, and from the cheapest hours" {
	# 21 March in Berlin begins at 23:00 UTC
	prices '2026-03-20 23:00' .30 .29 .12 .11 .28 .27 .26 .25 .30 .30 .30 .30 .30 .30 .30 .30 .30 .30 .30 .30 .30 .30 .30 .05 > list
	simulate 80 --price list --until 07:00 --energy 20 --trace > out
	[ "$(head -25200 out | hours)" = "2 3 " ]
	energy=$(head -25200 out | jq -s 'map(.car) | add * 230 * 3 / 3600 | round')
	[ "$energy" -ge 19950 ]
	[ "$energy" -le 20100 ]
	# the plan of the next day waits for the cheapest hour of what is known
	[ "$(tail -n +25201 out | hours | grep -c ' 23 $')" -eq 1 ]
	jq -e 'select(.type == "balance_summary") | .cost > 0 and .mean_price < .3 and .energy_unpriced == 0' out
}

@test "cost is exact, and without prices there is none" {
	prices '2026-03-20 23:00' $(for ((i = 0; i < 24; i++)); do echo 0.25; done) > list
	simulate 80 --price list --until 24:00 --energy 10 > out
	[ "$(jq '.energy - 10000 | fabs < 20' out)" = true ]
	[ "$(jq '(.cost - .energy / 4000 | fabs) < 0.0001 and .mean_price == 0.25' out)" = true ]
	simulate 80 > out
	[ "$(jq 'has("cost")' out)" = false ]
}

# bats test_tags=mutants
@test "days of 23 and 25 hours: the plan goes by the clock" {
	# 29 March: 2:00 to 3:00 is left out; the simulated day begins at midnight
	echo '03:00-04:00 0' > table
	simulate 88 --plan table --trace > out
	[ "$(jq -s 'map(select(.limit == 0 and .t > 3600)) | [first.t, last.t]' -c out)" = '[7200,10799]' ]
	# 25 October: it comes twice
	echo '02:00-03:00 0' > table
	simulate 298 --plan table --trace > out
	[ "$(jq -s 'map(select(.limit == 0 and .t > 3600)) | [first.t, last.t]' -c out)" = '[7200,14399]' ]
	# the second 2:00 is the cheap one
	prices '2026-10-24 22:00' .3 .3 .3 .1 .3 .3 .3 .3 > list
	simulate 298 --price list --until 07:00 --energy 9 --trace > out
	[ "$(head -25200 out | hours)" = "3 " ]
}

@test "a table limits the car, whole amperes below what it says" {
	printf '# night\n01:00-03:00 10.7\n02:00-02:30 5\n' > table
	simulate 80 --plan table --trace > out
	jq -se 'map(select(.type == "balance" and .t >= 3600 and .t < 7200)) | all(.limit == 10)' out
	jq -se 'map(select(.type == "balance" and .t >= 7200 and .t < 9000)) | all(.limit == 0)' out
	jq -se 'map(select(.type == "balance" and .t >= 9000 and .t < 10800)) | all(.limit == 10)' out
	jq -se 'map(select(.type == "balance" and .t >= 10900 and .t < 14400)) | all(.limit > 10)' out
	# an override lifts it
	simulate 80 --plan table --override 16 --trace > out
	jq -se 'map(select(.type == "balance" and .t >= 3600 and .t < 7200)) | all(.limit > 10)' out
}

@test "other shapes: Tibber in JSON, ENTSO-E in CSV and XML" {
	jq -n '[range(24) | {startsAt: "2026-03-21T\(if . < 10 then "0" else "" end)\(.):00:00+01:00", total: (if . == 4 then 0.1 else 0.3 end)}]
		| {data: {viewer: {homes: [{currentSubscription: {priceInfo: {today: .}}}]}}}' > tibber.json
	{
		echo '"MTU (CET/CEST)","Day-ahead Price [EUR/MWh]"'
		for h in {0..23}; do
			printf '"21.03.2026 %02d:00 - 21.03.2026 %02d:00","%s"\n' $h $((h + 1)) $((h == 4 ? 100 : 300))
		done
	} > entsoe.csv
	cat > entsoe.xml <<-END
		<?xml version="1.0"?><Publication_MarketDocument><TimeSeries>
		<currency_Unit.name>EUR</currency_Unit.name><price_Measure_Unit.name>MWH</price_Measure_Unit.name>
		<Period><timeInterval><start>2026-03-20T23:00Z</start><end>2026-03-21T23:00Z</end></timeInterval>
		<resolution>PT60M</resolution>
		<Point><position>1</position><price.amount>300</price.amount></Point>
		<Point><position>5</position><price.amount>100</price.amount></Point>
		<Point><position>6</position><price.amount>300</price.amount></Point>
		</Period></TimeSeries></Publication_MarketDocument>
	END
	for list in tibber.json entsoe.csv entsoe.xml; do
		simulate 80 --price $list --until 07:00 --energy 9 --trace > out 2> err
		[ "$(head -25200 out | hours)" = "4 " ]
		[ ! -s err ]
	done
}

@test "files that are missing, faulty or doubtful are told in one line" {
	while IFS='|' read -r content words; do
		printf '%b' "$content" > list
		run -2 --separate-stderr simulate 80 --price list --until 07:00 --energy 9
		[ "${#stderr_lines[@]}" -eq 1 ]
		[[ "${stderr_lines[0]}" == *"list: $words"* ]]
	done <<-'END'
		|it is empty
		start,price\n|no price in it
		start,price\n2026-03-21T00:00,x\n|line 2: 'x' is no price
		a,b\n|line 1: a header
		{"data":[{"startsAt":"soon","total":1}]}|data[0]: 'soon' is no time
		{|line 1:
	END
	printf 'Mo-Fr 22:00-06:00 16\n22-6 16\n' > table
	run -2 --separate-stderr simulate 80 --plan table
	[[ "$stderr" == *"table:2: times as 22:00-06:00 are expected" ]]
	run -4 simulate 80 --plan none
	prices '2026-03-20 23:00' .3 .3 .3 > list
	simulate 80 --price list --until 07:00 --energy 9 2>&1 >/dev/null | grep -q 'count as the most expensive'
	printf 'start,end,price\n2026-03-20T23:00Z,2026-03-21T00:00Z,1\n2026-03-20T23:30Z,2026-03-21T23:00Z,2\n' > list
	simulate 80 --price list --until 07:00 --energy 9 2>&1 >/dev/null | grep -q '1 prices are left out'
	printf 't,current_l1,current_l2,current_l3\n0,1,1,1\n1,1,1,1\n' > in.csv
	emtool balance simulate in.csv --plan <(echo '00:00-24:00 6') 2>&1 >/dev/null | grep -q 'no time of the day'
}

@test "options that need each other, and zones" {
	prices '2026-03-20 23:00' .3 > list
	run -2 simulate 80 --price list
	run -2 simulate 80 --price list --until 07:00
	run -2 simulate 80 --until 07:00
	run -2 simulate 80 --energy 5
	run -2 simulate 80 --price list --until 7 --energy 5
	run -2 simulate 80 --price list --until 24:01 --energy 5
	run -2 simulate 80 --price list --until 07:00 --energy 0
	for zone in Nowhere ../etc/passwd +15:00 ''; do
		run -2 emtool balance simulate synthetic: --zone "$zone"
	done
	echo '12:00-13:00 0' > table
	for zone in Europe/Berlin +01:00 CET-1CEST,M3.5.0,M10.5.0/3 UTC; do
		emtool balance simulate synthetic:seed=7 --zone $zone --plan table --trace --json > out
		[ "$(jq -s 'map(select(.limit == 0 and .t > 3600)) | first.t' out)" -eq 43200 ]
	done
	TZ=Europe/Berlin emtool balance simulate synthetic:seed=7 --plan table --trace --json > out
	[ "$(jq -s 'map(select(.limit == 0 and .t > 3600)) | first.t' out)" -eq 43200 ]
}

@test "run waits for cheaper hours, says so, and reads a new list" {
	p1=$(free_port)
	charger=$(free_port)
	hour=$(($(date +%s) / 3600 * 3600))
	{
		echo unix_seconds,price
		seq 0 36 | awk -v h="$hour" '{ print h + 3600 * $1 "," ($1 < 2 ? 0.9 : 0.1) }'
	} > list
	until=$(date -u -d "@$((hour + 8 * 3600))" +%H:%M)
	start emtool sim p1 --listen "127.0.0.1:$p1"
	start emtool sim abb --listen "127.0.0.1:$charger" --car max=16
	wait_for listening "$p1"
	wait_for listening "$charger"
	start emtool balance run --p1 "tcp://127.0.0.1:$p1" --charger "abb://127.0.0.1:$charger" --zone UTC \
		--price list --until "$until" --energy 5 --set restart_wait=2 --json > out 2> err
	wait_for grep -q "waiting for cheaper hours until $(date -u -d "@$((hour + 7200))" +%H:%M)" out
	[ "$(grep waiting out | head -1 | jq -c '[.limit, .ceilings.plan]')" = '[0,0]' ]
	# a list that cannot be read changes nothing; one below 0 does
	echo nonsense > list
	wait_for grep -q 'the plan before stays in force' err
	sed -n '$p' out | grep -q waiting
	{
		echo unix_seconds,price
		seq 0 36 | awk -v h="$hour" '{ print h + 3600 * $1 ",-0.1" }'
	} > new
	mv new list
	wait_for grep -q '"limit":[1-9]' out
}
