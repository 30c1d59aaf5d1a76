#include "balance/peak.h"

#define WATT INT64_C(1000)    /* mW */
#define MINUTE INT64_C(60000) /* ms */

enum {
	QUARTER = 900000,   /* ms */
	LEAST_LEFT = 10000, /* ms: no car changes its power within that time and back */
	RESERVE = 200       /* this part of the level is kept for what the house does meanwhile */
};

#define NONE INT64_MIN

void peak_start(struct peak *p)
{
	*p = (struct peak){.period = NONE, .month = NONE, .register_began = NONE, .now = NONE};
}

static int64_t length(const struct balance_settings *settings)
{
	return settings->peak_minutes * MINUTE;
}

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

static int64_t month_of(instant local)
{
	struct stamp s = stamp_at(local, 0);

	return s.year * INT64_C(12) + s.month;
}

static void begin_month(struct peak *p, int64_t month)
{
	if (month != p->month)
		p->highest = 0;
	p->month = month;
}

/*
 * What was not seen of a period counts as if the level had been kept exactly. Power between two
 * telegrams belongs to both sides of its begin.
 */
static void begin_period(struct peak *p, const struct balance_settings *settings, int64_t now,
                         int64_t number, int64_t elapsed)
{
	int64_t mean = p->energy * 1000 / length(settings);
	bool follows = p->now != NONE && number == p->period + 1 && now - p->now >= elapsed;

	if (p->whole && mean > p->highest)
		p->highest = mean;
	p->whole = follows;
	p->period = number;
	p->energy = follows ? 0 : peak_level(p, settings) * elapsed / 1000;
	p->now = follows ? now - elapsed : now;
	p->register_began = NONE;
}

/* The telegram's power is taken for the time since the one before. */
static void count_power(struct peak *p, int64_t now, int64_t power)
{
	int64_t since = p->now == NONE ? 0 : now - p->now;

	p->energy += power > 0 ? power * since / 1000 : 0;
	p->now = now;
	p->power = power;
}

static void count_register(struct peak *p, int64_t import)
{
	if (p->register_began == NONE) {
		p->register_began = import;
		p->counted = p->energy;
	}
	if (import >= p->register_began)
		p->energy = p->counted + (import - p->register_began) * 3600;
}

void peak_add(struct peak *p, const struct balance_settings *settings,
              const struct balance_input *in, const struct balance_powers *powers)
{
	bool own = powers->clock != INSTANT_NONE;
	instant clock = own ? powers->clock : in->clock;
	instant local;
	int64_t number, elapsed;

	if (clock == INSTANT_NONE)
		return;
	local = clock + (own ? powers->zone : in->zone) * MINUTE;
	number = floor_div(local, length(settings));
	elapsed = local - number * length(settings);
	begin_month(p, month_of(local));
	if (number != p->period)
		begin_period(p, settings, in->now, number, elapsed);
	p->left = length(settings) - elapsed;
	count_power(p, in->now, powers->power);
	if (powers->demand != NONE && length(settings) == QUARTER)
		p->energy = powers->demand * (QUARTER / 1000);
	else if (powers->import != NONE)
		count_register(p, powers->import);
	if (powers->peak != NONE && powers->peak > p->highest)
		p->highest = powers->peak;
}

void peak_hold(struct peak *p, int64_t seconds)
{
	p->now += seconds * 1000;
	p->left -= seconds * 1000;
	p->energy += p->power > 0 ? p->power * seconds : 0;
}

int64_t peak_level(const struct peak *p, const struct balance_settings *settings)
{
	int64_t least = PEAK_LEAST_AUTO * WATT;

	if (settings->peak != PEAK_AUTO)
		return settings->peak * WATT;
	return p->highest > least ? p->highest : least;
}

int64_t peak_rest(const struct peak *p, const struct balance_settings *settings, int64_t house)
{
	int64_t level = peak_level(p, settings);
	int64_t rest = (level - level / RESERVE) * length(settings) / 1000 - p->energy;
	int64_t left = p->left > LEAST_LEFT ? p->left : LEAST_LEFT;

	return rest * 1000 / left - house;
}
