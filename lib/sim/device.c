#include "sim/device.h"

#include <string.h>

#include "device/charger.h"
#include "device/registers.h"

enum { FUNCTION = 1, ADDRESS = 2, VALUE = 3, NO_UNIT = 11 };

void sim_device_put(struct sim_device *s, const struct device_register *row, unsigned socket,
                    const uint16_t *words)
{
	unsigned space = device_row_space(s->device, row, socket);

	for (unsigned i = 0; i < row->count; i++)
		image_put(&s->image, space, row->address + i, words[i]);
}

/* The row with that address in the registers of that function, or NULL. */
static const struct device_register *row_over(const struct sim_device *s, unsigned function,
                                              unsigned address)
{
	for (size_t i = 0; i < s->device->count; i++) {
		const struct device_register *row = &s->device->rows[i];

		if (address >= row->address && address < (unsigned)row->address + row->count &&
		    device_row_space(s->device, row, 1) ==
		            device_space(device_unit(s->device, row, 1), function))
			return row;
	}
	return NULL;
}

/* Whether the boundary before a register lies within a value. */
static bool cuts(const struct sim_device *s, unsigned function, unsigned address)
{
	const struct device_register *row = row_over(s, function, address);

	return row && row->address != address;
}

static const struct device_register *named(const struct sim_device *s, const char *name)
{
	return name ? device_row(s->device, name) : NULL;
}

static bool value_of(const struct sim_device *s, const struct device_register *row, unsigned socket,
                     struct decimal *out)
{
	struct record r = {0};
	bool known;

	if (!row)
		return false;
	record_begin(&r, "");
	known = value_decimal(register_value(&r, s->device, row, &s->image, socket), out);
	record_free(&r);
	return known;
}

/* A field keeps the other bits of its registers. */
static void merge(const struct sim_device *s, const struct device_register *row, unsigned socket,
                  uint16_t *words)
{
	uint64_t mask = (((uint64_t)1 << row->bits) - 1) << row->shift, bits = 0, old = 0;
	uint16_t word;

	for (unsigned i = 0; i < row->count; i++) {
		image_get(&s->image, device_row_space(s->device, row, socket), row->address + i,
		          &word);
		old = old << 16 | word;
		bits = bits << 16 | words[i];
	}
	bits = (old & ~mask) | (bits << row->shift & mask);
	for (unsigned i = row->count; i--; bits >>= 16)
		words[i] = (uint16_t)bits;
}

void sim_device_show(struct sim_device *s, const struct device_register *row, unsigned socket,
                     struct decimal value)
{
	uint16_t words[REGISTER_WORDS];

	if (!row || register_encode(row, value, words))
		return;
	if (row->bits)
		merge(s, row, socket, words);
	sim_device_put(s, row, socket, words);
}

/* Where a written value reads back, or NULL. */
static const struct device_register *shown_in(const struct sim_device *s,
                                              const struct device_register *row)
{
	if (row->steering->mirror)
		return named(s, row->steering->mirror);
	return row->access & ACCESS_R ? row : NULL;
}

/* The value that the device applies: up to the station's limit. */
static void apply(struct sim_device *s, const struct device_register *row, unsigned socket,
                  struct decimal value)
{
	const struct register_steering *w = row->steering;
	struct decimal limit;

	if (!w->limit)
		return;
	if (value_of(s, named(s, w->limit), socket, &limit) && decimal_compare(value, limit) > 0)
		value = limit;
	sim_device_show(s, named(s, w->applied), socket, value);
}

static void expire(struct sim_device *s, const struct device_register *row, unsigned socket)
{
	struct decimal fallback;

	if (!value_of(s, named(s, row->steering->fallback), socket, &fallback))
		return;
	sim_device_show(s, shown_in(s, row), socket, fallback);
	apply(s, row, socket, fallback);
}

void sim_device_pass(struct sim_device *s, instant now)
{
	for (size_t i = 0; i < s->running; i++) {
		const struct device_register *row = s->timers[i].row;
		instant left = s->timers[i].end - now;
		int64_t seconds = left > 0 ? (left + 999) / 1000 : 0;

		if (row->steering->expires)
			sim_device_show(s, named(s, row->steering->validity), s->timers[i].socket,
			                decimal_i64(seconds, 0));
		if (left > 0)
			continue;
		expire(s, row, s->timers[i].socket);
		s->timers[i--] = s->timers[--s->running];
	}
}

/* Validity of a set-point from now on, s; 0: no limit. */
static double patience(const struct sim_device *s, const struct device_register *row,
                       unsigned socket)
{
	struct decimal told;

	if (row->steering->expires)
		return s->validity;
	return value_of(s, named(s, row->steering->validity), socket, &told) ? decimal_double(told)
	                                                                     : s->validity;
}

static void start_timer(struct sim_device *s, const struct device_register *row, unsigned socket,
                        instant now)
{
	double seconds = patience(s, row, socket);
	size_t i = 0;

	if (!row->steering->fallback)
		return;
	while (i < s->running && (s->timers[i].row != row || s->timers[i].socket != socket))
		i++;
	if (seconds <= 0 && i < s->running)
		s->timers[i] = s->timers[--s->running];
	if (seconds <= 0 || i == SIM_DEVICE_TIMERS)
		return;
	s->timers[i].row = row;
	s->timers[i].socket = socket;
	s->timers[i].end = now + (instant)(seconds * 1000);
	s->running += i == s->running;
}

/* The master is active: restarts the time of set-points that do not count down. */
static void feed(struct sim_device *s, instant now)
{
	for (size_t i = 0; i < s->running; i++)
		if (!s->timers[i].row->steering->expires)
			start_timer(s, s->timers[i].row, s->timers[i].socket, now);
}

