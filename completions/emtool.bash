# bash completion for emtool; made by 'emtool completions bash', do not edit
# shellcheck shell=bash disable=SC2207

_emtool()
{
	local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}
	local path='' words='' i known
	local paths=( 'sniff' 'sim' 'sim meter' 'completions' )
	for ((i = 1; i < COMP_CWORD; i++)); do
		for known in "${paths[@]}"; do
			[[ $known == "$path${path:+ }${COMP_WORDS[i]}" ]] && path=$known && break
		done
	done
	case "$path $previous" in
	'sniff --format') words='text json csv influx' ;;
	'sniff --color') words='auto always never' ;;
	*) case "$path" in
	'') words='sniff sim completions help --help --version' ;;
	'sniff') words='--tcp --connect --udp --serial --meter --meter-map --meters --unit --function --frames --record --duration --timeout --json --format --units --output --count --strict --stats --quiet --verbose --color --help' ;;
	'sim') words='meter --help' ;;
	'sim meter') words='--connect --listen --pty --output --poll --unit --interval --count --duration --seed --corrupt --drop --whole --help' ;;
	'completions') words='--help' ;;
	esac ;;
	esac
	COMPREPLY=($(compgen -W "$words" -- "$current"))
	[[ $current != -* && ${#COMPREPLY[@]} -eq 0 ]] && COMPREPLY=($(compgen -f -- "$current"))
}
complete -o filenames -F _emtool emtool
