#!/usr/bin/env bats
# --format live, on a real terminal: tmux is one that can be looked at.

load helper

setup_file() {
	command -v tmux >/dev/null || skip "no tmux"
}

teardown() {
	[ ! -S tmux ] || tmux -S tmux kill-server
	for pid in "${pids[@]}"; do
		kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null
	done
	true
}

# terminal COLUMNS ROWS: a shell on a terminal of that size, without a coloured prompt
terminal() {
	port=$(free_port)
	start emtool sim meter inepro_n1_ct --listen "127.0.0.1:$port" --interval 0.2
	env -u TMUX LANG=C.UTF-8 LC_ALL= TERM=screen tmux -S tmux -f /dev/null new-session -d -x "$1" -y "$2" \
		"env PS1='ready> ' bash --norc"
	wait_for sees 'ready>'
}

screen() {
	tmux -S tmux capture-pane -p "$@"
}

# sees WORDS: are they on the screen?
sees() {
	screen | grep -qF -- "$1"
}

type_line() {
	tmux -S tmux send-keys -l -- "$1"
	tmux -S tmux send-keys Enter
}

watch_meter() {
	type_line "emtool sniff --connect 127.0.0.1:$port --meter inepro_n1_ct --format live $*"
	wait_for sees 'energy_total'
	wait_for sees 'q quit'
}

quit() {
	tmux -S tmux send-keys q
	wait_for sees 'ready>'
}

# The terminal echoes, folds lines and shows its cursor, and the shell has it again.
clean() {
	type_line 'echo status $?; stty -a | grep -o " echo \| icanon "; echo en"d"'
	wait_for sees 'end'
	screen > after
	grep -qx ' icanon *' after
	grep -qx ' echo *' after
	grep -q '^modbus' after # what was seen last
	[ "$(tmux -S tmux display -p '#{cursor_flag}#{wrap_flag}#{alternate_on}')" = 110 ]
}

# bats test_tags=mutants
@test "live: a table with units, history and age is updated" {
	terminal 100 24
	watch_meter
	[[ $(screen | head -n 1) == "emtool sniff"*record*:* ]]
	screen | grep -qE '^modbus +127.0.0.1:[0-9]+ +unit 1 +inepro_n1_ct .*/s$'
	screen | grep -qE '^  current +[0-9]+(\.[0-9]+)? +A '
	screen | grep -qE '^  voltage +2[0-9]+(\.[0-9]+)? +V .* 0\.[0-9] s$'
	graph() { screen | grep -qE '^  current .*[▁▂▃▄▅▆▇█]{3} .* – '; }
	wait_for graph
	screen > before
	changed() { ! cmp -s before <(screen); }
	wait_for changed
	quit
}

@test "live: decimal points are aligned, and no line is wider than the terminal" {
	terminal 64 20
	watch_meter
	screen | python3 -c '
import re, sys
lines = sys.stdin.read().split("\n")
assert all(len(line) <= 64 for line in lines), lines
points = {m.start(1) for m in (re.match(r" +\w+ +\d+(\.)\d+ ", line) for line in lines) if m}
assert len(points) <= 1, lines'
}

# bats test_tags=mutants
@test "live: the table follows the size of the terminal, and long tables scroll" {
	terminal 100 24
	watch_meter
	wait_for sees 'energy_export' # a whole round: no row is added below later
	tmux -S tmux resize-window -x 70 -y 8
	wait_for sees 'lines 1-5 of'
	[ "$(screen | awk '{ if (length($0) > n) n = length($0) } END { print n }')" -le 70 ]
	tmux -S tmux send-keys Down
	wait_for sees 'lines 2-6 of'
	tmux -S tmux send-keys G
	wait_for sees 'energy_export'
	tmux -S tmux resize-window -x 120 -y 30
	whole() { sees energy_export && screen | head -n 3 | grep -q ^modbus && ! sees 'lines '; }
	wait_for whole
	quit
}

@test "live: q ends with exit 0, Ctrl-C with 130, and both restore the terminal" {
	terminal 100 24
	watch_meter
	tmux -S tmux send-keys q
	wait_for sees 'ready>'
	clean
	grep -qx 'status 0' after
	type_line clear
	watch_meter
	tmux -S tmux send-keys C-c
	clean
	grep -qx 'status 130' after
}

