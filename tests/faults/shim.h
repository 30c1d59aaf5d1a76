/*
 * How a function of the C library is made to fail: what the parts of the shim share. shim_files.c has
 * reading, writing and files, shim.c has the decision and everything else.
 */
#ifndef TESTS_SHIM_H
#define TESTS_SHIM_H

#include <dlfcn.h>
#include <stdbool.h>

#include "faults.h"

/* Counts a call; whether it is to fail, with that error. */
bool shim_fails(enum fault_class which, int error);

/*
 * Whether a call that a signal can interrupt is to be so this time: half of them are, by chance. Not
 * those of shared libraries: libmodbus reads after select(), when no signal can come in between.
 */
bool shim_interrupted(const void *caller);
#define interrupted() shim_interrupted(__builtin_return_address(0))

/*
 * Pipes and event counters within the program: the kernel lets no read or write of theirs fail, and
 * libuv calls abort() should it happen. Marks one, or no longer; returns it.
 */
int shim_inner(int fd, bool on);

/* The real function of that name. */
#define REAL(name) shim_real(#name)
void *shim_real(const char *name);

#define FUNCTION(result, name, parameters, arguments, condition, failure) \
	result name parameters                                            \
	{                                                                 \
		static result(*behind) parameters;                        \
                                                                          \
		if (!behind)                                              \
			*(void **)&behind = REAL(name);                   \
		return (condition) ? failure : behind arguments;          \
	}

#define FAILING(which, error, result, name, parameters, arguments, failure) \
	FUNCTION(result, name, parameters, arguments, shim_fails(FAULT_##which, error), failure)
/* ... and a signal may interrupt it */
/* clang-format off */
#define BLOCKING(which, error, result, name, parameters, arguments, failure) \
	FUNCTION(result, name, parameters, arguments, shim_fails(FAULT_##which, error) || interrupted(), failure)
/* clang-format on */

#endif
