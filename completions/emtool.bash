# bash completion for emtool; made by 'emtool completions bash', do not edit
# shellcheck shell=bash disable=SC2034

# Is this a command, or a command and its verb?
_emtool_path()
{
	case $1 in
	'sniff'|'p1'|'decrypt'|'alfen'|'alfen dump'|'alfen get'|'alfen set'|'alfen watch'|'alfen registers'|'abb'|'abb dump'|'abb get'|'abb set'|'abb watch'|'abb registers'|'keba'|'keba dump'|'keba get'|'keba set'|'keba watch'|'keba registers'|'sunspec'|'sunspec read'|'sunspec scan'|'sunspec models'|'balance'|'balance simulate'|'balance run'|'sim'|'sim house'|'sim meter'|'sim p1'|'sim push'|'sim alfen'|'sim abb'|'sim keba'|'sim sunspec'|'completions') return 0 ;;
	esac
	return 1
}

# PATH OPTION: what its value may be; fails when it takes none.
_emtool_value()
{
	how='' offers=()
	case $1 in
	'sniff --tcp') ;;
	'sniff --connect') how='hosts' ;;
	'sniff --udp') ;;
	'sniff --serial') how='files' ;;
	'sniff --meter'|'sniff -m') offers=('auto' 'none' 'abb_b21_b23_b24' 'bernecker_mpm3pm' 'bgetech_ds100' 'bgetech_ws100' 'carlo_gavazzi_em111_em112_et112' 'carlo_gavazzi_em24' 'carlo_gavazzi_em24_e1' 'carlo_gavazzi_em330_em340' 'chint_ddsu666' 'chint_dtsu666' 'ddm18sd' 'dzg_dvh4013' 'eastron_sdm120' 'eastron_sdm220' 'eastron_sdm230' 'eastron_sdm54' 'eastron_sdm630' 'eastron_sdm72' 'eastron_sdm72v2' 'eastron_smart_x96_1a' 'eltako_dsz15d' 'finder_7e78' 'finder_7m24' 'finder_7m38' 'huawei_dtsu666_h' 'inepro_n1_ct' 'inepro_pro380' 'janitza_b23' 'janitza_umg604' 'lovato_dmg610' 'orno_we504' 'orno_we516_1p' 'orno_we516_3p' 'orno_we525' 'p1_load_balancer' 'phoenix_eem' 'phoenix_eem_350' 'sbc_ale3' 'schneider_iem3000' 'siemens_pac2200' 'sinotimer_dts6619' 'solaredge_se_mtr_3y' 'wago_879_30x0') ;;
	'sniff --meter-map') how='files' ;;
	'sniff --unit'|'sniff -u') ;;
	'sniff --function') ;;
	'sniff --record') how='files' ;;
	'sniff --duration'|'sniff -d') ;;
	'sniff --timeout'|'sniff -t') ;;
	'sniff --format'|'sniff -f') offers=('text' 'json' 'csv' 'influx' 'live' 'prometheus') ;;
	'sniff --output'|'sniff -o') how='files' ;;
	'sniff --count'|'sniff -n') ;;
	'sniff --color') offers=('auto' 'always' 'never') ;;
	'sniff --mqtt') offers=('mqtt://' 'mqtts://') ;;
	'sniff --db') offers=('sqlite:' 'mysql://') ;;
	'sniff --debounce') ;;
	'sniff --retain') ;;
	'sniff --exec') how='commands' ;;
	'sniff --alarm') ;;
	'sniff --exec-timeout') ;;
	'p1 --interval'|'p1 -i') ;;
	'p1 --gas-channel') ;;
	'p1 --relay') ;;
	'p1 --query') ;;
	'p1 --sunspec') how='hosts' ;;
	'p1 --sunspec-unit') ;;
	'p1 --key'|'p1 -k') ;;
	'p1 --key-file') how='files' ;;
	'p1 --auth-key') ;;
	'p1 --auth-key-file') how='files' ;;
	'p1 --tcp') ;;
	'p1 --connect') how='hosts' ;;
	'p1 --udp') ;;
	'p1 --serial') how='files' ;;
	'p1 --record') how='files' ;;
	'p1 --duration'|'p1 -d') ;;
	'p1 --timeout'|'p1 -t') ;;
	'p1 --format'|'p1 -f') offers=('text' 'json' 'csv' 'influx' 'live' 'prometheus') ;;
	'p1 --output'|'p1 -o') how='files' ;;
	'p1 --count'|'p1 -n') ;;
	'p1 --color') offers=('auto' 'always' 'never') ;;
	'p1 --mqtt') offers=('mqtt://' 'mqtts://') ;;
	'p1 --db') offers=('sqlite:' 'mysql://') ;;
	'p1 --debounce') ;;
	'p1 --retain') ;;
	'p1 --exec') how='commands' ;;
	'p1 --alarm') ;;
	'p1 --exec-timeout') ;;
	'decrypt --key'|'decrypt -k') ;;
	'decrypt --key-file') how='files' ;;
	'decrypt --auth-key') ;;
	'decrypt --auth-key-file') how='files' ;;
	'decrypt --state') how='files' ;;
	'decrypt --compat') offers=('evn') ;;
	'decrypt --tcp') ;;
	'decrypt --connect') how='hosts' ;;
	'decrypt --udp') ;;
	'decrypt --serial') how='files' ;;
	'decrypt --format'|'decrypt -f') offers=('text' 'json' 'csv' 'influx' 'live' 'prometheus') ;;
	'decrypt --output'|'decrypt -o') how='files' ;;
	'decrypt --count'|'decrypt -n') ;;
	'decrypt --color') offers=('auto' 'always' 'never') ;;
	'decrypt --mqtt') offers=('mqtt://' 'mqtts://') ;;
	'decrypt --db') offers=('sqlite:' 'mysql://') ;;
	'decrypt --debounce') ;;
	'decrypt --retain') ;;
	'decrypt --exec') how='commands' ;;
	'decrypt --alarm') ;;
	'decrypt --exec-timeout') ;;
	'decrypt --record') how='files' ;;
	'decrypt --duration'|'decrypt -d') ;;
	'decrypt --timeout'|'decrypt -t') ;;
	'alfen dump --format'|'alfen dump -f') offers=('text' 'json' 'csv' 'influx' 'live' 'prometheus') ;;
	'alfen dump --output'|'alfen dump -o') how='files' ;;
	'alfen dump --count'|'alfen dump -n') ;;
	'alfen dump --color') offers=('auto' 'always' 'never') ;;
	'alfen dump --mqtt') offers=('mqtt://' 'mqtts://') ;;
	'alfen dump --db') offers=('sqlite:' 'mysql://') ;;
	'alfen dump --debounce') ;;
	'alfen dump --retain') ;;
	'alfen dump --exec') how='commands' ;;
	'alfen dump --alarm') ;;
	'alfen dump --exec-timeout') ;;
	'alfen dump --interval'|'alfen dump -i') ;;
	'alfen dump --duration'|'alfen dump -d') ;;
	'alfen dump --timeout'|'alfen dump -t') ;;
	'alfen dump --retries') ;;
	'alfen dump --socket'|'alfen dump -s') ;;
	'alfen get --format'|'alfen get -f') offers=('text' 'json' 'csv' 'influx' 'live' 'prometheus') ;;
	'alfen get --output'|'alfen get -o') how='files' ;;
	'alfen get --count'|'alfen get -n') ;;
	'alfen get --color') offers=('auto' 'always' 'never') ;;
	'alfen get --mqtt') offers=('mqtt://' 'mqtts://') ;;
	'alfen get --db') offers=('sqlite:' 'mysql://') ;;
	'alfen get --debounce') ;;
	'alfen get --retain') ;;
	'alfen get --exec') how='commands' ;;
	'alfen get --alarm') ;;
	'alfen get --exec-timeout') ;;
	'alfen get --interval'|'alfen get -i') ;;
	'alfen get --duration'|'alfen get -d') ;;
	'alfen get --timeout'|'alfen get -t') ;;
	'alfen get --retries') ;;
	'alfen get --socket'|'alfen get -s') ;;
	'alfen set --format'|'alfen set -f') offers=('text' 'json' 'csv' 'influx' 'live' 'prometheus') ;;
	'alfen set --output'|'alfen set -o') how='files' ;;
	'alfen set --count'|'alfen set -n') ;;
	'alfen set --color') offers=('auto' 'always' 'never') ;;
	'alfen set --mqtt') offers=('mqtt://' 'mqtts://') ;;
	'alfen set --db') offers=('sqlite:' 'mysql://') ;;
	'alfen set --debounce') ;;
	'alfen set --retain') ;;
	'alfen set --exec') how='commands' ;;
	'alfen set --alarm') ;;
	'alfen set --exec-timeout') ;;
	'alfen set --interval'|'alfen set -i') ;;
	'alfen set --duration'|'alfen set -d') ;;
	'alfen set --timeout'|'alfen set -t') ;;
	'alfen set --retries') ;;
	'alfen set --socket'|'alfen set -s') ;;
	'alfen watch --format'|'alfen watch -f') offers=('text' 'json' 'csv' 'influx' 'live' 'prometheus') ;;
	'alfen watch --output'|'alfen watch -o') how='files' ;;
	'alfen watch --count'|'alfen watch -n') ;;
	'alfen watch --color') offers=('auto' 'always' 'never') ;;
	'alfen watch --mqtt') offers=('mqtt://' 'mqtts://') ;;
	'alfen watch --db') offers=('sqlite:' 'mysql://') ;;
	'alfen watch --debounce') ;;
	'alfen watch --retain') ;;
	'alfen watch --exec') how='commands' ;;
	'alfen watch --alarm') ;;
	'alfen watch --exec-timeout') ;;
	'alfen watch --interval'|'alfen watch -i') ;;
	'alfen watch --duration'|'alfen watch -d') ;;
	'alfen watch --timeout'|'alfen watch -t') ;;
	'alfen watch --retries') ;;
	'alfen watch --socket'|'alfen watch -s') ;;
	'alfen registers --format'|'alfen registers -f') offers=('text' 'json' 'csv' 'influx' 'live' 'prometheus') ;;
	'alfen registers --output'|'alfen registers -o') how='files' ;;
	'alfen registers --count'|'alfen registers -n') ;;
	'alfen registers --color') offers=('auto' 'always' 'never') ;;
	'alfen registers --mqtt') offers=('mqtt://' 'mqtts://') ;;
	'alfen registers --db') offers=('sqlite:' 'mysql://') ;;
	'alfen registers --debounce') ;;
	'alfen registers --retain') ;;
	'alfen registers --exec') how='commands' ;;
	'alfen registers --alarm') ;;
	'alfen registers --exec-timeout') ;;
	'abb dump --format'|'abb dump -f') offers=('text' 'json' 'csv' 'influx' 'live' 'prometheus') ;;
	'abb dump --output'|'abb dump -o') how='files' ;;
	'abb dump --count'|'abb dump -n') ;;
	'abb dump --color') offers=('auto' 'always' 'never') ;;
	'abb dump --mqtt') offers=('mqtt://' 'mqtts://') ;;
	'abb dump --db') offers=('sqlite:' 'mysql://') ;;
	'abb dump --debounce') ;;
	'abb dump --retain') ;;
	'abb dump --exec') how='commands' ;;
	'abb dump --alarm') ;;
	'abb dump --exec-timeout') ;;
	'abb dump --interval'|'abb dump -i') ;;
	'abb dump --duration'|'abb dump -d') ;;
	'abb dump --timeout'|'abb dump -t') ;;
	'abb dump --retries') ;;
	'abb dump --unit'|'abb dump -u') ;;
	'abb get --format'|'abb get -f') offers=('text' 'json' 'csv' 'influx' 'live' 'prometheus') ;;
	'abb get --output'|'abb get -o') how='files' ;;
	'abb get --count'|'abb get -n') ;;
	'abb get --color') offers=('auto' 'always' 'never') ;;
	'abb get --mqtt') offers=('mqtt://' 'mqtts://') ;;
	'abb get --db') offers=('sqlite:' 'mysql://') ;;
	'abb get --debounce') ;;
	'abb get --retain') ;;
	'abb get --exec') how='commands' ;;
	'abb get --alarm') ;;
	'abb get --exec-timeout') ;;
	'abb get --interval'|'abb get -i') ;;
	'abb get --duration'|'abb get -d') ;;
	'abb get --timeout'|'abb get -t') ;;
	'abb get --retries') ;;
	'abb get --unit'|'abb get -u') ;;
	'abb set --format'|'abb set -f') offers=('text' 'json' 'csv' 'influx' 'live' 'prometheus') ;;
	'abb set --output'|'abb set -o') how='files' ;;
	'abb set --count'|'abb set -n') ;;
	'abb set --color') offers=('auto' 'always' 'never') ;;
	'abb set --mqtt') offers=('mqtt://' 'mqtts://') ;;
	'abb set --db') offers=('sqlite:' 'mysql://') ;;
	'abb set --debounce') ;;
	'abb set --retain') ;;
	'abb set --exec') how='commands' ;;
	'abb set --alarm') ;;
	'abb set --exec-timeout') ;;
	'abb set --interval'|'abb set -i') ;;
	'abb set --duration'|'abb set -d') ;;
	'abb set --timeout'|'abb set -t') ;;
	'abb set --retries') ;;
	'abb set --unit'|'abb set -u') ;;
	'abb watch --format'|'abb watch -f') offers=('text' 'json' 'csv' 'influx' 'live' 'prometheus') ;;
	'abb watch --output'|'abb watch -o') how='files' ;;
	'abb watch --count'|'abb watch -n') ;;
	'abb watch --color') offers=('auto' 'always' 'never') ;;
	'abb watch --mqtt') offers=('mqtt://' 'mqtts://') ;;
	'abb watch --db') offers=('sqlite:' 'mysql://') ;;
	'abb watch --debounce') ;;
	'abb watch --retain') ;;
	'abb watch --exec') how='commands' ;;
	'abb watch --alarm') ;;
	'abb watch --exec-timeout') ;;
	'abb watch --interval'|'abb watch -i') ;;
	'abb watch --duration'|'abb watch -d') ;;
	'abb watch --timeout'|'abb watch -t') ;;
	'abb watch --retries') ;;
	'abb watch --unit'|'abb watch -u') ;;
	'abb registers --format'|'abb registers -f') offers=('text' 'json' 'csv' 'influx' 'live' 'prometheus') ;;
	'abb registers --output'|'abb registers -o') how='files' ;;
	'abb registers --count'|'abb registers -n') ;;
	'abb registers --color') offers=('auto' 'always' 'never') ;;
	'abb registers --mqtt') offers=('mqtt://' 'mqtts://') ;;
	'abb registers --db') offers=('sqlite:' 'mysql://') ;;
	'abb registers --debounce') ;;
	'abb registers --retain') ;;
	'abb registers --exec') how='commands' ;;
	'abb registers --alarm') ;;
	'abb registers --exec-timeout') ;;
	'keba dump --format'|'keba dump -f') offers=('text' 'json' 'csv' 'influx' 'live' 'prometheus') ;;
	'keba dump --output'|'keba dump -o') how='files' ;;
	'keba dump --count'|'keba dump -n') ;;
	'keba dump --color') offers=('auto' 'always' 'never') ;;
	'keba dump --mqtt') offers=('mqtt://' 'mqtts://') ;;
	'keba dump --db') offers=('sqlite:' 'mysql://') ;;
	'keba dump --debounce') ;;
	'keba dump --retain') ;;
	'keba dump --exec') how='commands' ;;
	'keba dump --alarm') ;;
	'keba dump --exec-timeout') ;;
	'keba dump --interval'|'keba dump -i') ;;
	'keba dump --duration'|'keba dump -d') ;;
	'keba dump --timeout'|'keba dump -t') ;;
	'keba dump --retries') ;;
	'keba dump --unit'|'keba dump -u') ;;
	'keba get --format'|'keba get -f') offers=('text' 'json' 'csv' 'influx' 'live' 'prometheus') ;;
	'keba get --output'|'keba get -o') how='files' ;;
	'keba get --count'|'keba get -n') ;;
	'keba get --color') offers=('auto' 'always' 'never') ;;
	'keba get --mqtt') offers=('mqtt://' 'mqtts://') ;;
	'keba get --db') offers=('sqlite:' 'mysql://') ;;
	'keba get --debounce') ;;
	'keba get --retain') ;;
	'keba get --exec') how='commands' ;;
	'keba get --alarm') ;;
	'keba get --exec-timeout') ;;
	'keba get --interval'|'keba get -i') ;;
	'keba get --duration'|'keba get -d') ;;
	'keba get --timeout'|'keba get -t') ;;
	'keba get --retries') ;;
	'keba get --unit'|'keba get -u') ;;
	'keba set --format'|'keba set -f') offers=('text' 'json' 'csv' 'influx' 'live' 'prometheus') ;;
	'keba set --output'|'keba set -o') how='files' ;;
	'keba set --count'|'keba set -n') ;;
	'keba set --color') offers=('auto' 'always' 'never') ;;
	'keba set --mqtt') offers=('mqtt://' 'mqtts://') ;;
	'keba set --db') offers=('sqlite:' 'mysql://') ;;
	'keba set --debounce') ;;
	'keba set --retain') ;;
	'keba set --exec') how='commands' ;;
	'keba set --alarm') ;;
	'keba set --exec-timeout') ;;
	'keba set --interval'|'keba set -i') ;;
	'keba set --duration'|'keba set -d') ;;
	'keba set --timeout'|'keba set -t') ;;
	'keba set --retries') ;;
	'keba set --unit'|'keba set -u') ;;
	'keba watch --format'|'keba watch -f') offers=('text' 'json' 'csv' 'influx' 'live' 'prometheus') ;;
	'keba watch --output'|'keba watch -o') how='files' ;;
	'keba watch --count'|'keba watch -n') ;;
	'keba watch --color') offers=('auto' 'always' 'never') ;;
	'keba watch --mqtt') offers=('mqtt://' 'mqtts://') ;;
	'keba watch --db') offers=('sqlite:' 'mysql://') ;;
	'keba watch --debounce') ;;
	'keba watch --retain') ;;
	'keba watch --exec') how='commands' ;;
	'keba watch --alarm') ;;
	'keba watch --exec-timeout') ;;
	'keba watch --interval'|'keba watch -i') ;;
	'keba watch --duration'|'keba watch -d') ;;
	'keba watch --timeout'|'keba watch -t') ;;
	'keba watch --retries') ;;
	'keba watch --unit'|'keba watch -u') ;;
	'keba registers --format'|'keba registers -f') offers=('text' 'json' 'csv' 'influx' 'live' 'prometheus') ;;
	'keba registers --output'|'keba registers -o') how='files' ;;
	'keba registers --count'|'keba registers -n') ;;
	'keba registers --color') offers=('auto' 'always' 'never') ;;
	'keba registers --mqtt') offers=('mqtt://' 'mqtts://') ;;
	'keba registers --db') offers=('sqlite:' 'mysql://') ;;
	'keba registers --debounce') ;;
	'keba registers --retain') ;;
	'keba registers --exec') how='commands' ;;
	'keba registers --alarm') ;;
	'keba registers --exec-timeout') ;;
	'sunspec read --unit'|'sunspec read -u') ;;
	'sunspec read --base') ;;
	'sunspec read --retries') ;;
	'sunspec read --delay') ;;
	'sunspec read --image') how='files' ;;
	'sunspec read --model'|'sunspec read -m') how='list ' ;;
	'sunspec read --points'|'sunspec read -p') how='list ' ;;
	'sunspec read --dump') how='files' ;;
	'sunspec read --models') how='files' ;;
	'sunspec read --format'|'sunspec read -f') offers=('text' 'json' 'csv' 'influx' 'live' 'prometheus') ;;
	'sunspec read --output'|'sunspec read -o') how='files' ;;
	'sunspec read --count'|'sunspec read -n') ;;
	'sunspec read --color') offers=('auto' 'always' 'never') ;;
	'sunspec read --mqtt') offers=('mqtt://' 'mqtts://') ;;
	'sunspec read --db') offers=('sqlite:' 'mysql://') ;;
	'sunspec read --debounce') ;;
	'sunspec read --retain') ;;
	'sunspec read --exec') how='commands' ;;
	'sunspec read --alarm') ;;
	'sunspec read --exec-timeout') ;;
	'sunspec read --interval'|'sunspec read -i') ;;
	'sunspec read --duration'|'sunspec read -d') ;;
	'sunspec read --timeout'|'sunspec read -t') ;;
	'sunspec scan --unit'|'sunspec scan -u') ;;
	'sunspec scan --base') ;;
	'sunspec scan --retries') ;;
	'sunspec scan --delay') ;;
	'sunspec scan --image') how='files' ;;
	'sunspec scan --models') how='files' ;;
	'sunspec scan --format'|'sunspec scan -f') offers=('text' 'json' 'csv' 'influx' 'live' 'prometheus') ;;
	'sunspec scan --output'|'sunspec scan -o') how='files' ;;
	'sunspec scan --count'|'sunspec scan -n') ;;
	'sunspec scan --color') offers=('auto' 'always' 'never') ;;
	'sunspec scan --mqtt') offers=('mqtt://' 'mqtts://') ;;
	'sunspec scan --db') offers=('sqlite:' 'mysql://') ;;
	'sunspec scan --debounce') ;;
	'sunspec scan --retain') ;;
	'sunspec scan --exec') how='commands' ;;
	'sunspec scan --alarm') ;;
	'sunspec scan --exec-timeout') ;;
	'sunspec scan --interval'|'sunspec scan -i') ;;
	'sunspec scan --duration'|'sunspec scan -d') ;;
	'sunspec scan --timeout'|'sunspec scan -t') ;;
	'sunspec models --models') how='files' ;;
	'sunspec models --format'|'sunspec models -f') offers=('text' 'json' 'csv' 'influx' 'live' 'prometheus') ;;
	'sunspec models --output'|'sunspec models -o') how='files' ;;
	'sunspec models --count'|'sunspec models -n') ;;
	'sunspec models --color') offers=('auto' 'always' 'never') ;;
	'sunspec models --mqtt') offers=('mqtt://' 'mqtts://') ;;
	'sunspec models --db') offers=('sqlite:' 'mysql://') ;;
	'sunspec models --debounce') ;;
	'sunspec models --retain') ;;
	'sunspec models --exec') how='commands' ;;
	'sunspec models --alarm') ;;
	'sunspec models --exec-timeout') ;;
	'balance simulate --algorithm'|'balance simulate -a') offers=('headroom' 'threshold') ;;
	'balance simulate --set'|'balance simulate -s') offers=('override_limit=' 'max_charger_current=' 'phases=' 'alarm_limit=' 'alarm_wait=' 'alarm_step=' 'upper_limit=' 'upper_wait=' 'upper_step=' 'lower_limit=' 'lower_wait=' 'lower_step=' 'fallback_limit=' 'fallback_wait=' 'min_current=' 'margin=' 'quiet_wait=' 'ride_wait=' 'restart_wait=' 'restart_room=' 'solar=' 'solar_run=' 'solar_pause=' 'peak=' 'peak_minutes=' 'dim=' 'unbalance=' 'car_phases=') ;;
	'balance simulate --fuse') offers=('16' '20' '25' '35' '40' '50' '63' 'B16' 'B25' 'C25' 'gG35') ;;
	'balance simulate --phases') offers=('1' '2' '3') ;;
	'balance simulate --phase-order') offers=('auto' '123' '132' '213' '231' '312' '321') ;;
	'balance simulate --power-factor') ;;
	'balance simulate --solar') offers=('off' 'surplus' 'minimum') ;;
	'balance simulate --peak') offers=('auto' '2500' '5000') ;;
	'balance simulate --peak-minutes') offers=('15' '60') ;;
	'balance simulate --dim') offers=('4200') ;;
	'balance simulate --unbalance') offers=('16' '20') ;;
	'balance simulate --override') ;;
	'balance simulate --price') how='files' ;;
	'balance simulate --until') offers=('06:00' '07:00' '08:00') ;;
	'balance simulate --energy') ;;
	'balance simulate --plan') how='files' ;;
	'balance simulate --zone') offers=('UTC' 'Europe/Amsterdam' 'Europe/Berlin' 'Europe/Brussels' 'Europe/London' 'Europe/Paris' 'Europe/Stockholm' 'Europe/Vienna' 'Europe/Zurich') ;;
	'balance simulate --car') how='list ' offers=('min=' 'max=' 'phases=' 'first=' 'dead=' 'up=' 'down=' 'restart=' 'loss=' 'battery=' 'charge=' 'taper=' 'sleeps_after=' 'daily=' 'home=') ;;
	'balance simulate --compare') how='list ' offers=('threshold' 'headroom' 'override_limit=' 'max_charger_current=' 'phases=' 'alarm_limit=' 'alarm_wait=' 'alarm_step=' 'upper_limit=' 'upper_wait=' 'upper_step=' 'lower_limit=' 'lower_wait=' 'lower_step=' 'fallback_limit=' 'fallback_wait=' 'min_current=' 'margin=' 'quiet_wait=' 'ride_wait=' 'restart_wait=' 'restart_room=' 'solar=' 'solar_run=' 'solar_pause=' 'peak=' 'peak_minutes=' 'dim=' 'unbalance=' 'car_phases=') ;;
	'balance simulate --sweep') offers=('override_limit=' 'max_charger_current=' 'phases=' 'alarm_limit=' 'alarm_wait=' 'alarm_step=' 'upper_limit=' 'upper_wait=' 'upper_step=' 'lower_limit=' 'lower_wait=' 'lower_step=' 'fallback_limit=' 'fallback_wait=' 'min_current=' 'margin=' 'quiet_wait=' 'ride_wait=' 'restart_wait=' 'restart_room=' 'solar=' 'solar_run=' 'solar_pause=' 'peak=' 'peak_minutes=' 'dim=' 'unbalance=' 'car_phases=') ;;
	'balance simulate --fault') how='list ' offers=('lost=' 'seed=' 'silent=' 'frozen=' 'lag=' 'resolution=' 'dead=' 'timeout=' 'fallback=' 'disobey=' 'reboot=' 'master=' 'rotate=' 'car-lag=' 'scale=') ;;
	'balance simulate --plot') how='files' ;;
	'balance simulate --report') how='files' ;;
	'balance simulate --format'|'balance simulate -f') offers=('text' 'json' 'csv' 'influx' 'live' 'prometheus') ;;
	'balance simulate --output'|'balance simulate -o') how='files' ;;
	'balance simulate --count'|'balance simulate -n') ;;
	'balance simulate --color') offers=('auto' 'always' 'never') ;;
	'balance simulate --mqtt') offers=('mqtt://' 'mqtts://') ;;
	'balance simulate --db') offers=('sqlite:' 'mysql://') ;;
	'balance simulate --debounce') ;;
	'balance simulate --retain') ;;
	'balance simulate --exec') how='commands' ;;
	'balance simulate --alarm') ;;
	'balance simulate --exec-timeout') ;;
	'balance run --algorithm'|'balance run -a') offers=('headroom' 'threshold') ;;
	'balance run --set'|'balance run -s') offers=('override_limit=' 'max_charger_current=' 'phases=' 'alarm_limit=' 'alarm_wait=' 'alarm_step=' 'upper_limit=' 'upper_wait=' 'upper_step=' 'lower_limit=' 'lower_wait=' 'lower_step=' 'fallback_limit=' 'fallback_wait=' 'min_current=' 'margin=' 'quiet_wait=' 'ride_wait=' 'restart_wait=' 'restart_room=' 'solar=' 'solar_run=' 'solar_pause=' 'peak=' 'peak_minutes=' 'dim=' 'unbalance=' 'car_phases=') ;;
	'balance run --fuse') offers=('16' '20' '25' '35' '40' '50' '63' 'B16' 'B25' 'C25' 'gG35') ;;
	'balance run --phases') offers=('1' '2' '3') ;;
	'balance run --phase-order') offers=('auto' '123' '132' '213' '231' '312' '321') ;;
	'balance run --power-factor') ;;
	'balance run --solar') offers=('off' 'surplus' 'minimum') ;;
	'balance run --peak') offers=('auto' '2500' '5000') ;;
	'balance run --peak-minutes') offers=('15' '60') ;;
	'balance run --dim') offers=('4200') ;;
	'balance run --unbalance') offers=('16' '20') ;;
	'balance run --override') ;;
	'balance run --price') how='files' ;;
	'balance run --until') offers=('06:00' '07:00' '08:00') ;;
	'balance run --energy') ;;
	'balance run --plan') how='files' ;;
	'balance run --zone') offers=('UTC' 'Europe/Amsterdam' 'Europe/Berlin' 'Europe/Brussels' 'Europe/London' 'Europe/Paris' 'Europe/Stockholm' 'Europe/Vienna' 'Europe/Zurich') ;;
	'balance run --p1') how='files' offers=('tcp://' 'tcp-listen://' 'udp://' 'serial://' 'pcap:' 'hex:' 'mqtt://' 'mqtts://') ;;
	'balance run --grid') how='files' offers=('p1:' 'dlms:' 'json:' 'meter:' 'sunspec:' 'tcp://' 'tcp-listen://' 'udp://' 'serial://' 'pcap:' 'hex:' 'mqtt://' 'mqtts://') ;;
	'balance run --charger') offers=('alfen://' 'abb://' 'abb+serial:///dev/' 'abb+rtu+tcp://' 'keba://' 'none') ;;
	'balance run --server') offers=('tcp-listen://127.0.0.1:5020' 'rtu+tcp-listen://127.0.0.1:5020' 'serial:///dev/') ;;
	'balance run --state') how='files' ;;
	'balance run --control') offers=('mqtt://' 'mqtts://') ;;
	'balance run --tick') ;;
	'balance run --charger-timeout') ;;
	'balance run --key'|'balance run -k') ;;
	'balance run --key-file') how='files' ;;
	'balance run --auth-key') ;;
	'balance run --auth-key-file') how='files' ;;
	'balance run --duration'|'balance run -d') ;;
	'balance run --timeout'|'balance run -t') ;;
	'balance run --record') how='files' ;;
	'balance run --format'|'balance run -f') offers=('text' 'json' 'csv' 'influx' 'live' 'prometheus') ;;
	'balance run --output'|'balance run -o') how='files' ;;
	'balance run --count'|'balance run -n') ;;
	'balance run --color') offers=('auto' 'always' 'never') ;;
	'balance run --mqtt') offers=('mqtt://' 'mqtts://') ;;
	'balance run --db') offers=('sqlite:' 'mysql://') ;;
	'balance run --debounce') ;;
	'balance run --retain') ;;
	'balance run --exec') how='commands' ;;
	'balance run --alarm') ;;
	'balance run --exec-timeout') ;;
	'sim house --house') ;;
	'sim house --start') ;;
	'sim house --charger') offers=('alfen' 'abb' 'keba') ;;
	'sim house --car') how='list ' offers=('min=' 'max=' 'phases=' 'first=' 'dead=' 'up=' 'down=' 'restart=' 'loss=' 'battery=' 'charge=' 'taper=' 'sleeps_after=' 'daily=' 'home=') ;;
	'sim house --listen'|'sim house -l') ;;
	'sim house --port'|'sim house -p') ;;
	'sim house --duration'|'sim house -d') ;;
	'sim meter --connect') how='hosts' ;;
	'sim meter --listen') ;;
	'sim meter --pty') how='files' ;;
	'sim meter --output'|'sim meter -o') how='files' ;;
	'sim meter --unit'|'sim meter -u') ;;
	'sim meter --interval'|'sim meter -i') ;;
	'sim meter --count'|'sim meter -n') ;;
	'sim meter --duration'|'sim meter -d') ;;
	'sim meter --seed') ;;
	'sim meter --corrupt') ;;
	'sim meter --drop') ;;
	'sim p1 --connect') how='hosts' ;;
	'sim p1 --listen') ;;
	'sim p1 --pty') how='files' ;;
	'sim p1 --output'|'sim p1 -o') how='files' ;;
	'sim p1 --key'|'sim p1 -k') ;;
	'sim p1 --key-file') how='files' ;;
	'sim p1 --auth-key') ;;
	'sim p1 --auth-key-file') how='files' ;;
	'sim p1 --title') ;;
	'sim p1 --counter') ;;
	'sim p1 --serial') ;;
	'sim p1 --set') ;;
	'sim p1 --start') ;;
	'sim p1 --interval'|'sim p1 -i') ;;
	'sim p1 --count'|'sim p1 -n') ;;
	'sim p1 --duration'|'sim p1 -d') ;;
	'sim p1 --seed') ;;
	'sim p1 --drop') ;;
	'sim p1 --corrupt') ;;
	'sim p1 --truncate') ;;
	'sim p1 --noise') ;;
	'sim p1 --charger') offers=('alfen://' 'abb://' 'keba://') ;;
	'sim push --connect') how='hosts' ;;
	'sim push --listen') ;;
	'sim push --pty') how='files' ;;
	'sim push --output'|'sim push -o') how='files' ;;
	'sim push --key'|'sim push -k') ;;
	'sim push --key-file') how='files' ;;
	'sim push --auth-key') ;;
	'sim push --auth-key-file') how='files' ;;
	'sim push --title') ;;
	'sim push --counter') ;;
	'sim push --serial') ;;
	'sim push --set') ;;
	'sim push --start') ;;
	'sim push --interval'|'sim push -i') ;;
	'sim push --count'|'sim push -n') ;;
	'sim push --duration'|'sim push -d') ;;
	'sim push --seed') ;;
	'sim push --drop') ;;
	'sim push --corrupt') ;;
	'sim push --truncate') ;;
	'sim push --noise') ;;
	'sim push --mqtt') offers=('mqtt://' 'mqtts://') ;;
	'sim push --payload') offers=('raw' 'hex' 'base64') ;;
	'sim push --replay') ;;
	'sim push --repeat') ;;
	'sim alfen --listen'|'sim alfen -l') ;;
	'sim alfen --delay') ;;
	'sim alfen --drop') ;;
	'sim alfen --corrupt') ;;
	'sim alfen --exception') ;;
	'sim alfen --max-connections') ;;
	'sim alfen --duration'|'sim alfen -d') ;;
	'sim alfen --image') how='files' ;;
	'sim alfen --validity') ;;
	'sim alfen --refuse') ;;
	'sim alfen --refuse-write') ;;
	'sim alfen --car') how='list ' offers=('min=' 'max=' 'phases=' 'first=' 'dead=' 'up=' 'down=' 'restart=' 'loss=' 'battery=' 'charge=' 'taper=' 'sleeps_after=' 'daily=' 'home=') ;;
	'sim alfen --platform') offers=('ng' 'ahp') ;;
	'sim alfen --sockets') ;;
	'sim abb --listen'|'sim abb -l') ;;
	'sim abb --delay') ;;
	'sim abb --drop') ;;
	'sim abb --corrupt') ;;
	'sim abb --exception') ;;
	'sim abb --max-connections') ;;
	'sim abb --duration'|'sim abb -d') ;;
	'sim abb --image') how='files' ;;
	'sim abb --validity') ;;
	'sim abb --refuse') ;;
	'sim abb --refuse-write') ;;
	'sim abb --car') how='list ' offers=('min=' 'max=' 'phases=' 'first=' 'dead=' 'up=' 'down=' 'restart=' 'loss=' 'battery=' 'charge=' 'taper=' 'sleeps_after=' 'daily=' 'home=') ;;
	'sim abb --unit'|'sim abb -u') ;;
	'sim keba --listen'|'sim keba -l') ;;
	'sim keba --delay') ;;
	'sim keba --drop') ;;
	'sim keba --corrupt') ;;
	'sim keba --exception') ;;
	'sim keba --max-connections') ;;
	'sim keba --duration'|'sim keba -d') ;;
	'sim keba --image') how='files' ;;
	'sim keba --validity') ;;
	'sim keba --refuse') ;;
	'sim keba --refuse-write') ;;
	'sim keba --car') how='list ' offers=('min=' 'max=' 'phases=' 'first=' 'dead=' 'up=' 'down=' 'restart=' 'loss=' 'battery=' 'charge=' 'taper=' 'sleeps_after=' 'daily=' 'home=') ;;
	'sim keba --unit'|'sim keba -u') ;;
	'sim sunspec --listen'|'sim sunspec -l') ;;
	'sim sunspec --delay') ;;
	'sim sunspec --drop') ;;
	'sim sunspec --corrupt') ;;
	'sim sunspec --exception') ;;
	'sim sunspec --max-connections') ;;
	'sim sunspec --duration'|'sim sunspec -d') ;;
	'sim sunspec --image') how='files' ;;
	'sim sunspec --unit'|'sim sunspec -u') ;;
	'sim sunspec --late') ;;
	'sim sunspec --late-ms') ;;
	*) return 1 ;;
	esac
}

