# Finds out what the compiler, its linker and the C library support, once per make.

# The binary tools of the compiler.
ifeq ($(origin AR),default)
AR := $(shell $(CC) -print-prog-name=ar)
endif
OBJCOPY ?= $(shell $(CC) -print-prog-name=objcopy)

# The flags that the compiler supports for this machine.
takes = $(shell $(CC) $(CFLAGS) -Werror $(1) -c -x c -o /dev/null /dev/null 2>/dev/null && echo "$(1)")

# The highest level of checked functions that compiler, C library and optimisation support together;
# none at -O0.
FORTIFY := $(shell printf '\043include <features.h>\n__USE_FORTIFY_LEVEL\n' | \
	$(CC) $(CFLAGS) -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -E -P -w -x c - 2>/dev/null | tail -n 1)
HARDEN := -fstack-protector-strong -fPIE -U_FORTIFY_SOURCE \
	$(addprefix -D_FORTIFY_SOURCE=,$(filter 1 2 3,$(FORTIFY))) \
	$(call takes,-fstack-clash-protection) $(call takes,-fcf-protection)
# 32-bit x86 would otherwise calculate with more digits than a double has, and round twice.
HARDEN += $(call takes,-msse2 -mfpmath=sse)

# Packs the relocations of a position-independent program: saves 0.15 MB, if linker and C library can.
PACKED := $(shell program=$$(mktemp) && echo 'int main(void) { return 0; }' | $(CC) $(CFLAGS) -fPIE -pie \
	-Wl,--fatal-warnings,-z,pack-relative-relocs -x c -o "$$program" - 2>/dev/null && "$$program" && \
	echo -Wl,-z,pack-relative-relocs; rm -f "$$program")
