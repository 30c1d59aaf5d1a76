# The program as it is linked by default: what an attacker who finds a fault would still have to beat.

load helper

setup() {
	cd "$BATS_TEST_DIRNAME/.." || return
	[ "$EMTOOL" = "$PWD/build/emtool" ] || skip "another build than the default one"
	pids=()
}

@test "the program is position independent, without text relocations and executable stack" {
	readelf -hW "$EMTOOL" | grep -Eq 'Type: +DYN'
	readelf -dW "$EMTOOL" >"$BATS_TEST_TMPDIR/dynamic"
	grep -Eq 'FLAGS_1.* NOW.* PIE' "$BATS_TEST_TMPDIR/dynamic"
	refute grep -E 'TEXTREL|RPATH|RUNPATH' "$BATS_TEST_TMPDIR/dynamic"
	readelf -lW "$EMTOOL" >"$BATS_TEST_TMPDIR/segments"
	grep -Eq '^ +GNU_RELRO ' "$BATS_TEST_TMPDIR/segments"
	grep -Eq '^ +GNU_STACK .* RW ' "$BATS_TEST_TMPDIR/segments"
	refute grep -E '^ +[A-Z_]+ .* (RWE|WE) ' "$BATS_TEST_TMPDIR/segments"
}

@test "stack protector and checked functions of the C library are in use" {
	readelf --dyn-syms -W "$EMTOOL" >"$BATS_TEST_TMPDIR/symbols"
	grep -q ' __stack_chk_fail' "$BATS_TEST_TMPDIR/symbols"
	[ "$(grep -Ec ' __[a-z]+_chk(@| |$)' "$BATS_TEST_TMPDIR/symbols")" -ge 5 ]
}

# compiled LEVEL CC FLAGS: does the Makefile ask this compiler for that level?
compiled() {
	MAKEFLAGS='' make -n -B V=1 CC="$2" CFLAGS="$3" build/lib/base/error.o >"$BATS_TEST_TMPDIR/$2$3"
	case $1 in
	none) ! grep -q -e '-D_FORTIFY_SOURCE' "$BATS_TEST_TMPDIR/$2$3" ;;
	*) grep -q -e "-D_FORTIFY_SOURCE=$1 " "$BATS_TEST_TMPDIR/$2$3" ;;
	esac
}

@test "_FORTIFY_SOURCE has the highest level that compiler and library support, and none at -O0" {
	level=$(printf '#include <features.h>\n__USE_FORTIFY_LEVEL\n' |
		gcc -O2 -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -E -P -w - | tail -n 1)
	echo "this machine: $level"
	compiled "$level" gcc -O2
	compiled "$level" gcc -O1
	compiled "$level" clang -O2
	compiled none gcc -O0
	compiled none clang -O0
}

@test "the stripped program is small" {
	strip -o "$BATS_TEST_TMPDIR/emtool" "$EMTOOL"
	size=$(stat -c %s "$BATS_TEST_TMPDIR/emtool")
	echo "$size bytes"
	[ "$size" -le 2500000 ]
}
