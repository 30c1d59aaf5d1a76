#include "balance/charge_goal.h"

enum {
	LOOK = 300000,         /* ms between plans while the car charges */
	DRAWS = 600000,        /* mW: less is no charging */
	SLOWEST = 1000,        /* W: no car charges with less */
	IDLE = 3600000,        /* ms in which a slow pace is forgotten */
	LATEST = 26 * 3600000, /* ms: no deadline is further away */
	MARGIN = 10,           /* the deadline is met a tenth of a slot early */
	HOUR = 3600000,
};

void charge_goal_start(struct charge_goal *g)
{
	*g = (struct charge_goal){0};
}

static int64_t missing(const struct charge_goal *g, const struct charge_goal_settings *s)
{
	return s->energy * 3600000 - g->taken; /* mJ */
}

int64_t charge_goal_missing(const struct charge_goal *g, const struct charge_goal_settings *s)
{
	int64_t left = missing(g, s);

	return left > 0 ? (left + 3599999) / 3600000 : 0;
}

/* What the car drew since the last look is its pace; while it does not draw, the best one returns. */
static void learn(struct charge_goal *g, instant now)
{
	if (g->drawing >= LOOK / 5) {
		int64_t pace = g->drawn / g->drawing;

		g->pace = pace > SLOWEST ? pace : SLOWEST;
		g->best = g->best > g->pace ? g->best : g->pace;
	} else if (!g->drawing && now - g->looked >= IDLE) {
		g->pace = g->best;
	}
	g->drawn = g->drawing = 0;
}

static int64_t margin_at(const struct charge_goal_settings *s, instant now)
{
	const struct price_slot *slot = prices_at(s->prices, now, NULL);

	return (slot ? slot->end - slot->start : HOUR) / MARGIN;
}

static void look(struct charge_goal *g, const struct charge_goal_settings *s, instant now,
                 int64_t most)
{
	struct charging_task task = {.now = now,
	                             .deadline = g->deadline,
	                             .missing = (missing(g, s) + 999) / 1000,
	                             .start = s->start,
	                             .margin = margin_at(s, now),
	                             .charging = charging_now(&g->advice)};

	learn(g, now);
	task.power = g->pace ? g->pace : most > SLOWEST ? most : SLOWEST;
	g->advice = charging_advice(s->prices, &task);
	g->looked = now;
	g->done = task.missing <= 0;
	g->list = s->prices->slots;
}

/* The clock may have been set, too. */
static bool begin_day(struct charge_goal *g, const struct charge_goal_settings *s, instant now)
{
	if (g->begun && now < g->deadline && g->deadline - now <= LATEST)
		return false;
	g->deadline = zone_next(&s->zone, now, s->until);
	g->taken = 0;
	g->begun = true;
	return true;
}

static bool is_due(const struct charge_goal *g, const struct charge_goal_settings *s, bool done)
{
	return g->now >= g->advice.until || g->list != s->prices->slots || g->now < g->looked ||
	       (g->drawing && g->now - g->looked >= LOOK) || done != g->done;
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

int64_t charge_goal_step(struct charge_goal *g, const struct charge_goal_settings *s, instant now,
                         int64_t elapsed, int64_t power, int64_t most)
{
	int64_t drawn = power * elapsed / 1000, holds, left;
	bool fresh;

	g->taken += drawn;
	g->drawn += drawn;
	g->drawing += power >= DRAWS ? elapsed : 0;
	g->now = now;
	fresh = begin_day(g, s, now);
	left = missing(g, s);
	if (fresh || is_due(g, s, left <= 0))
		look(g, s, now, most);
	holds = g->advice.until - now;
	if (power >= DRAWS)
		holds = earlier(holds, g->looked + LOOK - now);
	if (power > 0 && left > 0)
		holds = earlier(holds, left / power * 1000);
	return holds > 0 ? holds : 0;
}
