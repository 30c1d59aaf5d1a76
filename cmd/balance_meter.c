#include "cmd/balance_meter.h"

#include <stdlib.h>
#include <string.h>

#include "balance/settings.h"
#include "base/decimal.h"
#include "frame/p1.h"

enum { PHASES = 3, MOST = 1000000 /* mA */ };

struct meter {
	struct p1_framer framer;
	meter_told *told;
	void *context;
	uint64_t refused;
};

/* What a telegram tells that matters here. */
struct found {
	struct meter_reading reading;
	int64_t power[PHASES]; /* W, import less export */
	bool version;
};

/* The number in the first group, without its unit, in thousandths. */
static bool value(const uint8_t *group, const uint8_t *end, int64_t *out)
{
	const uint8_t *p = group + 1, *stop = p;
	struct decimal d;

	while (stop < end && *stop != '*' && *stop != ')')
		stop++;
	return stop < end && decimal_parse(&d, (const char *)p, (size_t)(stop - p)) == 0 &&
	       decimal_scaled(d, -3, out) == 0;
}

/* (190324150519W): S is +02:00, W is +01:00 */
static void take_clock(struct found *f, const uint8_t *group, const uint8_t *end)
{
	struct stamp s = {.has_offset = true};
	int pair[6];

	if (end - group < 14)
		return;
	for (int i = 0; i < 6; i++) {
		int tens = group[1 + 2 * i] - '0', ones = group[2 + 2 * i] - '0';

		if (tens < 0 || tens > 9 || ones < 0 || ones > 9)
			return;
		pair[i] = tens * 10 + ones;
	}
	s.year = (int16_t)(2000 + pair[0]);
	s.month = (uint8_t)pair[1];
	s.day = (uint8_t)pair[2];
	s.hour = (uint8_t)pair[3];
	s.minute = (uint8_t)pair[4];
	s.second = (uint8_t)pair[5];
	s.offset = group[13] == 'S' ? 120 : 60;
	if (stamp_valid(&s))
		f->reading.clock = stamp_instant(&s);
}

/* 1-0:31.7.0 of phase 0 and so on: groups C of current, import and export, 20 apart */
static void take_line(struct found *f, const uint8_t *p, const uint8_t *end)
{
	struct p1_line line;
	const uint8_t *group;
	int64_t n;
	char code[16];
	int c;

	if (!p1_line_split(&line, p, (size_t)(end - p)) || line.code >= sizeof code)
		return;
	memcpy(code, p, line.code);
	code[line.code] = '\0';
	group = p + line.code + line.suffix;
	f->version = f->version || !strcmp(code, "1-3:0.2.8");
	if (!strcmp(code, "0-0:1.0.0"))
		take_clock(f, group, end);
	if (strncmp(code, "1-0:", 4) || line.code != 10 || strcmp(code + 6, ".7.0") ||
	    !value(group, end, &n))
		return;
	c = (code[4] - '0') * 10 + code[5] - '0' - 20;
	if (c < 0 || c >= 20 * PHASES)
		return;
	if (c % 20 == 11 && n >= -MOST && n <= MOST)
		f->reading.currents[c / 20] = (int32_t)n;
	else if (c % 20 == 1 || c % 20 == 2)
		f->power[c / 20] += c % 20 == 1 ? n : -n;
}

/* A telegram that names its version must have a CRC, and it must be right. */
static void on_telegram(void *context, const struct p1_telegram *t)
{
	struct meter *m = context;
	struct found f = {.reading = {.currents = {CURRENT_NONE, CURRENT_NONE, CURRENT_NONE},
	                              .clock = INSTANT_NONE}};
	const uint8_t *p = t->data, *end = t->data + t->size;

	while (p < end) {
		const uint8_t *stop = memchr(p, '\n', (size_t)(end - p));
		const uint8_t *last = stop ? stop : end;

		while (last > p && last[-1] == '\r')
			last--;
		take_line(&f, p, last);
		p = stop ? stop + 1 : end;
	}
	if (t->crc == P1_CRC_BAD || (t->crc == P1_CRC_NONE && f.version)) {
		m->refused++;
		return;
	}
	for (int i = 0; i < PHASES; i++)
		if (f.power[i] < 0 && f.reading.currents[i] > 0)
			f.reading.currents[i] = -f.reading.currents[i];
	m->told(m->context, &f.reading);
}

struct meter *meter_new(meter_told *told, void *context)
{
	struct meter *m = calloc(1, sizeof *m);

	if (!m)
		return NULL;
	m->told = told;
	m->context = context;
	p1_init(&m->framer, &(struct p1_handler){.telegram = on_telegram, .context = m});
	return m;
}

int meter_data(struct meter *m, const uint8_t *data, size_t size)
{
	return p1_feed(&m->framer, data, size);
}

void meter_end(struct meter *m)
{
	p1_end(&m->framer);
}

void meter_free(struct meter *m)
{
	if (m)
		p1_free(&m->framer);
	free(m);
}

uint64_t meter_refused(const struct meter *m)
{
	return m->refused + m->framer.counts.truncated;
}