_emtool_options()
{
	case $path in
	'') [[ ${words[1]} == help ]] || options='--help --version' ;;
	'sniff') options='--tcp --connect --udp --serial --meter --meter-map --meters --unit --function --frames --record --duration --timeout --json --format --units --output --count --strict --stats --quiet --verbose --color --mqtt --mqtt-discovery --db --debounce --retain --exec --alarm --exec-timeout --help' ;;
	'p1') options='--raw --once --interval --no-crc --accept-replay --gas-channel --relay --query --sunspec --sunspec-unit --key --key-file --auth-key --auth-key-file --tcp --connect --udp --serial --record --duration --timeout --json --format --units --output --count --strict --stats --quiet --verbose --color --mqtt --mqtt-discovery --db --debounce --retain --exec --alarm --exec-timeout --help' ;;
	'decrypt') options='--key --key-file --auth-key --auth-key-file --require-auth --accept-replay --state --compat --tcp --connect --udp --serial --json --format --units --output --count --strict --stats --quiet --verbose --color --mqtt --mqtt-discovery --db --debounce --retain --exec --alarm --exec-timeout --record --duration --timeout --help' ;;
	'alfen') options='--help' ;;
	'alfen dump') options='--json --format --units --output --count --strict --stats --quiet --verbose --color --mqtt --mqtt-discovery --db --debounce --retain --exec --alarm --exec-timeout --interval --duration --timeout --retries --socket --help' ;;
	'alfen get') options='--json --format --units --output --count --strict --stats --quiet --verbose --color --mqtt --mqtt-discovery --db --debounce --retain --exec --alarm --exec-timeout --interval --duration --timeout --retries --socket --help' ;;
	'alfen set') options='--json --format --units --output --count --strict --stats --quiet --verbose --color --mqtt --mqtt-discovery --db --debounce --retain --exec --alarm --exec-timeout --interval --duration --timeout --retries --socket --hold --help' ;;
	'alfen watch') options='--json --format --units --output --count --strict --stats --quiet --verbose --color --mqtt --mqtt-discovery --db --debounce --retain --exec --alarm --exec-timeout --interval --duration --timeout --retries --socket --help' ;;
	'alfen registers') options='--json --format --units --output --count --strict --stats --quiet --verbose --color --mqtt --mqtt-discovery --db --debounce --retain --exec --alarm --exec-timeout --help' ;;
	'abb') options='--help' ;;
	'abb dump') options='--json --format --units --output --count --strict --stats --quiet --verbose --color --mqtt --mqtt-discovery --db --debounce --retain --exec --alarm --exec-timeout --interval --duration --timeout --retries --unit --help' ;;
	'abb get') options='--json --format --units --output --count --strict --stats --quiet --verbose --color --mqtt --mqtt-discovery --db --debounce --retain --exec --alarm --exec-timeout --interval --duration --timeout --retries --unit --help' ;;
	'abb set') options='--json --format --units --output --count --strict --stats --quiet --verbose --color --mqtt --mqtt-discovery --db --debounce --retain --exec --alarm --exec-timeout --interval --duration --timeout --retries --unit --hold --help' ;;
	'abb watch') options='--json --format --units --output --count --strict --stats --quiet --verbose --color --mqtt --mqtt-discovery --db --debounce --retain --exec --alarm --exec-timeout --interval --duration --timeout --retries --unit --help' ;;
	'abb registers') options='--json --format --units --output --count --strict --stats --quiet --verbose --color --mqtt --mqtt-discovery --db --debounce --retain --exec --alarm --exec-timeout --help' ;;
	'keba') options='--help' ;;
	'keba dump') options='--json --format --units --output --count --strict --stats --quiet --verbose --color --mqtt --mqtt-discovery --db --debounce --retain --exec --alarm --exec-timeout --interval --duration --timeout --retries --unit --help' ;;
	'keba get') options='--json --format --units --output --count --strict --stats --quiet --verbose --color --mqtt --mqtt-discovery --db --debounce --retain --exec --alarm --exec-timeout --interval --duration --timeout --retries --unit --help' ;;
	'keba set') options='--json --format --units --output --count --strict --stats --quiet --verbose --color --mqtt --mqtt-discovery --db --debounce --retain --exec --alarm --exec-timeout --interval --duration --timeout --retries --unit --hold --help' ;;
	'keba watch') options='--json --format --units --output --count --strict --stats --quiet --verbose --color --mqtt --mqtt-discovery --db --debounce --retain --exec --alarm --exec-timeout --interval --duration --timeout --retries --unit --help' ;;
	'keba registers') options='--json --format --units --output --count --strict --stats --quiet --verbose --color --mqtt --mqtt-discovery --db --debounce --retain --exec --alarm --exec-timeout --help' ;;
	'sunspec') options='--help' ;;
	'sunspec read') options='--unit --base --retries --delay --image --model --points --raw --flat --all --fast --dump --models --json --format --units --output --count --strict --stats --quiet --verbose --color --mqtt --mqtt-discovery --db --debounce --retain --exec --alarm --exec-timeout --interval --duration --timeout --help' ;;
	'sunspec scan') options='--unit --base --retries --delay --image --models --json --format --units --output --count --strict --stats --quiet --verbose --color --mqtt --mqtt-discovery --db --debounce --retain --exec --alarm --exec-timeout --interval --duration --timeout --help' ;;
	'sunspec models') options='--models --json --format --units --output --count --strict --stats --quiet --verbose --color --mqtt --mqtt-discovery --db --debounce --retain --exec --alarm --exec-timeout --help' ;;
	'balance') options='--help' ;;
	'balance simulate') options='--algorithm --set --fuse --phases --phase-order --power-factor --solar --peak --peak-minutes --dim --unbalance --override --price --until --energy --plan --zone --open-loop --car --blind --firmware-quirks --trace --daily --compare --sweep --fault --plot --report --json --format --units --output --count --strict --stats --quiet --verbose --color --mqtt --mqtt-discovery --db --debounce --retain --exec --alarm --exec-timeout --help' ;;
	'balance run') options='--algorithm --set --fuse --phases --phase-order --power-factor --solar --peak --peak-minutes --dim --unbalance --override --price --until --energy --plan --zone --p1 --grid --charger --server --state --control --dry-run --tick --charger-timeout --unarmed --safe-current-checked --disarm --key --key-file --auth-key --auth-key-file --duration --timeout --record --json --format --units --output --count --strict --stats --quiet --verbose --color --mqtt --mqtt-discovery --db --debounce --retain --exec --alarm --exec-timeout --help' ;;
	'sim') options='--help' ;;
	'sim house') options='--house --start --charger --car --listen --port --duration --json --quiet --verbose --help' ;;
	'sim meter') options='--connect --listen --pty --output --poll --unit --interval --count --duration --seed --corrupt --drop --whole --help' ;;
	'sim p1') options='--connect --listen --pty --output --key --key-file --auth-key --auth-key-file --title --counter --serial --set --start --interval --count --duration --seed --drop --corrupt --truncate --noise --models --endless --seven-bits --charger --help' ;;
	'sim push') options='--connect --listen --pty --output --key --key-file --auth-key --auth-key-file --title --counter --serial --set --start --interval --count --duration --seed --drop --corrupt --truncate --noise --mqtt --payload --hex --replay --repeat --help' ;;
	'sim alfen') options='--listen --delay --drop --corrupt --exception --max-connections --duration --quiet --verbose --image --validity --refuse --refuse-write --car --platform --sockets --help' ;;
	'sim abb') options='--listen --delay --drop --corrupt --exception --max-connections --duration --quiet --verbose --image --validity --refuse --refuse-write --car --unit --help' ;;
	'sim keba') options='--listen --delay --drop --corrupt --exception --max-connections --duration --quiet --verbose --image --validity --refuse --refuse-write --car --unit --help' ;;
	'sim sunspec') options='--listen --delay --drop --corrupt --exception --max-connections --duration --quiet --verbose --image --unit --strict --late --late-ms --help' ;;
	'completions') options='--help' ;;
	esac
}

