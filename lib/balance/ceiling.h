/*
 * The ceilings of a limit. Each is a function of inputs, settings and time that says which current
 * the car may draw, and the limit is the smallest of them. That of the fuse comes from the algorithm
 * (balance/headroom.h, balance/threshold.h), the others from here. An override lifts those that
 * protect nothing. Power and energy are judged in steps of ten seconds (balance/house_power.h).
 * Powers count at 230 V.
 */
#ifndef BALANCE_CEILING_H
#define BALANCE_CEILING_H

#include "balance/house_power.h"
#include "balance/peak.h"
#include "balance/plan.h"
#include "balance/solar.h"

enum ceiling {
	CEILING_FUSE,
	CEILING_OVERRIDE,
	CEILING_PAUSE,
	CEILING_SOLAR,
	CEILING_PEAK,
	CEILING_DIM,
	CEILING_UNBALANCE,
	CEILING_PLAN,
	CEILINGS
};

struct ceiling_row {
	const char *name;
	bool protects; /* an override does not lift it */
	/* Why the limit is what it is: it charges with less than the fuse permits, or not at all. */
	const char *lowers, *pauses;
};

extern const struct ceiling_row ceiling_rows[CEILINGS];

struct ceilings {
	bool judged; /* there is one beside fuse and override */
	bool powers; /* there is one of power and energy */
	struct house_power house;
	struct solar solar;
	enum solar_mode mode; /* the user's, SOLAR_AS_SET unless there is one */
	struct peak peak;
	struct balance_plan plan;
	int64_t period;           /* of the peak when it was judged last */
	bool paused[CEILINGS];    /* its minimum does not fit */
	int32_t before[CEILINGS]; /* mA that the decision before found */
	int32_t values[CEILINGS]; /* mA; CURRENT_NONE: not known, or it does not limit */
	enum ceiling binds;       /* the one that gives the limit */
};

void ceilings_start(struct ceilings *c, const struct balance_settings *settings);

/* Follows a plan from the next step on; NULL: none. The caller keeps and may change it. */
void ceilings_plan(struct ceilings *c, const struct plan_settings *plan);

/* Why the limit, which another ceiling than the fuse gives, is what it is. */
const char *ceilings_reason(const struct ceilings *c, int32_t limit);

/*
 * One step: `currents` of the last telegram, `car` what it draws, `order` the phase order, 0 when it
 * is not known. Returns how many more like it, each a second later, would change nothing.
 */
int64_t ceilings_step(struct ceilings *c, const struct balance_settings *settings,
                      const struct balance_input *in, const int32_t currents[BALANCE_PHASES],
                      const int32_t car[BALANCE_PHASES], int32_t order);

/* So many more steps like the last one. */
void ceilings_hold(struct ceilings *c, int64_t seconds);

/*
 * The smallest of all when the algorithm permits `fuse`: that one itself, else whole amperes, 0 below
 * the minimum.
 */
int32_t ceilings_limit(struct ceilings *c, const struct balance_settings *settings, int32_t fuse);

#endif
