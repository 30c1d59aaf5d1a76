#include "control/controller.h"

#include <string.h>

void controller_start(struct controller *c, const struct controller_options *options)
{
	int64_t tick = options->tick > 1000 ? options->tick : 1000;

	freshness_start(&c->meter);
	c->wanted = (struct controller_wanted){CURRENT_NONE, CURRENT_NONE};
	c->car_patience = 3 * tick;
	c->charger_timeout = options->charger_timeout;
	c->missing = -1;
	c->frozen = c->told = c->known = false;
	balancer_start(&c->balancer, options->algorithm, &options->settings, &options->fuse, false);
}

static unsigned judge_clock(struct controller *c, int64_t now, instant clock)
{
	bool before = c->frozen;

	c->frozen = freshness_frozen(&c->meter, now, clock);
	return c->frozen == before ? 0 : c->frozen ? CONTROLLER_FROZEN : CONTROLLER_MOVES;
}

static unsigned judge_phases(struct controller *c, const int32_t *currents)
{
	bool before = c->missing >= 0;

	c->missing = freshness_missing(&c->meter, currents, c->balancer.settings.phases);
	return (c->missing >= 0) == before ? 0 : before ? CONTROLLER_WHOLE : CONTROLLER_PARTIAL;
}

unsigned controller_telegram(struct controller *c, int64_t now,
                             const int32_t currents[BALANCE_PHASES], instant clock)
{
	unsigned events = judge_clock(c, now, clock);

	if (!c->frozen)
		events |= judge_phases(c, currents);
	if (c->frozen || c->missing >= 0)
		return events;
	memcpy(c->currents, currents, sizeof c->currents);
	for (int i = 0; i < BALANCE_PHASES; i++)
		c->told = c->told || currents[i] != CURRENT_NONE;
	c->known = c->known || c->told;
	return events;
}

/* The car's currents: measured, 0 when the charger has stopped by itself, NULL when not known. */
static const int32_t *car_currents(const struct controller *c, int64_t now,
                                   const struct charger_state *charger)
{
	static const int32_t nothing[BALANCE_PHASES];
	const int32_t *measured = freshness_car(charger, now, c->car_patience);

	return measured                                           ? measured
	       : freshness_lost(charger, now, c->charger_timeout) ? nothing
	                                                          : NULL;
}

/* Before the first telegram it leaves the charger alone until the fallback is due. */
static int32_t set_point(const struct controller *c)
{
	const struct balancer *b = &c->balancer;

	return !c->known && balancer_age(b) < b->settings.fallback_wait ? CURRENT_NONE : b->limit;
}

struct controller_wanted controller_step(struct controller *c, int64_t now,
                                         const struct charger_state *charger)
{
	const struct balance_settings *s = &c->balancer.settings;

	balancer_tick(&c->balancer, c->told ? c->currents : NULL, car_currents(c, now, charger));
	c->told = false;
	c->wanted.set_point = set_point(c);
	c->wanted.fallback = s->fallback_limit < s->max_current ? s->fallback_limit
	                                                        : s->max_current;
	return c->wanted;
}

bool controller_differs(const struct controller *c, const struct charger_state *charger)
{
	return charger->link == CHARGER_READY && c->wanted.set_point != CURRENT_NONE &&
	       c->wanted.set_point != charger->set_point;
}
