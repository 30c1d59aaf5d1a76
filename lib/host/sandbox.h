/*
 * What a process that runs for months gives up, where the kernel has the means: with Landlock, to
 * write files elsewhere than beside those it was told to write; with seccomp, the system calls that
 * an energy tool never needs: starting programs, opening further listeners, looking into other
 * processes, mounting, modules, clocks. A refused call fails with EPERM, nothing is killed. Reading
 * files and using the network stay free: names, certificates and time zones are read again and again.
 *
 * This is a second line of defence: where any of it is missing or doubtful, it is left out, and
 * sandbox_text() says so. There is one per process, and no way back.
 */
#ifndef HOST_SANDBOX_H
#define HOST_SANDBOX_H

#include <stdbool.h>

enum { SANDBOX_FILES = 8 };

struct sandbox {
	const char *files[SANDBOX_FILES]; /* that are created, appended to or replaced; or NULL */
	bool devices;                     /* serial ports are opened again under /dev */
	bool scratch;                     /* a database may want temporary files */
};

/* First, before other threads are started: these files are the only ones that can be written. */
void sandbox_files(const struct sandbox *s);

/* Then, when everything is open: the calls, for all threads. Nothing without the step above. */
void sandbox_calls(void);

/* Nothing of the above, and why. */
void sandbox_skip(const char *reason);

/* What is in force, for people: "confined: ..." or "not confined: REASON"; NULL: never asked for. */
const char *sandbox_text(void);

#endif
