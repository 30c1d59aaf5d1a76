#include "device/simulated.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "device/registers.h"

enum { ADDRESS = 2, VALUE = 3, NO_UNIT = 11 };

static void put(struct simulated *s, const struct device_register *row, unsigned unit,
                const uint16_t *words)
{
	for (unsigned i = 0; i < row->count; i++)
		image_put(&s->image, unit, row->address + i, words[i]);
}

/* `#0123ABCD`: the registers as hex digits, for values that no number gives */
static int raw_words(const struct device_register *row, const char *hex, uint16_t *words)
{
	if (strlen(hex) != 4u * row->count)
		return EM_SYNTAX;
	for (unsigned i = 0; i < row->count; i++) {
		char digits[5] = {hex[4 * i], hex[4 * i + 1], hex[4 * i + 2], hex[4 * i + 3], '\0'};

		words[i] = (uint16_t)strtoul(digits, NULL, 16);
	}
	return 0;
}

static int example_words(const struct device_register *row, const char *value, uint16_t *words)
{
	struct decimal number;
	size_t length = strlen(value);

	memset(words, 0, REGISTER_WORDS * sizeof *words);
	if (*value == '#')
		return raw_words(row, value + 1, words);
	if (row->type == REGISTER_TEXT) {
		if (length > 2u * row->count)
			return EM_SYNTAX;
		for (size_t i = 0; i < length; i++)
			words[i / 2] = (uint16_t)(words[i / 2] | (uint8_t)value[i]
			                                                 << (i % 2 ? 0 : 8));
		return 0;
	}
	if (!strcmp(value, "-")) {
		memset(words, 0xFF, REGISTER_WORDS * sizeof *words);
		return 0;
	}
	if (decimal_parse(&number, value, length))
		return EM_SYNTAX;
	return register_encode(row, number, words);
}

int simulated_example(struct simulated *s, unsigned sockets)
{
	const struct device *d = s->device;
	uint16_t words[REGISTER_WORDS];

	for (const char *const *line = d->example; line && *line; line++) {
		const char *equals = strchr(*line, '=');
		const struct device_register *row = NULL;
		char name[64];

		if (equals && (size_t)(equals - *line) < sizeof name) {
			memcpy(name, *line, (size_t)(equals - *line));
			name[equals - *line] = '\0';
			row = device_row(d, name);
		}
		if (!row || example_words(row, equals + 1, words))
			return EM_SYNTAX;
		if (d->socket_count && !strcmp(name, d->socket_count))
			words[0] = (uint16_t)sockets;
		for (unsigned i = 1; i <= (row->place == PLACE_SOCKET ? sockets : 1); i++)
			put(s, row, device_unit(d, row, i), words);
	}
	return s->image.count ? 0 : EM_NO_MEMORY;
}

/* The row whose registers include the address, or NULL. */
static const struct device_register *row_over(const struct simulated *s, unsigned address)
{
	for (size_t i = 0; i < s->device->count; i++) {
		const struct device_register *row = &s->device->rows[i];

		if (address >= row->address && address < (unsigned)row->address + row->count)
			return row;
	}
	return NULL;
}

/* Whether a border between two registers lies within a value. */
static bool cuts(const struct simulated *s, unsigned address)
{
	const struct device_register *row = row_over(s, address);

	return row && row->address != address;
}

static const struct device_register *named(const struct simulated *s, const char *name)
{
	return name ? device_row(s->device, name) : NULL;
}

static bool value_of(const struct simulated *s, const struct device_register *row, unsigned unit,
                     struct decimal *out)
{
	struct record r = {0};
	bool known;

	if (!row)
		return false;
	record_begin(&r, "");
	known = value_decimal(register_value(&r, s->device, row, &s->image, unit), out);
	record_free(&r);
	return known;
}

static void set(struct simulated *s, const struct device_register *row, unsigned unit,
                struct decimal value)
{
	uint16_t words[REGISTER_WORDS];

	if (row && !register_encode(row, value, words))
		put(s, row, row->place == PLACE_SOCKET ? unit : s->device->unit, words);
}

static const struct device_register *shown_in(const struct simulated *s,
                                              const struct device_register *row)
{
	return row->steering->mirror ? named(s, row->steering->mirror) : row;
}

/* What the device makes of a value: as much of it as the station allows. */
static void apply(struct simulated *s, const struct device_register *row, unsigned unit,
                  struct decimal value)
{
	const struct register_steering *w = row->steering;
	struct decimal limit;

	if (!w->limit)
		return;
	if (value_of(s, named(s, w->limit), unit, &limit) && decimal_compare(value, limit) > 0)
		value = limit;
	set(s, named(s, w->applied), unit, value);
}

