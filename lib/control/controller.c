#include "control/controller.h"

#include <stdio.h>
#include <string.h>

enum {
	CAR_PATIENCE = 3000, /* ms */
	DRAWS = 1000,        /* mA: a car that may be starting is adopted, too */
	MOMENT = 900,        /* ms: no meter sends two telegrams of one second in that time */
};

static int32_t least_of(int32_t a, int32_t b)
{
	return a < b ? a : b;
}

/* The most that settings and fuse permit, mA. */
static int32_t most(const struct controller *c)
{
	return least_of(c->balancer.settings.max_current, c->balancer.fuse.rated);
}

/* The fallback never exceeds what the charger may be told. */
static int32_t fallback(const struct controller *c)
{
	return least_of(c->balancer.settings.fallback_limit, most(c));
}

static void start_meter(struct controller *c)
{
	freshness_start(&c->meter);
	standstill_start(&c->standstill);
	c->lag = c->heard = c->power = 0;
	c->missing = -1;
	c->frozen = c->late = c->doubtful = c->jumped = c->stands = c->clockless = false;
}

void controller_start(struct controller *c, const struct controller_options *options)
{
	start_meter(c);
	identity_start(&c->identity);
	obedience_start(&c->obedience, options->charger_timeout);
	c->origin = c->phases = 0;
	c->car_patience = CAR_PATIENCE;
	c->wall = INSTANT_NONE;
	c->charger_timeout = options->charger_timeout;
	c->order = options->settings.phase_order;
	c->running = c->disbelieves = false;
	c->old = c->told = c->known = c->adopted = c->above = false;
	balancer_start(&c->balancer, options->algorithm, &options->settings, &options->fuse, false);
	c->wanted = (struct controller_wanted){CURRENT_NONE, fallback(c), 0, 0};
}

/* The balancer's time: a second at the first call. */
static int64_t since_start(struct controller *c, int64_t now)
{
	if (!c->running)
		c->origin = now - 1000;
	c->running = true;
	return now - c->origin;
}

/* Sets a flag; the event of its change. */
static unsigned change(bool *flag, bool value, unsigned on, unsigned off)
{
	bool before = *flag;

	*flag = value;
	return value == before ? 0 : value ? on : off;
}

static unsigned judge_clock(struct controller *c, int64_t now, instant clock)
{
	int64_t lag = freshness_lag(&c->meter, now, clock);
	bool told = clock != INSTANT_NONE;
	unsigned events = change(&c->clockless, c->meter.clockless, CONTROLLER_CLOCKLESS,
	                         CONTROLLER_CLOCK);

	c->doubtful = lag == FRESHNESS_DOUBTFUL;
	if (!c->doubtful)
		c->lag = lag;
	if (told)
		events |= change(&c->jumped, c->doubtful, CONTROLLER_JUMPED, 0);
	if (told || c->meter.clock == INSTANT_NONE)
		events |= change(&c->frozen, freshness_frozen(&c->meter, now), CONTROLLER_FROZEN,
		                 told ? CONTROLLER_MOVES : 0);
	return events |
	       change(&c->late,
	              !c->frozen && c->lag >= c->balancer.settings.fallback_wait * INT64_C(1000),
	              CONTROLLER_LATE, 0);
}

/* A meter may tell 0 A on phases that a house does not have. */
static unsigned count_phases(struct controller *c, const int32_t *currents)
{
	int before = c->phases, counted = c->balancer.settings.phases;

	for (int i = before; i < BALANCE_PHASES; i++)
		if (currents[i] != CURRENT_NONE && currents[i] != 0)
			c->phases = i + 1;
	return before <= counted && c->phases > counted ? CONTROLLER_UNCOUNTED : 0;
}

static unsigned judge_phases(struct controller *c, const int32_t *currents)
{
	bool missing = c->missing >= 0;
	unsigned events = count_phases(c, currents);

	c->missing = freshness_missing(&c->meter, currents, c->balancer.settings.phases);
	return events | change(&missing, c->missing >= 0, CONTROLLER_PARTIAL, CONTROLLER_WHOLE);
}

/* A meter whose clock stands still is known to repeat itself, and tells nothing new by that. */
static unsigned judge_registers(struct controller *c, int64_t now,
                                const struct standstill_reading *still)
{
	bool stands = standstill_look(&c->standstill, now, still);

	c->power = still->power;
	return change(&c->stands, stands && !c->frozen, CONTROLLER_STANDS,
	              stands ? 0 : CONTROLLER_ADVANCES);
}

/* Another meter than ours is not looked at; *ours tells. */
static unsigned judge_identity(struct controller *c, int64_t now, const char *id, bool *ours)
{
	int64_t wait = c->balancer.settings.fallback_wait * INT64_C(1000);

	*ours = false;
	switch (identity_look(&c->identity, now, id, wait)) {
	case IDENTITY_OTHER: return 0;
	case IDENTITY_OTHER_NEW:
		snprintf(c->other, sizeof c->other, "%s", id);
		return CONTROLLER_OTHER;
	case IDENTITY_TAKEN:
		start_meter(c);
		*ours = true;
		return CONTROLLER_EXCHANGED;
	default: *ours = true; return 0;
	}
}

/* Whether the same telegram came a moment ago: its currents are not those of now. */
static bool is_repeated(const struct controller *c, int64_t now, const int32_t *currents,
                        instant clock)
{
	return c->known && clock != INSTANT_NONE && clock == c->meter.clock &&
	       now - c->heard < MOMENT && !memcmp(c->currents, currents, sizeof c->currents);
}

