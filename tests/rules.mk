# Rules of tests: unit tests, sanitizers, coverage, failing calls, fuzzing, other builds. The Makefile
# includes this file.

PEER_LIBS = $(LIBS) -lmodbus

# UNIT: each tests/unit/test_*.c is a cmocka program. PEERS: programs that tests communicate with. BENCH:
# benchmarks and the programs that they compare to.
UNIT = $(patsubst tests/%.c,$(BUILD)/%,$(wildcard tests/unit/test_*.c))
PEERS = $(patsubst tests/%.c,$(BUILD)/%,$(wildcard tests/peers/*.c))
BENCH = $(patsubst tests/%.c,$(BUILD)/%,$(wildcard tests/bench/*.c))

$(UNIT) $(PEERS) $(BENCH): $(BUILD)/%: tests/%.c $(BUILD)/libemtool.a $(BUILD)/stamps/test
	@mkdir -p $(@D)
	$(SAY) "  CC   $<"
	$(Q)$(COMPILE) -MMD -MP $(LDFLAGS) -o $@ $< $(BUILD)/libemtool.a $(PEER_LIBS)

$(BUILD)/stamps/test: export STAMP = $(COMPILE) $(LDFLAGS) $(PEER_LIBS)
$(UNIT): private PEER_LIBS += -lcmocka
# Only this test needs libcrypto: it compares emtool's encryption with that of libcrypto.
$(BUILD)/unit/test_gcm: private PEER_LIBS += -lcrypto

# Random worlds around the controller: N of them, the first with seed SEED; ONLY names a fault.
WORLD_SOURCES = $(wildcard tests/worlds/*.c)

$(BUILD)/worlds/test_worlds: $(WORLD_SOURCES:tests/%.c=$(BUILD)/tests/%.o) $(BUILD)/libemtool.a
	@mkdir -p $(@D)
	$(SAY) "  LINK $@"
	$(Q)$(LINK) -o $@ $(filter %.o,$^) $(BUILD)/libemtool.a $(LIBS) -lcmocka

worlds: $(BUILD)/worlds/test_worlds ## play random worlds around the load balancer (N=, SEED=, ONLY=)
	WORLDS=$(filter-out all,$(N)) WORLDS_SEED=$(SEED) WORLDS_ONLY=$(ONLY) $<

unit: $(UNIT) ## run the unit tests
	@tests/units $(UNIT)

peers: $(PEERS)

check: all static unit peers ## build and run all tests
	$(MAKE) worlds N=300 SEED=1
	tests/cli $(BUILD)

bench: $(BENCH) all static ## measure speed, compared with memcpy or a bare loop in the same run
	@BUILD=$(BUILD) tests/bench/run $(filter $(BUILD)/bench/bench_%,$(BENCH))

compare: $(BUILD)/bench/compare_balance ## set headroom beside other rules of load balancing (HOUSES=FILES)
	@$< $(HOUSES)

# The same tests with the sanitizers for addresses and undefined behaviour. FORTIFY is off, because the
# address sanitizer does not know the checked functions of the C library.
SANITIZE = -O1 -g -U_FORTIFY_SOURCE -fsanitize=address,undefined -fno-sanitize-recover=all \
	-fno-omit-frame-pointer

sanitize: ## run all tests under ASan and UBSan
	$(MAKE) BUILD=build-sanitize CC=clang CFLAGS="$(SANITIZE)" all unit peers
	BATS_TEST_TIMEOUT=600 tests/cli build-sanitize

# Built without optimisation, so that each counted branch is one in the source. Counts of an earlier run are
# removed first.
COVER = $(MAKE) BUILD=build-cover CC=gcc HARDEN="-fPIE --coverage -fprofile-update=atomic" CFLAGS="-O0 -g"

# Failing calls (make faults), a few of each kind, without the sanitizers. Only the coverage counts here, so
# failures are ignored.
COVER_FAULTS = $(COVER) FAULTS=build-cover/faults build-cover/faults/emtool \
	FAULT_OBJECTS="$(addprefix build-cover/faults/,shim.o shim_files.o driver.o plain.o)" && \
	{ BUILD=build-cover tests/faults/run 8 > build-cover/faults.log || true; }

cover: ## run all tests under gcov and print the coverage and the lines not reached
	$(COVER) all peers
	find build-cover -name '*.gcda' -delete
	BALANCE_TRACES=20000 $(COVER) unit
	BATS_TEST_TIMEOUT=600 tests/cli build-cover
	$(COVER_FAULTS)
	tests/cover build-cover

# The program with sanitizers and a shim that makes every call of the C library fail in turn. N is the number
# of calls of a kind that fail for each command; `all` takes half an hour.
N ?= all
FAULTS = build-sanitize/faults
FAULT_OBJECTS = $(addprefix $(FAULTS)/,shim.o shim_files.o driver.o)

faults: ## make every call that can fail do so in turn, in every command (N calls of a kind)
	$(MAKE) BUILD=build-sanitize CC=clang CFLAGS="$(SANITIZE)" $(FAULTS)/emtool
	tests/faults/run $(N)

$(FAULTS)/emtool: $(FAULT_OBJECTS) $(CMD_OBJECTS) $(BUILD)/libemtool.a $(BUILD)/stamps/link
	$(SAY) "  LINK $@"
	$(Q)$(LINK) -rdynamic -Wl,--wrap=main -o $@ $(FAULT_OBJECTS) $(CMD_OBJECTS) $(BUILD)/libemtool.a $(LIBS)

# Without -Wpedantic: glibc declares socket addresses as a union of all kinds.
$(FAULTS)/%.o: tests/faults/%.c tests/faults/faults.h tests/faults/shim.h
	@mkdir -p $(@D)
	$(SAY) "  CC   $<"
	$(Q)$(CC) -std=c11 $(filter-out -Wpedantic,$(WARNINGS)) -O1 -g -fno-omit-frame-pointer -c -o $@ $<

# libFuzzer targets, each for T seconds or RUNS executions. Findings are kept in build-fuzz/.
T ?= 60
FUZZ = $(patsubst tests/fuzz/%.c,build-fuzz/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))

fuzzers: ## build the fuzz targets
	$(MAKE) BUILD=build-fuzz CC=clang \
		CFLAGS="-O1 -g -U_FORTIFY_SOURCE -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all" \
		build-fuzz/libemtool.a build-fuzz/tests/fuzz/fuzz.o build-fuzz/make_seeds $(FUZZ)

build-fuzz/make_seeds: tests/fuzz/make_seeds.c build-fuzz/libemtool.a
	$(SAY) "  CC   $@"
	$(Q)clang $(CPPFLAGS) $(WARNINGS) -std=c11 -O1 -g -fsanitize=address,undefined -MMD -MP \
		-o $@ $< build-fuzz/libemtool.a $(LIBS)

build-fuzz/fuzz/%: tests/fuzz/%.c build-fuzz/tests/fuzz/fuzz.o build-fuzz/libemtool.a
	@mkdir -p $(@D)
	$(SAY) "  FUZZ $@"
	$(Q)clang $(CPPFLAGS) $(WARNINGS) -std=c11 -O1 -g -fsanitize=fuzzer,address,undefined \
		-fno-sanitize-recover=all -MMD -MP -o $@ $< build-fuzz/tests/fuzz/fuzz.o \
		build-fuzz/libemtool.a $(LIBS)

fuzz: $(BUILD)/emtool fuzzers ## run every fuzz target for T seconds
	@RUNS=$(RUNS) tests/fuzz/run $(T) $(FUZZ)
	@tests/fuzz/tally

# Make one change in lib at a time, in a copy of the sources, and run the tests that reach it.
mutants-objects: $(LIB_OBJECTS) $(CMD_OBJECTS)

mutants: N = 200
mutants: export MUTANT_CPPFLAGS = $(CPPFLAGS)
mutants: export MUTANT_LIBS = $(filter-out -Wl%,$(PEER_LIBS:-luv_a=-luv)) -lcmocka -lcrypto
mutants: ## make N changes in lib, one at a time, and list those that no test notices (ONLY=, SEED=)
	@CC="$(CC)" N=$(N) SEED=$(SEED) ROOM="$(ROOM)" ONLY="$(ONLY)" tests/mutants/run

soak: all ## run everything for T seconds with injected faults; check for losses and memory growth
	@EMTOOL=$(BUILD)/emtool tests/soak/run $(T)

# Every build has its own directory, which is removed afterwards.
MATRIX = $(foreach cc,gcc clang,$(foreach level,-O0 -O1 -O2 -O3,$(cc):$(level)))

matrix: ## build with gcc and clang, -O0 to -O3, and run the unit tests
	+@tests/matrix $(MATRIX)

m32: ## build for a 32-bit machine and run the unit tests
	+@tests/foreign i386

big-endian: ## build for a big-endian machine and run the unit tests there
	+@tests/foreign s390x

arm64: ## build for a 64-bit ARM machine with a cross compiler; run the unit tests if qemu is there
	+@tests/foreign arm64

# The command line tests with the tag valgrind: every command and each kind of source and output.
valgrind: all unit peers ## run the unit tests and every command under valgrind
	BUILD=$(BUILD) tests/valgrind $(BUILD)

lint: ## check code, manual pages and shell scripts by static analysis
	tests/lint $(CC)

.PHONY: arm64 bench big-endian check compare cover faults fuzz fuzzers lint m32 matrix mutants \
	mutants-objects peers sanitize soak unit valgrind worlds
