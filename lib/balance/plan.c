#include "balance/plan.h"

#include <stdio.h>

enum {
	VOLTAGE = 230,
	SECOND = 1000,
	GAP = 10000, /* ms: after a longer one nobody knows what the car drew */
};

void plan_start(struct balance_plan *p, const struct plan_settings *settings)
{
	*p = (struct balance_plan){.settings = settings,
	                           .now = INT64_MIN,
	                           .clock = INSTANT_NONE,
	                           .holds = INT64_MAX,
	                           .limit = CURRENT_NONE};
	charge_goal_start(&p->goal);
}

/* The least of both; remembers why. */
static void bound(struct balance_plan *p, int32_t limit, const char *why, instant until)
{
	struct stamp s = zone_stamp(&p->settings->goal.zone, until);

	if (limit == CURRENT_NONE || (p->limit != CURRENT_NONE && p->limit <= limit))
		return;
	p->limit = limit;
	snprintf(p->reason, sizeof p->reason, "%s until %02u:%02u", why, s.hour, s.minute);
}

static void follow_table(struct balance_plan *p, instant clock)
{
	const struct plan_settings *s = p->settings;
	instant until;
	int32_t limit;

	if (!s->table)
		return;
	limit = timetable_at(s->table, &s->goal.zone, clock, &until);
	bound(p, limit, "limited by the plan", until);
	p->holds = until - clock < p->holds ? until - clock : p->holds;
}

static void follow_prices(struct balance_plan *p, instant clock, int64_t elapsed)
{
	const struct plan_settings *s = p->settings;
	int64_t holds;

	if (!s->by_price)
		return;
	holds = charge_goal_step(&p->goal, &s->goal, clock, elapsed, p->power, p->most);
	p->holds = holds < p->holds ? holds : p->holds;
	if (charging_now(&p->goal.advice))
		return;
	bound(p, 0,
	      p->goal.advice.why == CHARGING_DONE ? "charged as planned: paused"
	                                          : "waiting for cheaper hours",
	      p->goal.advice.until);
}

int32_t plan_step(struct balance_plan *p, int64_t now, instant clock, int64_t car, int64_t most)
{
	int64_t elapsed = p->now == INT64_MIN || now < p->now ? 0 : now - p->now;

	p->now = now;
	p->clock = clock;
	p->limit = CURRENT_NONE;
	p->holds = INT64_MAX;
	p->reason[0] = '\0';
	p->power = car * VOLTAGE;
	p->most = most;
	if (!p->settings || clock == INSTANT_NONE || clock < PLAN_CLOCK_LEAST)
		return p->limit;
	follow_table(p, clock);
	follow_prices(p, clock, elapsed < GAP ? elapsed : GAP);
	return p->limit;
}

int64_t plan_unchanged(const struct balance_plan *p)
{
	if (p->holds == INT64_MAX)
		return INT64_MAX;
	return p->holds > SECOND ? (p->holds - 1) / SECOND : 0;
}

void plan_hold(struct balance_plan *p, int64_t seconds)
{
	p->now += seconds * SECOND;
	if (p->holds == INT64_MAX)
		return;
	p->clock += seconds * SECOND;
	p->holds -= seconds * SECOND;
	if (p->settings->by_price)
		charge_goal_step(&p->goal, &p->settings->goal, p->clock, seconds * SECOND, p->power,
		                 p->most);
}
