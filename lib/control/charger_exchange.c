/* An exchange with a charger: arm, steer, look, judge, feed. */
#include "control/charger_exchange.h"

#include <stdio.h>

#include "base/error.h"
#include "control/charger_access.h"
#include "device/registers.h"

enum { AGAIN = 900 }; /* ms until the same set-point is written again */

/* Sets the time of the next write of an expiring set-point, if the charger tells its validity. */
static int plan_refresh(struct charger *c, const struct register_steering *s)
{
	const struct device_register *row = s->expires && s->validity
	                                            ? device_row(c->device, s->validity)
	                                            : NULL;
	struct decimal left;
	int64_t seconds = 0;
	int error;

	if (!row)
		return 0;
	error = charger_read_row(c, row);
	if (!error && charger_number(c, row, &left) && decimal_scaled(left, 0, &seconds))
		seconds = 0;
	c->refresh = charger_clock() + charger_refresh_after(seconds);
	return error;
}

/* The set-point that the charger gets: never above its own maximum. */
static int32_t capped(const struct charger *c)
{
	return c->most != CURRENT_NONE && c->most < c->order ? c->most : c->order;
}

/* The set-point as the register holds it, mA. */
static int32_t held(const struct device_register *row, int32_t current)
{
	int64_t amount;

	return decimal_scaled(charger_value(row, current), -3, &amount) ? current : (int32_t)amount;
}

static int write_set_point(struct charger *c)
{
	const struct device_register *row = device_role(c->device, ROLE_SETPOINT, ACCESS_W);
	int error;

	c->written = CURRENT_NONE;
	c->wrote = charger_clock();
	c->ceiling = c->order > c->ceiling ? c->order : c->ceiling;
	error = charger_write_value(c, row, charger_value(row, capped(c)));
	if (error)
		return error;
	c->written = c->order;
	charger_watch_told(&c->watch, (int64_t)c->wrote, held(row, capped(c)), false);
	if (c->device->charger.feed == FEED_SETPOINT)
		c->fed = c->wrote;
	return plan_refresh(c, row->steering);
}

static int pause_session(struct charger *c)
{
	int error = 0;

	c->written = CURRENT_NONE;
	c->wrote = charger_clock();
	if (c->session != SESSION_PAUSED || charger_hungry(c, c->wrote))
		error = charger_write_fact(c, c->device->charger.pause);
	if (error)
		return error;
	charger_watch_told(&c->watch, (int64_t)c->wrote, 0, true);
	c->session = SESSION_PAUSED;
	c->written = c->order;
	return 0;
}

/* Writes the set-point first: a resumed car must not get an old one. */
static int resume_session(struct charger *c)
{
	uint64_t now = charger_clock();
	bool again = charger_stale(c, now) ||
	             (c->device->charger.feed == FEED_SETPOINT && charger_hungry(c, now));
	int error = 0;

	if (c->order != c->written || again)
		error = write_set_point(c);
	if (!error && c->session != SESSION_RESUMED)
		error = charger_write_fact(c, c->device->charger.resume);
	if (!error)
		c->session = SESSION_RESUMED;
	return error;
}

int charger_steer(struct charger *c)
{
	return charger_pauses(c->device, c->order) ? pause_session(c) : resume_session(c);
}

/* Writes what is new at once, and what the charger does not hold about once a second. */
static int steer(struct charger *c)
{
	bool waits = c->order == c->tried && c->order != c->written &&
	             charger_clock() - c->wrote < AGAIN;

	if (c->order == CURRENT_NONE || waits)
		return 0;
	c->tried = c->order;
	if (c->options.dry)
		c->would = held(device_role(c->device, ROLE_SETPOINT, ACCESS_W), capped(c));
	return c->options.dry ? 0 : charger_steer(c);
}

static int feed(struct charger *c)
{
	const struct charger_facts *facts = &c->device->charger;
	const struct device_register *row;
	int error = 0;

	if (!charger_hungry(c, charger_clock()))
		return 0;
	if (facts->feed == FEED_TIMEOUT) {
		row = device_role(c->device, ROLE_WATCHDOG_TIMEOUT, ACCESS_W);
		error = row ? charger_write_value(c, row, decimal_u64(c->options.timeout, 0)) : 0;
	} else if (facts->feed == FEED_LIFE_SIGN) {
		error = charger_write_fact(c, (struct charger_write){ROLE_LIFE_SIGN, facts->life});
	} else {
		return 0; /* steer() writes the set-point, if there is one */
	}
	c->fed = charger_clock();
	return error;
}

bool charger_hungry(const struct charger *c, uint64_t now)
{
	return c->guarded && c->device->charger.feed != FEED_READ && !charger_expires(c->device) &&
	       now - c->fed >= charger_feed_after(c->options.timeout);
}

bool charger_stale(const struct charger *c, uint64_t now)
{
	return charger_expires(c->device) && now >= c->refresh;
}

/* A new set-point goes before the look, so that it is never late, and the look sees its effect. */
static int exchange(struct charger *c)
{
	int error = charger_make_safe(c);

	if (!error)
		error = steer(c);
	if (!error)
		error = charger_look(c, false);
	if (!error)
		error = charger_judge(c);
	if (!error && c->order != c->written)
		error = steer(c);
	return error ? error : feed(c);
}

/*
 * A charger that hears and is not heard counts each question as a sign of life, and never falls
 * back. So it is told the limit, unless that may be higher than what it was told before: a car that
 * nobody observes gets less, never more.
 */
static void steer_blindly(struct charger *c)
{
	if (!c->proven || c->options.dry || c->order == CURRENT_NONE || c->order > c->ceiling)
		return;
	if (!*c->message)
		snprintf(c->message, sizeof c->message, "%s", modbus_client_message(c->client));
	c->session = SESSION_UNKNOWN;
	if (!modbus_client_connect(c->client))
		charger_steer(c);
	c->ceiling = c->order;
}

int charger_exchange(struct charger *c)
{
	int error = exchange(c);

	if (error) {
		if (error != EM_UNREACHABLE)
			steer_blindly(c);
		c->armed = 0;
		c->written = CURRENT_NONE;
	} else if (c->order == c->written) {
		c->ceiling = c->order;
	}
	return error;
}
