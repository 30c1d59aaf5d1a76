/*
 * What the driver (driver.c) asks of the shim (shim.c), in memory that both processes see: the driver
 * forks the program for each fault and reads afterwards how far it came.
 *
 * The shim stands in the program in place of the C library's functions, so calls from libuv, jansson,
 * libserialport, which are linked in, and from SQLite, libmodbus, libmosquitto, which are opened at
 * run time, go through it as well. Not reached: what the C library does inside of itself (the reads
 * of the resolver or of the dynamic linker; its memory is reached), and what a command started with
 * --exec does.
 */
#ifndef TESTS_FAULTS_H
#define TESTS_FAULTS_H

#include <stdatomic.h>
#include <stdbool.h>

/* Calls that fail alike. */
#define FAULT_CLASSES(X)                                                                \
	X(memory)  /* asked for by the program and what is linked into it */            \
	X(foreign) /* memory asked for by shared libraries, the C library among them */ \
	X(open)                                                                         \
	X(file) X(read) X(write) X(socket) X(connect) X(library) X(loop) X(thread) X(process)

#define FAULT_ENUM(name) FAULT_##name,
enum fault_class { FAULT_CLASSES(FAULT_ENUM) FAULT_CLASS_COUNT };

struct faults {
	/* by the driver */
	enum fault_mode { FAULT_COUNT, FAULT_ONCE, FAULT_FROM_THEN_ON } mode;
	enum fault_class which;
	long nth;         /* that call fails, from 1 */
	bool interrupted; /* half of the calls that a signal could interrupt say EINTR */
	bool small;       /* reads and writes of streams move one byte */
	bool trace;       /* where the fault happened goes to stderr */
	/* by the shim */
	atomic_long calls[FAULT_CLASS_COUNT];
	atomic_bool fired;
	bool piped; /* libuv has its first pipe */
};

extern struct faults *faults;
extern bool faults_still; /* the clock */
extern bool faults_on;    /* only in the process that is tried, while it runs */

#endif
