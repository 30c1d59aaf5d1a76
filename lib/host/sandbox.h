/*
 * Confines a process that runs for months. With Landlock it can only write files in the folders of
 * the files that it was told to write. With seccomp it loses the system calls that emtool never
 * needs: starting programs, opening more listeners, debugging other processes, mounting, loading
 * modules, setting clocks. A refused call fails with EPERM; the process is not killed. It may still
 * read files and use the network, because names, certificates and time zones are read at any time.
 *
 * This is a second line of defence: where the kernel lacks a part, or a rule is doubtful, the part
 * is left out and sandbox_text() says so. There is one sandbox per process, and it can't be left.
 */
#ifndef HOST_SANDBOX_H
#define HOST_SANDBOX_H

#include <stdbool.h>

enum { SANDBOX_FILES = 8 };

struct sandbox {
	const char *
		files[SANDBOX_FILES]; /* files that are created, appended to or replaced; or NULL */
	bool devices;                 /* serial ports are opened again under /dev */
	bool scratch;                 /* a database may need temporary files */
};

/* First step, before other threads are started: only these files can be written from now on. */
void sandbox_files(const struct sandbox *s);

/*
 * Second step, when everything is open: refuses the system calls. Does nothing without the first.
 */
void sandbox_calls(void);

/* Do not confine the process, for this reason. */
void sandbox_skip(const char *reason);

/* The state for people: "confined: ..." or "not confined: REASON"; NULL before the first step. */
const char *sandbox_text(void);

#endif
