#include "protocol/json_reading.h"

#include <jansson.h>
#include <string.h>

#include "base/error.h"
#include "record/quantity.h"

enum { DEPTH = 4 };

/* Objects whose members count as well: Tasmota, Shelly's status and its notifications. */
static const char *const containers[] = {"ENERGY", "params", "result", "em:0"};

/* Keys of other programs; a list gives a value for each phase. */
static const struct {
	const char *key;
	int shift; /* power of ten to the unit of the vocabulary */
	const char *names[3];
} aliases[] = {
#define PHASES(name)                               \
	{                                          \
		name "_l1", name "_l2", name "_l3" \
	}
	{"Current", 0, PHASES("current")}, /* Tasmota */
	{"Voltage", 0, PHASES("voltage")},
	{"Power", 0, PHASES("power")},
	{"ApparentPower", 0, PHASES("apparent_power")},
	{"ReactivePower", 0, PHASES("reactive_power")},
	{"a_current", 0, {"current_l1"}}, /* Shelly */
	{"b_current", 0, {"current_l2"}},
	{"c_current", 0, {"current_l3"}},
	{"a_voltage", 0, {"voltage_l1"}},
	{"b_voltage", 0, {"voltage_l2"}},
	{"c_voltage", 0, {"voltage_l3"}},
	{"a_act_power", 0, {"power_l1"}},
	{"b_act_power", 0, {"power_l2"}},
	{"c_act_power", 0, {"power_l3"}},
	{"a_aprt_power", 0, {"apparent_power_l1"}},
	{"b_aprt_power", 0, {"apparent_power_l2"}},
	{"c_aprt_power", 0, {"apparent_power_l3"}},
	{"total_act_power", 0, {"power"}},
	{"phase_power_current_l1", 0, {"current_l1"}}, /* DSMR-reader */
	{"phase_power_current_l2", 0, {"current_l2"}},
	{"phase_power_current_l3", 0, {"current_l3"}},
	{"phase_voltage_l1", 0, {"voltage_l1"}},
	{"phase_voltage_l2", 0, {"voltage_l2"}},
	{"phase_voltage_l3", 0, {"voltage_l3"}},
	{"phase_currently_delivered_l1", 3, {"power_import_l1"}},
	{"phase_currently_delivered_l2", 3, {"power_import_l2"}},
	{"phase_currently_delivered_l3", 3, {"power_import_l3"}},
	{"phase_currently_returned_l1", 3, {"power_export_l1"}},
	{"phase_currently_returned_l2", 3, {"power_export_l2"}},
	{"phase_currently_returned_l3", 3, {"power_export_l3"}},
	{"electricity_currently_delivered", 3, {"power_import"}},
	{"electricity_currently_returned", 3, {"power_export"}},
#undef PHASES
};

/* Times at which the reading was published: they stand in for the meter's clock. */
static const char *const clocks[] = {"meter_time", "time", "Time", "timestamp"};

static void add_text(struct record *r, const char *name, const json_t *value)
{
	size_t size = json_string_length(value);
	const char *copy = record_copy(r, json_string_value(value), size);

	record_text(r, name, copy, copy ? size : 0);
}

/* A number, also as a text; anything else is null. */
static void add_number(struct record *r, const char *name, int shift, const json_t *value)
{
	const struct quantity *q = quantity_named(name, strlen(name));
	const char *unit = q ? q->unit : NULL;
	struct decimal d;

	if (json_is_integer(value)) {
		d = decimal_i64(json_integer_value(value), shift);
		record_decimal(r, name, unit, d);
	} else if (json_is_string(value) &&
	           !decimal_parse(&d, json_string_value(value), json_string_length(value))) {
		record_decimal(r, name, unit, decimal_shift(d, shift));
	} else if (json_is_real(value)) {
		record_f64(r, name, unit, json_real_value(value) * (shift ? 1000 : 1));
	} else {
		record_null(r, name)->unit = unit;
	}
}

/* A value of --units is an object with its unit. */
static const json_t *plain(const json_t *value)
{
	const json_t *inner = json_object_get(value, "value");

	return inner ? inner : value;
}

static void add_quantity(struct record *r, const struct quantity *q, const json_t *value)
{
	if (record_find(r, q->name))
		return;
	if (q->unit)
		add_number(r, q->name, 0, value);
	else if (json_is_string(value))
		add_text(r, q->name, value);
}

static void add_alias(struct record *r, size_t alias, const json_t *value)
{
	const char *const *names = aliases[alias].names;
	size_t count = json_is_array(value) ? json_array_size(value) : 1;

	for (size_t i = 0; i < count && i < 3 && names[i]; i++)
		if (!record_find(r, names[i]))
			add_number(r, names[i], aliases[alias].shift,
			           json_is_array(value) ? json_array_get(value, i) : value);
}

static bool is_container(const char *key)
{
	bool is = false;

	for (size_t i = 0; i < sizeof containers / sizeof *containers; i++)
		is = is || !strcmp(containers[i], key);
	return is;
}

static bool is_clock(const char *key)
{
	bool is = false;

	for (size_t i = 0; i < sizeof clocks / sizeof *clocks; i++)
		is = is || !strcmp(clocks[i], key);
	return is;
}

static void add_all(struct record *r, json_t *object, int depth)
{
	const char *key;
	json_t *value;

	json_object_foreach(object, key, value)
	{
		const struct quantity *q = quantity_named(key, strlen(key));

		if (q && !is_clock(key))
			add_quantity(r, q, plain(value));
		if (!strcmp(key, "header") && json_is_string(value))
			add_text(r, "header",
			         value); /* whose reading it is, where no meter_id tells */
		for (size_t i = 0; !q && i < sizeof aliases / sizeof *aliases; i++)
			if (!strcmp(aliases[i].key, key))
				add_alias(r, i, value);
		if (json_is_object(value) && is_container(key) && depth < DEPTH)
			add_all(r, value, depth + 1);
	}
}

static void add_clock(struct record *r, const json_t *object)
{
	struct stamp stamp;

	for (size_t i = 0; i < sizeof clocks / sizeof *clocks; i++) {
		const char *text = json_string_value(plain(json_object_get(object, clocks[i])));

		if (text && stamp_parse(&stamp, text)) {
			record_time(r, "meter_time", &stamp);
			return;
		}
	}
}

/* Whether the name is the base, or that of a phase. */
static bool is_of(const char *name, const char *base)
{
	size_t length = strlen(base);

	return !strncmp(name, base, length) &&
	       (!name[length] || (!strncmp(name + length, "_l", 2) && strlen(name + length) == 3));
}

static bool tells(const struct record *r)
{
	bool told = false;

	for (const struct value *v = r->values; v < r->values + r->count; v++)
		told = told || is_of(v->name, "current") || is_of(v->name, "power") ||
		       is_of(v->name, "power_import") || is_of(v->name, "power_export");
	return told;
}

int json_reading(struct record *r, const char *text, size_t size)
{
	json_t *object = json_loadb(text, size, JSON_REJECT_DUPLICATES, NULL);
	int error = 0;

	record_begin(r, "json");
	if (!json_is_object(object)) {
		json_decref(object);
		return EM_SYNTAX;
	}
	add_clock(r, object);
	add_all(r, object, 0);
	if (r->failed)
		error = EM_NO_MEMORY;
	else if (!tells(r))
		error = EM_UNKNOWN;
	json_decref(object);
	return error;
}
