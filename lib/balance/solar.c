#include "balance/solar.h"

void solar_start(struct solar *s)
{
	*s = (struct solar){.since = INT64_MIN, .before = INT32_MIN};
}

/* Whether `asks` has held for `wait` s. */
static bool lasts(struct solar *s, int64_t now, bool asks, int32_t wait)
{
	if (!asks)
		s->since = INT64_MIN;
	else if (s->since == INT64_MIN)
		s->since = now;
	return asks && now - s->since >= wait * INT64_C(1000);
}

static void change(struct solar *s, int64_t now, bool runs)
{
	s->ran = s->ran || s->runs;
	s->runs = runs;
	s->began = now;
	s->since = INT64_MIN;
}

/* Starts and pauses; the first start waits for no pause. */
static void judge(struct solar *s, const struct balance_settings *settings, int64_t now,
                  int32_t surplus)
{
	bool enough = surplus >= settings->min_current;
	int32_t least = s->runs ? settings->solar_run : s->ran ? settings->solar_pause : 0;
	bool asks = lasts(s, now, enough != s->runs,
	                  s->runs ? settings->ride_wait : settings->restart_wait);

	if (asks && now - s->began >= least * INT64_C(1000))
		change(s, now, enough);
}

int32_t solar_step(struct solar *s, const struct balance_settings *settings, enum solar_mode mode,
                   int64_t now, int32_t surplus)
{
	int32_t least = settings->min_current;
	/* It rises to what two steps agree on, and falls at once. */
	int32_t lasting = s->before < surplus ? s->before : surplus;

	s->before = surplus;
	judge(s, settings, now, surplus);
	if (mode == SOLAR_SURPLUS && !s->runs)
		return 0;
	return lasting > least ? lasting : least;
}
