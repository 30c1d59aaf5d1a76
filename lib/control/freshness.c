#include "control/freshness.h"

enum {
	STUCK = 3000,           /* ms */
	GRAIN = 1500,           /* ms: clocks tell whole seconds, telegrams take time */
	JUMP = 2500,            /* ms: a clock that gains more has jumped */
	AGREE = 2000,           /* ms between differences that are the same */
	FORWARD_TELEGRAMS = 5,  /* that must agree on a clock that was set forward */
	FORWARD_TIME = 4000,    /* ms for which they must agree */
	BACK_TIME = 600 * 1000, /* ms for which a clock that was set back must run */
	DRIFT = 1000,           /* a clock may be slow by this part */
};

void freshness_start(struct freshness *f)
{
	*f = (struct freshness){.clock = INSTANT_NONE};
}

static void rebase(struct freshness *f, int64_t now, int64_t difference)
{
	f->base = difference;
	f->based = now;
	f->other_count = 0;
}

/* Counts telegrams that agree on another difference than the base. */
static void suspect(struct freshness *f, int64_t now, int64_t difference)
{
	int64_t apart = difference - f->other;

	if (!f->other_count || apart > AGREE || apart < -AGREE) {
		f->other = difference;
		f->other_since = now;
		f->other_count = 0;
	}
	f->other_count++;
}

/* Telegrams with and without a clock in turn are of two sources: those without it wait. */
static void miss_clock(struct freshness *f, int64_t now)
{
	if (f->clock == INSTANT_NONE)
		return;
	f->clockless = true;
	f->clockless_at = now;
	if (now - f->clock_told < FRESHNESS_GONE)
		return;
	f->clock = INSTANT_NONE;
	f->running = false;
}

static void watch_clock(struct freshness *f, int64_t now, instant clock)
{
	f->clock_told = now;
	f->clockless = f->clockless && now - f->clockless_at < FRESHNESS_GONE;
	if (clock == f->clock)
		return;
	if (f->clock != INSTANT_NONE && !freshness_frozen(f, now) &&
	    now - f->clock_seen > f->clock_step)
		f->clock_step = now - f->clock_seen;
	f->clock = clock;
	f->clock_seen = now;
}

static int64_t jumped(struct freshness *f, int64_t now, int64_t difference)
{
	suspect(f, now, difference);
	if (f->other_count < FORWARD_TELEGRAMS || now - f->other_since < FORWARD_TIME)
		return FRESHNESS_DOUBTFUL;
	rebase(f, now, difference);
	return 0;
}

static int64_t late(struct freshness *f, int64_t now, int64_t difference)
{
	int64_t lag = difference - f->base - GRAIN;

	if (lag <= 0) {
		f->other_count = 0;
		return 0;
	}
	suspect(f, now, difference);
	if (now - f->other_since < BACK_TIME)
		return lag;
	rebase(f, now, difference);
	return 0;
}

int64_t freshness_lag(struct freshness *f, int64_t now, instant clock)
{
	int64_t difference;

	if (clock == INSTANT_NONE) {
		miss_clock(f, now);
		return f->clock == INSTANT_NONE ? 0 : FRESHNESS_DOUBTFUL;
	}
	watch_clock(f, now, clock);
	difference = now - clock;
	if (!f->running) {
		f->running = true;
		rebase(f, now, difference);
		return 0;
	}
	if (difference < f->base - JUMP)
		return jumped(f, now, difference);
	if (difference <= f->base) {
		rebase(f, now, difference);
		return 0;
	}
	f->base += (now - f->based) / DRIFT;
	f->based += (now - f->based) / DRIFT * DRIFT;
	return late(f, now, difference);
}

bool freshness_frozen(const struct freshness *f, int64_t now)
{
	return f->clock != INSTANT_NONE && now - f->clock_seen > f->clock_step + STUCK;
}

int freshness_missing(struct freshness *f, const int32_t currents[BALANCE_PHASES], int phases)
{
	int missing = -1;

	for (int i = phases - 1; i >= 0; i--) {
		f->phases[i] = f->phases[i] || currents[i] != CURRENT_NONE;
		if (currents[i] == CURRENT_NONE)
			missing = i;
	}
	return missing;
}

const int32_t *freshness_car(const struct charger_state *charger, int64_t now, int64_t patience)
{
	bool known = charger->car_read != CHARGER_NEVER;

	return known && now - charger->car_read <= patience ? charger->car : NULL;
}

bool freshness_lost(const struct charger_state *charger, int64_t now, int64_t timeout)
{
	return charger->silent_since != CHARGER_NEVER && now - charger->silent_since >= timeout;
}
