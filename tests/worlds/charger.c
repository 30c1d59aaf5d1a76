/* The charger, and the exchanges in which the program reads and writes it. */
#include "worlds.h"

enum {
	DEFAULT_TIMEOUT = 60000,
	BROKEN = 1000, /* ms until a failed exchange ends */
	AGAIN = 900,   /* ms until the same set-point is written again */
};

static int32_t least(int32_t a, int32_t b)
{
	return a < b ? a : b;
}

void plant_start(struct world *w)
{
	w->charger = (struct world_charger){
		.random = random_seed(w->plan.seed ^ UINT64_C(0xC4A26E4)),
		.limit = w->plan.start_limit,
		.timeout = DEFAULT_TIMEOUT,
		.written = CURRENT_NONE,
		.tried = CURRENT_NONE,
		.state = {.link = CHARGER_AWAY,
	                  .car = {CURRENT_NONE, CURRENT_NONE, CURRENT_NONE},
	                  .car_read = CHARGER_NEVER,
	                  .silent_since = CHARGER_NEVER,
	                  .set_point = CURRENT_NONE,
	                  .applied = CURRENT_NONE,
	                  .applied_read = CHARGER_NEVER,
	                  .most = CURRENT_NONE,
	                  .guarded = true},
	};
	car_begin(&w->car, &w->plan, plant_applied(w));
}

int32_t plant_applied(const struct world *w)
{
	return least(w->charger.limit, w->plan.maximum);
}

/* What comes at the start of a fault. */
static void suffer(struct world *w)
{
	struct world_charger *c = &w->charger;
	const struct fault_event *e = world_fault(w, FAULT_master);

	if (e && e->from == w->now) {
		c->limit = e->value;
		c->count = 0;
		world_say(w, "another master writes %d", e->value);
	}
	e = world_fault(w, FAULT_arming);
	if (e && e->from == w->now) {
		c->timeout = 3600000;
		c->fallback = w->plan.maximum;
	}
	e = world_fault(w, FAULT_reboot);
	if (e && e->from == w->now) {
		c->limit = w->plan.maximum;
		c->count = 0;
		c->timeout = DEFAULT_TIMEOUT;
		c->fallback = 0;
		c->alive = w->now;
		world_say(w, "the charger starts anew");
	}
}

void plant_step(struct world *w)
{
	struct world_charger *c = &w->charger;

	suffer(w);
	while (c->count && c->orders[c->head].at <= w->now) {
		c->limit = c->orders[c->head].limit;
		c->head = (c->head + 1) % QUEUE;
		c->count--;
	}
	if (w->now - c->alive > c->timeout && c->limit != c->fallback) {
		world_say(w, "the charger falls back to %d", c->fallback);
		c->before = c->limit;
		c->limit = c->fallback;
		c->count = 0;
	}
	car_step(&w->car, &w->plan, w->now, w->at, plant_applied(w));
}

static bool away(const struct world *w)
{
	const struct fault_event *e = world_fault(w, FAULT_reboot);

	return world_fault(w, FAULT_unreachable) || (e && e->to - e->from > STEP);
}

/* The charger takes a set-point and applies it later, or not. */
static void take(struct world *w, int32_t limit)
{
	struct world_charger *c = &w->charger;
	int last = (c->head + c->count - 1) % QUEUE;

	world_say(w, "          write %d", limit);
	if (world_fault(w, FAULT_ignores) || (c->count && c->orders[last].limit == limit))
		return;
	if (w->plan.apply_after == 0 || c->count == QUEUE) {
		c->limit = limit;
		c->count = 0;
		return;
	}
	c->orders[(c->head + c->count++) % QUEUE] = (struct world_order){
		w->now + w->plan.apply_after, limit};
}

