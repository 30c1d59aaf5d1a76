/*
 * Shared libraries that are opened only when an option needs them: a cron job that prints JSON
 * should not pay for an MQTT client. The caller has a struct of function pointers and a list of
 * names in the same order; the types of the pointers come from the library's own header
 * (LIBRARY_POINTER).
 */
#ifndef HOST_LIBRARY_H
#define HOST_LIBRARY_H

#include <stddef.h>

struct library {
	const char *file;         /* "libmosquitto.so.1" */
	const char *package;      /* what to install when it is missing: "libmosquitto1" */
	const char *const *names; /* of the functions; NULL at the end */
};

#define LIBRARY_POINTER(function) __typeof__(function) *function;
#define LIBRARY_NAME(function) #function,

/*
 * Why this program opens no libraries at all; only the static program has it (tools/static.c). NULL as
 * an address elsewhere.
 */
extern const char library_refusal[] __attribute__((weak));

/*
 * Opens the library until the process ends and fills `pointers`, an array of function pointers.
 * EM_UNSUPPORTED when the library or a function is missing: then problem[0..size) names the package
 * to install.
 */
int library_open(const struct library *library, void *pointers, char *problem, size_t size);

#endif
