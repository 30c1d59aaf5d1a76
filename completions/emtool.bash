# bash completion for emtool; made by 'emtool completions bash', do not edit
# shellcheck shell=bash disable=SC2207

_emtool()
{
	local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}
	local path='' words='' i known
	local paths=( 'sniff' 'p1' 'decrypt' 'alfen' 'alfen dump' 'alfen get' 'alfen set' 'alfen watch' 'alfen registers' 'abb' 'abb dump' 'abb get' 'abb set' 'abb watch' 'abb registers' 'keba' 'keba dump' 'keba get' 'keba set' 'keba watch' 'keba registers' 'sunspec' 'sunspec read' 'sunspec scan' 'sunspec models' 'balance' 'balance simulate' 'balance run' 'sim' 'sim meter' 'sim p1' 'sim push' 'sim alfen' 'sim abb' 'sim keba' 'sim sunspec' 'completions' )
	for ((i = 1; i < COMP_CWORD; i++)); do
		for known in "${paths[@]}"; do
			[[ $known == "$path${path:+ }${COMP_WORDS[i]}" ]] && path=$known && break
		done
	done
	case "$path $previous" in
	'sniff --format') words='text json csv influx live prometheus' ;;
	'sniff --color') words='auto always never' ;;
	'p1 --format') words='text json csv influx live prometheus' ;;
	'p1 --color') words='auto always never' ;;
	'decrypt --compat') words='evn' ;;
	'decrypt --format') words='text json csv influx live prometheus' ;;
	'decrypt --color') words='auto always never' ;;
	'alfen dump --format') words='text json csv influx live prometheus' ;;
	'alfen dump --color') words='auto always never' ;;
	'alfen get --format') words='text json csv influx live prometheus' ;;
	'alfen get --color') words='auto always never' ;;
	'alfen set --format') words='text json csv influx live prometheus' ;;
	'alfen set --color') words='auto always never' ;;
	'alfen watch --format') words='text json csv influx live prometheus' ;;
	'alfen watch --color') words='auto always never' ;;
	'alfen registers --format') words='text json csv influx live prometheus' ;;
	'alfen registers --color') words='auto always never' ;;
	'abb dump --format') words='text json csv influx live prometheus' ;;
	'abb dump --color') words='auto always never' ;;
	'abb get --format') words='text json csv influx live prometheus' ;;
	'abb get --color') words='auto always never' ;;
	'abb set --format') words='text json csv influx live prometheus' ;;
	'abb set --color') words='auto always never' ;;
	'abb watch --format') words='text json csv influx live prometheus' ;;
	'abb watch --color') words='auto always never' ;;
	'abb registers --format') words='text json csv influx live prometheus' ;;
	'abb registers --color') words='auto always never' ;;
	'keba dump --format') words='text json csv influx live prometheus' ;;
	'keba dump --color') words='auto always never' ;;
	'keba get --format') words='text json csv influx live prometheus' ;;
	'keba get --color') words='auto always never' ;;
	'keba set --format') words='text json csv influx live prometheus' ;;
	'keba set --color') words='auto always never' ;;
	'keba watch --format') words='text json csv influx live prometheus' ;;
	'keba watch --color') words='auto always never' ;;
	'keba registers --format') words='text json csv influx live prometheus' ;;
	'keba registers --color') words='auto always never' ;;
	'sunspec read --format') words='text json csv influx live prometheus' ;;
	'sunspec read --color') words='auto always never' ;;
	'sunspec scan --format') words='text json csv influx live prometheus' ;;
	'sunspec scan --color') words='auto always never' ;;
	'sunspec models --format') words='text json csv influx live prometheus' ;;
	'sunspec models --color') words='auto always never' ;;
	'balance simulate --algorithm') words='headroom threshold' ;;
	'balance simulate --phase-order') words='auto 123 132 213 231 312 321' ;;
	'balance simulate --format') words='text json csv influx live prometheus' ;;
	'balance simulate --color') words='auto always never' ;;
	'balance run --algorithm') words='headroom threshold' ;;
	'balance run --phase-order') words='auto 123 132 213 231 312 321' ;;
	'balance run --format') words='text json csv influx live prometheus' ;;
	'balance run --color') words='auto always never' ;;
	'sim push --payload') words='raw hex base64' ;;
	'sim alfen --platform') words='ng ahp' ;;
	*) case "$path" in
	'') words='sniff p1 decrypt alfen abb keba sunspec balance sim completions help --help --version' ;;
	'sniff') words='--tcp --connect --udp --serial --meter --meter-map --meters --unit --function --frames --record --duration --timeout --json --format --units --output --count --strict --stats --quiet --verbose --color --mqtt --mqtt-discovery --db --debounce --retain --exec --alarm --exec-timeout --help' ;;
	'p1') words='--raw --once --interval --no-crc --accept-replay --gas-channel --relay --query --sunspec --sunspec-unit --key --key-file --auth-key --auth-key-file --tcp --connect --udp --serial --record --duration --timeout --json --format --units --output --count --strict --stats --quiet --verbose --color --mqtt --mqtt-discovery --db --debounce --retain --exec --alarm --exec-timeout --help' ;;
	'decrypt') words='--key --key-file --auth-key --auth-key-file --require-auth --accept-replay --state --compat --tcp --connect --udp --serial --json --format --units --output --count --strict --stats --quiet --verbose --color --mqtt --mqtt-discovery --db --debounce --retain --exec --alarm --exec-timeout --record --duration --timeout --help' ;;
	'alfen') words='dump get set watch registers --help' ;;
	'alfen dump') words='--json --format --units --output --count --strict --stats --quiet --verbose --color --mqtt --mqtt-discovery --db --debounce --retain --exec --alarm --exec-timeout --interval --duration --timeout --retries --socket --help' ;;
	'alfen get') words='--json --format --units --output --count --strict --stats --quiet --verbose --color --mqtt --mqtt-discovery --db --debounce --retain --exec --alarm --exec-timeout --interval --duration --timeout --retries --socket --help' ;;
	'alfen set') words='--json --format --units --output --count --strict --stats --quiet --verbose --color --mqtt --mqtt-discovery --db --debounce --retain --exec --alarm --exec-timeout --interval --duration --timeout --retries --socket --hold --help' ;;
	'alfen watch') words='--json --format --units --output --count --strict --stats --quiet --verbose --color --mqtt --mqtt-discovery --db --debounce --retain --exec --alarm --exec-timeout --interval --duration --timeout --retries --socket --help' ;;
	'alfen registers') words='--json --format --units --output --count --strict --stats --quiet --verbose --color --mqtt --mqtt-discovery --db --debounce --retain --exec --alarm --exec-timeout --help' ;;
	'abb') words='dump get set watch registers --help' ;;
	'abb dump') words='--json --format --units --output --count --strict --stats --quiet --verbose --color --mqtt --mqtt-discovery --db --debounce --retain --exec --alarm --exec-timeout --interval --duration --timeout --retries --unit --help' ;;
	'abb get') words='--json --format --units --output --count --strict --stats --quiet --verbose --color --mqtt --mqtt-discovery --db --debounce --retain --exec --alarm --exec-timeout --interval --duration --timeout --retries --unit --help' ;;
	'abb set') words='--json --format --units --output --count --strict --stats --quiet --verbose --color --mqtt --mqtt-discovery --db --debounce --retain --exec --alarm --exec-timeout --interval --duration --timeout --retries --unit --hold --help' ;;
	'abb watch') words='--json --format --units --output --count --strict --stats --quiet --verbose --color --mqtt --mqtt-discovery --db --debounce --retain --exec --alarm --exec-timeout --interval --duration --timeout --retries --unit --help' ;;
	'abb registers') words='--json --format --units --output --count --strict --stats --quiet --verbose --color --mqtt --mqtt-discovery --db --debounce --retain --exec --alarm --exec-timeout --help' ;;
	'keba') words='dump get set watch registers --help' ;;
	'keba dump') words='--json --format --units --output --count --strict --stats --quiet --verbose --color --mqtt --mqtt-discovery --db --debounce --retain --exec --alarm --exec-timeout --interval --duration --timeout --retries --unit --help' ;;
	'keba get') words='--json --format --units --output --count --strict --stats --quiet --verbose --color --mqtt --mqtt-discovery --db --debounce --retain --exec --alarm --exec-timeout --interval --duration --timeout --retries --unit --help' ;;
	'keba set') words='--json --format --units --output --count --strict --stats --quiet --verbose --color --mqtt --mqtt-discovery --db --debounce --retain --exec --alarm --exec-timeout --interval --duration --timeout --retries --unit --hold --help' ;;
	'keba watch') words='--json --format --units --output --count --strict --stats --quiet --verbose --color --mqtt --mqtt-discovery --db --debounce --retain --exec --alarm --exec-timeout --interval --duration --timeout --retries --unit --help' ;;
	'keba registers') words='--json --format --units --output --count --strict --stats --quiet --verbose --color --mqtt --mqtt-discovery --db --debounce --retain --exec --alarm --exec-timeout --help' ;;
	'sunspec') words='read scan models --help' ;;
	'sunspec read') words='--unit --base --retries --delay --image --model --points --raw --flat --all --fast --dump --models --json --format --units --output --count --strict --stats --quiet --verbose --color --mqtt --mqtt-discovery --db --debounce --retain --exec --alarm --exec-timeout --interval --duration --timeout --help' ;;
	'sunspec scan') words='--unit --base --retries --delay --image --models --json --format --units --output --count --strict --stats --quiet --verbose --color --mqtt --mqtt-discovery --db --debounce --retain --exec --alarm --exec-timeout --interval --duration --timeout --help' ;;
	'sunspec models') words='--models --json --format --units --output --count --strict --stats --quiet --verbose --color --mqtt --mqtt-discovery --db --debounce --retain --exec --alarm --exec-timeout --help' ;;
	'balance') words='simulate run --help' ;;
	'balance simulate') words='--algorithm --set --fuse --phases --phase-order --open-loop --car --blind --firmware-quirks --trace --compare --sweep --fault --plot --report --json --format --units --output --count --strict --stats --quiet --verbose --color --mqtt --mqtt-discovery --db --debounce --retain --exec --alarm --exec-timeout --help' ;;
	'balance run') words='--algorithm --set --fuse --phases --phase-order --p1 --charger --server --state --dry-run --tick --charger-timeout --unarmed --safe-current-checked --disarm --key --key-file --auth-key --auth-key-file --duration --timeout --record --json --format --units --output --count --strict --stats --quiet --verbose --color --mqtt --mqtt-discovery --db --debounce --retain --exec --alarm --exec-timeout --help' ;;
	'sim') words='meter p1 push alfen abb keba sunspec --help' ;;
	'sim meter') words='--connect --listen --pty --output --poll --unit --interval --count --duration --seed --corrupt --drop --whole --help' ;;
	'sim p1') words='--connect --listen --pty --output --key --key-file --auth-key --auth-key-file --title --counter --serial --set --start --interval --count --duration --seed --drop --corrupt --truncate --noise --models --endless --seven-bits --help' ;;
	'sim push') words='--connect --listen --pty --output --key --key-file --auth-key --auth-key-file --title --counter --serial --set --start --interval --count --duration --seed --drop --corrupt --truncate --noise --mqtt --payload --hex --replay --repeat --help' ;;
	'sim alfen') words='--listen --delay --drop --corrupt --exception --max-connections --duration --quiet --verbose --image --validity --refuse --refuse-write --platform --sockets --help' ;;
	'sim abb') words='--listen --delay --drop --corrupt --exception --max-connections --duration --quiet --verbose --image --validity --refuse --refuse-write --unit --car --help' ;;
	'sim keba') words='--listen --delay --drop --corrupt --exception --max-connections --duration --quiet --verbose --image --validity --refuse --refuse-write --unit --car --help' ;;
	'sim sunspec') words='--listen --delay --drop --corrupt --exception --max-connections --duration --quiet --verbose --image --unit --strict --late --late-ms --help' ;;
	'completions') words='--help' ;;
	esac ;;
	esac
	COMPREPLY=($(compgen -W "$words" -- "$current"))
	[[ $current != -* && ${#COMPREPLY[@]} -eq 0 ]] && COMPREPLY=($(compgen -f -- "$current"))
}
complete -o filenames -F _emtool emtool
