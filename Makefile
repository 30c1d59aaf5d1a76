# emtool: `make help` lists the targets.

VERSION = 0.1.0

# `make V=1` shows the whole commands.
Q = $(if $(V),,@)
SAY = @$(if $(V),:,echo)

PREFIX ?= /usr/local
DESTDIR ?=
UNITDIR ?= $(PREFIX)/lib/systemd/system
CC ?= gcc
BUILD ?= build

WARNINGS = -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes \
	-Wno-missing-field-initializers
CFLAGS ?= -O2 -g

# Only what this compiler takes for this machine; it is asked for each flag once.
takes = $(shell $(CC) $(CFLAGS) -Werror $(1) -c -x c -o /dev/null /dev/null 2>/dev/null && echo "$(1)")
# The highest level that compiler, C library and optimisation together give; none at -O0.
FORTIFY := $(shell printf '\043include <features.h>\n__USE_FORTIFY_LEVEL\n' | \
	$(CC) $(CFLAGS) -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -E -P -w -x c - 2>/dev/null | tail -n 1)
HARDEN := -fstack-protector-strong -fPIE -U_FORTIFY_SOURCE \
	$(addprefix -D_FORTIFY_SOURCE=,$(filter 1 2 3,$(FORTIFY))) \
	$(call takes,-fstack-clash-protection) $(call takes,-fcf-protection)
# A 32-bit x86 would calculate with more digits than a double has, and round twice.
HARDEN += $(call takes,-msse2 -mfpmath=sse)
# Files above 2 GB and times after 2038 on 32-bit machines too.
LARGE = -D_FILE_OFFSET_BITS=64 -D_TIME_BITS=64
CPPFLAGS += -Ilib -I. -D_XOPEN_SOURCE=700 $(LARGE) -DEMTOOL_VERSION='"$(VERSION)"'
ALL_CFLAGS = -std=c11 $(WARNINGS) $(HARDEN) $(CFLAGS)
# The addresses of a position-independent program packed: 0.15 MB less, where linker and C library can.
PACKED := $(shell program=$$(mktemp) && echo 'int main(void) { return 0; }' | $(CC) $(CFLAGS) -fPIE -pie \
	-Wl,--fatal-warnings,-z,pack-relative-relocs -x c -o "$$program" - 2>/dev/null && "$$program" && \
	echo -Wl,-z,pack-relative-relocs; rm -f "$$program")
LDFLAGS += -pie -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--as-needed $(PACKED)

LIB_SOURCES = $(wildcard lib/*/*.c lib/*/*/*.c)
CMD_SOURCES = $(wildcard cmd/*.c cmd/*/*.c)
LIB_OBJECTS = $(LIB_SOURCES:%.c=$(BUILD)/%.o)
CMD_OBJECTS = $(CMD_SOURCES:%.c=$(BUILD)/%.o)

# Static where Debian has the archive: a cron job should not pay for the dynamic linker.
# Modbus, MQTT and databases are opened at run time by what needs them (lib/host/library.h).
LIBS = -Wl,-Bstatic -luv_a -lserialport -lnettle -ljansson -Wl,-Bdynamic -lm -lpthread -ldl
PEER_LIBS = $(LIBS) -lmodbus

# SunSpec model definitions: a text table, compiled into constant data.
SUNSPEC = lib/protocol/sunspec
TABLE_MAKER = $(BUILD)/tools/make_sunspec_table
LIB_OBJECTS += $(BUILD)/$(SUNSPEC)/table.o

# CRC tables: calculated, compiled into constant data.
CRC_TABLES = $(BUILD)/lib/base/crc_tables
CRC_MAKER = $(BUILD)/tools/make_crc_tables
LIB_OBJECTS += $(CRC_TABLES).o

all: $(BUILD)/emtool $(BUILD)/libemtool.a ## build emtool and libemtool.a

