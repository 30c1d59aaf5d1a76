#include "service/answers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "protocol/dsmr/dsmr.h"

enum { NAME = 32, INVERTER_POWER = 40084, INVERTER_ENERGY = 40094 };

const char answers_unknown[] = "not implemented, run 'help' for an overview";

struct answers {
	const struct inverter_reading *inverter; /* or NULL */
	struct dsmr *decoder;
	struct record record; /* of the last telegram, once `decoded` */
	uint8_t *telegram;
	size_t size, capacity;
	struct p1_telegram last; /* without data before the first telegram */
	instant time, now;       /* of the telegram, and of the request */
	bool decoded;
};

struct number {
	struct decimal value;
	bool valid;
};

static const struct value *find(const struct answers *a, const char *name)
{
	return a->last.data ? record_find(&a->record, name) : NULL;
}

static struct number value_of(const struct answers *a, const char *name)
{
	const struct value *v = find(a, name);

	return v && v->kind == VALUE_DECIMAL ? (struct number){v->as.decimal, true}
	                                     : (struct number){0};
}

static struct number part_of(const struct answers *a, const char *name, const char *part)
{
	char whole[NAME];

	snprintf(whole, sizeof whole, "%s_%s", name, part);
	return value_of(a, whole);
}

static struct number add(struct number a, struct number b)
{
	struct number sum = {.valid = a.valid && b.valid};

	if (sum.valid && decimal_add(&sum.value, a.value, b.value))
		sum.valid = false;
	return sum;
}

static struct number subtract(struct number a, struct number b)
{
	b.value.negative = !b.value.negative;
	return add(a, b);
}

static struct number in_kilo(struct number n)
{
	n.value = decimal_shift(n.value, -3);
	return n;
}

static struct number in_kilo_of(const struct answers *a, const char *name)
{
	return in_kilo(value_of(a, name));
}

/* The sum of the phases that the meter prints; a meter without phases has its sum. */
static struct number phases_of(const struct answers *a, const char *name)
{
	static const char *const phases[] = {"l1", "l2", "l3"};
	struct number sum = {0};

	for (int i = 0; i < 3; i++) {
		struct number n = part_of(a, name, phases[i]);

		if (n.valid)
			sum = sum.valid ? add(sum, n) : n;
	}
	return sum.valid ? sum : value_of(a, name);
}

/* The sum of both tariffs in kWh; a meter without tariffs has its sum. */
static struct number tariffs_of(const struct answers *a, const char *name)
{
	struct number sum = add(part_of(a, name, "t1"), part_of(a, name, "t2"));

	return in_kilo(sum.valid ? sum : value_of(a, name));
}

static struct number net_power(const struct answers *a, const char *name)
{
	(void)name;
	return subtract(phases_of(a, "power_import"), phases_of(a, "power_export"));
}

static struct number net_energy(const struct answers *a, const char *name)
{
	(void)name;
	return subtract(tariffs_of(a, "energy_import"), tariffs_of(a, "energy_export"));
}

static struct number inverter_number(const struct answers *a, unsigned number)
{
	struct number n = {0};

	if (a->inverter)
		n.valid = inverter_value(a->inverter, number, a->now, &n.value);
	return n;
}

static struct number consumption(const struct answers *a, const char *name)
{
	struct number net = subtract(value_of(a, "power_import"), value_of(a, "power_export"));

	(void)name;
	return add(net, inverter_number(a, INVERTER_POWER));
}

static void put_number(struct text *out, struct number n, const char *missing)
{
	if (n.valid && !n.value.digits)
		n.value.negative = false;
	if (n.valid)
		text_decimal(out, n.value);
	else
		text_puts(out, missing);
}

static void put_time(struct text *out, const struct answers *a, const char *name)
{
	const struct value *v = find(a, name);

	if (v && v->kind == VALUE_TIME)
		text_stamp(out, &v->as.time);
	else
		text_puts(out, "nan");
}

static void put_member(struct text *out, const char *name, struct number n)
{
	text_printf(out, ",\"%s\":", name);
	put_number(out, n, "null");
}

static void put_seconds(struct text *out, const char *name, instant time)
{
	struct number n = {decimal_i64(time == INSTANT_NONE ? 0 : time, -3), time != INSTANT_NONE};

	put_member(out, name, n);
}

static void put_json(struct text *out, const struct answers *a, const char *name)
{
	struct number import = value_of(a, "power_import"), export = value_of(a, "power_export");
	struct number sun = inverter_number(a, INVERTER_POWER);

	(void)name;
	text_puts(out, "{\"energy\":{\"unit\":\"Wh\"");
	put_member(out, "p1consumedtariff1", value_of(a, "energy_import_t1"));
	put_member(out, "p1consumedtariff2", value_of(a, "energy_import_t2"));
	put_member(out, "p1producedtariff1", value_of(a, "energy_export_t1"));
	put_member(out, "p1producedtariff2", value_of(a, "energy_export_t2"));
	put_member(out, "sunspecproduced", inverter_number(a, INVERTER_ENERGY));
	text_puts(out, "},\"power\":{\"unit\":\"W\"");
	put_member(out, "p1consuming", import);
	put_member(out, "p1producing", export);
	put_member(out, "sunspecproducing", sun);
	put_member(out, "netconsuming", subtract(add(import, sun), export));
	text_puts(out, "}");
	put_seconds(out, "p1timestamp", a->last.data ? a->time : INSTANT_NONE);
	put_seconds(out, "modbustimestamp", a->inverter ? a->inverter->time : INSTANT_NONE);
	text_puts(out, "}");
}

