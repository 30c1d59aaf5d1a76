#!/usr/bin/env zsh
# offers.zsh FOLDER LINE: what an interactive zsh lists when Tab is pressed at the end of the line,
# with the completions in FOLDER.
setopt extended_glob
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "PS1='' RPS1=''; stty -echo columns 500; fpath=(${(q)1} \$fpath); autoload -U compinit; compinit -u -D
setopt no_beep no_always_last_prompt; LISTMAX=1000; bindkey '^I' list-choices; print LOA''DED"
zpty -r shell out '*LOADED*'
zpty -w -n shell "$2"$'\t\x15'"print END''ED"$'\n'
zpty -r shell out '*ENDED*'
zpty -d shell
# The line as typed, what is listed, and the line again or the next command.
print -r -- "$out" | sed 's/\x1b\[[0-9;?]*[a-zA-Z]//g' | tr '\r' '\n' | sed 's/ *$//' |
	awk -v line="${2%%[ ]##}" '/^p$|^print/ || ($0 == line && seen++) {exit} seen && $0 != line && $0 != ""'
