/* Every row of every built-in meter map against a copy of the published maps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "device/meter_map.h"

struct fact {
	char name[64], type[8], step[16], unit[8];
	unsigned function, address, count;
	bool low_first;
};

static const char *const type_names[] = {
	[TYPE_U16] = "u16", [TYPE_S16] = "s16", [TYPE_U32] = "u32", [TYPE_S32] = "s32",
	[TYPE_U64] = "u64", [TYPE_S64] = "s64", [TYPE_F32] = "f32", [TYPE_F64] = "f64",
};

/* `power 4@52 f32< 0.1 kW`; the count of registers follows the address when the type does not say it. */
static bool parse_fact(const char *line, struct fact *f)
{
	char where[24], *end;

	if (sscanf(line, "%63s %23s %7s %15s %7s", f->name, where, f->type, f->step, f->unit) != 5)
		return false;
	f->function = (unsigned)strtoul(where, &end, 10);
	f->address = (unsigned)strtoul(end + 1, &end, 10);
	f->low_first = strchr(f->type, '<') != NULL;
	f->type[strcspn(f->type, "<")] = 0;
	f->count = *end == ':' ? (unsigned)strtoul(end + 1, NULL, 10)
	                       : (unsigned)strtoul(f->type + 1, NULL, 10) / 16;
	return true;
}

/* The power of ten of a step, in the unit without its prefix. */
static int power_of(const struct fact *f, const char **unit)
{
	int power = f->unit[0] == 'k' ? 3 : 0;
	const char *point = strchr(f->step, '.');

	*unit = f->unit + (power > 0);
	if (!strcmp(f->unit, "-"))
		*unit = NULL;
	return point ? power - (int)strlen(point + 1) : power + (int)strlen(f->step) - 1;
}

static void check_row(const struct meter *meter, const struct meter_row *row, const struct fact *f)
{
	const char *unit;
	int power = power_of(f, &unit);

	if (strcmp(row->name, f->name) != 0)
		fail_msg("%s: %s, but the document has %s", meter->name, row->name, f->name);
	if (row->address != f->address || row->function != f->function || row->count != f->count)
		fail_msg("%s %s: wrong place", meter->name, row->name);
	if (strcmp(type_names[row->type], f->type) != 0 ||
	    (row->count > 1 && (row->order == ORDER_LITTLE) != f->low_first))
		fail_msg("%s %s: wrong type", meter->name, row->name);
	if (row->scale != power || !row->unit != !unit || (unit && strcmp(row->unit, unit) != 0))
		fail_msg("%s %s: wrong unit or scale (%d %s)", meter->name, row->name, row->scale,
		         row->unit ? row->unit : "-");
}

static void all_rows(void **state)
{
	FILE *file = fopen("tests/unit/meter_maps.txt", "r");
	const struct meter *meter = NULL;
	size_t rows = 0, checked = 0, found = 0;
	char line[160], name[64];
	struct fact fact;

	(void)state;
	assert_non_null(file);
	while (fgets(line, sizeof line, file)) {
		if (!strncmp(line, "meter ", 6) && sscanf(line + 6, "%63s", name) == 1) {
			assert_int_equal(meter ? meter->count : 0, rows);
			meter = meter_named(name);
			assert_non_null(meter);
			rows = 0;
			found++;
		} else if (line[0] != '#' && parse_fact(line, &fact)) {
			assert_true(meter && rows < meter->count);
			check_row(meter, &meter->rows[rows++], &fact);
			checked++;
		}
	}
	fclose(file);
	assert_int_equal(meter ? meter->count : 0, rows);
	assert_int_equal(found, meter_count);
	assert_int_equal(checked, 1113);
}

/* Which meters send all ones (signed: the largest number) for "not available". */
static void meters_with_a_mark_for_absence(void **state)
{
	(void)state;
	for (size_t i = 0; i < meter_count; i++)
		assert_int_equal(meters[i]->none, !strcmp(meters[i]->name, "abb_b21_b23_b24"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_rows),
		cmocka_unit_test(meters_with_a_mark_for_absence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
