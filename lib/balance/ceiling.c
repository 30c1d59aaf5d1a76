#include "balance/ceiling.h"

#include "balance/alignment.h"

enum {
	STEP = 1000,     /* mA */
	WORTH = 300000,  /* ms that a start is worth */
	NEVER = 10000000 /* mA: more than any room */
};

const struct ceiling_row ceiling_rows[CEILINGS] = {
	[CEILING_FUSE] = {"fuse", true, "", ""},
	[CEILING_OVERRIDE] = {"override", true, "capped by the override", "paused by the override"},
	[CEILING_PAUSE] = {"pause", true, "", "paused by the user"},
	[CEILING_SOLAR] = {"solar", false, "follows the sun", "waiting for the sun"},
	[CEILING_PEAK] = {"peak", false, "kept below the peak of this period",
                          "paused: the peak of this period leaves nothing"},
	[CEILING_DIM] = {"dim", true, "dimmed for the grid operator",
                         "dimmed for the grid operator: paused"},
	[CEILING_UNBALANCE] = {"unbalance", true, "lowered to balance the phases",
                               "paused to balance the phases"},
	[CEILING_PLAN] = {"plan", false, "limited by the plan", "paused by the plan"},
};

void ceilings_start(struct ceilings *c, const struct balance_settings *settings)
{
	*c = (struct ceilings){.period = INT64_MIN, .mode = SOLAR_AS_SET};
	house_power_start(&c->house,
	                  settings->car_phases ? settings->car_phases : settings->phases);
	solar_start(&c->solar);
	peak_start(&c->peak);
	plan_start(&c->plan, NULL);
	for (int i = 0; i < CEILINGS; i++)
		c->values[i] = CURRENT_NONE;
	for (int i = 0; i < CEILINGS; i++)
		c->before[i] = INT32_MAX;
}

void ceilings_plan(struct ceilings *c, const struct plan_settings *plan)
{
	plan_start(&c->plan, plan);
}

const char *ceilings_reason(const struct ceilings *c, int32_t limit)
{
	const struct ceiling_row *row = &ceiling_rows[c->binds];

	if (c->binds == CEILING_PLAN && *c->plan.reason)
		return c->plan.reason;
	return limit ? row->lowers : row->pauses;
}

static enum solar_mode solar_mode(const struct ceilings *c, const struct balance_settings *s)
{
	return c->mode == SOLAR_AS_SET ? (enum solar_mode)s->solar : c->mode;
}

static bool is_judged(const struct ceilings *c, const struct balance_settings *s)
{
	return solar_mode(c, s) || s->peak || s->dim || s->unbalance;
}

/* It falls at once, and rises to what two decisions agree on. */
static int32_t lasting(struct ceilings *c, enum ceiling kind, int32_t current)
{
	int32_t before = c->before[kind];

	c->before[kind] = current;
	return before < current ? before : current;
}

/* Below the minimum it is 0 until the minimum and `room` more fit. */
static int32_t with_minimum(struct ceilings *c, const struct balance_settings *s, enum ceiling kind,
                            int32_t current, int32_t room)
{
	int32_t least = s->min_current + (c->paused[kind] ? room : 0);

	c->paused[kind] = current < least;
	return c->paused[kind] ? 0 : current;
}

static int32_t solar(struct ceilings *c, const struct balance_settings *s, int64_t now)
{
	return solar_step(&c->solar, s, solar_mode(c, s), now,
	                  house_power_current(&c->house, -c->house.power));
}

/* A new period begins with all that it permits. One that would end soon is not worth a start. */
static int32_t peak(struct ceilings *c, const struct balance_settings *s)
{
	int64_t rest = peak_rest(&c->peak, s, c->house.power);
	int32_t current = house_power_current(&c->house, rest);

	if (c->peak.period == INT64_MIN)
		return CURRENT_NONE;
	if (c->period != c->peak.period)
		c->before[CEILING_PEAK] = INT32_MAX;
	c->period = c->peak.period;
	return with_minimum(c, s, CEILING_PEAK, lasting(c, CEILING_PEAK, current),
	                    c->peak.left < WORTH ? NEVER : s->restart_room);
}

static int32_t dim(struct ceilings *c, const struct balance_settings *s)
{
	int64_t surplus = c->house.power < 0 ? -c->house.power : 0;
	int32_t current = house_power_current(&c->house, s->dim * INT64_C(1000) + surplus);

	return with_minimum(c, s, CEILING_DIM, lasting(c, CEILING_DIM, current), 0);
}

/* The charger's phases hang on the grid phases `grid`. */
static int32_t unbalance_in(const struct house_power *h, const uint8_t grid[BALANCE_PHASES],
                            int32_t most)
{
	int32_t used = INT32_MIN, unused = INT32_MAX;

	for (int i = 0; i < BALANCE_PHASES; i++) {
		int32_t house = h->grid[grid[i]] - h->car[i];

		if (h->used[i])
			used = house > used ? house : used;
		else
			unused = house < unused ? house : unused;
	}
	return unused == INT32_MAX || used == INT32_MIN ? CURRENT_NONE : most + unused - used;
}

