/* SunSpec values: points, texts, groups and contradictions, out of small register images. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sunspec_device.h"
#include "protocol/sunspec/builder.h"

static void test_table(void **state)
{
	const struct sunspec_set *where;
	const struct sunspec_model *m = sunspec_find(&sunspec_builtin, 103, &where);
	const struct sunspec_group *root;

	(void)state;
	assert_int_equal(sunspec_builtin.count, 112);
	assert_non_null(m);
	root = &where->groups[m->group];
	assert_string_equal(where->text + m->name, "inverter_three_phase");
	assert_int_equal(sunspec_points_size(where, root), 50);
	assert_int_equal(root->points, 43);
	for (unsigned i = 0; i < root->points; i++)
		if (!strcmp(where->text + where->points[root->point + i].name, "St"))
			assert_string_equal(
				sunspec_symbol(where, &where->points[root->point + i], 4), "MPPT");
	assert_null(sunspec_find(&sunspec_builtin, 100, &where));
}

static void test_values(void **state)
{
	struct device *d = device_new(40000);
	struct result r = {.count = 0};

	(void)state;
	put_marker(d);
	MODEL(d, 101, 50, {2, 325}, {3, 0xFFFF}, {6, (uint16_t)-2}, {10, 2301}, {13, (uint16_t)-1},
	      {14, (uint16_t)-74}, {15, 1}, {16, 4999}, {17, 11}, {18, 5}, {22, (uint16_t)-9978},
	      {23, (uint16_t)-10}, {24, 0}, {25, 0}, {26, 0}, {38, 4}, {39, 7}, {40, 0x8000},
	      {41, 6}, {42, 0}, {43, 1});
	put_end(d);
	walk_once(d, &r, NULL);
	assert_int_equal(r.ending, SUNSPEC_CLEAN);
	assert_int_equal(r.count, 1);
	has(&r.records[0], "\"model\":101,\"name\":\"inverter_single_phase\",\"instance\":1,"
	                   "\"address\":40002,\"length\":50,\"A\":3.25,\"AphA\":null,");
	has(&r.records[0], "\"A_SF\":-2,");
	has(&r.records[0], "\"PhVphA\":230.1,");
	has(&r.records[0], "\"W\":-740,\"W_SF\":1,");
	has(&r.records[0], "\"Hz\":null,\"Hz_SF\":11,");   /* out of -10..10 */
	has(&r.records[0], "\"VA\":null,\"VA_SF\":null,"); /* no scale factor */
	has(&r.records[0], "\"PF\":-0.0000009978,");
	has(&r.records[0], "\"WH\":null,"); /* nothing accumulated */
	has(&r.records[0], "\"St\":4,\"St_name\":\"MPPT\",\"StVnd\":7,");
	has(&r.records[0],
	    "\"Evt1\":2147483654,"
	    "\"Evt1_names\":[\"DC_OVER_VOLT\",\"AC_DISCONNECT\",\"bit31\"],\"Evt2\":1,");
	has(&r.records[0], "\"bad_scale\":[\"Hz\",\"VA\"");
	assert_null(strstr(printed(&r.records[0]), "warning"));
	walk_once(d, &r, &(struct sunspec_options){.raw = true});
	has(&r.records[0], "\"W\":-74,");
	has(&r.records[0], "\"Hz\":4999,");
	walk_once(
		d, &r,
		&(struct sunspec_options){.points = (const char *[]){"W", "St"}, .point_count = 2});
	has(&r.records[0], "\"length\":50,\"W\":-740,\"St\":4,\"St_name\":\"MPPT\"}");
	device_free(d, &r);
}

static void test_texts(void **state)
{
	struct device *d = device_new(40000);
	struct result r = {.count = 0};

	(void)state;
	put_marker(d);
	/* Mn "ab\0c", Md "Gr\xFC\xDF", Opt "GR\xC3\x9C ", Vr 0x0080, SN all NUL; length 65: no pad */
	MODEL(d, 1, 65, {2, 0x6162}, {3, 0x0063}, {18, 0x4772}, {19, 0xFCDF}, {20, 0}, {34, 0x4752},
	      {35, 0xC39C}, {36, 0x2000}, {42, 0x0080}, {66, 3});
	for (unsigned i = 50; i < 66; i++)
		sunspec_image_put(&d->image, 40002 + i, &(uint16_t){0}, 1);
	MODEL(d, 11, 13, {5, 0}, {6, 0x0011}, {7, 0x22AA}, {8, 0xBBFF});
	put_end(d);
	walk_once(d, &r, NULL);
	assert_int_equal(r.count, 2);
	has(&r.records[0], "\"Mn\":\"ab\",\"Md\":\"Gr\303\274\303\237\",\"Opt\":\"GR\303\234 \","
	                   "\"Vr\":\"\",\"SN\":null,\"DA\":3}");
	has(&r.records[1], "\"MAC\":\"00:11:22:aa:bb:ff\"");
	device_free(d, &r);
}

