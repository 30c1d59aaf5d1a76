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

@test "bash completes commands, verbs, options and words" {
	complete_words() {
		bash -c 'source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _emtool; echo "${COMPREPLY[@]}"' \
			"$BATS_TEST_DIRNAME/../completions/emtool.bash" "$@"
	}
	[ "$(complete_words emtool sni)" = sniff ]
	[ "$(complete_words emtool sim met)" = meter ]
	[ "$(complete_words emtool sniff --fra)" = --frames ]
	[ "$(complete_words emtool sniff --format js)" = json ]
	[ "$(complete_words emtool sim meter --pt)" = --pty ]
}

@test "zsh and fish accept their completions" {
	command -v zsh >/dev/null || skip "no zsh"
	zsh -n "$BATS_TEST_DIRNAME/../completions/_emtool"
	command -v fish >/dev/null || skip "no fish"
	fish -n "$BATS_TEST_DIRNAME/../completions/emtool.fish"
}
