# emtool: `make help` lists the targets. Rules for tests stand in tests/rules.mk, what is asked of the
# compiler in tools/probe.mk.

VERSION = 0.1.0

# `make V=1` shows the whole commands.
Q = $(if $(V),,@)
SAY = @$(if $(V),:,echo)

PREFIX ?= /usr/local
DESTDIR ?=
LIBDIR ?= $(PREFIX)/lib
UNITDIR ?= $(PREFIX)/lib/systemd/system
CC ?= gcc
BUILD ?= build
# Builds and runs the programs that write tables; $(CC) may be a cross compiler.
HOSTCC ?= cc
HOST_CFLAGS = -std=c11 -O1 -Ilib -I. -D_XOPEN_SOURCE=700

WARNINGS = -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes \
	-Wno-missing-field-initializers
CFLAGS ?= -O2 -g
include tools/probe.mk
# Files above 2 GB and times after 2038 on 32-bit machines too.
LARGE = -D_FILE_OFFSET_BITS=64 -D_TIME_BITS=64
CPPFLAGS += -Ilib -Iinclude -I. -D_XOPEN_SOURCE=700 $(LARGE)
ALL_CFLAGS = -std=c11 $(WARNINGS) $(HARDEN) $(CFLAGS)
COMPILE = $(CC) $(CPPFLAGS) $(ALL_CFLAGS)
LDFLAGS += -pie -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--as-needed $(PACKED)
LINK = $(CC) $(ALL_CFLAGS) $(LDFLAGS)

# Static where Debian has the archive: a cron job should not pay for the dynamic linker.
# Modbus, MQTT and databases are opened at run time by what needs them (lib/host/library.h).
LIBS = -Wl,-Bstatic -luv_a -lserialport -lnettle -ljansson -Wl,-Bdynamic -lm -lpthread -ldl

# The tables of SunSpec models and of CRCs are written by programs, as C.
TABLES = lib/protocol/sunspec/table lib/base/crc_tables
LIB_SOURCES = $(wildcard lib/*/*.c lib/*/*/*.c)
CMD_SOURCES = $(wildcard cmd/*.c cmd/*/*.c)
LIB_OBJECTS = $(LIB_SOURCES:%.c=$(BUILD)/%.o) $(TABLES:%=$(BUILD)/%.o)
CMD_OBJECTS = $(CMD_SOURCES:%.c=$(BUILD)/%.o)

all: $(BUILD)/emtool $(BUILD)/public/libemtool.a ## build emtool and the library

$(BUILD)/emtool: $(CMD_OBJECTS) $(BUILD)/libemtool.a $(BUILD)/stamps/link
	$(SAY) "  LINK $@"
	$(Q)$(LINK) -o $@ $(CMD_OBJECTS) $(BUILD)/libemtool.a $(LIBS)

# A static program starts in the time of /bin/true, but opens no libraries at run time: no Modbus, no MQTT,
# no databases, no names of hosts (tools/static.c says why).
WRAPPED = dlopen dlsym dlclose getaddrinfo freeaddrinfo gai_strerror getpwuid_r

static: $(BUILD)/static/emtool ## build build/static/emtool, which starts faster and opens no libraries

$(BUILD)/static/emtool: $(CMD_OBJECTS) $(BUILD)/tools/static.o $(BUILD)/libemtool.a $(BUILD)/stamps/link
	@mkdir -p $(@D)
	$(SAY) "  LINK $@"
	$(Q)$(filter-out -pie,$(LINK)) -static-pie -s $(WRAPPED:%=-Wl,--wrap=%) -o $@ $(CMD_OBJECTS) $(BUILD)/tools/static.o \
		$(BUILD)/libemtool.a $(filter-out %-Bdynamic -ldl,$(LIBS))

$(BUILD)/libemtool.a: $(LIB_OBJECTS) $(BUILD)/stamps/archive
	$(SAY) "  AR   $@"
	@rm -f $@
	$(Q)$(AR) rcs $@ $(LIB_OBJECTS)

# The library for other programs: lib/api and what it needs of the rest, as one object in which every
# name is local that does not begin with emtool_.
API_OBJECTS = $(filter $(BUILD)/lib/api/%,$(LIB_OBJECTS))

$(BUILD)/public/libemtool.a: $(BUILD)/libemtool.a
	@mkdir -p $(@D)
	$(SAY) "  AR   $@"
	$(Q)$(CC) $(CFLAGS) -r -nostdlib -o $(@D)/emtool.o $(API_OBJECTS) $<
	$(Q)$(OBJCOPY) --wildcard --keep-global-symbol='emtool_*' $(@D)/emtool.o
	@rm -f $@
	$(Q)$(AR) rcs $@ $(@D)/emtool.o

$(BUILD)/%.o: %.c $(BUILD)/stamps/compile
	@mkdir -p $(@D)
	$(SAY) "  CC   $<"
	$(Q)$(COMPILE) -MMD -MP -c -o $@ $<

$(TABLES:%=$(BUILD)/%.o): %.o: %.c $(BUILD)/stamps/compile
	$(SAY) "  CC   $<"
	$(Q)$(COMPILE) -MMD -MP -c -o $@ $<

