/* Every point of the most used SunSpec models, and its scale factor, against an independent copy. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/sunspec/decode.h"

enum { HEADER = 2, ROWS = 100, WORDS = 400, VALUE = 7, MODELS = 19, POINTS = 754, SCALED = 364 };

struct row {
	char type[16], point[32], scale[32], flags[8], unit[32];
	char shown[80];      /* the name in a flat record */
	bool grouped;        /* the offset counts from the beginning of a group */
	unsigned at, offset; /* at: from the model's ID, with one instance of each group */
	unsigned size;
};

/* A model of the copy. */
struct sheet {
	unsigned id, total, count; /* total: registers, ID and L included */
	char name[64];
	struct row rows[ROWS];
};

/* A model, the group that is read, and where it begins. */
struct reader_state {
	struct sheet *sheet;
	char prefix[40];
	bool grouped;
};

static struct sheet sheets[MODELS];
static size_t sheet_count;

static void read_row(struct reader_state *s, const char *line)
{
	struct sheet *sheet = s->sheet;
	char shown[sizeof sheet->rows->shown];
	struct row *row;
	int unit = 0;

	assert_non_null(sheet);
	assert_in_range(sheet->count, 0, ROWS - 1);
	row = &sheet->rows[sheet->count++];
	if (sscanf(line, "%u:%u %15s %31s %31s %7s%n", &row->offset, &row->size, row->type,
	           row->point, row->scale, row->flags, &unit) != 6)
		fail_msg("no row: %s", line);
	snprintf(row->unit, sizeof row->unit, "%s", line + unit + (line[unit] == ' '));
	snprintf(shown, sizeof shown, "%s%s", s->prefix, row->point);
	memcpy(row->shown, shown, sizeof shown);
	row->grouped = s->grouped;
	row->at = sheet->total;
	sheet->total += row->size;
}

static void read_line(struct reader_state *s, const char *line)
{
	char name[32];

	if (!strncmp(line, "model ", 6)) {
		assert_in_range(sheet_count, 0, MODELS - 1);
		*s = (struct reader_state){.sheet = &sheets[sheet_count++]};
		s->sheet->total = HEADER;
		assert_int_equal(sscanf(line, "model %u %63s", &s->sheet->id, s->sheet->name), 2);
	} else if (sscanf(line, "group %31s", name) == 1) {
		bool repeats = strstr(name, "[]") != NULL;

		name[strcspn(name, "[")] = '\0';
		snprintf(s->prefix, sizeof s->prefix, "%s_%s", name, repeats ? "1_" : "");
		s->grouped = true;
	} else if (line[0] && line[0] != '#') {
		read_row(s, line);
	}
}

static int read_sheets(void **state)
{
	FILE *file = fopen("tests/unit/sunspec_rows.txt", "r");
	struct reader_state s = {0};
	char line[160];

	(void)state;
	assert_non_null(file);
	while (fgets(line, sizeof line, file)) {
		line[strcspn(line, "\n")] = '\0';
		read_line(&s, line);
	}
	return fclose(file);
}

/* Where the group begins to which a row belongs; 0 for the model itself. */
static unsigned begin_of(const struct row *row)
{
	return row->grouped ? row->at - row->offset : 0;
}

static void check_point(const struct sheet *sheet, const struct row *row,
                        const struct sunspec_set *set, const struct sunspec_point *p)
{
	const char *scale = p->scale ? set->text + p->scale : "-";
	const char *unit = p->unit ? set->text + p->unit : "";
	char flags[8];

	snprintf(flags, sizeof flags, "%s%s%s%s", p->flags ? "" : "-",
	         p->flags & SUNSPEC_MANDATORY ? "m" : "", p->flags & SUNSPEC_WRITABLE ? "w" : "",
	         p->flags & SUNSPEC_STATIC ? "s" : "");
	if (strcmp(set->text + p->name, row->point) != 0)
		fail_msg("model %u: %s, but the definition has %s", sheet->id, set->text + p->name,
		         row->point);
	if (p->size != row->size || strcmp(sunspec_type_name(p->type), row->type) != 0)
		fail_msg("model %u: %s is %s of %u registers", sheet->id, row->point,
		         sunspec_type_name(p->type), p->size);
	if (sunspec_is_power(p->scale) || strcmp(scale, row->scale) != 0)
		fail_msg("model %u: %s is scaled by %s", sheet->id, row->point, scale);
	if (strcmp(unit, row->unit) != 0)
		fail_msg("model %u: %s is in '%s'", sheet->id, row->point, unit);
	if (strcmp(flags, row->flags) != 0)
		fail_msg("model %u: %s is '%s'", sheet->id, row->point, flags);
}

