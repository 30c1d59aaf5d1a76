#include "balance/garage.h"

/* mJ that the drive before second `day` needs: the part of the day's that its length has. */
static int64_t needed(const struct car_settings *c, int32_t day)
{
	int64_t energy = (int64_t)c->daily * 3600000;
	int32_t outside = hours_outside(&c->home);

	return outside ? energy / outside * hours_gap(&c->home, day) +
	                         energy % outside * hours_gap(&c->home, day) / outside
	               : 0;
}

static void drive(struct garage *g, struct garage_car *p, const struct car_settings *c, int32_t day)
{
	int64_t wanted = needed(c, day), held = car_charge(c, p->content), taken;

	if (!c->battery || wanted == 0)
		return;
	held = held > 0 ? held : 0;
	taken = wanted < held ? wanted : held;
	p->content -= taken;
	p->driven += taken;
	p->missed += wanted - taken;
	g->driven += taken;
	g->missed += wanted - taken;
}

static void leave(struct garage *g, int i, struct car *car)
{
	struct garage_car *p = &g->cars[i];

	p->home = false;
	if (g->free || g->at != i)
		return;
	p->content = car->content;
	car_unplug(car);
	g->free = true;
}

/* How full the battery of a car is, in millionths; without a battery: empty. */
static int64_t fullness(const struct garage_car *p, const struct car_settings *c)
{
	return c->battery ? car_charge(c, p->content) / ((int64_t)c->battery * 3600) : 0;
}

/* The car that is plugged in next, or -1. */
static int next_car(const struct garage *g, const struct car_settings *settings)
{
	int next = -1;

	for (int i = 0; i < g->count; i++) {
		const struct garage_car *p = &g->cars[i], *best = next < 0 ? p : &g->cars[next];

		if (!p->home)
			continue;
		if (next < 0 || p->since < best->since ||
		    (p->since == best->since &&
		     fullness(p, &settings[i]) < fullness(best, &settings[next])))
			next = i;
	}
	return next;
}

static void plug_next(struct garage *g, const struct car_settings *settings, struct car *car)
{
	int next = next_car(g, settings);

	if (next < 0)
		return;
	g->at = next;
	g->free = false;
	car_plug(car, g->cars[next].content);
}

void garage_turn(struct garage *g, const struct car_settings *settings, struct car *car,
                 int64_t now, int32_t day)
{
	g->change = GARAGE_NEVER;
	for (int i = 0; i < g->count; i++) {
		struct garage_car *p = &g->cars[i];
		int32_t lasts;
		bool home = hours_within(&settings[i].home, day, &lasts);

		if (p->home && !home)
			leave(g, i, car);
		if (!p->home && home) {
			drive(g, p, &settings[i], day);
			p->home = true;
			p->since = now;
		}
		if (lasts != INT32_MAX && now + lasts < g->change)
			g->change = now + lasts;
	}
	if (g->free)
		plug_next(g, settings, car);
}

void garage_start(struct garage *g, const struct car_settings *settings, int count, struct car *car,
                  int64_t now, int32_t day)
{
	*g = (struct garage){.count = count, .free = true};
	car_start(car);
	for (int i = 0; i < count; i++) {
		int32_t lasts;

		g->cars[i].home = hours_within(&settings[i].home, day, &lasts);
		g->cars[i].since = now;
	}
	garage_turn(g, settings, car, now, day);
}
