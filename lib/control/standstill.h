/*
 * Finds a source that repeats old telegrams, by what is true of every meter: while it tells that
 * power flows, its energy registers advance. A house may stand still, and many meters tell the same
 * for a while; but telegrams that were all seen before prove a repetition as soon as the energy that
 * they tell must have moved a register. This needs no clock, and no trust in one. A pure function of
 * readings; times are ms of a monotonic clock.
 */
#ifndef CONTROL_STANDSTILL_H
#define CONTROL_STANDSTILL_H

#include <stdbool.h>
#include <stdint.h>

enum { STANDSTILL_KEPT = 8 /* telegrams that are compared with */ };

/* What a telegram tells beside its currents and clock. */
struct standstill_reading {
	uint64_t content;   /* hash of all its numbers */
	uint64_t registers; /* hash of its energy registers */
	int64_t power;      /* mW that its registers count, 0: none, or not known */
	int64_t unit;       /* mWh: the last digit of its registers, 0: it has no such register */
};

struct standstill {
	uint64_t kept[STANDSTILL_KEPT]; /* content of the last telegrams, without repetitions */
	unsigned count, next;
	uint64_t registers; /* of the last one of them */
	int64_t told;       /* when the last telegram came */
	int64_t power;      /* mW that it told */
	int64_t since;      /* since when all are repetitions */
	int64_t energy;     /* mW ms since then */
	int64_t unmoved;    /* mW ms since the registers moved last */
	int64_t held;       /* the most for which they kept a value while the rest changed */
};

void standstill_start(struct standstill *s);

/*
 * Takes a telegram. Whether it is proven that the source repeats itself: for 10 s all telegrams have
 * been seen before, and meanwhile the energy was ten digits of a register, and twice of what ever
 * passed before one moved. A telegram with anything new ends it.
 */
bool standstill_look(struct standstill *s, int64_t now, const struct standstill_reading *reading);

#endif