$(BUILD)/lib/base/version.o: private CPPFLAGS += -DEMTOOL_VERSION='"$(VERSION)"'
$(BUILD)/lib/base/version.o: $(BUILD)/stamps/version

# A stamp changes when its text does, and what depends on it is made again. A list of objects makes
# sources that come and go count.
$(BUILD)/stamps/compile: export STAMP = $(COMPILE)
$(BUILD)/stamps/link: export STAMP = $(LINK) $(LIBS) $(CMD_OBJECTS)
$(BUILD)/stamps/archive: export STAMP = $(AR) $(LIB_OBJECTS)
$(BUILD)/stamps/version: export STAMP = $(VERSION)
$(BUILD)/stamps/host: export STAMP = $(HOSTCC) $(HOST_CFLAGS)
$(BUILD)/stamps/%: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' "$$STAMP" | cmp -s - $@ || printf '%s\n' "$$STAMP" > $@

SUNSPEC = lib/protocol/sunspec
$(BUILD)/host/make_sunspec_table: tools/make_sunspec_table.c $(SUNSPEC)/builder.c $(SUNSPEC)/model.c \
	$(wildcard $(SUNSPEC)/*.h)
$(BUILD)/host/make_crc_tables: tools/make_crc_tables.c
$(BUILD)/host/make_%: $(BUILD)/stamps/host
	@mkdir -p $(@D)
	$(SAY) "  HOST $@"
	$(Q)$(HOSTCC) $(HOST_CFLAGS) -o $@ $(filter %.c,$^)

$(BUILD)/$(SUNSPEC)/table.c: $(SUNSPEC)/models.txt $(BUILD)/host/make_sunspec_table
	@mkdir -p $(@D)
	$(SAY) "  MAKE $@"
	$(Q)$(BUILD)/host/make_sunspec_table $< $@

$(BUILD)/lib/base/crc_tables.c: $(BUILD)/host/make_crc_tables
	@mkdir -p $(@D)
	$(SAY) "  MAKE $@"
	$(Q)$(BUILD)/host/make_crc_tables $@

include tests/rules.mk

completions: $(BUILD)/emtool ## write the shell completions again
	$(BUILD)/emtool completions bash > completions/emtool.bash
	$(BUILD)/emtool completions zsh > completions/_emtool
	$(BUILD)/emtool completions fish > completions/emtool.fish

# What is installed, each as SOURCE:TARGET. In the last two a path or version is put in.
MAN_DIR = $(PREFIX)/share/man/man
INSTALLED = $(BUILD)/emtool:$(PREFIX)/bin/emtool \
	$(BUILD)/public/libemtool.a:$(LIBDIR)/libemtool.a \
	$(foreach h,$(wildcard include/emtool/*.h),$(h):$(PREFIX)/$(h)) \
	$(foreach m,$(wildcard man/*.[1-8]),$(m):$(MAN_DIR)$(patsubst .%,%,$(suffix $(m)))/$(notdir $(m))) \
	completions/emtool.bash:$(PREFIX)/share/bash-completion/completions/emtool \
	completions/_emtool:$(PREFIX)/share/zsh/site-functions/_emtool \
	completions/emtool.fish:$(PREFIX)/share/fish/vendor_completions.d/emtool.fish \
	$(foreach c,$(wildcard systemd/*.conf),$(c):$(PREFIX)/share/doc/emtool/examples/$(notdir $(c))) \
	$(foreach u,$(wildcard systemd/*.service),$(u):$(UNITDIR)/$(notdir $(u))) \
	tools/emtool.pc:$(LIBDIR)/pkgconfig/emtool.pc
FILL_IN = sed -i -e 's|/usr/bin/|$(PREFIX)/bin/|' -e 's|@PREFIX@|$(PREFIX)|' -e 's|@LIBDIR@|$(LIBDIR)|' \
	-e 's|@VERSION@|$(VERSION)|'
FOLDERS = $(PREFIX)/include/emtool $(PREFIX)/share/doc/emtool/examples $(PREFIX)/share/doc/emtool

install: all ## install under $(DESTDIR)$(PREFIX)
	$(Q)$(MAKE) --no-print-directory install-built

# What is there is installed, and nothing is built: for tests.
install-built:
	$(Q)for file in $(INSTALLED); do from="$${file%%:*}" to="$(DESTDIR)$${file#*:}"; \
		if [ -x "$$from" ]; then mode=755; else mode=644; fi; \
		install -D -m $$mode "$$from" "$$to" || exit 1; \
		case $$file in systemd/*.service:* | tools/*) $(FILL_IN) "$$to" || exit 1 ;; esac; done

uninstall: ## remove what `make install` with the same variables installed
	$(Q)for file in $(INSTALLED); do rm -f "$(DESTDIR)$${file#*:}"; done
	$(Q)for folder in $(FOLDERS); do rmdir "$(DESTDIR)$$folder" 2>/dev/null || :; done

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
	rm -rf $(BUILD) build-*/

help: ## list the targets
	@sed -n 's/^\([a-z0-9-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)

.DELETE_ON_ERROR:
.PHONY: all clean completions deb deps FORCE help install install-built static uninstall
