/* Reads what a charger does, and compares it with what it was told. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/news.h"
#include "base/text.h"
#include "control/charger_access.h"
#include "control/charger_exchange.h"
#include "device/plan.h"
#include "frame/adu.h"

static const struct device_register *current_row(const struct charger *c, int phase)
{
	static const enum register_role roles[] = {ROLE_CURRENT_L1, ROLE_CURRENT_L2,
	                                           ROLE_CURRENT_L3};

	return device_role(c->device, roles[phase], ACCESS_R);
}

static const struct device_register *role_back(const struct charger *c, enum register_role role)
{
	const struct device_register *row = device_role(c->device, role, ACCESS_W);

	return row ? charger_mirror(c, row) : device_role(c->device, role, ACCESS_R);
}

static void want(const struct charger *c, bool *wanted, const struct device_register *row)
{
	if (row)
		wanted[row - c->device->rows] = !c->refused[row - c->device->rows];
}

static void choose(const struct charger *c, bool *wanted, bool everything)
{
	for (int i = 0; i < BALANCE_PHASES; i++)
		want(c, wanted, current_row(c, i));
	want(c, wanted, device_role(c->device, ROLE_LIMIT_IN_FORCE, ACCESS_R));
	want(c, wanted, role_back(c, ROLE_SETPOINT));
	want(c, wanted, role_back(c, ROLE_WATCHDOG_TIMEOUT));
	want(c, wanted, role_back(c, ROLE_FALLBACK_CURRENT));
	if (everything)
		want(c, wanted, device_role(c->device, ROLE_MAX_CURRENT, ACCESS_R));
}

/* The rows of a block are not asked for again on this connection. */
static void refuse(struct charger *c, const bool *wanted, const struct device_block *b)
{
	for (size_t i = 0; i < c->device->count; i++) {
		const struct device_register *row = &c->device->rows[i];

		if (wanted[i] && row->place == b->place &&
		    device_reads(c->device, row) == b->function && row->address >= b->address &&
		    row->address < b->address + b->count)
			c->refused[i] = true;
	}
}

static int read_planned(struct charger *c, const struct device_block *b)
{
	return charger_read_block(c, b->place == PLACE_SOCKET ? CHARGER_SOCKET : c->device->unit,
	                          b->function, b->address, b->count);
}

/*
 * Reads with as few requests as the device permits. When it refuses a read that spans several rows,
 * each row is read alone from then on, so that one missing row does not hide the others.
 */
static int read_rows(struct charger *c, const bool *wanted)
{
	struct device alone = *c->device;
	struct device_block blocks[PLAN_LIMIT];
	size_t count, good = 0;
	int error = 0;

	alone.single = alone.single || c->apart;
	count = device_plan(&alone, wanted, blocks);
	for (size_t i = 0; i < count && !error; i++) {
		error = read_planned(c, &blocks[i]);
		good += !error;
		if (error != EM_EXCEPTION ||
		    adu_exception_passes((unsigned)modbus_client_exception(c->client)))
			continue;
		if (!alone.single) {
			c->apart = true;
			return read_rows(c, wanted);
		}
		refuse(c, wanted, &blocks[i]);
		error = i + 1 < count || good ? 0 : error;
	}
	return error;
}

/* A limit or set-point in mA; what no set-point of this device can be is not known, and said. */
static int32_t limit_of(struct charger *c, const struct device_register *row)
{
	double most = device_role(c->device, ROLE_SETPOINT, ACCESS_W)->steering->max, amperes;

	if (!charger_amperes(c, row, &amperes))
		return CURRENT_NONE;
	if (amperes >= 0 && amperes <= most)
		return charger_amount(c, row);
	if (!c->strange_said)
		news(NEWS_WARNING,
		     "%s: the charger tells %s=%g A, which is outside 0..%g A: taken as not known",
		     modbus_client_name(c->client), row->name, amperes, most);
	c->strange_said = true;
	return CURRENT_NONE;
}

static void keep_currents(struct charger *c)
{
	bool known = true;

	for (int i = 0; i < BALANCE_PHASES; i++) {
		c->car[i] = charger_amount(c, current_row(c, i));
		known = known && c->car[i] != CURRENT_NONE;
	}
	c->looked = charger_clock();
	c->measured = known ? c->looked : 0;
	if (known || c->no_currents_said || !c->measure)
		return;
	c->no_currents_said = true;
	news(NEWS_WARNING,
	     "%s: the charger does not tell the car's currents on all phases: they count as not known",
	     modbus_client_name(c->client));
}

