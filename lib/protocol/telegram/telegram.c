#include "protocol/telegram/telegram.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/crc.h"
#include "base/random.h"

enum { HISTORY_MONTHS = 13, MINUTES_A_DAY = 1440 };

const char *const telegram_value_names[TELEGRAM_VALUES] = {
#define VALUE(name) #name,
#include "protocol/telegram/values.def"
#undef VALUE
};

struct telegram_builder {
	struct text *out;
	const struct telegram_model *model;
	const struct telegram_values *values;
};

const struct telegram_model *telegram_model_find(const char *name)
{
	for (size_t i = 0; i < telegram_model_count; i++)
		if (!strcmp(telegram_models[i].name, name))
			return &telegram_models[i];
	return NULL;
}

/* The last Sunday of a month of 31 days, 01:00 UTC: when clocks change in Europe. */
static instant clock_change(int year, unsigned month)
{
	int64_t day = days_from_civil(year, month, 31);

	return ((day - (day + 4) % 7) * 24 + 1) * 3600000;
}

struct stamp telegram_clock(const struct telegram_model *model, instant time)
{
	struct stamp utc = stamp_at(time, 0);
	bool summer = time >= clock_change(utc.year, 3) && time < clock_change(utc.year, 10);

	return stamp_at(time, summer && !model->no_summer ? 120 : 60);
}

static void add_stamp(struct text *out, const struct stamp *s, bool flagged)
{
	text_printf(out, "%02d%02d%02d%02d%02d%02d", s->year % 100, s->month, s->day, s->hour,
	            s->minute, s->second);
	if (flagged)
		text_char(out, s->offset == 120 ? 'S' : 'W');
}

static void add_clock(struct telegram_builder *b, instant time, bool flagged)
{
	struct stamp s = telegram_clock(b->model, time);

	add_stamp(b->out, &s, flagged);
}

/* Counters wrap as the meter's display does. */
static void add_number(struct text *out, int64_t milli, int width, int decimals, bool kilo)
{
	uint64_t n = milli < 0 ? 0 - (uint64_t)milli : (uint64_t)milli, whole = 1, part = 1;

	for (int i = decimals; i < (kilo ? 6 : 3); i++)
		n /= 10;
	for (int i = 0; i < decimals; i++)
		part *= 10;
	for (int i = 0; i < width; i++)
		whole *= 10;
	if (milli < 0 && n)
		text_char(out, '-');
	text_printf(out, "%0*" PRIu64, width, n / part % whole);
	if (decimals)
		text_printf(out, ".%0*" PRIu64, decimals, n % part);
}

/* The peaks of past months, oldest first: (first of the next month)(time of the peak)(kW). */
static void add_history(struct telegram_builder *b)
{
	struct stamp now = telegram_clock(b->model, b->values->time);
	int last = now.year * 12 + now.month - 1;

	text_printf(b->out, "(%d)(1-0:1.6.0)(1-0:1.6.0)", HISTORY_MONTHS);
	for (int month = last - HISTORY_MONTHS + 1; month <= last; month++) {
		instant end = days_from_civil(month / 12, (unsigned)(month % 12) + 1, 1) * 86400000;
		uint64_t random = random_at(b->values->seed, (uint64_t)month);
		instant peak = end - 7200000 -
		               (instant)(random % (28 * MINUTES_A_DAY) / 15) * 900000;
		struct stamp stamp = telegram_clock(b->model, end - 3600000);

		if (stamp.offset == 120)
			stamp = telegram_clock(b->model, end - 7200000);
		text_char(b->out, '(');
		add_stamp(b->out, &stamp, true);
		text_puts(b->out, ")(");
		add_clock(b, peak, true);
		text_puts(b->out, ")(");
		add_number(b->out, 2000000 + (int64_t)(random >> 32) % 5000000, 2, 3, true);
		text_puts(b->out, "*kW)");
	}
}

/* Adds the value of a placeholder that is not a number; false if the word names a number. */
static bool add_word(struct telegram_builder *b, const char *word, size_t length)
{
	const struct telegram_values *v = b->values;
	const struct {
		const char *name;
		instant time;
		bool flagged;
	} clocks[] = {{"clock", v->time, true},
	              {"gas_clock", v->gas_time, true},
	              {"gas_clock_bare", v->gas_time, false},
	              {"peak_clock", v->peak_time, true}};

	for (size_t i = 0; i < sizeof clocks / sizeof clocks[0]; i++) {
		if (strlen(clocks[i].name) == length && !memcmp(clocks[i].name, word, length)) {
			add_clock(b, clocks[i].time, clocks[i].flagged);
			return true;
		}
	}
	if (length == 6 && !memcmp(word, "serial", 6))
		text_hex(b->out, v->serial, strlen(v->serial));
	else if (length == 5 && !memcmp(word, "plain", 5))
		text_puts(b->out, v->serial);
	else if (length == 7 && !memcmp(word, "history", 7))
		add_history(b);
	else
		return false;
	return true;
}

static void add_value(struct telegram_builder *b, const char *name, size_t length, const char *form)
{
	char *end;
	long width = strtol(form, &end, 10), decimals = *end == '.' ? strtol(end + 1, &end, 10) : 0;

	for (size_t i = 0; i < TELEGRAM_VALUES; i++)
		if (strlen(telegram_value_names[i]) == length &&
		    !memcmp(telegram_value_names[i], name, length))
			add_number(b->out, b->values->milli[i], (int)width, (int)decimals,
			           *end == 'k');
}

/* `{name}` or `{name:form}`; returns the first byte after the brace. */
static const char *add_place(struct telegram_builder *b, const char *place)
{
	size_t length = strcspn(place, ":}");

	if (!add_word(b, place, length))
		add_value(b, place, length, place + length + 1);
	return strchr(place, '}') + 1;
}

void telegram_build(struct text *out, const struct telegram_model *model,
                    const struct telegram_values *values)
{
	struct telegram_builder b = {out, model, values};
	size_t start = out->length;
	const char *p = model->text;

	while (*p) {
		size_t n = strcspn(p, "{\n");

		text_add(out, p, n);
		p += n;
		if (*p == '{')
			p = add_place(&b, p + 1);
		else if (*p++ == '\n')
			text_puts(out, "\r\n");
		else
			break;
	}
	text_char(out, '!');
	if (model->has_crc && !out->failed)
		text_printf(out, "%04X",
		            crc16_arc((const uint8_t *)out->data + start, out->length - start));
	text_puts(out, "\r\n");
}