static unsigned count_of(const struct record *r, const char *part)
{
	const char *at = printed(r);
	unsigned n = 0;

	while ((at = strstr(at, part))) {
		at++;
		n++;
	}
	return n;
}

static void test_groups(void **state)
{
	static const struct {
		unsigned stated_curves, stated_points, curves, points;
		bool warning;
	} cases[] = {
		{2, 3, 2, 6, false},
		{0, 3, 2, 6, true},
		{0xFFFF, 3, 2, 6, true},
		{7, 3, 2, 6, true},
	};
	struct result r = {.count = 0};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct device *d = device_new(40000);

		put_marker(d);
		put_705(d, 2, 3, cases[i].stated_curves, cases[i].stated_points);
		put_end(d);
		walk_once(d, &r, NULL);
		assert_int_equal(r.count, 1);
		assert_int_equal(count_of(&r.records[0], "\"ActPt\":"), cases[i].curves);
		assert_int_equal(count_of(&r.records[0], "\"Var\":"), cases[i].points);
		assert_int_equal(count_of(&r.records[0], "\"warning\":"), cases[i].warning);
		has(&r.records[0], "\"Pt\":[{\"V\":100,\"Var\":null},{\"V\":101,");
		walk_once(d, &r, &(struct sunspec_options){.flat = true});
		has(&r.records[0], "\"Crv_2_Pt_3_V\":102,");
		walk_once(d, &r,
		          &(struct sunspec_options){.points = (const char *[]){"Pt"},
		                                    .point_count = 1});
		has(&r.records[0], "\"Crv\":[{\"Pt\":[{\"V\":0,\"Var\":null}");
		device_free(d, &r);
	}
}

/* Groups in groups whose names together are longer than a name of a record: the names are cut. */
static void test_long_names(void **state)
{
	static const struct sunspec_options flat = {.flat = true};
	static const struct sunspec_options *const looks[] = {NULL, &flat};
	char group[SUNSPEC_NAME], expected[3 * SUNSPEC_NAME + 8];

	(void)state;
	for (size_t length = 60; length < sizeof group; length += 7) {
		struct sunspec_plan plan = {.base = -1};
		struct device *d = device_new(40000);
		struct builder *b = builder_new();
		struct result r = {.count = 0};
		struct sunspec_walk *w;
		struct sunspec_set set;
		const char *why;

		memset(group, 'g', length);
		group[length] = '\0';
		builder_model(b, 64990, "long");
		builder_group(b, group, NULL);
		builder_group(b, group, "2");
		builder_group(b, group, NULL);
		builder_point(b, &(struct builder_point){.name = "X", .type = SUNSPEC_UINT16});
		for (int i = 0; i < 3; i++)
			builder_group_end(b);
		assert_int_equal(builder_finish(b, &set, &why), 0);
		put_marker(d);
		PUT(d, 64990, 2, 7, 8);
		put_end(d);
		plan.set = &set;
		w = sunspec_walk_new(&plan);
		for (size_t look = 0; look < 2; look++) {
			walk_with(d, w, &r, looks[look]);
			assert_int_equal(r.count, 1);
		}
		snprintf(expected, sizeof expected, "%s_%s_1_%s_X", group, group, group);
		expected[UINT8_MAX] = '\0';
		assert_non_null(record_find(&r.records[0], expected));
		sunspec_walk_free(w);
		builder_free(b);
		device_free(d, &r);
	}
}

static void test_contradictions(void **state)
{
	struct device *d = device_new(0);
	struct result r = {.count = 0};

	(void)state;
	put_marker(d);
	MODEL(d, 101, 52, {14, 5}, {15, 0}, {52, 0xABCD}, {53, 1}); /* two registers too many */
	MODEL(d, 121, 26, {2, 5000});                               /* four too few */
	MODEL(d, 160, 8 + 20 + 3, {8, 1});                          /* a group and three */
	PUT(d, 65001, 0);
	PUT(d, 64999, 2, 7, 8);
	MODEL(d, 101, 50, {14, 6}, {15, 0});
	put_end(d);
	walk_once(d, &r, NULL);
	assert_int_equal(r.ending, SUNSPEC_CLEAN);
	assert_int_equal(r.count, 6);
	has(&r.records[0], "\"W\":5,");
	has(&r.records[0], "\"extra\":[43981,1],\"warning\":\"length 52 has 2 registers more");
	has(&r.records[1], "\"warning\":\"length 26 ends before the definition");
	has(&r.records[2], "\"extra\":[");
	assert_int_equal(count_of(&r.records[2], "\"IDStr\""), 1);
	has(&r.records[3], "\"model\":65001,\"instance\":1,");
	has(&r.records[3], "\"registers\":[]}");
	has(&r.records[4], "\"registers\":[7,8]}");
	has(&r.records[5], "\"instance\":2,");
	device_free(d, &r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),          cmocka_unit_test(test_values),
		cmocka_unit_test(test_texts),          cmocka_unit_test(test_groups),
		cmocka_unit_test(test_contradictions), cmocka_unit_test(test_long_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
