/*
 * The judge. Its main rule: the car never draws more than the most that fitted beside the house at any
 * time within the last B ms, where B is what meter, controller, charger and car need; so an overload is
 * never larger than what the house rose within B, and never lasts longer than B after the last rise. An
 * overload at the car's minimum may be ridden out for ride_wait longer. B is longer while the meter
 * tells nothing useful, and the rule rests while the charger disobeys or the program stands still.
 */
#include "mercy.h"

#include <stdio.h>
#include <stdlib.h>

enum {
	TELEGRAMS = 15, /* in which the limit settles, */
	SETTLE = 60000, /* but not less than these ms */
	MINUTE = 60000,
	START = 60000,        /* ms at the start in which a charging car goes on */
	ENERGY = 300000000,   /* mA ms: too little to judge a share of it */
	UNUSED_AFTER = 10000, /* ms without current on a phase before it counts as unused */
};

const char *const world_property_names[PROPERTIES] = {
	"fine",          "overload",       "integral",  "set-point value", "set-point too high",
	"late fallback", "early fallback", "unsettled", "starved",         "stopped at start",
	"not prompt"};

__attribute__((format(printf, 3, 4))) static void blame(struct world *w, enum world_property what,
                                                        const char *format, ...)
{
	struct world_judge *j = &w->judge;
	va_list list;

	if (!j->counts[what]++)
		world_say(w, "FAILED: %s", world_property_names[what]);
	if (j->failed)
		return;
	j->failed = what;
	j->failed_at = w->now;
	va_start(list, format);
	vsnprintf(j->text, sizeof j->text, format, list);
	va_end(list);
}

static int32_t least(int32_t a, int32_t b)
{
	return a < b ? a : b;
}

/* The fallback as it acts. */
static int32_t fallback(const struct world *w)
{
	const struct controller_options *o = &w->plan.options;

	return least(least(o->settings.fallback_limit, o->settings.max_current), o->fuse.rated);
}

void judge_start(struct world *w)
{
	struct world_judge *j = &w->judge;
	const struct world_plan *p = &w->plan;

	*j = (struct world_judge){.set_point = CURRENT_NONE, .told = -1, .moved = LENGTH};
	j->react = mercy_reacts(p);
	j->tolerance = 200 + p->noise + p->resolution / 2;
	j->raised = j->lowered = -LENGTH;
	car_begin(&j->oracle, p, plant_applied(w));
	j->patient = j->oracle;
}

/* Whether that much fitted at some time of the last `span` ms, or the world is younger than that. */
static bool fitted(const struct world *w, int32_t current, int64_t span)
{
	int last = w->at - (int)(span / STEP);

	for (int i = w->at; i >= last; i--)
		if (i < 0 || w->fits[i] >= current)
			return true;
	return false;
}

/* Whether the car drew what fitted, or `enough`, at some time of the last `span` ms. */
static bool was_fine(const struct world *w, int64_t span, int32_t enough)
{
	for (int i = w->at; i >= 0 && i > w->at - (int)(span / STEP); i--)
		if (w->cars[i] <= enough || w->cars[i] - w->judge.tolerance <= w->fits[i])
			return true;
	return false;
}

static void judge_car(struct world *w, const struct mercy *m)
{
	int32_t draws = w->car.current - w->judge.tolerance;

	if (w->car.current == 0 || m->react < 0 || draws <= w->fits[w->at] ||
	    (m->blind && draws <= fallback(w)) || fitted(w, draws, m->react) ||
	    (m->again && was_fine(w, m->react, m->blind ? fallback(w) : 0)) ||
	    (w->car.current <= LEAST && fitted(w, draws, m->react + mercy_rides(w))))
		return;
	blame(w, OVERLOADED,
	      "the car draws %d mA, %d fit, and less than that for %.2f s before; set-point %d, "
	      "applied %d",
	      w->car.current, w->fits[w->at], (double)m->react / 1e3, w->wanted.set_point,
	      plant_applied(w));
}

static void judge_phase(struct world *w, const struct mercy *m, int phase, int32_t rise)
{
	struct world_judge *j = &w->judge;
	int32_t over = w->grid[w->at][phase] - w->plan.options.fuse.rated;

	if (rise > 0)
		j->allowed[phase] += rise * ((m->react < 0 ? j->react : m->react) + mercy_rides(w));
	if (m->react < 0 || over <= j->tolerance || w->now < 2 * m->react ||
	    (m->blind && w->car.current <= fallback(w)))
		return;
	j->over[phase] += (int64_t)over * STEP;
	if (j->over[phase] > j->allowed[phase] + 1000 * m->react)
		blame(w, INTEGRAL, "L%d: %lld A s above the fuse, the house explains %lld",
		      phase + 1, (long long)j->over[phase] / 1000000,
		      (long long)j->allowed[phase] / 1000000);
}

static void count_above(struct world *w, const struct mercy *m)
{
	struct world_judge *j = &w->judge;
	bool above = false;

	for (int i = 0; i < BALANCE_PHASES; i++)
		above = above || w->grid[w->at][i] > w->plan.options.fuse.rated + j->tolerance;
	j->above = above && m->react >= 0 && !m->blind ? j->above + STEP : 0;
	if (j->above > j->longest)
		j->longest = j->above;
}

