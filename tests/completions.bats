#!/usr/bin/env bats
# The committed completions match the option rows, and shells accept them.

load helper

# bats test_tags=valgrind
@test "the committed completions are those that the program prints" {
	for pair in bash:emtool.bash zsh:_emtool fish:emtool.fish; do
		emtool completions "${pair%:*}" | diff -u "$BATS_TEST_DIRNAME/../completions/${pair#*:}" - ||
			{ echo "stale: make completions"; false; }
	done
}

# What Tab offers at the end of each line of standard input, as LINE|WORD WORD, with sorted words.
# What bash has split off at = and : is missing in its answer.
bash_offers() {
	bash -c 'source "$0"; COMP_WORDBREAKS=" =:"
		while IFS= read -r line; do
			read -ra typed <<<"$line"
			if [[ $line == *" " ]]; then typed+=(""); fi
			COMP_WORDS=()
			for word in "${typed[@]}"; do
				word=${word//:/ : }
				read -ra pieces <<<"${word//=/ = }"
				COMP_WORDS+=("${pieces[@]:-}")
			done
			COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _emtool
			echo "$line|$(printf "%s\n" "${COMPREPLY[@]}" | LC_ALL=C sort | xargs -d "\n")"
		done' "$BATS_TEST_DIRNAME/../completions/emtool.bash"
}

fish_offers() {
	fish --no-config -c 'source $argv[1]
		while read -l line
			set -l words (complete -C $line | string replace -r "\t.*" "" | LC_ALL=C sort)
			echo "$line|$words"
		end' "$BATS_TEST_DIRNAME/../completions/emtool.fish"
}

# What Tab offers at the end of a line, in any order. The last column is what bash answers when it
# differs: bash splits words at = and :, and the answer has only the last piece.
offers=$(
	cat <<'END'
emtool sni|sniff
emtool help bal|balance
emtool completions |bash zsh fish
emtool balance |simulate run
emtool balance run --unar|--unarmed
emtool balance run --algorithm |headroom threshold
emtool balance run -a thr|threshold
emtool balance run --set ma|max_charger_current= margin=
emtool balance run -s fallback_l|fallback_limit=
emtool balance run --phases |1 2 3
emtool balance run --phase-order 2|213 231
emtool balance run --p1 tc|tcp:// tcp-listen://
emtool balance run --p1 tele|telegrams.txt
emtool balance run --charger |alfen:// abb:// abb+serial:///dev/ abb+rtu+tcp:// keba:// none
emtool balance run --charger keba:|keba://|//
emtool balance run --server tcp|tcp-listen://127.0.0.1:5020
emtool balance run --state tele|telegrams.txt
emtool balance run --control |mqtt:// mqtts://
emtool balance run --key-file tele|telegrams.txt
emtool balance run --format j|json
emtool balance run --mqtt |mqtt:// mqtts://
emtool balance run --db |sqlite: mysql://
emtool balance run --tick |
emtool balance run --charger-timeout |
emtool balance run --key |
emtool balance run --duration |
emtool balance run --dry-run --set ride|ride_wait=
emtool balance simulate syn|synthetic:
emtool balance simulate tele|telegrams.txt
emtool balance simulate --car ph|phases=
emtool balance simulate --car max=16,ph|max=16,phases=|16,phases=
emtool balance simulate --fault lost=1,sil|lost=1,silent=|1,silent=
emtool balance simulate --compare thr|threshold
emtool balance simulate --compare headroom,mar|headroom,margin=
emtool balance simulate --sweep quiet|quiet_wait=
emtool abb set localhost set_f|set_fallback_limit=
emtool abb set localhost lock|lock_unlock_socket_cable=lock lock_unlock_socket_cable=unlock
emtool abb set --unit 3 localhost start_stop_session=st|start_stop_session=start start_stop_session=stop|start stop
emtool abb get localhost voltage_|voltage_l1 voltage_l2 voltage_l3
emtool keba set localhost store|store_fallback=store
emtool keba set localhost set_energy|set_energy_limit=
emtool keba get localhost current_l|current_l1 current_l2 current_l3
emtool alfen set localhost modbus_slave_max_current|modbus_slave_max_current=
emtool sniff --fra|--frames
emtool sniff --meter au|auto
emtool sniff --meter inepro_n|inepro_n1_ct
emtool sim met|meter
emtool sim meter inepro_n|inepro_n1_ct
emtool sim meter --pt|--pty
emtool sim p1 emu|emucs
emtool sim push kam|kamstrup
emtool sim abb --car sleeps|sleeps_after=
END
)

# wanted COLUMN: the lines of the table with their sorted words, from the column or the one before
wanted() {
	while IFS='|' read -r line words split; do
		if [ "$1" = 3 ] && [ -n "$split" ]; then words=$split; fi
		echo "$line|$(tr ' ' '\n' <<<"$words" | LC_ALL=C sort | xargs)"
	done <<<"$offers"
}

@test "Tab offers the values of options and arguments, in bash and fish" {
	: > telegrams.txt
	cut -d '|' -f 1 <<<"$offers" > lines
	diff <(wanted 3) <(bash_offers < lines)
	command -v fish >/dev/null || skip "no fish"
	diff <(wanted 2) <(fish_offers < lines)
}

@test "a word with a space is quoted for the shell" {
	[ "$(bash_offers <<<'emtool keba set localhost charging_enabled=ch')" = \
		'emtool keba set localhost charging_enabled=ch|charging\ allowed' ]
}

@test "after an option with a value, bash offers no names of options" {
	sed -n "/^_emtool_value/,/^}/s/^\t'\([^']*\)'.*/\1/p" "$BATS_TEST_DIRNAME/../completions/emtool.bash" > valued
	[ "$(wc -l < valued)" -gt 300 ]
	awk '!seen[$NF]++ {print "emtool " $0 " "}' valued | bash_offers > offered
	[ "$(wc -l < offered)" -gt 50 ]
	refute grep -e '|--' offered
}

# zsh_offers LINE: what zsh lists, in an interactive shell
zsh_offers() {
	timeout 60 zsh -f "$BATS_TEST_DIRNAME/peers/offers.zsh" "$BATS_TEST_DIRNAME/../completions" "$1"
}

@test "Tab offers values in zsh" {
	command -v zsh >/dev/null || skip "no zsh"
	: > telegrams.txt
	for line in 'balance run --charger ' 'balance run -s fallback_l' 'balance simulate --car max=16,ph' \
		'balance run --p1 tele' 'keba set localhost set_energy' 'sim p1 emu' 'balance run --tick '; do
		listed=$(zsh_offers "emtool $line" | tr -s ' ' '\n' | LC_ALL=C sort | xargs)
		wanted 2 | sed 's/|.*,/|/' | grep -qxF "emtool $line|$listed" || { echo "$line: $listed"; false; }
	done
}

@test "zsh and fish accept their completions" {
	command -v zsh >/dev/null || skip "no zsh"
	zsh -n "$BATS_TEST_DIRNAME/../completions/_emtool"
	command -v fish >/dev/null || skip "no fish"
	fish -n "$BATS_TEST_DIRNAME/../completions/emtool.fish"
}