/* On a phase that counts. */
static bool is_above(const struct controller *c, const int32_t *currents)
{
	bool above = false;

	for (int i = 0; i < c->balancer.settings.phases; i++)
		above = above || currents[i] > c->balancer.fuse.rated;
	return above;
}

unsigned controller_telegram(struct controller *c, int64_t now, const struct grid_reading *reading)
{
	const int32_t *currents = reading->currents;
	bool ours, repeated = is_repeated(c, now, currents, reading->clock);
	unsigned events = judge_identity(c, now, reading->id, &ours);

	since_start(c, now);
	if (!ours)
		return events;
	events |= judge_clock(c, now, reading->clock) | judge_phases(c, currents);
	events |= judge_registers(c, now, &reading->still);
	if (c->frozen || c->doubtful || c->late || c->stands || c->missing >= 0 || repeated)
		return events;
	c->heard = now;
	memcpy(c->currents, currents, sizeof c->currents);
	c->powers = reading->powers;
	c->told = c->known = true;
	c->above = is_above(c, currents);
	return events;
}

/* Goes on from what the charger did at the start, when a car is charging there. */
static unsigned adopt(struct controller *c, int64_t now, const struct charger_state *charger)
{
	struct balancer *b = &c->balancer;
	const int32_t *car = charger->car;
	bool charges = charger->car_read != CHARGER_NEVER &&
	               (car[0] >= DRAWS || car[1] >= DRAWS || car[2] >= DRAWS);

	if (c->adopted || (charger->link != CHARGER_READY && charger->link != CHARGER_ABSENT))
		return 0;
	c->adopted = true;
	if (!charges || charger->applied == CURRENT_NONE ||
	    charger->applied < b->settings.min_current)
		return 0;
	balancer_adopt(b, now, least_of(charger->applied, most(c)), car);
	return CONTROLLER_ADOPTED;
}

static unsigned judge_state(struct controller *c)
{
	const struct balancer *b = &c->balancer;
	bool headroom = b->algorithm == ALGORITHM_HEADROOM;
	int32_t order = headroom ? house_load_order(&b->headroom.house) : 0;
	unsigned events = order && !c->order ? CONTROLLER_LEARNT : 0;

	c->order = order ? order : c->order;
	events |= change(&c->disbelieves, headroom && !house_load_believes(&b->headroom.house),
	                 CONTROLLER_DISBELIEVES, CONTROLLER_BELIEVES);
	return events | change(&c->old, balancer_age(b) >= b->settings.fallback_wait,
	                       CONTROLLER_OLD, CONTROLLER_FRESH);
}

/*
 * Before the first telegram it leaves the charger alone until the fallback is due or the user has
 * paused the car.
 */
static int32_t set_point(const struct controller *c)
{
	const struct balancer *b = &c->balancer;

	bool waits = !c->known && !balancer_paused(b) &&
	             balancer_age(b) < b->settings.fallback_wait;

	if (!c->adopted || waits)
		return CURRENT_NONE;
	return b->limit;
}

/*
 * Without data the fallback is due, and the fuse may need it. The charger's own fallback is the least
 * that a silence can reach.
 */
static void judge_obedience(struct controller *c, int64_t now, const struct charger_state *charger,
                            const int32_t *car)
{
	int32_t told = c->wanted.set_point;
	unsigned found;

	if (told != CURRENT_NONE && told < c->wanted.fallback)
		told = c->wanted.fallback;
	found = obedience_step(&c->obedience, now, c->above || c->old, told, charger,
	                       c->disbelieves ? NULL : car);
	c->wanted.silence = found & OBEDIENCE_SILENCE ? c->obedience.length : 0;
	c->wanted.events |= (found & OBEDIENCE_SILENCE ? CONTROLLER_SILENCE : 0) |
	                    (found & OBEDIENCE_VAIN ? CONTROLLER_VAIN : 0) |
	                    (found & OBEDIENCE_UNGUARDED ? CONTROLLER_UNGUARDED : 0);
}

struct controller_wanted controller_step(struct controller *c, int64_t now,
                                         const struct charger_state *charger)
{
	struct balance_input in = {.now = since_start(c, now),
	                           .currents = c->told ? c->currents : NULL,
	                           .lag = c->lag,
	                           .car = freshness_car(charger, now, c->car_patience),
	                           .in_force = charger->applied != CURRENT_NONE
	                                               ? charger->applied
	                                               : charger->set_point,
	                           .alone = freshness_lost(charger, now, c->charger_timeout),
	                           .most = charger->most,
	                           .clock = c->wall,
	                           .powers = &c->powers};

	c->wanted.events = adopt(c, in.now, charger);
	in.car_time = charger->car_read == CHARGER_NEVER ? in.now : charger->car_read - c->origin;
	balancer_step(&c->balancer, &in);
	c->told = false;
	c->wanted.events |= judge_state(c);
	c->wanted.set_point = set_point(c);
	c->wanted.fallback = fallback(c);
	judge_obedience(c, now, charger, in.car);
	return c->wanted;
}

bool controller_differs(const struct controller *c, const struct charger_state *charger)
{
	return charger->link == CHARGER_READY && c->wanted.set_point != CURRENT_NONE &&
	       c->wanted.set_point != charger->ordered;
}
