#include "control/grid_meter.h"

#include <stdlib.h>
#include <string.h>

#include "balance/settings.h"
#include "base/decimal.h"
#include "base/hash.h"
#include "control/identity.h"
#include "stream/p1_reader.h"

enum {
	PHASES = 3,
	MOST = 1000000,          /* mA or mV */
	LEAST_VOLTAGE = 100000,  /* mV: below it, P / U says nothing */
	HIGH_VOLTAGE = 253000,   /* mV: 230 V and a tenth, the most that is permitted */
	MOST_POWER = 1000000000, /* mW */
	CONTRADICTS = 1000       /* mA that a meter of whole amperes may cut off */
};

struct grid_meter {
	struct p1_decoder *decoder;
	struct p1_reader *reader;
	struct grid_events events;
};

/* Gets a value of the telegram in thousandths; false when it is missing. */
static bool milli(const struct record *r, const char *name, int64_t *out)
{
	const struct value *v = record_find(r, name);

	return v && v->kind == VALUE_DECIMAL && decimal_scaled(v->as.decimal, -3, out) == 0;
}

/* Names of a phase's values. */
struct phase_names {
	const char *current, *voltage, *power, *import, *export;
};

#define PHASE(n)                                                                                  \
	{                                                                                         \
		"current_l" n, "voltage_l" n, "power_l" n, "power_import_l" n, "power_export_l" n \
	}
static const struct phase_names phase_names[PHASES] = {PHASE("1"), PHASE("2"), PHASE("3")};
#undef PHASE

/* The active power of a phase in mW, negative when it exports; false when it is not told. */
static bool power(const struct record *r, const struct phase_names *names, int64_t *out)
{
	int64_t export = 0;

	if (milli(r, names->power, out))
		return true;
	if (!milli(r, names->import, out))
		return false;
	milli(r, names->export, &export);
	*out -= export;
	return true;
}

static int64_t divide(int64_t power, int64_t voltage)
{
	return (power * 1000 + (power < 0 ? -voltage / 2 : voltage / 2)) / voltage;
}

static bool voltage(const struct record *r, const struct phase_names *names, int64_t *out)
{
	return milli(r, names->voltage, out) && *out >= LEAST_VOLTAGE && *out <= MOST;
}

/* P / U in mA, rounded to the nearest: for meters that tell no currents. */
static bool current_of_power(const struct record *r, const struct phase_names *names, int64_t *out)
{
	int64_t p, u;

	if (!voltage(r, names, &u) || !power(r, names, &p) || p < -MOST_POWER || p > MOST_POWER)
		return false;
	*out = divide(p, u);
	return true;
}

/* Above 0: the phase imports; below 0: it exports. */
static int64_t direction(const struct record *r, const struct phase_names *names)
{
	int64_t p, import = 0, export = 0;

	if (milli(r, names->power, &p))
		return p;
	milli(r, names->import, &import);
	milli(r, names->export, &export);
	return import - export;
}

/* Most meters tell currents without sign: the power of the phase gives the direction. */
static int64_t directed(const struct record *r, const struct phase_names *names, int64_t n)
{
	int64_t p = direction(r, names);

	return (p < 0 && n > 0) || (p > 0 && n < 0) ? -n : n;
}

/* No current is below P / U: a meter that tells less imports what its power needs. */
static int64_t at_least(const struct record *r, const struct phase_names *names, int64_t n)
{
	int64_t p, u, needed;

	if (!power(r, names, &p) || p <= 0 || p > MOST_POWER)
		return n;
	needed = divide(p, voltage(r, names, &u) ? u : HIGH_VOLTAGE);
	return needed > n + CONTRADICTS ? needed : n;
}

static int32_t current(const struct record *r, const struct phase_names *names)
{
	int64_t n;

	if (milli(r, names->current, &n))
		n = at_least(r, names, directed(r, names, n));
	else if (!current_of_power(r, names, &n))
		return CURRENT_NONE;
	return n < -MOST || n > MOST ? CURRENT_NONE : (int32_t)n;
}

static uint64_t add_number(uint64_t hash, struct decimal d)
{
	hash = fnv64(hash, &d.digits, sizeof d.digits);
	hash = fnv64(hash, &d.exponent, sizeof d.exponent);
	return fnv64(hash, &d.negative, sizeof d.negative);
}