@test "live: the terminal is restored after fatal signals" {
	terminal 100 24
	for signal in TERM QUIT HUP ABRT SEGV; do
		type_line 'ulimit -c 0; clear'
		watch_meter "2>/dev/null & echo \$! > $PWD/pid; fg"
		kill "-$signal" "$(cat pid)"
		wait_for sees 'ready>'
		type_line 'stty -a | grep -o " echo \| icanon "; echo en"d"'
		wait_for sees 'end'
		screen > after
		grep -qx ' icanon *' after
		grep -qx ' echo *' after
		[ "$(tmux -S tmux display -p '#{cursor_flag}#{wrap_flag}#{alternate_on}')" = 110 ]
	done
}

@test "live: Ctrl-Z restores the terminal, and fg draws the table again" {
	terminal 100 24
	watch_meter
	tmux -S tmux send-keys C-z
	wait_for sees Stopped
	[ "$(tmux -S tmux display -p '#{cursor_flag}#{alternate_on}')" = 10 ]
	type_line fg
	wait_for sees 'q quit'
	[ "$(tmux -S tmux display -p '#{cursor_flag}#{alternate_on}')" = 01 ]
	tmux -S tmux send-keys q
	wait_for sees 'ready>'
}

@test "live: values that are no longer updated are dimmed" {
	terminal 100 24
	watch_meter --color always
	kill "$started" && wait "$started" || true
	dimmed() { screen -e | grep -q $'\033\[[0-9;]*2m  *voltage\|\033\[2m *voltage\|  \033\[2mvoltage'; }
	for _ in 1 2 3; do wait_for dimmed && break; done
	dimmed
}

@test "live: messages are shown below the table and remain after the end" {
	terminal 100 24
	port=$(free_port)
	type_line "emtool sniff --connect 127.0.0.1:$port --format live"
	wait_for sees "connection refused"
	[[ $(screen | tail -n 1) == *"connection refused"* ]]
	tmux -S tmux send-keys q
	wait_for sees 'ready>'
	wait_for sees "emtool: sniff: 127.0.0.1:$port: connection refused"
}

# bats test_tags=valgrind,mutants
@test "live: without a terminal, lines of text are printed" {
	run emtool sniff --format live --meter inepro_n1_ct "hex:$n1_ct"
	[ "$status" -eq 0 ]
	[ "$output" = "$(emtool sniff --format text --meter inepro_n1_ct "hex:$n1_ct")" ]
	[[ $output != *$'\033'* ]]
}

@test "live: a locale without UTF-8 gets ASCII characters" {
	terminal 100 24
	type_line 'export LC_ALL=C; clear'
	watch_meter
	sleep 2
	screen | grep -q 'voltage'
	screen > shown
	LC_ALL=C refute grep -q $'[\x80-\xff]' shown
}

@test "live: a terminal that is stopped (Ctrl-S) stops neither the controller nor its end" {
	terminal 100 24
	p1=$(free_port)
	start emtool sim p1 --listen "127.0.0.1:$p1" --interval 0.1
	type_line "emtool balance run --p1 tcp://127.0.0.1:$p1 --charger none --tick 0.05 --format live --db h.db 2>/dev/null & echo \$! > $PWD/pid; fg; echo \$? > $PWD/status"
	wait_for sees 'q quit'
	tmux -S tmux send-keys C-s
	rows() { sqlite3 h.db 'SELECT count(*) FROM history'; }
	before=$(rows)
	grew() { [ "$(rows)" -gt $((before + 50)) ]; }
	wait_for grew
	kill "$(cat pid)"
	gone() { ! kill -0 "$(cat pid)"; }
	begin=${EPOCHREALTIME/./}
	wait_for gone
	[ $((${EPOCHREALTIME/./} - begin)) -lt 2300000 ]
	tmux -S tmux send-keys C-q
	ended() { [ "$(cat status)" = 143 ]; } # a file: the last frame may be cut anywhere
	wait_for ended
}