_emtool_arguments()
{
	how='' offers=()
	case $path in
	'') if [[ ${words[1]} == help ]] && ((count == 1)) || ((count == 0)); then offers=('sniff' 'p1' 'decrypt' 'alfen' 'abb' 'keba' 'sunspec' 'balance' 'sim' 'completions' ); fi
		((count == 0)) && offers+=('help') ;;
	'sniff') how='files' offers=('tcp://' 'tcp-listen://' 'udp://' 'serial://' 'pcap:' 'hex:' 'mqtt://' 'mqtts://') ;;
	'p1') how='files' offers=('tcp://' 'tcp-listen://' 'udp://' 'serial://' 'pcap:' 'hex:' 'mqtt://' 'mqtts://') ;;
	'decrypt') how='files' offers=('tcp://' 'tcp-listen://' 'udp://' 'serial://' 'pcap:' 'hex:' 'mqtt://' 'mqtts://') ;;
	'alfen') offers=('dump' 'get' 'set' 'watch' 'registers' ) ;;
	'alfen dump') if ((count == 0)); then how=hosts; else how=''; fi ;;
	'alfen get') if ((count == 0)); then how=hosts; else offers=('c_name' 'c_manufacturer' 'c_modbus_table_version' 'c_firmware_version' 'c_platform_type' 'c_station_serial_number' 'c_date_year' 'c_date_month' 'c_date_day' 'c_time_hour' 'c_time_minute' 'c_time_second' 'c_uptime' 'c_time_zone' 'station_active_max_current' 'temperature' 'ocpp_state' 'nr_of_sockets' 'meter_state' 'meter_last_value_timestamp' 'meter_type' 'voltage_phase_L1N' 'voltage_phase_L2N' 'voltage_phase_L3N' 'voltage_phase_L1L2' 'voltage_phase_L2L3' 'voltage_phase_L3L1' 'current_N' 'current_phase_L1' 'current_phase_L2' 'current_phase_L3' 'current_sum' 'power_factor_phase_L1' 'power_factor_phase_L2' 'power_factor_phase_L3' 'power_factor_sum' 'frequency' 'real_power_phase_L1' 'real_power_phase_L2' 'real_power_phase_L3' 'real_power_sum' 'apparent_power_phase_L1' 'apparent_power_phase_L2' 'apparent_power_phase_L3' 'apparent_power_sum' 'reactive_power_phase_L1' 'reactive_power_phase_L2' 'reactive_power_phase_L3' 'reactive_power_sum' 'real_energy_delivered_phase_L1' 'real_energy_delivered_phase_L2' 'real_energy_delivered_phase_L3' 'real_energy_delivered_sum' 'real_energy_consumed_phase_L1' 'real_energy_consumed_phase_L2' 'real_energy_consumed_phase_L3' 'real_energy_consumed_sum' 'apparent_energy_phase_L1' 'apparent_energy_phase_L2' 'apparent_energy_phase_L3' 'apparent_energy_sum' 'reactive_energy_phase_L1' 'reactive_energy_phase_L2' 'reactive_energy_phase_L3' 'reactive_energy_sum' 'availability' 'mode_3_state' 'actual_applied_max_current' 'modbus_slave_max_current_valid_time' 'modbus_slave_max_current' 'active_load_balancing_safe_current' 'modbus_slave_received_setpoint_accounted_for' 'charge_using_1_or_3_phases' 'scn_name' 'scn_sockets' 'scn_total_consumption_phase_l1' 'scn_total_consumption_phase_l2' 'scn_total_consumption_phase_l3' 'scn_actual_max_current_phase_l1' 'scn_actual_max_current_phase_l2' 'scn_actual_max_current_phase_l3' 'scn_max_current_phase_l1' 'scn_max_current_phase_l2' 'scn_max_current_phase_l3' 'remaining_valid_time_max_current_phase_l1' 'remaining_valid_time_max_current_phase_l2' 'remaining_valid_time_max_current_phase_l3' 'scn_safe_current' 'scn_modbus_slave_max_current_enable'); fi ;;
	'alfen set') if ((count == 0)); then how=hosts; else offers=('modbus_slave_max_current=' 'charge_using_1_or_3_phases=1' 'charge_using_1_or_3_phases=3' 'scn_max_current_phase_l1=' 'scn_max_current_phase_l2=' 'scn_max_current_phase_l3='); fi ;;
	'alfen watch') if ((count == 0)); then how=hosts; else how=''; fi ;;
	'abb') offers=('dump' 'get' 'set' 'watch' 'registers' ) ;;
	'abb dump') if ((count == 0)); then how=hosts; else how=''; fi ;;
	'abb get') if ((count == 0)); then how=hosts; else offers=('serial_number' 'firmware_version' 'user_settable_max_current' 'error_code' 'socket_lock_state' 'charging_state' 'below_limit' 'charging_current_limit' 'current_l1' 'current_l2' 'current_l3' 'voltage_l1' 'voltage_l2' 'voltage_l3' 'power_import' 'session_energy' 'communication_timeout' 'charging_current_limit_modbus' 'fallback_limit'); fi ;;
	'abb set') if ((count == 0)); then how=hosts; else offers=('set_charging_current_limit=' 'lock_unlock_socket_cable=unlock' 'lock_unlock_socket_cable=lock' 'start_stop_session=start' 'start_stop_session=stop' 'set_communication_timeout=' 'set_fallback_limit='); fi ;;
	'abb watch') if ((count == 0)); then how=hosts; else how=''; fi ;;
	'keba') offers=('dump' 'get' 'set' 'watch' 'registers' ) ;;
	'keba dump') if ((count == 0)); then how=hosts; else how=''; fi ;;
	'keba get') if ((count == 0)); then how=hosts; else offers=('charging_state' 'cable_state' 'error_code' 'current_l1' 'current_l2' 'current_l3' 'serial_number' 'product_type' 'firmware_version' 'power_import' 'energy_import' 'voltage_l1' 'voltage_l2' 'voltage_l3' 'power_factor' 'charging_current_limit' 'max_current' 'rfid_card' 'session_energy' 'phase_switch_source' 'phase_switch_state' 'fallback_limit' 'communication_timeout'); fi ;;
	'keba set') if ((count == 0)); then how=hosts; else offers=('set_charging_current_limit=' 'set_energy_limit=' 'unlock_plug=unlock' 'charging_enabled=suspended' 'charging_enabled=charging allowed' 'set_fallback_limit=' 'set_communication_timeout=' 'store_fallback=store' 'set_phase_switch_source=none' 'set_phase_switch_source=OCPP' 'set_phase_switch_source=REST' 'set_phase_switch_source=Modbus' 'set_phase_switch_source=UDP' 'set_phases=1 phase' 'set_phases=3 phases'); fi ;;
	'keba watch') if ((count == 0)); then how=hosts; else how=''; fi ;;
	'sunspec') offers=('read' 'scan' 'models' ) ;;
	'sunspec read') if ((count == 0)); then how=hosts; else how=''; fi ;;
	'sunspec scan') if ((count == 0)); then how=hosts; else how=''; fi ;;
	'sunspec models') ;;
	'balance') offers=('simulate' 'run' ) ;;
	'balance simulate') how='files' offers=('synthetic:' 'tcp://' 'tcp-listen://' 'udp://' 'serial://' 'pcap:' 'hex:' 'mqtt://' 'mqtts://') ;;
	'sim') offers=('house' 'meter' 'p1' 'push' 'alfen' 'abb' 'keba' 'sunspec' ) ;;
	'sim meter') offers=('abb_b21_b23_b24' 'bernecker_mpm3pm' 'bgetech_ds100' 'bgetech_ws100' 'carlo_gavazzi_em111_em112_et112' 'carlo_gavazzi_em24' 'carlo_gavazzi_em24_e1' 'carlo_gavazzi_em330_em340' 'chint_ddsu666' 'chint_dtsu666' 'ddm18sd' 'dzg_dvh4013' 'eastron_sdm120' 'eastron_sdm220' 'eastron_sdm230' 'eastron_sdm54' 'eastron_sdm630' 'eastron_sdm72' 'eastron_sdm72v2' 'eastron_smart_x96_1a' 'eltako_dsz15d' 'finder_7e78' 'finder_7m24' 'finder_7m38' 'huawei_dtsu666_h' 'inepro_n1_ct' 'inepro_pro380' 'janitza_b23' 'janitza_umg604' 'lovato_dmg610' 'orno_we504' 'orno_we516_1p' 'orno_we516_3p' 'orno_we525' 'p1_load_balancer' 'phoenix_eem' 'phoenix_eem_350' 'sbc_ale3' 'schneider_iem3000' 'siemens_pac2200' 'sinotimer_dts6619' 'solaredge_se_mtr_3y' 'wago_879_30x0') ;;
	'sim p1') offers=('dsmr22' 'dsmr3' 'dsmr4' 'dsmr5' 'esmr' 'emucs' 'lu' 'se' 'at' 'ch' 'hu' 'lt') ;;
	'sim push') offers=('evn' 'evn-sagemcom' 'tinetz' 'kamstrup' 'landis' 'wien' 'iskra' 'aidon' 'kaifa' 'p1') ;;
	'completions') offers=('bash' 'zsh' 'fish') ;;
	esac
}

