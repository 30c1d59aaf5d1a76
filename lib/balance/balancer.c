#include "balance/balancer.h"

#include <string.h>

enum { TICK = 1000 }; /* ms of a tick of the firmware */

const char *const balance_algorithm_names[] = {"threshold", "headroom", 0};

void balancer_start(struct balancer *b, enum balance_algorithm algorithm,
                    const struct balance_settings *settings, const struct fuse *fuse, bool quirks)
{
	b->algorithm = algorithm;
	b->settings = *settings;
	b->fuse = *fuse;
	b->limit = b->used = b->before = 0;
	b->state = STATE_NORMAL;
	b->now = b->ticked = 0;
	b->waits = false;
	ceilings_start(&b->ceilings, settings);
	threshold_start(&b->threshold, quirks);
	headroom_start(&b->headroom, settings);
}

void balancer_adopt(struct balancer *b, int64_t now, int32_t limit, const int32_t *car)
{
	b->limit = limit;
	b->threshold.limit = limit;
	headroom_adopt(&b->headroom, now, limit, car);
}

void balancer_pause(struct balancer *b, bool paused)
{
	if (balancer_paused(b) && !paused)
		headroom_resume(&b->headroom);
	b->ceilings.values[CEILING_PAUSE] = paused ? 0 : CURRENT_NONE;
}

/* A telegram is a tick of its own unless one has just been; the first one always is. */
static int64_t ticks_due(const struct balancer *b, bool told)
{
	int64_t elapsed = b->now - b->ticked;

	if (told && !b->threshold.seen && elapsed < TICK)
		return 1;
	return (told ? elapsed + TICK / 2 : elapsed) / TICK;
}

/* The firmware's states know neither fuse nor charger. */
static void bound_threshold(struct balancer *b, const struct balance_input *in)
{
	int32_t most = b->fuse.rated;

	if (in->most != CURRENT_NONE && in->most < most)
		most = in->most;
	if (b->threshold.limit > most)
		b->threshold.limit = most;
}

static int64_t step_threshold(struct balancer *b, const struct balance_input *in)
{
	int64_t ticks = ticks_due(b, in->currents != NULL);
	bool changes = false;

	if (in->currents) {
		memcpy(b->waiting, in->currents, sizeof b->waiting);
		b->waits = true;
	}
	for (; ticks > 0; ticks--) {
		bool last = ticks == 1 && b->waits;

		changes = threshold_tick(&b->threshold, &b->settings, last ? b->waiting : NULL);
		b->waits = b->waits && !last;
		b->ticked += TICK;
	}
	if (!b->threshold.quirks)
		bound_threshold(b, in);
	b->used = b->threshold.used;
	b->state = b->threshold.state;
	return changes ? 0 : INT64_MAX;
}

static int64_t step_headroom(struct balancer *b, const struct balance_input *in)
{
	int64_t unchanged = headroom_step(&b->headroom, &b->settings, &b->fuse, in);

	b->used = b->headroom.used;
	b->state = b->headroom.state;
	return unchanged;
}

/* What the car draws, as far as is known; one that is not measured draws its limit. */
static void car_of(const struct balancer *b, const struct balance_input *in, int32_t *car)
{
	int32_t limit = in->alone ? 0 : in->in_force != CURRENT_NONE ? in->in_force : b->limit;

	for (int i = 0; i < BALANCE_PHASES; i++)
		car[i] = in->car ? in->car[i] : b->ceilings.house.used[i] ? limit : 0;
}

static int64_t step_ceilings(struct balancer *b, const struct balance_input *in)
{
	bool headroom = b->algorithm == ALGORITHM_HEADROOM;
	int32_t car[BALANCE_PHASES], order = b->settings.phase_order;

	car_of(b, in, car);
	if (headroom)
		order = house_load_order(&b->headroom.house);
	return ceilings_step(&b->ceilings, &b->settings, in,
	                     headroom ? b->headroom.currents : b->threshold.currents, car, order);
}

/* The algorithm goes on from the limit that was told: it neither learns from nor jumps to another. */
static void compose(struct balancer *b)
{
	bool headroom = b->algorithm == ALGORITHM_HEADROOM;

	b->limit = ceilings_limit(&b->ceilings, &b->settings,
	                          headroom ? b->headroom.limit : b->threshold.limit);
	b->headroom.decided = b->limit;
	b->threshold.limit = headroom ? b->threshold.limit : b->limit;
}

