/*
 * A daily goal: so much energy in the car by a time of the day, at the cheapest hours. It counts what
 * the car took since the last deadline and learns how fast it takes it. At each deadline the next
 * day's plan begins; when the energy is there earlier, the car pauses until then, except in hours
 * with a negative price.
 *
 * It plans when something changes and every five minutes while the car charges. The car's power is
 * added up exactly, so that the same seconds give the same plan, however they are grouped.
 */
#ifndef BALANCE_CHARGE_GOAL_H
#define BALANCE_CHARGE_GOAL_H

#include "balance/cheapest.h"
#include "base/zone.h"

struct charge_goal_settings {
	const struct prices *prices;
	struct zone zone;
	int32_t until;  /* minute of the day, 0..1439 */
	int64_t energy; /* Wh */
	int64_t start;  /* ms that a start may take */
};

struct charge_goal {
	instant now, deadline;
	bool begun, done;
	int64_t taken;          /* mJ since the last deadline */
	int64_t drawn, drawing; /* mJ, and the ms in which the car drew, since the last look */
	int64_t pace, best;     /* W that it takes now, and took at most; 0: not known */
	instant looked;         /* when it was planned last */
	const void *list;       /* the slots that were planned with */
	struct charging_advice advice;
};

void charge_goal_start(struct charge_goal *g);

/*
 * The wall clock shows `now`, and the car drew `power` (mW) for the `elapsed` ms before it; `most` is
 * what it may take (W), which counts until it has charged. Returns for how many ms the advice holds
 * while the car goes on drawing so much.
 */
int64_t charge_goal_step(struct charge_goal *g, const struct charge_goal_settings *s, instant now,
                         int64_t elapsed, int64_t power, int64_t most);

/* Wh that are missing by the deadline. */
int64_t charge_goal_missing(const struct charge_goal *g, const struct charge_goal_settings *s);

#endif
