#include "control/grid_reading.h"

#include <string.h>

#include "balance/settings.h"
#include "control/grid_energy.h"
#include "control/grid_powers.h"
#include "control/grid_value.h"

enum {
	MOST = 1000000,         /* mA or mV */
	LEAST_VOLTAGE = 100000, /* mV: below it, P / U says nothing */
	LOW_VOLTAGE = 207000,   /* mV: 230 V less a tenth, the least that is permitted */
	HIGH_VOLTAGE = 253000,  /* mV: 230 V and a tenth, the most that is permitted */
	CONTRADICTS = 1000      /* mA that a meter of whole amperes may cut off */
};

/* The values of a phase, or the totals. */
enum phase_value {
	CURRENT,
	VOLTAGE,
	OTHER_VOLTAGE,
	POWER,
	IMPORT,
	EXPORT,
	APPARENT, /* from here on: GRID_SUBSTITUTE */
	APPARENT_IMPORT,
	APPARENT_EXPORT,
	REACTIVE,
	REACTIVE_IMPORT,
	REACTIVE_EXPORT,
	PHASE_VALUES
};

#define NAMES(n, voltage, other)                                                                  \
	{                                                                                         \
		"current" n, voltage, other, "power" n, "power_import" n, "power_export" n,       \
			"apparent_power" n, "apparent_power_import" n, "apparent_power_export" n, \
			"reactive_power" n, "reactive_power_import" n, "reactive_power_export" n  \
	}

static const char *const phase_names[GRID_PHASES][PHASE_VALUES] = {
	NAMES("_l1", "voltage_l1", "voltage"),
	NAMES("_l2", "voltage_l2", "voltage"),
	NAMES("_l3", "voltage_l3", "voltage"),
};
static const char *const totals[PHASE_VALUES] = NAMES("", "voltage", "voltage_l1");
#undef NAMES

/* What is told of a phase, in mA, mV and mW. */
struct phase {
	bool current, voltage, power; /* told, and possible */
	int64_t amps, volts, watts;
	int64_t direction; /* above 0: the phase imports; below 0: it exports */
	bool no_voltage;   /* nothing is told of the voltage, not even a wrong one */
};

static bool is_power(int64_t n)
{
	return n >= -GRID_MOST_POWER && n <= GRID_MOST_POWER;
}

/* A power with sign goes before import and export. An export alone tells only the direction. */
static void get_power(struct phase *p, const struct record *r, const char *const *names)
{
	int64_t import = 0, export = 0;

	p->power = grid_milli(r, names[POWER], &p->watts);
	if (!p->power) {
		p->power = grid_milli(r, names[IMPORT], &import);
		grid_milli(r, names[EXPORT], &export);
		p->watts = import - export;
	}
	p->direction = p->watts;
	p->power = p->power && is_power(p->watts);
}

static void get_voltage(struct phase *p, const struct record *r, const char *const *names)
{
	p->no_voltage = !grid_milli(r, names[VOLTAGE], &p->volts) &&
	                !grid_milli(r, names[OTHER_VOLTAGE], &p->volts);
	p->voltage = !p->no_voltage && p->volts >= LEAST_VOLTAGE && p->volts <= MOST;
}

static struct phase get(const struct record *r, const char *const *names, bool inverted)
{
	struct phase p = {0};

	p.current = grid_milli(r, names[CURRENT], &p.amps);
	get_power(&p, r, names);
	get_voltage(&p, r, names);
	if (!inverted)
		return p;
	p.amps = -p.amps;
	p.watts = -p.watts;
	p.direction = -p.direction;
	return p;
}

static int64_t divide(int64_t power, int64_t voltage)
{
	return (power * 1000 + (power < 0 ? -voltage / 2 : voltage / 2)) / voltage;
}

/* A value with sign, or the larger one of both directions. */
static bool either(const struct record *r, const char *const names[3], int64_t *out)
{
	int64_t import = 0, export = 0;
	bool told = grid_milli(r, names[0], out);

	if (!told) {
		told = grid_milli(r, names[1], &import);
		told = grid_milli(r, names[2], &export) || told;
		*out = import > export ? import : export;
	}
	return told && is_power(*out);
}