/* What the algorithm sees. In a pause it pauses, too: it learns nothing from a limit never told. */
static int64_t step_algorithm(struct balancer *b, const struct balance_input *in)
{
	struct balance_input bounded;

	if (balancer_paused(b)) {
		bounded = *in;
		bounded.most = 0;
		in = &bounded;
	}
	return b->algorithm == ALGORITHM_THRESHOLD ? step_threshold(b, in) : step_headroom(b, in);
}

int64_t balancer_step(struct balancer *b, const struct balance_input *in)
{
	int64_t unchanged, other = INT64_MAX;

	b->before = b->limit;
	b->now = in->now;
	unchanged = step_algorithm(b, in);
	if (!b->threshold.quirks)
		other = step_ceilings(b, in);
	compose(b);
	if (b->limit != b->before)
		return 0;
	return unchanged < other ? unchanged : other;
}

void balancer_hold(struct balancer *b, int64_t seconds)
{
	b->before = b->limit;
	b->now += seconds * 1000;
	ceilings_hold(&b->ceilings, seconds);
	if (b->algorithm == ALGORITHM_HEADROOM)
		headroom_hold(&b->headroom, seconds);
	else
		b->ticked = b->now;
}

static const char *threshold_reason(const struct balancer *b)
{
	switch (b->state) {
	case STATE_FALLBACK:
		return b->threshold.age < b->settings.fallback_wait
		               ? "no meter data yet"
		               : "meter data too old: fallback limit";
	case STATE_ALARM:
		return b->limit < b->before ? "above the alarm limit: lowered"
		       : b->limit           ? "above the alarm limit: waiting"
		                            : "above the alarm limit: nothing left to lower";
	case STATE_UPPER:
		return b->limit < b->before ? "above the upper limit: lowered"
		       : b->limit           ? "above the upper limit: waiting"
		                            : "above the upper limit: nothing left to lower";
	case STATE_LOWER:
		return b->limit > b->before   ? "at or below the lower limit: raised"
		       : b->limit < b->before ? "capped by the override"
		       : b->limit == balance_override(&b->settings)
		               ? "held by the override"
		               : "at or below the lower limit: waiting";
	default:
		return b->limit < b->before                  ? "capped by the override"
		       : b->limit == b->settings.max_current ? "maximum reached"
		                                             : "between the limits: held";
	}
}

static const char *headroom_reason(const struct balancer *b)
{
	switch (b->headroom.reason) {
	case HEADROOM_LOWERED: return "less fits: lowered";
	case HEADROOM_RAISED: return "more has fitted for the quiet time: raised";
	case HEADROOM_WAITING:
		return b->headroom.paused ? "room for a restart: waiting until it lasts"
		                          : "more fits: waiting until it lasts";
	case HEADROOM_RIDING: return "short overload: held at the minimum";
	case HEADROOM_PAUSED: return "not even the minimum fits: paused";
	case HEADROOM_RESTARTED: return "the minimum has fitted long enough: restarted";
	case HEADROOM_CAPPED: return "capped below the minimum: paused";
	case HEADROOM_NO_DATA:
		return headroom_age(&b->headroom) < b->settings.fallback_wait
		               ? "no meter data yet"
		               : "meter data too old: fallback limit";
	default: return b->limit == b->headroom.most ? "maximum reached" : "it fits: held";
	}
}

const char *balancer_reason(const struct balancer *b)
{
	if (balancer_paused(b))
		return ceiling_rows[CEILING_PAUSE].pauses;
	if (b->ceilings.binds != CEILING_FUSE)
		return ceilings_reason(&b->ceilings, b->limit);
	return b->algorithm == ALGORITHM_THRESHOLD ? threshold_reason(b) : headroom_reason(b);
}

int32_t balancer_age(const struct balancer *b)
{
	return b->algorithm == ALGORITHM_THRESHOLD ? b->threshold.age : headroom_age(&b->headroom);
}

const char *balance_lamp(unsigned state)
{
	static const char *const words[STATES] = {
		"1 pulse every 1.4 s",  "2 pulses every 1.8 s", "3 pulses every 2.2 s",
		"4 pulses every 2.6 s", "1 s on, 1 s off",
	};

	return state < STATES ? words[state] : "dark";
}