static bool begins(const struct value *v, const char *with)
{
	return v->name && strncmp(v->name, with, strlen(with)) == 0;
}

/* A register of kWh with three decimals has a last digit of 1 Wh. */
static int64_t last_digit(struct decimal d)
{
	int64_t digit = 1;

	for (int n = d.exponent < -3 ? -3 : d.exponent > 3 ? 3 : d.exponent; n > -3; n--)
		digit *= 10;
	return digit;
}

static void add_register(struct standstill_reading *s, const struct value *v, int64_t *unit)
{
	int64_t digit = last_digit(v->as.decimal);

	s->registers = add_number(s->registers, v->as.decimal);
	*unit = digit > *unit ? digit : *unit;
}

/* What its numbers are, and the power that must move one of its registers. */
static struct standstill_reading describe(const struct record *r)
{
	struct standstill_reading s = {.content = FNV64_START, .registers = FNV64_START};
	int64_t import = 0, export = 0, imported = 0, exported = 0;

	for (const struct value *v = r->values; v < r->values + r->count; v++) {
		if (v->kind != VALUE_DECIMAL)
			continue;
		s.content = add_number(s.content, v->as.decimal);
		if (begins(v, "energy_import"))
			add_register(&s, v, &imported);
		else if (begins(v, "energy_export"))
			add_register(&s, v, &exported);
	}
	milli(r, "power_import", &import);
	milli(r, "power_export", &export);
	s.power = import > export ? import : export;
	s.unit = import > export ? imported : exported;
	if (s.power < 0 || s.power > MOST_POWER)
		s.power = 0;
	return s;
}

/* The identifier, or the header of a meter that tells none. */
static void identify(const struct record *r, char id[IDENTITY_TEXT])
{
	const struct value *v = record_find(r, "meter_id");
	size_t size = 0;

	if (!v || v->kind != VALUE_TEXT)
		v = record_find(r, "header");
	if (v && v->kind == VALUE_TEXT)
		size = v->as.text.length < IDENTITY_TEXT ? v->as.text.length : IDENTITY_TEXT - 1;
	if (size)
		memcpy(id, v->as.text.data, size);
	id[size] = '\0';
}

static void on_record(void *context, struct record *r, const struct p1_telegram *telegram)
{
	struct grid_meter *m = context;
	char id[IDENTITY_TEXT];
	struct grid_reading reading = {.clock = INSTANT_NONE, .id = id, .still = describe(r)};
	const struct value *clock = record_find(r, "meter_time");

	(void)telegram;
	if (clock && clock->kind == VALUE_TIME)
		reading.clock = stamp_instant(&clock->as.time);
	for (int i = 0; i < PHASES; i++)
		reading.currents[i] = current(r, &phase_names[i]);
	identify(r, id);
	m->events.reading(m->events.context, &reading);
}

static void on_refused(void *context, enum refusal refusal, const char *text)
{
	struct grid_meter *m = context;

	if (m->events.refused)
		m->events.refused(m->events.context, refusal, text);
}

struct grid_meter *grid_meter_new(struct seals *seals, const struct grid_events *events)
{
	struct grid_meter *m = calloc(1, sizeof *m);

	if (!m)
		return NULL;
	m->events = *events;
	m->decoder = p1_decoder_new(&(struct p1_settings){.seals = seals});
	if (m->decoder)
		m->reader = p1_reader_new(m->decoder,
		                          &(struct p1_events){on_record, on_refused, m});
	if (m->reader)
		return m;
	grid_meter_free(m);
	return NULL;
}

void grid_meter_free(struct grid_meter *m)
{
	if (!m)
		return;
	p1_reader_free(m->reader);
	p1_decoder_free(m->decoder);
	free(m);
}

int grid_meter_feed(struct grid_meter *m, const uint8_t *data, size_t size)
{
	return p1_reader_feed(m->reader, INSTANT_NONE, data, size);
}

int grid_meter_idle(struct grid_meter *m)
{
	return p1_reader_idle(m->reader);
}

int grid_meter_end(struct grid_meter *m)
{
	return p1_reader_end(m->reader);
}

int grid_meter_cut(struct grid_meter *m)
{
	return p1_reader_cut(m->reader);
}

uint64_t grid_meter_refused(const struct grid_meter *m)
{
	return p1_reader_refused(m->reader);
}
