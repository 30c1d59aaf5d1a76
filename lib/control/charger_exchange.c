#include "control/charger_exchange.h"

#include <stdio.h>
#include <time.h>

#include "base/error.h"
#include "device/plan.h"
#include "device/registers.h"
#include "frame/adu.h"

enum { ROWS = 256, SOCKET = 1 };

static uint64_t now_ms(void)
{
	return uv_hrtime() / 1000000;
}

/* Some chargers need a moment between two requests. */
static void keep_gap(struct charger *c)
{
	uint64_t end = c->spoke + c->device->charger.gap;

	while (now_ms() < end && !atomic_load(&c->stop))
		nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

static int read_block(struct charger *c, unsigned unit, unsigned function, unsigned address,
                      unsigned count)
{
	uint16_t words[PLAN_READ];
	int error;

	keep_gap(c);
	error = modbus_client_read(c->client, (int)unit, (int)function, address, count, words);
	c->spoke = now_ms();
	for (unsigned i = 0; !error && i < count; i++)
		error = image_put(&c->image, device_space(unit, function), address + i, words[i]);
	return error;
}

static int read_row(struct charger *c, const struct device_register *row)
{
	return read_block(c, device_unit(c->device, row, SOCKET), device_reads(c->device, row),
	                  row->address, row->count);
}

static int write_words(struct charger *c, const struct device_register *row, const uint16_t *words)
{
	int error;

	keep_gap(c);
	error = modbus_client_write_by(c->client, (int)device_unit(c->device, row, SOCKET),
	                               (int)device_writes(c->device, row), row->address, row->count,
	                               words);
	c->spoke = now_ms();
	return error;
}

static int write_value(struct charger *c, const struct device_register *row, struct decimal value)
{
	uint16_t words[REGISTER_WORDS];
	int error = register_encode(row, value, words);

	return error ? error : write_words(c, row, words);
}

/* Writes a number of the family's facts to the row of its role. */
static int write_fact(struct charger *c, struct charger_write fact)
{
	const struct device_register *row = fact.role ? device_role(c->device, fact.role, ACCESS_W)
	                                              : NULL;
	uint16_t words[REGISTER_WORDS];

	if (!row)
		return 0;
	charger_raw(row, fact.value, words);
	return write_words(c, row, words);
}

/* Gets the last read number of a row; false when there is none. */
static bool number_of(struct charger *c, const struct device_register *row, struct decimal *out)
{
	struct record r = {0};
	bool known;

	record_begin(&r, "");
	known = value_decimal(register_value(&r, c->device, row, &c->image, SOCKET), out);
	record_free(&r);
	return known;
}

static int differs(struct charger *c, const struct device_register *back, struct decimal got,
                   struct decimal value)
{
	char got_text[DECIMAL_TEXT], text[DECIMAL_TEXT];

	decimal_format(got_text, got);
	decimal_format(text, value);
	snprintf(c->message, sizeof c->message,
	         "register 0x%X reads back as %s after a write of %s", back->address, got_text,
	         text);
	return EM_UNSUPPORTED;
}

/* Writes a value and reads it back: the controller relies on it. */
static int write_checked(struct charger *c, const struct device_register *row, struct decimal value)
{
	const char *mirror = row->steering->mirror;
	const struct device_register *back = mirror ? device_row(c->device, mirror) : row;
	struct decimal got;
	int error = write_value(c, row, value);

	if (error || !back || !(back->access & ACCESS_R))
		return error;
	error = read_row(c, back);
	if (error || !number_of(c, back, &got))
		return error;
	return decimal_compare(got, value) ? differs(c, back, got, value) : 0;
}

/* A charger with a configured fallback must have a safe current. */
static int check_safe(struct charger *c)
{
	const struct device_register *row = device_role(c->device, ROLE_FALLBACK_CURRENT, ACCESS_R);
	int error = row ? read_row(c, row) : 0;

	if (row && !error && charger_current(c->device, row, &c->image, SOCKET) == CHARGER_NONE) {
		snprintf(c->message, sizeof c->message,
		         "the charger has no safe current configured");
		error = EM_UNSUPPORTED;
	}
	return error;
}

static int arm_role(struct charger *c, enum register_role role)
{
	const struct device_register *row = device_role(c->device, role, ACCESS_W);

	if (role == ROLE_WATCHDOG_TIMEOUT && row)
		return write_checked(c, row, decimal_u64(c->options.timeout, 0));
	if (role == ROLE_FALLBACK_CURRENT)
		return row ? write_checked(c, row, charger_value(row, c->order_fallback))
		           : check_safe(c);
	return 0;
}

static int arm(struct charger *c)
{
	const struct charger_facts *facts = &c->device->charger;
	int error;

	c->written = CURRENT_NONE;
	c->session = SESSION_UNKNOWN;
	if (c->options.dry)
		return 0;
	error = write_fact(c, facts->control);
	for (const enum register_role *role = facts->arm; role && *role && !error; role++)
		error = arm_role(c, *role);
	if (!error && !facts->falls_back) {
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

/* Arms the charger when the connection is new or the fallback has changed. */
static int make_safe(struct charger *c)
{
	unsigned connection;
	int error = modbus_client_connect(c->client);

	if (error)
		return error;
	connection = modbus_client_counts(c->client).connects;
	if (c->armed == connection && c->armed_fallback == c->order_fallback)
		return 0;
	c->armed = 0;
	*c->message = '\0';
	error = arm(c);
	if (error && !(c->options.unarmed && charger_refuses(c, error)))
		return error;
	c->guarded = !error && !c->options.dry;
	c->fed = c->device->charger.feed == FEED_TIMEOUT ? now_ms() : 0;
	c->proven = c->proven || !error;
	c->armed = connection;
	c->armed_fallback = c->order_fallback;
	return 0;
}

static const struct device_register *current_row(const struct charger *c, int phase)
{
	static const enum register_role roles[] = {ROLE_CURRENT_L1, ROLE_CURRENT_L2,
	                                           ROLE_CURRENT_L3};

	return device_role(c->device, roles[phase], ACCESS_R);
}

static int read_currents(struct charger *c)
{
	struct device_block blocks[PLAN_LIMIT];
	bool wanted[ROWS] = {false};
	size_t count;
	int error = 0;

	for (int i = 0; i < BALANCE_PHASES; i++) {
		const struct device_register *row = current_row(c, i);

		if (row)
			wanted[row - c->device->rows] = true;
	}
	count = device_plan(c->device, wanted, blocks);
	for (size_t i = 0; i < count && !error; i++)
		error = read_block(c, blocks[i].place == PLACE_SOCKET ? SOCKET : c->device->unit,
		                   blocks[i].function, blocks[i].address, blocks[i].count);
	return error;
}

static int look(struct charger *c)
{
	int error = read_currents(c);
	bool known = true;

	if (error)
		return error;
	for (int i = 0; i < BALANCE_PHASES; i++) {
		const struct device_register *row = current_row(c, i);

		c->car[i] = row ? charger_current(c->device, row, &c->image, SOCKET) : CHARGER_NONE;
		known = known && c->car[i] != CHARGER_NONE;
	}
	c->looked = now_ms();
	c->measured = known ? c->looked : 0;
	return 0;
}

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
	error = read_row(c, row);
	if (!error && number_of(c, row, &left) && decimal_scaled(left, 0, &seconds))
		seconds = 0;
	c->refresh = now_ms() + charger_refresh_after(seconds);
	return error;
}

static int write_set_point(struct charger *c)
{
	const struct device_register *row = device_role(c->device, ROLE_SETPOINT, ACCESS_W);
	int error;

	c->written = CURRENT_NONE;
	error = write_value(c, row, charger_value(row, c->order));
	if (error)
		return error;
	c->written = c->order;
	if (c->device->charger.feed == FEED_SETPOINT)
		c->fed = now_ms();
	return plan_refresh(c, row->steering);
}

static int pause_session(struct charger *c)
{
	int error = 0;

	c->written = CURRENT_NONE;
	if (c->session != SESSION_PAUSED || charger_hungry(c, now_ms()))
		error = write_fact(c, c->device->charger.pause);
	if (error)
		return error;
	c->session = SESSION_PAUSED;
	c->written = c->order;
	return 0;
}

/* Writes the set-point first: a resumed car must not get an old one. */
static int resume_session(struct charger *c)
{
	uint64_t now = now_ms();
	bool again = charger_stale(c, now) ||
	             (c->device->charger.feed == FEED_SETPOINT && charger_hungry(c, now));
	int error = 0;

	if (c->order != c->written || again)
		error = write_set_point(c);
	if (!error && c->session != SESSION_RESUMED)
		error = write_fact(c, c->device->charger.resume);
	if (!error)
		c->session = SESSION_RESUMED;
	return error;
}

static int steer(struct charger *c)
{
	if (c->options.dry || c->order == CURRENT_NONE)
		return 0;
	return charger_pauses(c->device, c->order) ? pause_session(c) : resume_session(c);
}

static int feed(struct charger *c)
{
	const struct charger_facts *facts = &c->device->charger;
	const struct device_register *row;
	int error = 0;

	if (!charger_hungry(c, now_ms()))
		return 0;
	if (facts->feed == FEED_TIMEOUT) {
		row = device_role(c->device, ROLE_WATCHDOG_TIMEOUT, ACCESS_W);
		error = row ? write_value(c, row, decimal_u64(c->options.timeout, 0)) : 0;
	} else if (facts->feed == FEED_LIFE_SIGN) {
		error = write_fact(c, (struct charger_write){ROLE_LIFE_SIGN, facts->life});
	} else {
		return 0; /* steer() writes the set-point, if there is one */
	}
	c->fed = now_ms();
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

int charger_exchange(struct charger *c)
{
	int error = make_safe(c);

	if (!error && c->look)
		error = look(c);
	if (!error)
		error = steer(c);
	if (!error)
		error = feed(c);
	if (error) {
		c->armed = 0;
		c->written = CURRENT_NONE;
	}
	return error;
}
