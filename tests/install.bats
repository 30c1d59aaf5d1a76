#!/usr/bin/env bats
# The library as others use it: what `make install` leaves, and programs that are compiled against it.

load helper

tree=$BATS_TEST_DIRNAME/..
prefix=/opt/house

# install_built: installs what is in build/ under ./root
install_built() {
	[ "$EMTOOL" = "$(realpath "$tree/build/emtool")" ] || skip "another build than the default one"
	MAKEFLAGS='' make -s -C "$tree" install-built DESTDIR="$PWD/root" PREFIX=$prefix
	export PKG_CONFIG_PATH=$PWD/root$prefix/lib/pkgconfig PKG_CONFIG_SYSROOT_DIR=$PWD/root
	export PKG_CONFIG_ALLOW_SYSTEM_CFLAGS=1
}

# compile COMPILER STANDARD SOURCE PROGRAM
compile() {
	# shellcheck disable=SC2046
	"$1" -std="$2" -Wall -Wextra -Wpedantic -Werror -o "$4" "$3" $(pkg-config --static --cflags --libs emtool)
}

# inputs: a telegram, an encrypted push, a sniffed exchange; $key opens the push
inputs() {
	key=0F1E2D3C4B5A69788796A5B4C3D2E1F0
	emtool sim p1 dsmr5 -n 1 -o telegram
	emtool sim push evn -n 1 -k $key -o sealed
	printf '%s' "$n1_ct" | xxd -r -p >exchange
}

# as_emtool PROGRAM: it prints what emtool prints
as_emtool() {
	"$1" p1 <telegram | diff - <(emtool p1 telegram --json)
	"$1" push $key <sealed | diff - <(emtool decrypt -q sealed -k $key --json)
	"$1" modbus <exchange | diff - <(emtool sniff exchange --json)
	[ "$("$1" modbus <exchange | wc -l)" -eq 5 ]
}

@test "a C program decodes a telegram, an encrypted push and an exchange, as C11 and as C++17" {
	install_built
	inputs
	compile gcc c11 "$tree/tests/install/decode.c" as_c
	as_emtool ./as_c
	cp "$tree/tests/install/decode.c" decode_c.cpp
	compile g++ c++17 decode_c.cpp as_cpp
	as_emtool ./as_cpp
}

@test "a C++ program does too" {
	install_built
	inputs
	compile g++ c++17 "$tree/tests/install/decode.cpp" decode
	[ "$(./decode p1 <telegram)" = "p1 $(emtool p1 telegram --json | jq .power_import)" ]
	[ "$(./decode push $key <sealed)" = "dlms $(emtool decrypt -q sealed -k $key --json | jq .power_import)" ]
	emtool sim meter inepro_n1_ct -n 3 --whole -o bus
	./decode modbus <bus >powers
	emtool sniff bus -m inepro_n1_ct --json | jq -r 'select(.power_import) | "modbus \(.power_import)"' | diff - powers
}

@test "what is damaged gives no value, and the program goes on" {
	install_built
	inputs
	compile gcc c11 "$tree/tests/install/decode.c" decode
	sed 's/1-0:1.7.0(0/1-0:1.7.0(1/' telegram >damaged
	refute cmp -s telegram damaged
	[ -z "$(./decode p1 <damaged)" ]
	[ "$(cat damaged telegram | ./decode p1 | wc -l)" -eq 1 ]
	[ -z "$(./decode push 00112233445566778899AABBCCDDEEFF <sealed)" ]
	[ "$(cat sealed sealed | ./decode push $key | wc -l)" -eq 1 ]
	run ./decode push 0011 <sealed
	[ "$status" -eq 1 ]
}

@test "the manual page shows that program" {
	sed -n '/^#include/,/^\.Ed/p' "$tree/man/libemtool.3" | sed 's/\\e/\\/g; /^\.Ed/d' | diff - "$tree/tests/install/decode.c"
	[ "$(wc -l <"$tree/tests/install/decode.c")" -le 30 ]
	[ "$(wc -l <"$tree/tests/install/decode.cpp")" -le 30 ]
}

@test "every header stands alone, in C11 without extensions and in C++17" {
	headers=("$tree"/include/emtool/*.h)
	[ ${#headers[@]} -ge 8 ]
	[ ${#headers[@]} -le 12 ]
	for header in "${headers[@]}"; do
		gcc -x c -std=c11 -pedantic -Wall -Wextra -Werror -fsyntax-only -include "$header" /dev/null
		g++ -x c++ -std=c++17 -pedantic -Wall -Wextra -Werror -fsyntax-only -include "$header" /dev/null
	done
}

@test "the manual page describes every function of the headers, and no other" {
	cat "$tree"/include/emtool/*.h | grep -oE '\bemtool_[a-z0-9_]+\(' | grep -v '^emtool_[a-z_]*_$' | tr -d '(' | sort -u >declared
	grep -oE '^\.Fn emtool_[a-z0-9_]+' "$tree/man/libemtool.3" | sed 's/^\.Fn //' | sort -u >described
	diff declared described
}

@test "the archive defines the functions of the headers and nothing else, and never prints or exits" {
	install_built
	archive=root$prefix/lib/libemtool.a
	nm -g --defined-only "$archive" | awk 'NF == 3 {print $3}' | sort -u >defined
	cat root$prefix/include/emtool/*.h | grep -oE '\bemtool_[a-z0-9_]+\(' | tr -d '(' | sort -u | diff - defined
	nm -gu "$archive" | awk 'NF == 2 {print $2}' >needed
	refute grep -E '^(_?exit|_Exit|abort|f?printf|f?puts|__f?printf_chk|write|open|socket|getenv|time|clock_gettime)$' needed
}

@test "uninstall leaves no file and no folder of its own" {
	install_built
	MAKEFLAGS='' make -s -C "$tree" uninstall DESTDIR="$PWD/root" PREFIX=$prefix
	[ -z "$(find root -type f -o -name '*emtool*')" ]
}