/* What an all-knowing controller offers when that much fits down to the fuse itself. */
static int32_t offers(const struct world *w, int32_t fits)
{
	const struct balance_settings *s = &w->plan.options.settings;
	int32_t most = least(s->max_current, w->plan.maximum), offer = fits - s->margin;

	offer = offer >= most ? most : offer / 1000 * 1000;
	return offer < LEAST ? 0 : offer;
}

/* The least that fitted during the waits that a raise takes. */
static int32_t fits_for_long(const struct world *w, const int32_t *fits)
{
	const struct balance_settings *s = &w->plan.options.settings;
	int32_t wait_s = s->quiet_wait > s->restart_wait ? s->quiet_wait : s->restart_wait;
	int32_t result = fits[w->at];

	for (int i = w->at; i >= 0 && i > w->at - wait_s * 1000 / STEP; i--)
		result = least(result, fits[i]);
	return result;
}

static bool counts_energy(const struct world_plan *p)
{
	return p->count == 0 && p->noise <= 50 && p->resolution <= 100;
}

/*
 * What waits as the settings say offer. A paused car may be another one when it comes back: all phases
 * count until it has drawn for a while, and the phase order is learnt; and it does not come back before restart_room fits as well.
 */
static int32_t patient_offers(struct world *w)
{
	struct world_judge *j = &w->judge;
	bool known = j->patient.current > 0 && w->now - j->stood >= UNUSED_AFTER &&
	             (w->plan.options.settings.phase_order || !mercy_learns(w));
	int32_t fits = fits_for_long(w, known ? w->fits : w->fits_all);
	int32_t more = w->plan.options.settings.restart_room + j->tolerance;

	if (j->patient.current == 0)
		j->stood = w->now;
	j->paused = offers(w, j->paused ? fits - more : fits) == 0;
	return j->paused ? 0 : offers(w, fits);
}

/*
 * Two controllers that know the house. The first offers at once what fits: all worlds together must
 * reach 90 % of it. The second waits before a raise as the settings say: each world must reach 90 %, or
 * 75 % when it has to learn the phase order.
 */
static void count_energy(struct world *w)
{
	struct world_judge *j = &w->judge;
	int32_t highest = INT32_MIN;

	if (!counts_energy(&w->plan))
		return;
	for (int i = 0; i < w->plan.car_phases; i++)
		if (w->house.quiet[w->plan.order[i]] > highest)
			highest = w->house.quiet[w->plan.order[i]];
	car_step(&j->oracle, &w->plan, w->now, w->at,
	         offers(w, w->plan.options.fuse.rated - highest - w->plan.noise));
	car_step(&j->patient, &w->plan, w->now, w->at, patient_offers(w));
	if (w->now < MINUTE)
		return;
	j->energy += (int64_t)w->car.current * STEP;
	j->possible += (int64_t)j->oracle.current * STEP;
	j->fair += (int64_t)j->patient.current * STEP;
}

void judge_step(struct world *w)
{
	struct world_judge *j = &w->judge;
	const struct mercy m = mercy_now(w);

	if (!mercy_learnt(w))
		j->unlearnt = w->now;
	if (j->moved == LENGTH && labs(w->car.current - w->plan.car_starts) > 1000)
		j->moved = w->now;
	if (w->house.changed || m.window ||
	    (w->now > w->plan.car_full - MINUTE - TURN && w->now < w->plan.car_full + 10000))
		j->calm = w->now;
	judge_car(w, &m);
	for (int i = 0; i < BALANCE_PHASES; i++)
		judge_phase(w, &m, i, w->house.rise[i]);
	count_above(w, &m);
	count_energy(w);
}

void judge_telegram(struct world *w, const struct world_telegram *telegram)
{
	if (telegram->honest)
		w->judge.told = w->now;
}

static void judge_value(struct world *w, int32_t limit, bool most_known, const char *what)
{
	const struct controller_options *o = &w->plan.options;
	int32_t most = least(o->fuse.rated, o->settings.max_current);

	if (most_known)
		most = least(most, w->plan.maximum);
	if (limit == CURRENT_NONE)
		return;
	if (limit < 0 || (limit > 0 && limit < LEAST))
		blame(w, WRONG_VALUE, "%s %d", what, limit);
	if (limit > most)
		blame(w, TOO_HIGH, "%s %d above %d", what, limit, most);
}

/* Whether there is that fault, or the next good telegram after it is not here yet. */
static bool lasts(const struct world *w, enum fault_kind kind)
{
	for (int i = 0; i < w->plan.count; i++) {
		const struct fault_event *e = &w->plan.events[i];

		if (e->kind == kind && w->now >= e->from &&
		    w->now < e->to + w->plan.interval + TURN)
			return true;
	}
	return false;
}