$(BUILD)/emtool: $(CMD_OBJECTS) $(BUILD)/libemtool.a
	$(SAY) "  LINK $@"
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(BUILD)/libemtool.a: $(LIB_OBJECTS)
	$(SAY) "  AR   $@"
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(SAY) "  CC   $<"
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(TABLE_MAKER): tools/make_sunspec_table.c $(SUNSPEC)/builder.c $(SUNSPEC)/model.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^

$(BUILD)/$(SUNSPEC)/table.c: $(SUNSPEC)/models.txt $(TABLE_MAKER)
	@mkdir -p $(@D)
	$(RUN) $(TABLE_MAKER) $< $@

$(BUILD)/$(SUNSPEC)/table.o: $(BUILD)/$(SUNSPEC)/table.c
	$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(CRC_MAKER): tools/make_crc_tables.c
	@mkdir -p $(@D)
	$(SAY) "  CC   $<"
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $<

$(CRC_TABLES).c: $(CRC_MAKER)
	@mkdir -p $(@D)
	$(RUN) $(CRC_MAKER) $@

$(CRC_TABLES).o: $(CRC_TABLES).c
	$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# Unit tests: each tests/unit/test_*.c is a cmocka program.
UNIT = $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(wildcard tests/unit/test_*.c))

$(BUILD)/unit/%: tests/unit/%.c $(BUILD)/libemtool.a
	@mkdir -p $(@D)
	$(SAY) "  CC   $<"
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -MMD -MP $(LDFLAGS) -o $@ $< $(BUILD)/libemtool.a $(PEER_LIBS) -lcmocka

# Only this one needs libcrypto: the program's own ciphering is checked against it.
$(BUILD)/unit/test_gcm: LIBS += -lcrypto

unit: $(UNIT) ## run the unit tests
	@for t in $(UNIT); do echo "== $$t"; $(RUN) $$t || exit 1; done

completions: $(BUILD)/emtool ## write the shell completions again
	$(BUILD)/emtool completions bash > completions/emtool.bash
	$(BUILD)/emtool completions zsh > completions/_emtool
	$(BUILD)/emtool completions fish > completions/emtool.fish