static void expire(struct simulated *s, const struct device_register *row, unsigned unit)
{
	struct decimal fallback;

	if (!value_of(s, named(s, row->steering->fallback), unit, &fallback))
		return;
	set(s, shown_in(s, row), unit, fallback);
	apply(s, row, unit, fallback);
}

/* Lets the time pass: countdowns run, what has expired gives way. */
static void live(struct simulated *s, instant now)
{
	for (size_t i = 0; i < s->running; i++) {
		const struct device_register *row = s->timers[i].row;
		instant left = s->timers[i].end - now;
		int64_t seconds = left > 0 ? (left + 999) / 1000 : 0;

		if (row->steering->expires)
			set(s, named(s, row->steering->validity), s->timers[i].unit,
			    decimal_i64(seconds, 0));
		if (left > 0)
			continue;
		expire(s, row, s->timers[i].unit);
		s->timers[i--] = s->timers[--s->running];
	}
}

static void start_timer(struct simulated *s, const struct device_register *row, unsigned unit,
                        instant now)
{
	double seconds = s->validity;
	struct decimal told;
	size_t i = 0;

	if (!row->steering->fallback)
		return;
	if (!row->steering->expires && value_of(s, named(s, row->steering->validity), unit, &told))
		seconds = decimal_double(told);
	while (i < s->running && (s->timers[i].row != row || s->timers[i].unit != unit))
		i++;
	if (i == SIMULATED_TIMERS)
		return;
	s->timers[i].row = row;
	s->timers[i].unit = unit;
	s->timers[i].end = now + (instant)(seconds * 1000);
	s->running += i == s->running;
}

/* Of a device that expects life signs every request is one. */
static void life_sign(struct simulated *s, instant now)
{
	for (size_t i = 0; i < s->running; i++)
		if (!s->timers[i].row->steering->expires)
			start_timer(s, s->timers[i].row, s->timers[i].unit, now);
	s->heard = now;
}

static int read_words(const struct simulated *s, unsigned unit, unsigned address, unsigned count,
                      uint16_t *words)
{
	if (s->strict && (cuts(s, address) || cuts(s, address + count)))
		return ADDRESS;
	for (size_t i = 0; i < s->refusals; i++)
		if (s->refused[i] >= address && s->refused[i] < address + count)
			return ADDRESS;
	for (unsigned i = 0; i < count; i++)
		image_get(&s->image, unit, address + i, &words[i]);
	return 0;
}

/* The number that words mean in a row. */
static bool meaning(const struct device *d, const struct device_register *row,
                    const uint16_t *words, struct decimal *out)
{
	struct simulated scratch = {.device = d};
	bool known;

	put(&scratch, row, device_unit(d, row, 1), words);
	known = value_of(&scratch, row, 1, out);
	image_free(&scratch.image);
	return known;
}

static int check_value(const struct device *d, const struct device_register *row,
                       const uint16_t *words, struct decimal *value)
{
	char text[DECIMAL_TEXT];

	if (!meaning(d, row, words, value))
		return VALUE;
	decimal_format(text, *value);
	return register_parse(row, text, value) ? VALUE : 0;
}

/* All values are looked at before the first is stored. */
static int write_words(struct simulated *s, unsigned unit, unsigned address, unsigned count,
                       const uint16_t *words, instant now)
{
	for (int pass = 0; pass < 2; pass++) {
		for (unsigned at = 0; at < count;) {
			const struct device_register *row = row_over(s, address + at);
			struct decimal value;
			int exception;

			if (!row || row->address != address + at || !(row->access & ACCESS_W) ||
			    at + row->count > count)
				return ADDRESS;
			exception = check_value(s->device, row, words + at, &value);
			if (exception)
				return exception;
			at += row->count;
			if (!pass)
				continue;
			if (row->access & ACCESS_R)
				put(s, row, unit, words + at - row->count);
			set(s, shown_in(s, row), unit, value);
			apply(s, row, unit, value);
			set(s, named(s, row->steering->accounted), unit, decimal_u64(1, 0));
			start_timer(s, row, unit, now);
		}
	}
	return 0;
}

int simulated_request(struct simulated *s, unsigned unit, int function, unsigned address,
                      unsigned count, uint16_t *words, instant now)
{
	int exception;

	if (!image_has_unit(&s->image, unit))
		return NO_UNIT;
	live(s, now);
	if (!count)
		return 0;
	if (function == 6 || function == 16)
		exception = s->refuse_write ? s->refuse_write
		                            : write_words(s, unit, address, count, words, now);
	else if (function != s->device->function)
		exception = 1;
	else
		exception = read_words(s, unit, address, count, words);
	life_sign(s, now);
	live(s, now);
	return exception;
}