/* The apparent power, if the record tells it and it does not contradict the active power. */
static bool apparent(const struct record *r, const char *const *names, int64_t active, int64_t *out)
{
	int64_t n;

	if (either(r, names + APPARENT, &n) && n > 0 && n >= active - active / 10) {
		*out = n > active ? n : active;
		return true;
	}
	if (!either(r, names + REACTIVE, &n))
		return false;
	*out = llround(hypot((double)active, (double)n));
	return true;
}

/* The current behind the powers: for meters that tell no currents. */
static bool current_of_power(const struct record *r, const char *const *names,
                             const struct phase *p, const struct grid_rules *rules, int64_t *out,
                             unsigned *estimated)
{
	int64_t active = p->watts < 0 ? -p->watts : p->watts, power;

	if (!p->power || (!p->voltage && !p->no_voltage))
		return false;
	if (!apparent(r, names, active, &power)) {
		power = active * 1000 / rules->power_factor;
		*estimated |= GRID_POWER_FACTOR;
	}
	if (p->no_voltage)
		*estimated |= GRID_LOW_VOLTAGE;
	*out = divide(p->watts < 0 ? -power : power, p->no_voltage ? LOW_VOLTAGE : p->volts);
	return true;
}

/* Most meters tell currents without sign: the power of the phase gives the direction. */
static int64_t directed(const struct phase *p)
{
	bool wrong = (p->direction < 0 && p->amps > 0) || (p->direction > 0 && p->amps < 0);

	return wrong ? -p->amps : p->amps;
}

/* No current is below P / U: a meter that tells less imports what its power needs. */
static int64_t at_least(const struct phase *p, int64_t n)
{
	int64_t needed;

	if (!p->power || p->watts <= 0)
		return n;
	needed = divide(p->watts, p->voltage ? p->volts : HIGH_VOLTAGE);
	return needed > n + CONTRADICTS ? needed : n;
}

static int32_t current(const struct record *r, const char *const *names,
                       const struct grid_rules *rules, unsigned *estimated)
{
	struct phase p = get(r, names, rules->inverted);
	int64_t n;

	if (p.current)
		n = at_least(&p, directed(&p));
	else if (!current_of_power(r, names, &p, rules, &n, estimated))
		return CURRENT_NONE;
	return n < -MOST || n > MOST ? CURRENT_NONE : (int32_t)n;
}

/* The house has one phase, and the meter tells totals alone. */
static bool is_total(const struct grid_reading *reading, const struct grid_rules *rules)
{
	bool told = false;

	for (int i = 0; i < GRID_PHASES; i++)
		told = told || reading->currents[i] != CURRENT_NONE;
	return !told && rules->phases && *rules->phases == 1;
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

void grid_reading_of(struct grid_reading *out, char id[IDENTITY_TEXT], const struct record *r,
                     const struct grid_rules *rules)
{
	const struct value *clock = record_find(r, "meter_time");

	*out = (struct grid_reading){.clock = INSTANT_NONE,
	                             .id = id,
	                             .still = grid_energy(r, rules->inverted),
	                             .powers = grid_powers(r, rules->inverted)};
	if (clock && clock->kind == VALUE_TIME)
		out->clock = stamp_instant(&clock->as.time);
	for (int i = 0; i < GRID_PHASES; i++)
		out->currents[i] = current(r, phase_names[i], rules, &out->estimated);
	if (is_total(out, rules))
		out->currents[0] = current(r, totals, rules, &out->estimated);
	identify(r, id);
}

bool grid_reading_names_phases(const struct record *r)
{
	static const enum phase_value named[] = {CURRENT, POWER, IMPORT, EXPORT};
	bool found = false;

	for (int i = 0; i < GRID_PHASES; i++)
		for (size_t n = 0; n < sizeof named / sizeof *named; n++)
			found = found || record_find(r, phase_names[i][named[n]]);
	return found;
}

static enum grid_use use_in(const char *const *names, const char *name)
{
	for (int i = 0; i < PHASE_VALUES; i++)
		if (strcmp(names[i], name) == 0)
			return i < APPARENT ? GRID_NEEDED : GRID_SUBSTITUTE;
	return GRID_UNUSED;
}

enum grid_use grid_reading_use(const char *name)
{
	enum grid_use use = use_in(totals, name);

	for (int i = 0; i < GRID_PHASES && use == GRID_UNUSED; i++)
		use = use_in(phase_names[i], name);
	if (strcmp(name, "energy_import") == 0 || strcmp(name, "energy_export") == 0)
		use = GRID_NEEDED;
	return use;
}
