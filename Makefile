# emtool: `make help` lists the targets.

VERSION = 0.1.0
PREFIX ?= /usr/local
DESTDIR ?=
CC ?= gcc
PYTHON ?= python3
BUILD ?= build

WARNINGS = -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes \
	-Wno-missing-field-initializers
HARDEN = -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fPIE
CFLAGS ?= -O2 -g
CPPFLAGS += -Ilib -I. -D_XOPEN_SOURCE=700 -DEMTOOL_VERSION='"$(VERSION)"'
ALL_CFLAGS = -std=c11 $(WARNINGS) $(HARDEN) $(CFLAGS)
LDFLAGS += -pie -Wl,-z,relro,-z,now -Wl,--as-needed

LIB_SOURCES = $(wildcard lib/*/*.c lib/*/*/*.c)
CMD_SOURCES = $(wildcard cmd/*.c)
LIB_OBJECTS = $(LIB_SOURCES:%.c=$(BUILD)/%.o)
CMD_OBJECTS = $(CMD_SOURCES:%.c=$(BUILD)/%.o)

# Static where Debian has the archive: a cron job should not pay for the dynamic linker.
LIBS = -Wl,-Bstatic -luv_a -lserialport -lnettle -ljansson -Wl,-Bdynamic -lmodbus -lm -lpthread -ldl

# SunSpec model definitions: a text table, compiled into constant data.
SUNSPEC = lib/protocol/sunspec
TABLE_MAKER = $(BUILD)/tools/make_sunspec_table
LIB_OBJECTS += $(BUILD)/$(SUNSPEC)/table.o

all: $(BUILD)/emtool $(BUILD)/libemtool.a ## build emtool and libemtool.a

$(BUILD)/emtool: $(CMD_OBJECTS) $(BUILD)/libemtool.a
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(BUILD)/libemtool.a: $(LIB_OBJECTS)
	rm -f $@
	$(AR) rcs $@ $^

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(TABLE_MAKER): tools/make_sunspec_table.c $(SUNSPEC)/builder.c $(SUNSPEC)/model.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^

$(BUILD)/$(SUNSPEC)/table.c: $(SUNSPEC)/models.txt $(TABLE_MAKER)
	@mkdir -p $(@D)
	$(TABLE_MAKER) $< $@

$(BUILD)/$(SUNSPEC)/table.o: $(BUILD)/$(SUNSPEC)/table.c
	$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# Unit tests: each tests/unit/test_*.c is a cmocka program.
UNIT = $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(wildcard tests/unit/test_*.c))

$(BUILD)/unit/%: tests/unit/%.c $(BUILD)/libemtool.a
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -MMD -MP $(LDFLAGS) -o $@ $< $(BUILD)/libemtool.a $(LIBS) -lcmocka

unit: $(UNIT) ## run the unit tests
	@for t in $(UNIT); do echo "== $$t"; $$t || exit 1; done

completions: $(BUILD)/emtool ## write the shell completions again
	$(BUILD)/emtool completions bash > completions/emtool.bash
	$(BUILD)/emtool completions zsh > completions/_emtool
	$(BUILD)/emtool completions fish > completions/emtool.fish

# Programs that tests talk to, and benchmarks with what they compare to.
PEERS = $(patsubst tests/%.c,$(BUILD)/%,$(wildcard tests/peers/*.c))
BENCH = $(patsubst tests/%.c,$(BUILD)/%,$(wildcard tests/bench/*.c))

$(BUILD)/peers/%: tests/peers/%.c $(BUILD)/libemtool.a
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $< $(BUILD)/libemtool.a $(LIBS)

$(BUILD)/bench/%: tests/bench/%.c $(BUILD)/libemtool.a
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $< $(BUILD)/libemtool.a $(LIBS)

bench: all $(BENCH) ## measure speeds; fails when a goal is missed
	@for b in $(filter $(BUILD)/bench/bench_%,$(BENCH)); do BUILD=$(BUILD) $$b || exit 1; done

check: all unit $(PEERS) ## build and run all tests
	BUILD=$(BUILD) bats tests

clean: ## remove what was built
	rm -rf $(BUILD)

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 12

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)

.PHONY: all bench check clean completions help unit
