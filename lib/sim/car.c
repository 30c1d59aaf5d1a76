#include "sim/car.h"

#include <time.h>

#include "device/registers.h"

enum { LONGEST = 3600 }; /* s without a call that are simulated one by one */

static void show(struct sim_device *s, enum register_role role, int64_t value, int exponent)
{
	const struct device_register *row = device_role(s->device, role, ACCESS_R);
	struct decimal d = decimal_i64(value, exponent);
	int64_t n;

	if (row && row->type < REGISTER_F32) { /* in the steps of the row */
		if (decimal_scaled(d, row->scale, &n))
			return;
		d = decimal_i64(n, row->scale);
	}
	if (row)
		sim_device_show(s, row, 1, d);
}

static void show_state(const struct sim_car *c, struct sim_device *s, int32_t offer)
{
	const struct charger_facts *facts = &s->device->charger;
	const struct device_register *row = device_role(s->device, ROLE_STATE, ACCESS_R);
	const char *state = c->garage.free              ? facts->states.empty
	                    : c->car.current > 0        ? facts->states.charging
	                    : offer < c->settings.least ? facts->states.paused
	                                                : facts->states.ready;

	if (row && state)
		sim_device_set(s, row, 1, state);
	show(s, ROLE_BELOW_LIMIT, c->car.current < offer, 0);
}

static void show_all(const struct sim_car *c, struct sim_device *s)
{
	static const enum register_role roles[] = {ROLE_CURRENT_L1, ROLE_CURRENT_L2,
	                                           ROLE_CURRENT_L3};
	int64_t total = 0;

	for (int i = 0; i < BALANCE_PHASES; i++) {
		int32_t current = car_phase(&c->car, &c->settings, i);

		show(s, roles[i], current, -3);
		total += current;
	}
	show(s, ROLE_POWER, total * CAR_VOLTAGE / 1000, 0);
	show(s, ROLE_ENERGY, c->car.energy / 3600000, 0);
	show_state(c, s, sim_device_offer(s));
}

/* Comes and goes; the hour is looked up when that is due only. */
static void turn(struct sim_car *c)
{
	int64_t now = c->now / 1000;
	time_t seconds = (time_t)now;
	struct tm local;
	int32_t day = 0;

	if (c->garage.count && now < c->garage.change)
		return;
	if (localtime_r(&seconds, &local))
		day = ((local.tm_hour * 60 + local.tm_min) * 60 + local.tm_sec) % HOURS_DAY;
	if (!c->garage.count)
		garage_start(&c->garage, &c->settings, 1, &c->car, now, day);
	else
		garage_turn(&c->garage, &c->settings, &c->car, now, day);
}

void sim_car_live(struct sim_car *c, struct sim_device *s, instant now)
{
	if (!c->now || now < c->now || now - c->now > (instant)LONGEST * 1000)
		c->now = now - 1000;
	for (; now - c->now >= 1000; c->now += 1000) {
		turn(c);
		sim_device_pass(s, c->now);
		if (!c->garage.free)
			car_tick(&c->car, &c->settings, sim_device_offer(s));
	}
	show_all(c, s);
}