static void put_telegram(struct text *out, const struct answers *a, const char *name)
{
	(void)name;
	if (a->last.data)
		text_add(out, (const char *)a->telegram, a->size);
	else
		text_puts(out, "nan");
}

static void put_test(struct text *out, const struct answers *a, const char *name)
{
	(void)a;
	(void)name;
	text_puts(out, "emtool p1 answers");
}

static void put_help(struct text *out, const struct answers *a, const char *name);

/* A command answers with a number or puts a text; both functions get `name`. */
static const struct row {
	const char *word, *about;
	struct number (*number)(const struct answers *a, const char *name);
	const char *name;
	void (*put)(struct text *out, const struct answers *a, const char *name);
} rows[] = {
	{"help", "this list", NULL, NULL, put_help},
	{"test", "a fixed text, to see that the service answers", NULL, NULL, put_test},
	{"all", "the last complete telegram, verbatim", NULL, NULL, put_telegram},
	{"json", "energy, power and times of meter and inverter", NULL, NULL, put_json},
	{"pcuruse", "power used, W", phases_of, "power_import", NULL},
	{"10s", "power used, W", phases_of, "power_import", NULL},
	{"pcurprod", "power produced, W", phases_of, "power_export", NULL},
	{"pcurnet", "power used less produced, W", net_power, NULL, NULL},
	{"volt", "voltage of phase 1, V", value_of, "voltage_l1", NULL},
	{"VL1", "voltage of phase 1, V", value_of, "voltage_l1", NULL},
	{"VL2", "voltage of phase 2, V", value_of, "voltage_l2", NULL},
	{"VL3", "voltage of phase 3, V", value_of, "voltage_l3", NULL},
	{"PL1+", "power used, phase 1, W", value_of, "power_import_l1", NULL},
	{"PL2+", "power used, phase 2, W", value_of, "power_import_l2", NULL},
	{"PL3+", "power used, phase 3, W", value_of, "power_import_l3", NULL},
	{"PL1-", "power produced, phase 1, W", value_of, "power_export_l1", NULL},
	{"PL2-", "power produced, phase 2, W", value_of, "power_export_l2", NULL},
	{"PL3-", "power produced, phase 3, W", value_of, "power_export_l3", NULL},
	{"gas", "gas, m3", value_of, "gas", NULL},
	{"gastime", "time of the gas reading", NULL, "gas_time", put_time},
	{"net", "energy used less produced, kWh", net_energy, NULL, NULL},
	{"cur", "energy used, kWh", tariffs_of, "energy_import", NULL},
	{"curused", "energy used, kWh", tariffs_of, "energy_import", NULL},
	{"curproduced", "energy produced, kWh", tariffs_of, "energy_export", NULL},
	{"usagetariff1", "energy used in tariff 1, kWh", in_kilo_of, "energy_import_t1", NULL},
	{"usagetariff2", "energy used in tariff 2, kWh", in_kilo_of, "energy_import_t2", NULL},
	{"timestamp", "time of the telegram", NULL, "meter_time", put_time},
	{"consumption", "power used by the house, with the inverter's, W", consumption, NULL, NULL},
};

enum { ROWS = sizeof rows / sizeof rows[0] };

static void put_help(struct text *out, const struct answers *a, const char *name)
{
	(void)a;
	(void)name;
	for (size_t i = 0; i < ROWS; i++)
		text_printf(out, "%-14s%s\n", rows[i].word, rows[i].about);
	text_puts(out, "40072..40107  a SunSpec register of the inverter, scaled");
}

/* Five digits are a register number of the inverter. */
static bool is_register(const char *word)
{
	return strspn(word, "0123456789") == 5 && !word[5];
}

static void decode(struct answers *a)
{
	if (a->decoded || !a->last.data)
		return;
	a->decoded = !dsmr_decode(a->decoder, &a->last, &a->record);
	if (!a->decoded)
		a->last.data = NULL;
}

void answers_give(struct answers *a, const char *word, instant now, struct text *out)
{
	const struct row *row = rows;

	a->now = now;
	decode(a);
	while (row < rows + ROWS && strcmp(row->word, word))
		row++;
	if (row < rows + ROWS && row->number)
		put_number(out, row->number(a, row->name), "nan");
	else if (row < rows + ROWS)
		row->put(out, a, row->name);
	else if (is_register(word))
		put_number(out, inverter_number(a, (unsigned)strtoul(word, NULL, 10)), "nan");
	else
		text_puts(out, answers_unknown);
}

int answers_keep(struct answers *a, const struct p1_telegram *t, instant time)
{
	bool ended = t->data[t->whole - 1] == '\n';
	size_t size = t->whole + (ended ? 0 : 2);
	uint8_t *copy;

	if (size > a->capacity) {
		copy = realloc(a->telegram, size * 2);
		if (!copy)
			return EM_NO_MEMORY;
		a->telegram = copy;
		a->capacity = size * 2;
	}
	memcpy(a->telegram, t->data, t->whole);
	if (!ended)
		memcpy(a->telegram + t->whole, "\r\n", 2);
	a->size = size;
	a->last = *t;
	a->last.data = a->telegram;
	a->time = time;
	a->decoded = false;
	return 0;
}

struct answers *answers_new(int gas_channel, const struct inverter_reading *inverter)
{
	struct answers *a = calloc(1, sizeof *a);

	if (!a)
		return NULL;
	a->inverter = inverter;
	a->decoder = dsmr_new(gas_channel);
	if (a->decoder)
		return a;
	free(a);
	return NULL;
}

void answers_free(struct answers *a)
{
	if (!a)
		return;
	dsmr_free(a->decoder);
	record_free(&a->record);
	free(a->telegram);
	free(a);
}
