#!/usr/bin/env bats
# The manual pages document every option and no others, and their examples print what they show.

load helper

man=$BATS_TEST_DIRNAME/../man

# Long options of `.It Fl` lines.
documented() {
	sed -n 's/^\.It Fl \(.*\)/\1/p' "$1" | grep -oE '(^|Fl )-[a-z][a-z0-9-]*' | sed 's/^Fl //; s/^-//' | sort -u
}

# Long options in the help of a command and all its verbs.
offered() {
	emtool "$@" --help | grep -oE '^ +(-[a-z], )?--[a-z][a-z0-9-]*' | sed 's/.*--//'
	for verb in $(emtool "$@" --help | sed -n '/^verbs:/,/^$/p' | awk '/^  [a-z]/ {print $1}'); do
		offered "$@" "$verb"
	done
}

@test "every option is documented, and no other" {
	documented "$man/emtool.1" > common
	for command in $(emtool --help | awk '/^  [a-z]/ {print $1}'); do
		if [ "$command" = completions ]; then continue; fi
		page=$man/emtool-$command.1
		[ -f "$page" ]
		offered "$command" | sort -u > offered
		documented "$page" > own
		sort -u common own | comm -13 - offered > missing
		[ ! -s missing ] || { echo "$command: not documented: $(cat missing)"; false; }
		comm -23 own offered > invented
		[ ! -s invented ] || { echo "$command: documented, but no option: $(cat invented)"; false; }
	done
}

@test "every manual page names a command that exists" {
	for page in "$man"/emtool-*.1; do
		command=${page##*/emtool-}
		emtool "${command%.1}" --help >/dev/null
		grep -q "Xr emtool-${command%.1} 1" "$man/emtool.1"
	done
}

# A terminal has 80 columns: tables, programs and commands that are wider wrap, and cannot be copied.
@test "no line of a manual page is wider than 80 columns, and no command wraps" {
	for page in "$man"/*.[1-8]; do
		mandoc -T utf8 -O width=78 "$page" | col -bx | awk -v page="${page##*/}: " 'length > 80 {print page $0}'
		awk -v page="${page##*/}: " '/^\.Dl / && length > 71 {print page $0}' "$page"
	done > wide
	[ ! -s wide ] || { cat wide; false; }
}

# Lines that begin with `$ ` in literal displays are run; what follows is what they must print.
# A command goes on in the next line after a \ and after a |.
@test "the examples in the manual pages print what they show" {
	for page in "$man"/*.[1-8]; do
		mkdir -p "$(basename "$page")"
		pushd "$(basename "$page")" >/dev/null
		mandoc -T utf8 -O width=500 "$page" | col -bx | sed -n '/^EXAMPLES/,/^[A-Z]/p' |
			sed -n 's/^ \{1,11\}//; /^\$ /,/^$/p' > examples
		command=
		: > expected
		open=
		while IFS= read -r line || [ -n "$line" ]; do
			if [ -n "$open" ]; then
				command=${command%'\'}' '$line
			elif [[ $line == '$ '* || -z $line ]]; then
				check_example "$page"
				command=${line#'$ '}
				: > expected
			else
				printf '%s\n' "$line" >> expected
				continue
			fi
			open=
			case $command in *[\\\|]) open=1 ;; esac
		done < <(cat examples; echo)
		check_example "$page"
		popd >/dev/null
	done
}

check_example() {
	[ -n "$command" ] || return 0
	echo "$1: $command"
	timeout 30 bash -c "$command" > printed 3>&- </dev/null
	[ ! -s expected ] || diff -u expected <(sed 's/ *$//' printed)
}
