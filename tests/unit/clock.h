/*
 * A clock that the test can put forward: timers of the loop and waits that are over by then end at
 * once. CLOCK_SKIPS tells whether that works. Include it before all other headers.
 */
#ifndef TESTS_UNIT_CLOCK_H
#define TESTS_UNIT_CLOCK_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* syscall() */
#endif
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Libraries of 32-bit systems ask for the time in another way. */
enum { CLOCK_SKIPS = sizeof(long) == 8 };

static volatile int64_t clock_skipped; /* ms */
static volatile time_t clock_stands;   /* at so many seconds; 0: it goes */

static inline void clock_skip(int64_t ms)
{
	clock_skipped += CLOCK_SKIPS ? ms : 0;
}

/* From now on only clock_skip() moves the monotonic clock. */
static inline void clock_stop(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	clock_stands = CLOCK_SKIPS ? t.tv_sec + 1 : 0;
}

#if defined(SYS_clock_gettime) && UINTPTR_MAX > 0xFFFFFFFF
__attribute__((no_sanitize("address"))) int clock_gettime(clockid_t id, struct timespec *t)
{
	int status = (int)syscall(SYS_clock_gettime, id, t);

	if (clock_stands && id != CLOCK_REALTIME)
		*t = (struct timespec){.tv_sec = clock_stands};
	t->tv_sec += clock_skipped / 1000;
	t->tv_nsec += clock_skipped % 1000 * 1000000;
	if (t->tv_nsec >= 1000000000) {
		t->tv_nsec -= 1000000000;
		t->tv_sec++;
	}
	return status;
}
#endif

#endif