/* What the charger tells of the car on its L1, L2 or L3. */
static int32_t reported(struct world *w, int n)
{
	struct world_charger *c = &w->charger;
	int64_t when = w->now - w->plan.car_late;
	int32_t current = 0;

	if (n < w->plan.car_phases)
		current = when < 0 ? w->plan.car_starts : w->cars[when / STEP];
	if (!world_fault(w, FAULT_car_frozen))
		c->frozen[n] = current;
	if (world_fault(w, FAULT_car_zero))
		return 0;
	return world_has(&w->plan, FAULT_car_x10) ? 10 * current : c->frozen[n];
}

static void look(struct world *w)
{
	struct world_charger *c = &w->charger;
	struct charger_state *s = &c->state;

	s->link = CHARGER_READY;
	s->silent_since = CHARGER_NEVER;
	s->applied = plant_applied(w);
	s->most = w->plan.maximum;
	s->applied_read = ORIGIN + w->now;
	if (world_has(&w->plan, FAULT_car_absent))
		return;
	for (int i = 0; i < BALANCE_PHASES; i++)
		s->car[i] = reported(w, i);
	s->car_read = ORIGIN + w->now;
}

static void fail(struct world *w, bool reached)
{
	struct charger_state *s = &w->charger.state;

	s->reached = reached;

	s->link = CHARGER_AWAY;
	s->set_point = s->applied = CURRENT_NONE;
	s->car_read = s->applied_read = CHARGER_NEVER;
	if (s->silent_since == CHARGER_NEVER)
		s->silent_since = ORIGIN + w->now - BROKEN;
	w->charger.written = CURRENT_NONE;
}

/* Writes what is new at once, and what the charger does not hold about once a second. */
static void steer(struct world *w)
{
	struct world_charger *c = &w->charger;
	int32_t wanted = w->wanted.set_point;
	bool waits = wanted == c->tried && w->now - c->wrote < AGAIN;

	if (wanted == CURRENT_NONE || wanted == c->written || waits)
		return;
	take(w, wanted);
	c->tried = c->written = wanted;
	c->wrote = w->now;
}

/* As control/charger_exchange.c: the look sees what the write did. */
static void exchange(struct world *w)
{
	struct world_charger *c = &w->charger;

	if (w->wanted.fallback != CURRENT_NONE) {
		c->fallback = w->wanted.fallback;
		c->timeout = w->plan.options.charger_timeout;
	}
	steer(w);
	look(w);
	if (c->state.applied != least(c->written, w->plan.maximum))
		c->written = CURRENT_NONE;
	steer(w);
	c->state.set_point = c->written;
}

/* A charger that ignores set-points may forget its fallback as soon as it is asked again. */
static void come_back(struct world *w)
{
	struct world_charger *c = &w->charger;
	const struct fault_event *e = world_fault(w, FAULT_ignores);

	if (e && e->value && w->now - c->alive > c->timeout && c->before)
		c->limit = c->before;
}

static void finish(struct world *w)
{
	struct world_charger *c = &w->charger;

	c->busy = false;
	if (w->now < c->quiet)
		return;
	if (away(w)) {
		fail(w, false);
	} else if (world_fault(w, FAULT_refuses)) {
		c->alive = w->now;
		fail(w, true);
	} else {
		come_back(w);
		c->alive = w->now;
		exchange(w);
	}
	if (c->again)
		exchange_begin(w);
}

void exchange_begin(struct world *w)
{
	struct world_charger *c = &w->charger;
	int32_t takes = random_between(&c->random, (int32_t)w->plan.exchange_least,
	                               (int32_t)w->plan.exchange_most);

	c->again = c->busy;
	if (c->busy || w->now < c->quiet)
		return;
	c->busy = true;
	c->due = w->now + (away(w) ? BROKEN : takes);
}

void exchange_silence(struct world *w, int64_t ms)
{
	struct charger_state *s = &w->charger.state;

	world_say(w, "          nothing is sent for %.0f s", (double)ms / 1e3);
	fail(w, false);
	s->silent_since = ORIGIN + w->now;
	w->charger.quiet = w->now + ms;
	w->charger.again = false;
}

void exchange_step(struct world *w)
{
	struct world_charger *c = &w->charger;

	if (c->busy && w->now >= c->due && !world_fault(w, FAULT_stopped))
		finish(w);
}
