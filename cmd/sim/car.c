#include "cmd/sim/car.h"

#include "device/registers.h"

enum { LONGEST = 3600 }; /* s of sleep that are lived through one by one */

static void show(struct simulated *s, const char *name, int64_t value, int exponent)
{
	const struct device_register *row = device_row(s->device, name);
	uint16_t words[REGISTER_WORDS];

	if (!row || register_encode(row, decimal_i64(value, exponent), words))
		return;
	for (unsigned i = 0; i < row->count; i++)
		image_put(&s->image, s->device->unit, row->address + i, words[i]);
}

static int32_t applied(const struct simulated *s)
{
	const struct device_register *row = device_row(s->device, "charging_current_limit");
	uint16_t high = 0, low = 0;

	if (row) {
		image_get(&s->image, s->device->unit, row->address, &high);
		image_get(&s->image, s->device->unit, row->address + 1u, &low);
	}
	return (int32_t)((uint32_t)high << 16 | low);
}

/* Byte 1: state, and in bit 7 whether the car draws less than it was allowed. */
static void show_state(const struct sim_car *c, struct simulated *s, int32_t limit)
{
	enum { READY = 2, PAUSED = 3, CHARGING = 4 };
	const struct device_register *row = device_row(s->device, "charging_state");
	int state = c->car.current > 0 ? CHARGING : limit < c->settings.least ? PAUSED : READY;

	if (!row)
		return;
	image_put(&s->image, s->device->unit, row->address, 0);
	image_put(&s->image, s->device->unit, row->address + 1u,
	          (uint16_t)(state << 8 | (c->car.current < limit ? 0x8000 : 0)));
}

static void show_all(const struct sim_car *c, struct simulated *s)
{
	static const char *const currents[] = {"current_l1", "current_l2", "current_l3"};
	int64_t total = 0;

	for (int i = 0; i < BALANCE_PHASES; i++) {
		int32_t current = car_phase(&c->car, &c->settings, i);

		show(s, currents[i], current, -3);
		total += current;
	}
	show(s, "power_import", total * CAR_VOLTAGE / 1000, 0);
	show(s, "session_energy", c->car.energy / 3600000, 0);
	show_state(c, s, applied(s));
}

void sim_car_live(struct sim_car *c, struct simulated *s, instant now)
{
	if (!c->now || now < c->now || now - c->now > (instant)LONGEST * 1000)
		c->now = now - 1000;
	for (; now - c->now >= 1000; c->now += 1000) {
		simulated_request(s, s->device->unit, s->device->function, 0, 0, NULL, c->now);
		car_tick(&c->car, &c->settings, applied(s));
	}
	show_all(c, s);
}
