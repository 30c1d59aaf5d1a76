#include "host/library.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"

int library_open(const struct library *library, void *pointers, char *problem, size_t size)
{
	void *handle = dlopen(library->file, RTLD_NOW | RTLD_LOCAL);
	char *slot = pointers;

	if (library_refusal) {
		snprintf(problem, size, "%s: %s", library->file, library_refusal);
		return EM_UNSUPPORTED;
	}
	if (!handle) {
		snprintf(problem, size, "%s is not installed (Debian package %s)", library->file,
		         library->package);
		return EM_UNSUPPORTED;
	}
	for (const char *const *name = library->names; *name; name++, slot += sizeof handle) {
		void *function = dlsym(handle, *name);

		if (!function) {
			snprintf(problem, size, "%s has no function %s: install a newer version",
			         library->file, *name);
			dlclose(handle);
			return EM_UNSUPPORTED;
		}
		memcpy(slot, &function, sizeof function);
	}
	return 0;
}