static int read_words(const struct sim_device *s, unsigned unit, unsigned function,
                      unsigned address, unsigned count, uint16_t *words)
{
	const struct device_register *row = row_over(s, function, address);

	if (s->strict && (cuts(s, function, address) || cuts(s, function, address + count)))
		return ADDRESS;
	if (s->device->single && (!row || row->address != address || row->count != count))
		return ADDRESS;
	for (size_t i = 0; i < s->refusals; i++)
		if (s->refused[i] >= address && s->refused[i] < address + count)
			return ADDRESS;
	for (unsigned i = 0; i < count; i++)
		image_get(&s->image, device_space(unit, function), address + i, &words[i]);
	return 0;
}

/* The number that the register words of a row hold. */
static bool meaning(const struct device *d, const struct device_register *row,
                    const uint16_t *words, struct decimal *out)
{
	struct sim_device scratch = {.device = d};
	bool known;

	sim_device_put(&scratch, row, 1, words);
	known = value_of(&scratch, row, 1, out);
	image_free(&scratch.image);
	return known;
}

static bool is_fact(const struct device_register *row, const uint16_t *words,
                    struct charger_write fact)
{
	uint16_t wanted[REGISTER_WORDS];

	if (!fact.role || row->role != fact.role)
		return false;
	charger_raw(row, fact.value, wanted);
	return !memcmp(words, wanted, row->count * sizeof *words);
}

/* Values that pause, and those of the factory, may be outside of the row's range. */
static bool is_special(const struct device *d, const struct device_register *row,
                       const uint16_t *words)
{
	const struct charger_write *factory = d->charger.factory;

	for (; factory && factory->role; factory++)
		if (is_fact(row, words, *factory))
			return true;
	return is_fact(row, words, d->charger.pause);
}

/* Checks a written value. */
static int check_value(const struct device *d, const struct device_register *row,
                       const uint16_t *words, struct decimal *value)
{
	char text[DECIMAL_TEXT];

	if (!meaning(d, row, words, value))
		return VALUE;
	decimal_format(text, *value);
	if (is_special(d, row, words))
		return 0;
	return register_parse(row, text, value) ? VALUE : 0;
}

/* Side effects of a write: it feeds the watchdog, pauses or resumes the session. */
static void heed(struct sim_device *s, const struct device_register *row, const uint16_t *words,
                 instant now)
{
	const struct charger_facts *facts = &s->device->charger;
	const struct device_register *set_point = device_role(s->device, ROLE_SETPOINT, ACCESS_W);

	if (is_fact(row, words, facts->pause))
		s->paused = true;
	else if (is_fact(row, words, facts->resume) ||
	         (row == set_point && facts->pause.role == ROLE_SETPOINT))
		s->paused = false;
	if (facts->feed == FEED_TIMEOUT && row->role == ROLE_WATCHDOG_TIMEOUT && set_point)
		start_timer(s, set_point, 1, now);
	if (facts->feed == FEED_LIFE_SIGN &&
	    is_fact(row, words, (struct charger_write){ROLE_LIFE_SIGN, facts->life}))
		feed(s, now);
}

static void store(struct sim_device *s, const struct device_register *row, unsigned socket,
                  const uint16_t *words, struct decimal value, instant now)
{
	if (row->access & ACCESS_R)
		sim_device_put(s, row, socket, words);
	sim_device_show(s, shown_in(s, row), socket, value);
	apply(s, row, socket, value);
	sim_device_show(s, named(s, row->steering->accounted), socket, decimal_u64(1, 0));
	if (s->device->charger.feed != FEED_TIMEOUT)
		start_timer(s, row, socket, now);
	heed(s, row, words, now);
}

/* Checks all values before it stores the first. */
static int write_words(struct sim_device *s, unsigned unit, unsigned function, unsigned address,
                       unsigned count, const uint16_t *words, instant now)
{
	for (int pass = 0; pass < 2; pass++) {
		for (unsigned at = 0; at < count;) {
			const struct device_register *row = row_over(s, function, address + at);
			struct decimal value;
			int exception;

			if (!row || row->address != address + at || !(row->access & ACCESS_W) ||
			    at + row->count > count)
				return ADDRESS;
			exception = check_value(s->device, row, words + at, &value);
			if (exception)
				return exception;
			if (pass)
				store(s, row, unit, words + at, value, now);
			at += row->count;
		}
	}
	return 0;
}

static bool has_unit(const struct sim_device *s, unsigned unit)
{
	for (unsigned function = 1; function <= 4; function++)
		if (image_has_unit(&s->image, device_space(unit, function)))
			return true;
	return false;
}

int32_t sim_device_offer(const struct sim_device *s)
{
	const struct device_register *row = device_role(s->device, ROLE_LIMIT_IN_FORCE, ACCESS_R);
	int32_t current = row ? charger_current(s->device, row, &s->image, 1) : CHARGER_NONE;

	return s->paused || current == CHARGER_NONE ? 0 : current;
}

int sim_device_request(struct sim_device *s, unsigned unit, int function, unsigned address,
                       unsigned count, uint16_t *words, instant now)
{
	bool writes = function == 5 || function == 6 || function == 15 || function == 16;
	int exception;

	if (!has_unit(s, unit))
		return NO_UNIT;
	sim_device_pass(s, now);
	if (!count)
		return 0;
	if (function < 0 || function > 16 || !(s->device->functions >> function & 1))
		exception = FUNCTION;
	else if (writes)
		exception = s->refuse_write ? s->refuse_write
		                            : write_words(s, unit, (unsigned)function, address,
		                                          count, words, now);
	else
		exception = read_words(s, unit, (unsigned)function, address, count, words);
	if (s->device->charger.feed == FEED_READ)
		feed(s, now);
	sim_device_pass(s, now);
	return exception;
}