int charger_look(struct charger *c, bool everything)
{
	bool wanted[CHARGER_ROWS] = {false};
	int error;

	c->image.count = 0; /* what is not read now is not known */
	choose(c, wanted, everything);
	error = read_rows(c, wanted);
	if (error)
		return error;
	if (everything) {
		c->most = charger_amount(c, device_role(c->device, ROLE_MAX_CURRENT, ACCESS_R));
		if (c->most <= 0) /* some firmware tells 0 while no car is connected */
			c->most = CURRENT_NONE;
	}
	c->limit = limit_of(c, device_role(c->device, ROLE_LIMIT_IN_FORCE, ACCESS_R));
	keep_currents(c);
	return 0;
}

int32_t charger_car(const struct charger *c)
{
	int32_t highest = CURRENT_NONE;

	for (int i = 0; i < BALANCE_PHASES; i++)
		highest = c->car[i] > highest ? c->car[i] : highest;
	return highest;
}

/* ", which shows 32 A instead of 9.5 A" */
static void tell_current(struct text *out, const char *what, int32_t got, int32_t told)
{
	text_printf(out, "%s %g A instead of %g A, ", what, got / 1000.0, told / 1000.0);
}

static void tell_set_point(const struct charger *c, const struct watch_reading *seen,
                           struct text *out)
{
	int32_t told = c->watch.told;

	if (told == CURRENT_NONE)
		return;
	if (c->watch.paused)
		text_puts(out, "the car charges in spite of a pause, ");
	else if (seen->set_point != CURRENT_NONE && seen->set_point != told)
		tell_current(out, "set-point", seen->set_point, told);
	else if (seen->limit != CURRENT_NONE && seen->limit > told + WATCH_TOLERANCE)
		tell_current(out, "limit", seen->limit, told);
}

static void tell_quarrel(const struct charger *c, const struct watch_reading *seen, unsigned events)
{
	const char *name = modbus_client_name(c->client);
	struct text what = {0};

	tell_set_point(c, seen, &what);
	if (events & WATCH_CHANGED) {
		charger_tell_settings(c, &what, true);
		news(NEWS_WARNING,
		     "%s: the charger was changed: %sso somebody else writes to it, or it started "
		     "anew; written again. Let only one program or app steer it",
		     name, text_string(&what));
	}
	if (events & WATCH_DEAF)
		news(NEWS_WARNING,
		     "%s: the charger does not apply what it was told: %swritten again and again. "
		     "See in its app or web page whether Modbus may control it",
		     name, text_string(&what));
	text_free(&what);
}

static void tell(const struct charger *c, const struct watch_reading *seen, unsigned events)
{
	const char *name = modbus_client_name(c->client);

	if (events & (WATCH_CHANGED | WATCH_DEAF))
		tell_quarrel(c, seen, events);
	if (events & WATCH_WELL)
		news(NEWS_WARNING, "%s: the charger holds what it was told again", name);
	if (events & WATCH_GREEDY)
		news(NEWS_WARNING,
		     "%s: the car draws %g A, more than its limit of %g A, for %d s; if that goes on, "
		     "stop the session at the charger, and check what the charger measures",
		     name, seen->car / 1000.0,
		     (seen->limit != CURRENT_NONE ? seen->limit : c->watch.told) / 1000.0,
		     WATCH_CAR / 1000);
}

int charger_judge(struct charger *c)
{
	struct watch_reading seen = {.set_point = limit_of(c, role_back(c, ROLE_SETPOINT)),
	                             .limit = c->limit,
	                             .most = c->most,
	                             .car = charger_car(c)};
	bool disarmed = charger_disarmed(c);
	unsigned events;

	if (c->options.dry)
		return 0;
	events = charger_watch_look(&c->watch, (int64_t)c->looked, &seen, disarmed);
	tell(c, &seen, events);
	if (events & WATCH_AGAIN) {
		c->written = CURRENT_NONE;
		c->session = SESSION_UNKNOWN;
	}
	if (c->session == SESSION_PAUSED) /* the register of the limit does not know the switch */
		c->limit = 0;
	return disarmed ? charger_rearm(c) : 0;
}