# The words up to the cursor; bash splits them at = and :, which this undoes.
_emtool_words()
{
	local i piece glue=''
	words=('')
	for ((i = 1; i <= COMP_CWORD; i++)); do
		piece=${COMP_WORDS[i]}
		if [[ $glue || $piece == [=:]* ]] && ((i > 1)); then
			words[${#words[@]} - 1]+=$piece
		else
			words+=("$piece")
		fi
		glue=''
		[[ $piece && $piece != *[!=:]* ]] && glue=1
	done
}

# CURRENT OPTION=: what matches goes into COMPREPLY, without what bash has split off.
_emtool_reply()
{
	local current=$1 word before='' list=''
	[[ $how == *list* && $current == *,* ]] && list=${current%,*},
	for word in "${offers[@]}"; do
		[[ $list$word == "$current"* ]] || continue
		COMPREPLY+=("$2$list${word// /\\ }")
	done
	if ((${#COMPREPLY[@]} == 0)); then
		case $how in
		*files*) word='file' ;;
		*hosts*) word='hostname' ;;
		*commands*) word='command' ;;
		*) return ;;
		esac
		[[ $word == hostname && $current == /* ]] && word='file'
		mapfile -t COMPREPLY < <(compgen -A $word -P "$2" -- "$current")
		[[ $word == file ]] && compopt -o filenames 2>/dev/null
	elif [[ $how == *files* && -z $current ]]; then
		mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -A file -P "$2")
	fi
	current=$2$current
	[[ $COMP_WORDBREAKS == *=* && $current == *=* ]] && before=${current%"${current##*=}"}
	word=${current#"$before"}
	[[ $COMP_WORDBREAKS == *:* && $word == *:* ]] && before+=${word%"${word##*:}"}
	COMPREPLY=("${COMPREPLY[@]#"$before"}")
	[[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *[=:/,] ]] && compopt -o nospace 2>/dev/null
	return 0
}

_emtool()
{
	local words offers how='' path='' option='' options i count=0 current
	COMPREPLY=()
	_emtool_words
	current=${words[-1]}
	for ((i = 1; i < ${#words[@]} - 1; i++)); do
		_emtool_path "$path${path:+ }${words[i]}" || break
		path+=${path:+ }${words[i]}
	done
	for ((; i < ${#words[@]} - 1; i++)); do
		if [[ $option ]]; then option=''
		elif [[ ${words[i]} == --*=* ]]; then :
		elif [[ ${words[i]} == -?* ]]; then _emtool_value "$path ${words[i]}" && option=${words[i]}
		else ((count++)); fi
	done
	if [[ $current == --*=* ]]; then
		_emtool_value "$path ${current%%=*}" && _emtool_reply "${current#*=}" "${current%%=*}="
		return
	fi
	if [[ $option ]]; then
		_emtool_value "$path $option" && _emtool_reply "$current" ''
		return
	fi
	_emtool_options
	if [[ $current != -* ]]; then
		_emtool_arguments
		[[ $how || ${#offers[@]} -gt 0 ]] && _emtool_reply "$current" ''
	fi
	if [[ $current == -* || ( -z $current && ${#COMPREPLY[@]} -eq 0 ) ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$options" -- "$current")
	fi
}
complete -F _emtool emtool
