/* Arms a charger: the time-out and the fallback that protect the fuse when nobody steers it. */
#include <stdio.h>

#include "base/error.h"
#include "base/news.h"
#include "base/text.h"
#include "control/charger_access.h"
#include "control/charger_exchange.h"
#include "frame/adu.h"

/* The value that arming writes to the row of a role; false when the charger has no such row. */
static bool setting_of(const struct charger *c, enum register_role role, int32_t fallback,
                       const struct device_register **row, struct decimal *value)
{
	*row = device_role(c->device, role, ACCESS_W);
	if (!*row)
		return false;
	if (role == ROLE_WATCHDOG_TIMEOUT)
		*value = decimal_u64(c->options.timeout, 0);
	else if (role == ROLE_FALLBACK_CURRENT)
		*value = charger_value(*row, fallback);
	else
		return false;
	return true;
}

/* A charger with a configured fallback must have a safe current, and one that the fuse bears. */
static int check_safe(struct charger *c)
{
	const struct device_register *row = device_role(c->device, ROLE_FALLBACK_CURRENT, ACCESS_R);
	int32_t safe = charger_amount(c, row);

	if (!row || c->options.safe_checked)
		return 0;
	if (safe == CURRENT_NONE) {
		snprintf(
			c->message, sizeof c->message,
			"the charger has no safe current configured; set it in the charger's service "
			"software, or give --safe-current-checked");
		return EM_UNSUPPORTED;
	}
	if (!c->options.fuse || safe <= c->options.fuse)
		return 0;
	snprintf(
		c->message, sizeof c->message,
		"its safe current, which holds when nobody steers it, is %g A, above the fuse of %g "
		"A; lower it in the charger's service software, or give --safe-current-checked if "
		"the fuse bears it",
		safe / 1000.0, c->options.fuse / 1000.0);
	c->unsafe = !c->proven;
	if (!c->unsafe && !c->unsafe_said) /* steering protects the fuse better than giving up */
		news(NEWS_WARNING, "%s: %s", modbus_client_name(c->client), c->message);
	c->unsafe_said = true;
	return c->unsafe ? EM_UNSUPPORTED : 0;
}

static int arm_role(struct charger *c, enum register_role role)
{
	const struct device_register *row;
	struct decimal value;

	if (setting_of(c, role, c->order_fallback, &row, &value))
		return c->options.dry ? 0 : charger_write_checked(c, row, value);
	return role == ROLE_FALLBACK_CURRENT ? check_safe(c) : 0;
}

static int arm(struct charger *c)
{
	const struct charger_facts *facts = &c->device->charger;
	int error = c->options.dry ? 0 : charger_write_fact(c, facts->control);

	for (const enum register_role *role = facts->arm; role && *role && !error; role++)
		error = arm_role(c, *role);
	if (!error && !facts->falls_back && !c->options.dry) {
		snprintf(c->message, sizeof c->message, "it does not fall back by itself");
		error = EM_UNSUPPORTED;
	}
	return error;
}

bool charger_refuses(const struct charger *c, int error)
{
	if (error == EM_EXCEPTION &&
	    adu_exception_passes((unsigned)modbus_client_exception(c->client)))
		return false;
	return (error == EM_EXCEPTION || error == EM_UNSUPPORTED) && !c->proven;
}

/* Reads what a new connection does and can, before anything is written to it. */
static int survey(struct charger *c)
{
	for (size_t i = 0; i < CHARGER_ROWS; i++)
		c->refused[i] = false;
	c->apart = false;
	c->most = CURRENT_NONE;
	c->written = c->tried = CURRENT_NONE;
	c->session = SESSION_UNKNOWN;
	charger_watch_start(&c->watch);
	return charger_look(c, true);
}

/* "time-out 60 s, fallback 6 A", or what the charger has instead. */
static void describe(struct charger *c)
{
	const struct device_register *row = device_role(c->device, ROLE_FALLBACK_CURRENT, ACCESS_R);
	int32_t safe = charger_amount(c, row);
	struct text out = {0};

	charger_tell_settings(c, &out, false);
	if (!out.length && row && safe != CURRENT_NONE)
		text_printf(&out, "its safe current is %g A, ", safe / 1000.0);
	snprintf(c->arming, sizeof c->arming, "%.*s", out.length > 2 ? (int)out.length - 2 : 0,
	         text_string(&out));
	text_free(&out);
}

int charger_make_safe(struct charger *c)
{
	unsigned connection;
	int error = modbus_client_connect(c->client);

	if (error)
		return error;
	connection = modbus_client_counts(c->client).connects;
	if (c->armed == connection && c->armed_fallback == c->order_fallback)
		return 0;
	*c->message = '\0';
	if (c->armed != connection)
		error = survey(c);
	c->armed = 0;
	if (error)
		return error;
	charger_keep_before(c);
	error = arm(c);
	if (error && (c->unsafe || !(c->options.unarmed && charger_refuses(c, error))))
		return error;
	c->guarded = !error && !c->options.dry;
	c->fed = c->device->charger.feed == FEED_TIMEOUT ? charger_clock() : 0;
	c->proven = c->proven || !error;
	c->armed = connection;
	c->armed_fallback = c->order_fallback;
	describe(c);
	return 0;
}

/* Whether the last look has another value for a setting than the one that was armed. */
static bool differs(const struct charger *c, enum register_role role,
                    const struct device_register **row, struct decimal *value, struct decimal *got)
{
	return setting_of(c, role, c->armed_fallback, row, value) &&
	       charger_number(c, charger_mirror(c, *row), got) && decimal_compare(*got, *value);
}

bool charger_disarmed(const struct charger *c)
{
	const enum register_role *role = c->guarded ? c->device->charger.arm : NULL;
	const struct device_register *row;
	struct decimal value, got;

	for (; role && *role; role++)
		if (differs(c, *role, &row, &value, &got))
			return true;
	return false;
}

int charger_rearm(struct charger *c)
{
	const enum register_role *role = c->device->charger.arm;
	const struct device_register *row;
	struct decimal value, got;
	int error = 0;

	for (; role && *role && !error; role++)
		if (differs(c, *role, &row, &value, &got))
			error = charger_write_checked(c, row, value);
	return error;
}

static void add(struct text *out, struct decimal value, const struct device_register *row)
{
	text_decimal(out, value);
	if (row->unit)
		text_printf(out, " %s", row->unit);
}

void charger_tell_settings(const struct charger *c, struct text *out, bool only_differing)
{
	const enum register_role *role = c->device->charger.arm;
	const struct device_register *row;
	struct decimal value, got;

	for (; role && *role; role++) {
		if (!setting_of(c, *role, c->armed_fallback, &row, &value) ||
		    (only_differing && !differs(c, *role, &row, &value, &got)))
			continue;
		text_puts(out, *role == ROLE_WATCHDOG_TIMEOUT ? "time-out " : "fallback ");
		if (only_differing) {
			add(out, got, row);
			text_puts(out, " instead of ");
		}
		add(out, value, row);
		text_puts(out, ", ");
	}
}
