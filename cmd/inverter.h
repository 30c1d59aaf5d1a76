/*
 * A SunSpec inverter that is polled beside something else (`emtool p1 --sunspec`): its latest
 * values by name, and by the numbers of registers under which UDP clients ask for them.
 *
 * The numbers are those of an inverter whose model 101 to 103 follows a common model of 65
 * registers at 40000, counted from 1 (40084 is the power). They stand for points: the inverter may
 * have them anywhere, as integers or as floats.
 */
#ifndef CMD_INVERTER_H
#define CMD_INVERTER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/decimal.h"
#include "io/loop.h"

struct inverter_register {
	unsigned number;
	const char *point, *unit, *meaning;
};

extern const struct inverter_register inverter_registers[];
extern const size_t inverter_register_count;

struct inverter_options {
	const char *target; /* HOST[:PORT], rtu+tcp://HOST:PORT or a serial line */
	int unit;           /* 0: 1 */
	double interval;    /* seconds, 0: 1 */
	double timeout;     /* seconds for one answer, 0: 2 */
};

struct inverter;

/* Polls on worker threads from now on; NULL after saying what is wrong, *status: exit code. */
struct inverter *inverter_open(struct loop *loop, const struct inverter_options *options,
                               int *status);

/* Waits for a request that is under way, at most its timeout. To be called before loop_free(). */
void inverter_close(struct inverter *inverter);

/*
 * The latest value of a register number, or of a point ("W", "WH"). False when it is unknown, not
 * implemented, or older than a minute because the inverter does not answer.
 */
bool inverter_number(const struct inverter *inverter, unsigned number, struct decimal *out);
bool inverter_point(const struct inverter *inverter, const char *point, struct decimal *out);

/* When the latest values came; INSTANT_NONE when there are none. */
instant inverter_time(const struct inverter *inverter);

#endif