static int32_t digits(const uint8_t grid[BALANCE_PHASES])
{
	return (grid[0] + 1) * 100 + (grid[1] + 1) * 10 + grid[2] + 1;
}

/* While the phase order is not known, the worst one counts. */
static int32_t unbalance(struct ceilings *c, const struct balance_settings *s, int32_t order)
{
	int32_t least = INT32_MAX;

	for (int n = 0; n < ALIGNMENT_ORDERS; n++) {
		int32_t one;

		if (order && order != digits(alignment_orders[n]))
			continue;
		one = unbalance_in(&c->house, alignment_orders[n], s->unbalance);
		least = one < least ? one : least;
	}
	return least == CURRENT_NONE || least == INT32_MAX
	               ? CURRENT_NONE
	               : with_minimum(c, s, CEILING_UNBALANCE, lasting(c, CEILING_UNBALANCE, least),
	                              s->restart_room);
}

static void judge(struct ceilings *c, const struct balance_settings *s,
                  const struct balance_input *in, int32_t order)
{
	c->values[CEILING_SOLAR] = solar_mode(c, s) ? solar(c, s, in->now) : CURRENT_NONE;
	c->values[CEILING_PEAK] = s->peak ? peak(c, s) : CURRENT_NONE;
	c->values[CEILING_DIM] = s->dim ? dim(c, s) : CURRENT_NONE;
	c->values[CEILING_UNBALANCE] = s->unbalance ? unbalance(c, s, order) : CURRENT_NONE;
}

static struct balance_powers powers_of(const struct balance_input *in, const int32_t *currents,
                                       int phases)
{
	struct balance_powers p = in->powers ? *in->powers : powers_none;

	if (p.power != POWER_NONE)
		return p;
	p.power = 0;
	for (int i = 0; i < phases; i++)
		p.power += (int64_t)currents[i] * MAINS_VOLTAGE;
	return p;
}

/* Seconds of more telegrams before something is judged again. */
static int64_t unchanged(const struct ceilings *c, const struct balance_settings *s, int64_t now)
{
	int64_t n = house_power_unchanged(&c->house, now), quarter;

	if (!s->peak || c->peak.period == INT64_MIN)
		return n;
	quarter = (c->peak.left - 1) / 1000;
	return quarter < n ? quarter : n;
}

/* A plan goes by the clock, with and without telegrams. */
static int64_t follow_plan(struct ceilings *c, const struct balance_settings *s,
                           const struct balance_input *in, const int32_t *car)
{
	int64_t power = (int64_t)s->max_current * house_power_phases(&c->house) * MAINS_VOLTAGE;

	if (!c->plan.settings)
		return INT64_MAX;
	c->values[CEILING_PLAN] = plan_step(&c->plan, in->now, in->clock,
	                                    (int64_t)car[0] + car[1] + car[2], power / 1000);
	return plan_unchanged(&c->plan);
}

int64_t ceilings_step(struct ceilings *c, const struct balance_settings *s,
                      const struct balance_input *in, const int32_t currents[BALANCE_PHASES],
                      const int32_t car[BALANCE_PHASES], int32_t order)
{
	int64_t planned = follow_plan(c, s, in, car), others;
	struct balance_powers powers;
	bool due;

	c->values[CEILING_OVERRIDE] = s->override_limit < 0 ? CURRENT_NONE : balance_override(s);
	c->powers = is_judged(c, s);
	c->judged = c->powers || c->plan.settings;
	for (int i = CEILING_SOLAR; i < CEILING_PLAN && !c->powers; i++)
		c->values[i] = CURRENT_NONE;
	if (!c->powers || !in->currents)
		return planned;
	powers = powers_of(in, currents, s->phases);
	due = house_power_add(&c->house, in->now, powers.power, currents, car);
	if (s->peak)
		peak_add(&c->peak, s, in, &powers);
	if (due || (s->peak && c->house.known && c->period != c->peak.period))
		judge(c, s, in, order);
	others = unchanged(c, s, in->now);
	return others < planned ? others : planned;
}

void ceilings_hold(struct ceilings *c, int64_t seconds)
{
	if (c->plan.settings)
		plan_hold(&c->plan, seconds);
	if (!c->powers)
		return;
	house_power_hold(&c->house, seconds);
	peak_hold(&c->peak, seconds);
}

int32_t ceilings_limit(struct ceilings *c, const struct balance_settings *s, int32_t fuse)
{
	bool lifts = s->override_limit >= 0;
	int32_t limit = fuse;

	c->values[CEILING_FUSE] = fuse;
	c->binds = CEILING_FUSE;
	for (int i = CEILING_PAUSE; i < CEILINGS; i++) {
		if (c->values[i] == CURRENT_NONE || (lifts && !ceiling_rows[i].protects) ||
		    c->values[i] >= limit)
			continue;
		limit = c->values[i];
		c->binds = (enum ceiling)i;
	}
	if (c->binds == CEILING_FUSE)
		return fuse;
	limit = limit / STEP * STEP;
	return limit < s->min_current ? 0 : limit;
}
