# Build rules of emtool; `make help` lists the targets. tests/rules.mk has the rules of tests,
# tools/probe.mk finds out what the compiler supports.

VERSION = 0.1.0

# `make V=1` prints the complete commands.
Q = $(if $(V),,@)
SAY = @$(if $(V),:,echo)

PREFIX ?= /usr/local
DESTDIR ?=
LIBDIR ?= $(PREFIX)/lib
UNITDIR ?= $(PREFIX)/lib/systemd/system
CC ?= gcc
BUILD ?= build
# The compiler for programs that the build runs to write tables; $(CC) may be a cross compiler.
HOSTCC ?= cc
HOST_CFLAGS = -std=c11 -O1 -Ilib -I. -D_XOPEN_SOURCE=700

WARNINGS = -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes \
	-Wno-missing-field-initializers
CFLAGS ?= -O2 -g
include tools/probe.mk
# Support files above 2 GB and times after 2038 on 32-bit machines, too.
LARGE = -D_FILE_OFFSET_BITS=64 -D_TIME_BITS=64
CPPFLAGS += -Ilib -Iinclude -I. -D_XOPEN_SOURCE=700 $(LARGE)
ALL_CFLAGS = -std=c11 $(WARNINGS) $(HARDEN) $(CFLAGS)
COMPILE = $(CC) $(CPPFLAGS) $(ALL_CFLAGS)
LDFLAGS += -pie -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--as-needed $(PACKED)
LINK = $(CC) $(ALL_CFLAGS) $(LDFLAGS)

# Link statically what Debian has as an archive: this saves time in the dynamic linker at each start.
# Code that needs Modbus, MQTT or databases opens these libraries at run time (lib/host/library.h).
LIBS = -Wl,-Bstatic -luv_a -lserialport -lnettle -ljansson -Wl,-Bdynamic -lm -lpthread -ldl

# Programs write the tables of SunSpec models and of CRCs as C files.
TABLES = lib/protocol/sunspec/table lib/base/crc_tables
LIB_SOURCES = $(wildcard lib/*/*.c lib/*/*/*.c)
CMD_SOURCES = $(wildcard cmd/*.c cmd/*/*.c)
LIB_OBJECTS = $(LIB_SOURCES:%.c=$(BUILD)/%.o) $(TABLES:%=$(BUILD)/%.o)
CMD_OBJECTS = $(CMD_SOURCES:%.c=$(BUILD)/%.o)

all: $(BUILD)/emtool $(BUILD)/public/libemtool.a ## build emtool and the library

$(BUILD)/emtool: $(CMD_OBJECTS) $(BUILD)/libemtool.a $(BUILD)/stamps/link
	$(SAY) "  LINK $@"
	$(Q)$(LINK) -o $@ $(CMD_OBJECTS) $(BUILD)/libemtool.a $(LIBS)

# A static program starts in the time of /bin/true, but opens no libraries at run time. It has no Modbus
# client, MQTT or databases and cannot resolve host names (tools/static.c gives the reason).
WRAPPED = dlopen dlsym dlclose getaddrinfo freeaddrinfo gai_strerror getpwuid_r

static: $(BUILD)/static/emtool ## build build/static/emtool: starts faster, opens no libraries at run time

$(BUILD)/static/emtool: $(CMD_OBJECTS) $(BUILD)/tools/static.o $(BUILD)/libemtool.a $(BUILD)/stamps/link
	@mkdir -p $(@D)
	$(SAY) "  LINK $@"
	$(Q)$(filter-out -pie,$(LINK)) -static-pie -s $(WRAPPED:%=-Wl,--wrap=%) -o $@ $(CMD_OBJECTS) $(BUILD)/tools/static.o \
		$(BUILD)/libemtool.a $(filter-out %-Bdynamic -ldl,$(LIBS))

$(BUILD)/libemtool.a: $(LIB_OBJECTS) $(BUILD)/stamps/archive
	$(SAY) "  AR   $@"
	@rm -f $@
	$(Q)$(AR) rcs $@ $(LIB_OBJECTS)

# The library for other programs: lib/api and the parts of lib that it needs, as one object. Names that do
# not begin with emtool_ are local to it.
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

# A stamp holds the text of a command. When the text changes, make builds everything that depends on the
# stamp again. The list of objects in it makes added and deleted sources count.
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

completions: $(BUILD)/emtool ## write the shell completions
	$(BUILD)/emtool completions bash > completions/emtool.bash
	$(BUILD)/emtool completions zsh > completions/_emtool
	$(BUILD)/emtool completions fish > completions/emtool.fish

# The installed files, each as SOURCE:TARGET. FILL_IN puts paths and the version into the last two kinds.
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

# Install the files that exist and build nothing; the tests use this.
install-built:
	$(Q)for file in $(INSTALLED); do from="$${file%%:*}" to="$(DESTDIR)$${file#*:}"; \
		if [ -x "$$from" ]; then mode=755; else mode=644; fi; \
		install -D -m $$mode "$$from" "$$to" || exit 1; \
		case $$file in systemd/*.service:* | tools/*) $(FILL_IN) "$$to" || exit 1 ;; esac; done

uninstall: ## remove what `make install` installed with the same variables
	$(Q)for file in $(INSTALLED); do rm -f "$(DESTDIR)$${file#*:}"; done
	$(Q)for folder in $(FOLDERS); do rmdir "$(DESTDIR)$$folder" 2>/dev/null || :; done

# Build a copy of the files that git tracks, so that the source tree stays clean.
DEB = build-deb

deb: ## build a Debian package in build-deb, checked with lintian
	rm -rf $(DEB)
	mkdir -p $(DEB)/emtool-$(VERSION)
	git ls-files -z | xargs -0 cp --parents -t $(DEB)/emtool-$(VERSION)
	cd $(DEB)/emtool-$(VERSION) && MAKEFLAGS= dpkg-buildpackage -b -us -uc
	lintian --fail-on error,warning $(DEB)/*.changes
	@ls $(DEB)/*.deb

deps: ## install the packages for building and testing (Debian)
	tests/deps

clean: ## remove all build directories
	rm -rf $(BUILD) build-*/

help: ## list the targets
	@sed -n 's/^\([a-z0-9-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)

.DELETE_ON_ERROR:
.PHONY: all clean completions deb deps FORCE help install install-built static uninstall
