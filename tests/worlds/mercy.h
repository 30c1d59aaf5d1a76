/*
 * How long the car may draw too much: the bound of the judge, and what the faults of a world add to it.
 * The manual page states the same. Times are ms.
 */
#ifndef MERCY_H
#define MERCY_H

#include "worlds.h"

/* What the faults of this moment, and those just past, permit. */
struct mercy {
	int64_t react; /* ms, -1: the rule rests */
	bool blind; /* meter's data unusable, or a charger that obeys nobody: the fallback may hold */
	bool lies;
	bool window; /* a fault that begins or ends */
	bool misled; /* what the charger tells of the car is wrong or late */
	bool again;  /* what did not fit may be tried again, each time for as long as that */
};

struct mercy mercy_now(const struct world *w);

/*
 * ms until a repeated telegram without a clock is proven to be one, -1: never, because it tells too
 * little power; 0 when there is no such fault.
 */
int64_t mercy_proof(const struct world *w);

/* What meter, controller, charger and car need when all is well. */
int64_t mercy_reacts(const struct world_plan *plan);

/* The time after which missing data lead to the fallback. */
int64_t mercy_wait(const struct world *w);

/* How long an overload at the car's minimum may be ridden out. */
int64_t mercy_rides(const struct world *w);

/*
 * Movements of the car tell which phases it uses and how late meter and charger are. Until then a lower
 * limit is judged by one more try, and late data raise the limit and lower it late.
 */
bool mercy_learns(const struct world *w);

/*
 * Whether the program says that the delays are learnt. Not so means no more than one try more, and raises
 * that are undone in time.
 */
bool mercy_learnt(const struct world *w);

/* ms in which a clock that was set forward is not believed */
int64_t mercy_doubts(const struct world *w);

#endif
