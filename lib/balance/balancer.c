#include "balance/balancer.h"

const char *const balance_algorithm_names[] = {"threshold", "headroom", 0};

void balancer_start(struct balancer *b, enum balance_algorithm algorithm,
                    const struct balance_settings *settings, const struct fuse *fuse, bool quirks)
{
	b->algorithm = algorithm;
	b->settings = *settings;
	b->fuse = *fuse;
	b->limit = b->used = b->before = 0;
	b->state = STATE_NORMAL;
	threshold_start(&b->threshold, quirks);
	headroom_start(&b->headroom);
}

void balancer_hold(struct balancer *b, int64_t ticks)
{
	b->before = b->limit;
	if (b->algorithm == ALGORITHM_HEADROOM)
		headroom_hold(&b->headroom, ticks);
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
		return b->headroom.age < b->settings.fallback_wait
		               ? "no meter data yet"
		               : "meter data too old: fallback limit";
	default: return b->limit == b->settings.max_current ? "maximum reached" : "it fits: held";
	}
}

const char *balancer_reason(const struct balancer *b)
{
	return b->algorithm == ALGORITHM_THRESHOLD ? threshold_reason(b) : headroom_reason(b);
}

int32_t balancer_age(const struct balancer *b)
{
	return b->algorithm == ALGORITHM_THRESHOLD ? b->threshold.age : b->headroom.age;
}

const char *balance_lamp(unsigned state)
{
	static const char *const words[STATES] = {
		"1 pulse every 1.4 s",  "2 pulses every 1.8 s", "3 pulses every 2.2 s",
		"4 pulses every 2.6 s", "1 s on, 1 s off",
	};

	return state < STATES ? words[state] : "dark";
}
