#include "control/grid_energy.h"

#include <string.h>

#include "base/hash.h"
#include "control/grid_value.h"

static uint64_t add_number(uint64_t hash, const struct value *v)
{
	const struct decimal *d = &v->as.decimal;

	if (v->kind == VALUE_FLOAT32)
		return fnv64(hash, &v->as.f32, sizeof v->as.f32);
	if (v->kind == VALUE_FLOAT64)
		return fnv64(hash, &v->as.f64, sizeof v->as.f64);
	hash = fnv64(hash, &d->digits, sizeof d->digits);
	hash = fnv64(hash, &d->exponent, sizeof d->exponent);
	return fnv64(hash, &d->negative, sizeof d->negative);
}

static bool begins(const struct value *v, const char *with)
{
	return v->name && strncmp(v->name, with, strlen(with)) == 0;
}

/* A register of kWh with three decimals has a last digit of 1 Wh; that of a float is not known. */
static int64_t last_digit(const struct value *v)
{
	int exponent = v->kind == VALUE_DECIMAL ? v->as.decimal.exponent : 3;
	int64_t digit = 1;

	for (int n = exponent < -3 ? -3 : exponent > 3 ? 3 : exponent; n > -3; n--)
		digit *= 10;
	return digit;
}

static void add_register(struct standstill_reading *s, const struct value *v, int64_t *unit)
{
	int64_t digit = last_digit(v);

	s->registers = add_number(s->registers, v);
	*unit = digit > *unit ? digit : *unit;
}

/* The larger one of both directions, negative when the meter tells that it exports. */
static int64_t flow(const struct record *r)
{
	int64_t import = 0, export = 0, power = 0;
	bool imports = grid_milli(r, "power_import", &import);

	if (!grid_milli(r, "power_export", &export) && !imports) {
		grid_milli(r, "power", &power);
		return power;
	}
	return import > export ? import : -export;
}

/* The last digit of the register that counts; of an inverted meter it may be either. */
static int64_t unit_of(int64_t power, int64_t imported, int64_t exported, bool inverted)
{
	if (!inverted)
		return power > 0 ? imported : exported;
	if (!imported || !exported)
		return 0;
	return imported > exported ? imported : exported;
}

struct standstill_reading grid_energy(const struct record *r, bool inverted)
{
	struct standstill_reading s = {.content = FNV64_START, .registers = FNV64_START};
	int64_t power = flow(r), imported = 0, exported = 0;

	for (const struct value *v = r->values; v < r->values + r->count; v++) {
		if (v->kind != VALUE_DECIMAL && v->kind != VALUE_FLOAT32 &&
		    v->kind != VALUE_FLOAT64)
			continue;
		s.content = add_number(s.content, v);
		if (begins(v, "energy_import"))
			add_register(&s, v, &imported);
		else if (begins(v, "energy_export"))
			add_register(&s, v, &exported);
	}
	s.power = power < 0 ? -power : power;
	s.unit = unit_of(power, imported, exported, inverted);
	if (s.power > GRID_MOST_POWER)
		s.power = 0;
	return s;
}
