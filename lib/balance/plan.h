/*
 * The ceiling of a plan by the clock: a table of times and limits, a goal by price, or both. The
 * settings belong to the caller, who may change them between steps. Without a clock there is no
 * ceiling. Currents are mA per phase, times ms.
 */
#ifndef BALANCE_PLAN_H
#define BALANCE_PLAN_H

#include "balance/charge_goal.h"
#include "balance/settings.h"
#include "balance/timetable.h"

enum { PLAN_REASON = 64 };

/* 2020: clocks that were never set show an earlier time, which counts as none. */
#define PLAN_CLOCK_LEAST INT64_C(1577836800000)

struct plan_settings {
	const struct timetable *table; /* NULL: none */
	bool by_price;
	struct charge_goal_settings goal; /* its zone is that of the table, too */
};

struct balance_plan {
	const struct plan_settings *settings; /* NULL: no plan */
	struct charge_goal goal;
	int64_t now;   /* of the last step, a monotonic clock; INT64_MIN: none */
	instant clock; /* of the last step */
	int64_t power; /* mW that the car drew */
	int64_t most;  /* W that it may take */
	int64_t holds; /* for so many ms from then on the ceiling will not change */
	int32_t limit; /* CURRENT_NONE: none */
	char reason[PLAN_REASON];
};

void plan_start(struct balance_plan *p, const struct plan_settings *settings);

/*
 * `now` of a monotonic clock, `clock` of the wall (INSTANT_NONE: not known), the car's currents
 * together, and the power that it may take (W). Returns the ceiling, CURRENT_NONE when there is none.
 */
int32_t plan_step(struct balance_plan *p, int64_t now, instant clock, int64_t car, int64_t most);

/* How many more steps like the last one, a second apart, change nothing; and so many of them. */
int64_t plan_unchanged(const struct balance_plan *p);
void plan_hold(struct balance_plan *p, int64_t seconds);

#endif