static void judge_fallback(struct world *w, const struct mercy *m)
{
	int64_t told = w->judge.told, age = w->now - (told < 0 ? 0 : told),
		due = mercy_wait(w) + TURN + STEP;

	if (m->lies) /* a clock stands still when it is one telegram and the patience late */
		due += PATIENCE + w->plan.interval;
	if (mercy_proof(w) < 0)
		return;
	due += mercy_proof(w);
	if (lasts(w, FAULT_lag_growing))
		due += mercy_wait(w) / 4;
	if (lasts(w, FAULT_lag_step) && mercy_wait(w) >= 9000) /* they are 9 s old */
		return;
	if (age > due && (w->wanted.set_point > fallback(w) || w->wanted.set_point == CURRENT_NONE))
		blame(w, FELL_LATE, "no good telegram for %.2f s, set-point %d", (double)age / 1e3,
		      w->wanted.set_point);
	if (told >= 0 && age < mercy_wait(w) && !m->lies && !m->window &&
	    w->controller.balancer.state == STATE_FALLBACK)
		blame(w, FELL_EARLY, "fallback %.2f s after a good telegram", (double)age / 1e3);
}

/*
 * A constant house: noise at the edge of a limit moves it up once a minute at most. What lowers a limit
 * that lasted for longer may do so at any time.
 */
static void judge_change(struct world *w)
{
	struct world_judge *j = &w->judge;
	int64_t settles = w->plan.interval * TELEGRAMS > SETTLE ? w->plan.interval * TELEGRAMS
	                                                        : SETTLE;
	int64_t settled = j->calm + settles + w->plan.options.settings.quiet_wait * INT64_C(1000);
	bool raises = w->wanted.set_point > j->set_point && !mercy_now(w).misled;

	if (w->wanted.set_point == j->set_point)
		return;
	world_say(w, "     set-point %d (%s)", w->wanted.set_point,
	          balancer_reason(&w->controller.balancer));
	if (raises && !w->house.changed && j->raised >= settled && j->lowered > j->raised &&
	    w->now - j->raised < MINUTE && w->plan.noise <= 50)
		blame(w, UNSETTLED,
		      "raised, lowered and raised in %.1f s, to %d; constant for %.0f s",
		      (double)(w->now - j->raised) / 1e3, w->wanted.set_point,
		      (double)(w->now - j->calm) / 1e3);
	if (w->wanted.set_point > j->set_point)
		j->raised = w->now;
	else
		j->lowered = w->now;
	j->held = w->now;
}

/* Whether the meter's clock was just set forward. */
static bool doubted(const struct world *w)
{
	for (int i = 0; i < w->plan.count; i++) {
		const struct fault_event *e = &w->plan.events[i];

		if (e->kind == FAULT_clock_set && e->value > 2000 && w->now >= e->from &&
		    w->now <= e->to + w->plan.interval + mercy_doubts(w))
			return true;
	}
	return false;
}

/* A phase above the fuse lowers a limit that has held for a while, at once. */
static void judge_prompt(struct world *w, const struct mercy *m,
                         const struct world_telegram *telegram)
{
	const struct world_judge *j = &w->judge;

	if (!telegram->honest || m->react < 0 || m->blind || doubted(w) || j->set_point <= LEAST ||
	    w->car.current <= LEAST + 100 || w->now - j->held < m->react ||
	    w->wanted.set_point < j->set_point)
		return;
	for (int i = 0; i < BALANCE_PHASES; i++)
		if (telegram->currents[i] > w->plan.options.fuse.rated)
			blame(w, NOT_PROMPT, "the meter shows %d mA on L%d, the set-point stays %d",
			      telegram->currents[i], i + 1, w->wanted.set_point);
}

void judge_decision(struct world *w, const struct world_telegram *telegram)
{
	struct world_judge *j = &w->judge;
	const struct mercy m = mercy_now(w);
	int32_t limit = w->wanted.set_point;

	judge_value(w, limit, j->observed, "set-point");
	judge_value(w, w->wanted.fallback, false, "fallback");
	if (!world_fault(w, FAULT_stopped) && !w->more)
		judge_fallback(w, &m);
	/* Without its currents, or with those of ten times the limit, nobody sees that it charges. */
	if (world_has(&w->plan, FAULT_charging_start) && !world_has(&w->plan, FAULT_car_x10) &&
	    !world_has(&w->plan, FAULT_car_absent) && w->now < START && limit != CURRENT_NONE &&
	    limit < w->plan.start_limit - 1000)
		blame(w, STOPPED_CAR, "it charged with %d mA, the set-point is %d",
		      w->plan.start_limit, limit);
	judge_change(w);
	if (telegram)
		judge_prompt(w, &m, telegram);
	j->set_point = limit;
	j->observed = j->observed || w->charger.state.most != CURRENT_NONE;
}

void judge_end(struct world *w)
{
	const struct world_judge *j = &w->judge;

	/* It takes some time to learn a phase order; until then all phases count. */
	int64_t percent = w->plan.options.settings.phase_order ? 90 : 75;

	if (counts_energy(&w->plan) && j->fair > ENERGY && j->energy * 100 < j->fair * percent)
		blame(w, STARVED, "the car got %lld A s of %lld", (long long)j->energy / 1000000,
		      (long long)j->fair / 1000000);
}