# Programs that tests talk to, and benchmarks with what they compare to.
PEERS = $(patsubst tests/%.c,$(BUILD)/%,$(wildcard tests/peers/*.c))
BENCH = $(patsubst tests/%.c,$(BUILD)/%,$(wildcard tests/bench/*.c))

$(BUILD)/peers/%: tests/peers/%.c $(BUILD)/libemtool.a
	@mkdir -p $(@D)
	$(SAY) "  CC   $<"
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -MMD -MP $(LDFLAGS) -o $@ $< $(BUILD)/libemtool.a $(PEER_LIBS)

peers: $(PEERS)

check: all unit peers ## build and run all tests
	tests/cli $(BUILD)

bench: $(BENCH) all ## measure speed against memcpy or a bare loop in the same run
	@BUILD=$(BUILD) tests/bench/run $(filter $(BUILD)/bench/bench_%,$(BENCH))

$(BUILD)/bench/%: tests/bench/%.c $(BUILD)/libemtool.a
	@mkdir -p $(@D)
	$(SAY) "  CC   $<"
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -MMD -MP $(LDFLAGS) -o $@ $< $(BUILD)/libemtool.a $(PEER_LIBS)

# The same tests with the address and undefined behaviour sanitizers.
# Without the checked functions of the C library, which the address sanitizer does not know.
SANITIZE = -O1 -g -U_FORTIFY_SOURCE -fsanitize=address,undefined -fno-sanitize-recover=all \
	-fno-omit-frame-pointer

sanitize: ## run all tests under ASan and UBSan
	$(MAKE) BUILD=build-sanitize CC=clang CFLAGS="$(SANITIZE)" all unit peers
	BATS_TEST_TIMEOUT=600 tests/cli build-sanitize

# Not optimised, so that a branch counted is one in the source. A run of the table maker is none of the
# tests.
COVER = $(MAKE) BUILD=build-cover CC=gcc HARDEN="-fPIE --coverage -fprofile-update=atomic" CFLAGS="-O0 -g"

# Calls that fail (make faults), a few of each kind, and without the sanitizers that the shim is made for.
# Whether all went well is not asked here.
COVER_FAULTS = $(COVER) FAULTS=build-cover/faults build-cover/faults/emtool \
	FAULT_OBJECTS="$(addprefix build-cover/faults/,shim.o shim_files.o driver.o plain.o)" && \
	{ BUILD=build-cover tests/faults/run 8 > build-cover/faults.log || true; }

cover: ## run all tests under gcov, print what they reach and what not
	$(COVER) all peers
	find build-cover -name '*.gcda' -delete
	$(COVER) unit
	BATS_TEST_TIMEOUT=600 tests/cli build-cover
	$(COVER_FAULTS)
	tests/cover build-cover

# The sanitizers' program with a shim that makes every call of the C library fail in turn. N: how many
# calls of a kind are tried for each command; `all` takes half an hour.
N ?= all
FAULTS = build-sanitize/faults
FAULT_OBJECTS = $(addprefix $(FAULTS)/,shim.o shim_files.o driver.o)

faults: ## make every fallible call of every command fail in turn (N calls of a kind)
	$(MAKE) BUILD=build-sanitize CC=clang CFLAGS="$(SANITIZE)" $(FAULTS)/emtool
	tests/faults/run $(N)

$(FAULTS)/emtool: $(FAULT_OBJECTS) $(CMD_OBJECTS) $(BUILD)/libemtool.a
	$(SAY) "  LINK $@"
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -rdynamic -Wl,--wrap=main -o $@ $^ $(LIBS)

# Not pedantic: glibc declares the address of a socket as a union of all kinds.
$(FAULTS)/%.o: tests/faults/%.c tests/faults/faults.h tests/faults/shim.h
	@mkdir -p $(@D)
	$(SAY) "  CC   $<"
	$(Q)$(CC) -std=c11 $(filter-out -Wpedantic,$(WARNINGS)) -O1 -g -fno-omit-frame-pointer -c -o $@ $<

# libFuzzer targets, each for T seconds, or RUNS times; what they find stays in build-fuzz/.
T ?= 60
FUZZ = $(patsubst tests/fuzz/%.c,build-fuzz/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))

fuzzers: ## build the fuzz targets
	$(MAKE) BUILD=build-fuzz CC=clang \
		CFLAGS="-O1 -g -U_FORTIFY_SOURCE -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all" \
		build-fuzz/libemtool.a build-fuzz/libcmd.a build-fuzz/tests/fuzz/fuzz.o build-fuzz/make_seeds $(FUZZ)

build-fuzz/make_seeds: tests/fuzz/make_seeds.c build-fuzz/libemtool.a
	$(SAY) "  CC   $@"
	$(Q)clang $(CPPFLAGS) $(WARNINGS) -std=c11 -O1 -g -fsanitize=address,undefined -MMD -MP \
		-o $@ $< build-fuzz/libemtool.a $(LIBS)

$(BUILD)/libcmd.a: $(filter-out $(BUILD)/cmd/main.o,$(CMD_OBJECTS))
	rm -f $@
	$(AR) rcs $@ $^

build-fuzz/fuzz/%: tests/fuzz/%.c build-fuzz/tests/fuzz/fuzz.o build-fuzz/libemtool.a build-fuzz/libcmd.a
	@mkdir -p $(@D)
	$(SAY) "  FUZZ $@"
	$(Q)clang $(CPPFLAGS) $(WARNINGS) -std=c11 -O1 -g -fsanitize=fuzzer,address,undefined \
		-fno-sanitize-recover=all -MMD -MP -o $@ $< build-fuzz/tests/fuzz/fuzz.o \
		build-fuzz/libcmd.a build-fuzz/libemtool.a $(LIBS)

build-fuzz/fuzz/fuzz_simulate: LIBS += -Wl,--wrap=simulation_run

fuzz: $(BUILD)/emtool fuzzers ## run every fuzz target for T seconds
	@RUNS=$(RUNS) tests/fuzz/run $(T) $(FUZZ)
	@tests/fuzz/tally

soak: all ## run everything for T seconds among faults: nothing may get lost, nothing may grow
	@EMTOOL=$(BUILD)/emtool tests/soak/run $(T)

# Every build has its own directory, removed afterwards.
MATRIX = $(foreach cc,gcc clang,$(foreach level,-O0 -O1 -O2 -O3,$(cc):$(level)))

matrix: ## build with gcc and clang, -O0 to -O3, and run the unit tests
	+@tests/matrix $(MATRIX)

m32: ## build for a 32-bit machine and run the unit tests
	+@tests/foreign i386

big-endian: ## build for a big-endian machine and run the unit tests there
	+@tests/foreign s390x

# The tests that are tagged valgrind: every command, one of each kind of source and output.
valgrind: all unit peers ## run the unit tests and every command under valgrind
	BUILD=$(BUILD) tests/valgrind $(BUILD)

lint: ## static analysis, manual pages, shell scripts
	tests/lint $(CC)

install: all ## install under $(DESTDIR)$(PREFIX)
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/lib $(DESTDIR)$(PREFIX)/include/emtool
	install -m 755 $(BUILD)/emtool $(DESTDIR)$(PREFIX)/bin/emtool
	install -m 644 $(BUILD)/libemtool.a $(DESTDIR)$(PREFIX)/lib/libemtool.a
	cd lib && for h in */*.h */*/*.h; do install -D -m 644 $$h $(DESTDIR)$(PREFIX)/include/emtool/$$h; done
	for page in man/*.[1-8]; do section=$${page##*.}; \
		install -D -m 644 $$page $(DESTDIR)$(PREFIX)/share/man/man$$section/$${page##*/}; done
	install -D -m 644 completions/emtool.bash \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions/emtool
	install -D -m 644 completions/_emtool $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_emtool
	install -D -m 644 completions/emtool.fish \
		$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/emtool.fish
	for unit in systemd/*.service; do \
		install -d $(DESTDIR)$(UNITDIR) && sed 's|/usr/bin/|$(PREFIX)/bin/|' $$unit > \
			$(DESTDIR)$(UNITDIR)/$${unit##*/} || exit 1; done
	for conf in systemd/*.conf; do \
		install -D -m 644 $$conf $(DESTDIR)$(PREFIX)/share/doc/emtool/examples/$${conf##*/}; done

# A copy of what git knows is built, so that nothing appears in or beside the source tree.
DEB = build-deb

deb: ## build a Debian package in build-deb, checked with lintian
	rm -rf $(DEB)
	mkdir -p $(DEB)/emtool-$(VERSION)
	git ls-files -z | xargs -0 cp --parents -t $(DEB)/emtool-$(VERSION)
	cd $(DEB)/emtool-$(VERSION) && MAKEFLAGS= dpkg-buildpackage -b -us -uc
	lintian --fail-on error,warning $(DEB)/*.changes
	@ls $(DEB)/*.deb

deps: ## install what building and testing need (Debian)
	tests/deps

clean: ## remove what was built
	rm -rf $(BUILD) build-sanitize build-cover build-fuzz build-deb build-matrix build-valgrind \
		build-i386 build-s390x build-sysroot

help: ## list the targets
	@sed -n 's/^\([a-z0-9-]*\):.*## /\1\t/p' Makefile | expand -t 12

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)

.PHONY: all bench big-endian check clean completions cover deb deps faults fuzz fuzzers help install lint \
	m32 matrix peers sanitize soak unit valgrind