/* Checks a group's points from a row of the copy on, then its groups; returns the next row. */
static unsigned check_group(const struct sheet *sheet, unsigned next, const struct sunspec_set *set,
                            const struct sunspec_group *group, unsigned offset)
{
	for (unsigned i = 0; i < group->points; i++, next++) {
		const struct sunspec_point *p = &set->points[group->point + i];

		assert_in_range(next, 0, sheet->count - 1);
		if (sheet->rows[next].offset != offset)
			fail_msg("model %u: %s is at %u", sheet->id, set->text + p->name, offset);
		check_point(sheet, &sheet->rows[next], set, p);
		offset += p->size;
	}
	for (unsigned i = 0; i < group->groups; i++)
		next = check_group(sheet, next, set, &set->groups[group->group + i], 0);
	return next;
}

static void points_are_those_of_the_definitions(void **state)
{
	unsigned checked = 0;

	(void)state;
	for (size_t i = 0; i < sheet_count; i++) {
		const struct sunspec_set *set;
		const struct sunspec_model *model = sunspec_find(&sunspec_builtin, sheets[i].id,
		                                                 &set);

		assert_non_null(model);
		assert_string_equal(set->text + model->name, sheets[i].name);
		assert_int_equal(
			check_group(&sheets[i], 0, set, &set->groups[model->group], HEADER),
			sheets[i].count);
		checked += sheets[i].count;
	}
	assert_int_equal(sheet_count, MODELS);
	assert_int_equal(checked, POINTS);
}

/* The point that scales a row: one of its own group, else one of the model. */
static const struct row *scale_of(const struct sheet *sheet, const struct row *row)
{
	const struct row *found = NULL;

	for (unsigned i = 0; i < sheet->count; i++) {
		const struct row *other = &sheet->rows[i];

		if (strcmp(other->point, row->scale) != 0 || strcmp(other->type, "sunssf") != 0)
			continue;
		if (begin_of(other) == begin_of(row) || (!found && !other->grouped))
			found = other;
	}
	return found;
}

/* Decodes the model with 7 in the row, the factor in the point that scales it, and 0 elsewhere. */
static const struct value *scaled(struct record *r, const struct sheet *sheet,
                                  const struct row *row, const struct row *scale, uint16_t factor)
{
	struct sunspec_found found = {.id = sheet->id,
	                              .instance = 1,
	                              .address = 40000,
	                              .length = sheet->total - HEADER,
	                              .readable = sheet->total - HEADER};
	static const struct sunspec_options flat = {.flat = true};
	uint16_t words[WORDS] = {(uint16_t)sheet->id, (uint16_t)found.length};

	assert_in_range(sheet->total, 0, WORDS);
	found.model = sunspec_find(&sunspec_builtin, sheet->id, &found.set);
	words[row->at + row->size - 1] = VALUE;
	words[scale->at] = factor;
	assert_true(sunspec_decode(r, &found, 1, words, &flat));
	return record_find(r, row->shown);
}

/* Exponents are -10..10. Others, and a factor that is not implemented, make the value null. */
static void check_factors(struct record *r, const struct sheet *sheet, const struct row *row)
{
	static const int factors[] = {-32768, -32767, -100, -11, 11, 12, 100, 32767};
	const struct row *scale = scale_of(sheet, row);
	const struct value *v;

	if (!scale)
		fail_msg("model %u: %s has no %s", sheet->id, row->point, row->scale);
	for (int e = -10; e <= 10; e++) {
		struct decimal expected = {.digits = VALUE, .exponent = (int16_t)e};

		v = scaled(r, sheet, row, scale, (uint16_t)e);
		if (!v || v->kind != VALUE_DECIMAL || decimal_compare(v->as.decimal, expected) != 0)
			fail_msg("model %u: wrong %s with factor %d", sheet->id, row->shown, e);
		assert_int_equal(v->address, 40000 + row->at);
	}
	for (size_t i = 0; i < sizeof factors / sizeof *factors; i++) {
		v = scaled(r, sheet, row, scale, (uint16_t)factors[i]);
		if (!v || v->kind != VALUE_NULL)
			fail_msg("model %u: %s is not null with factor %d", sheet->id, row->shown,
			         factors[i]);
	}
}

static void factors_scale_each_point(void **state)
{
	struct record r = {0};
	unsigned checked = 0;

	(void)state;
	for (size_t i = 0; i < sheet_count; i++) {
		for (unsigned k = 0; k < sheets[i].count; k++) {
			if (!strcmp(sheets[i].rows[k].scale, "-"))
				continue;
			check_factors(&r, &sheets[i], &sheets[i].rows[k]);
			checked++;
		}
	}
	assert_int_equal(checked, SCALED);
	record_free(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(points_are_those_of_the_definitions),
		cmocka_unit_test(factors_scale_each_point),
	};

	return cmocka_run_group_tests(tests, read_sheets, NULL);
}
