/* SunSpec definitions from JSON and register images from CSV, and what is wrong in them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sunspec_device.h"
#include "base/error.h"
#include "protocol/sunspec/json.h"

static void test_json(void **state)
{
	static const char model[] =
		"{\"id\":64990,\"group\":{\"name\":\"vendor\",\"points\":["
		"{\"name\":\"ID\",\"type\":\"uint16\"},{\"name\":\"L\",\"type\":\"uint16\"},"
		"{\"name\":\"T\",\"type\":\"int16\",\"sf\":-1,\"units\":\"C\"},"
		"{\"name\":\"N\",\"type\":\"uint16\"},"
		"{\"name\":\"F\",\"type\":\"int16\",\"sf\":\"F_SF\",\"units\":\"W\"},"
		"{\"name\":\"F_SF\",\"type\":\"sunssf\"},"
		"{\"name\":\"S\",\"type\":\"enum32\",\"symbols\":[{\"name\":\"ON\",\"value\":70000}]}],"
		"\"groups\":[{\"name\":\"one\",\"count\":2,\"points\":["
		"{\"name\":\"X\",\"type\":\"string\",\"size\":2}]}]}}";
	static const char *const wrong[] = {
		"",
		"[",
		"{}",
		"[{\"id\":1}]",
		"{\"id\":70000,\"group\":{}}",
		"{\"id\":5,\"group\":{\"points\":[{\"name\":\"ID\"},{\"name\":\"L\"},{\"name\":\"A\"}]}}",
	};
	struct device *d = device_new(0);
	struct sunspec_plan plan = {.base = -1};
	struct builder *b = builder_new();
	struct result r = {.count = 0};
	struct sunspec_walk *w;
	struct sunspec_set set;
	char why[JSON_WHY];
	const char *reason;

	(void)state;
	assert_int_equal(sunspec_json(b, model, sizeof model - 1, why), 0);
	assert_int_equal(builder_finish(b, &set, &reason), 0);
	set.next = &sunspec_builtin;
	put_marker(d);
	PUT(d, 64990, 10, (uint16_t)-235, 3, 7, (uint16_t)-2, 1, 4464, 0x4142, 0, 0x4344, 0);
	put_end(d);
	plan.set = &set;
	w = sunspec_walk_new(&plan);
	walk_with(d, w, &r, NULL);
	has(&r.records[0], "\"name\":\"vendor\"");
	has(&r.records[0],
	    "\"T\":-23.5,\"N\":3,\"F\":0.07,\"F_SF\":-2,\"S\":70000,\"S_name\":\"ON\","
	    "\"one\":[{\"X\":\"AB\"},{\"X\":\"CD\"}]}");
	sunspec_walk_free(w);
	builder_free(b);
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		b = builder_new();
		assert_int_equal(sunspec_json(b, wrong[i], strlen(wrong[i]), why), EM_SYNTAX);
		assert_int_not_equal(strlen(why), 0);
		builder_free(b);
	}
	device_free(d, &r);
}

static void test_image(void **state)
{
	static const char *const wrong[] = {"1",
	                                    "1,",
	                                    "1,123",
	                                    "1,12g4",
	                                    "70000,0000",
	                                    "65535,00000000",
	                                    "1,0000\naddress,hex",
	                                    "1,0000,"};
	static const char text[] = "address,hex\r\n# x\n40000,53756e53\r\n7,00fF";
	static struct sunspec_image image;
	struct text out = {0};
	unsigned line;

	(void)state;
	assert_int_equal(sunspec_image_parse(&image, text, strlen(text), &line), 0);
	assert_int_equal(image.words[7], 255);
	assert_true(sunspec_image_has(&image, 40000, 2));
	assert_false(sunspec_image_has(&image, 40000, 3));
	sunspec_image_print(&out, &image);
	assert_string_equal(text_string(&out), "address,hex\n7,00ff\n40000,53756e53\n");
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		assert_int_not_equal(sunspec_image_parse(&image, wrong[i], strlen(wrong[i]), &line),
		                     0);
	text_free(&out);
}

static struct builder *define(const char *model, struct sunspec_set *set)
{
	struct builder *b = builder_new();
	char why[JSON_WHY] = "";
	const char *reason;

	assert_int_equal(sunspec_json(b, model, strlen(model), why), 0);
	assert_int_equal(builder_finish(b, set, &reason), 0);
	return b;
}

/* Decodes one model of the set out of its words, header included. */
static const char *decode(const struct sunspec_set *set, const uint16_t *words, struct record *r)
{
	struct sunspec_found found = {
		.id = words[0], .instance = 1, .length = words[1], .readable = words[1]};

	found.model = sunspec_find(set, found.id, &found.set);
	assert_true(sunspec_decode(r, &found, 1, words, &(struct sunspec_options){.raw = false}));
	return printed(r);
}

#define POINT(name, type) "{\"name\":\"" name "\",\"type\":\"" type "\"}"
/* clang-format off */
#define MODEL_OF(points) "{\"id\":64000,\"group\":{\"name\":\"m\",\"points\":[" POINT("ID", "uint16") "," \
	POINT("L", "uint16") "," points "]}}"
/* clang-format on */

/* Every type that built-in models lack or seldom have, as the SunSpec specification defines it. */
static void test_types(void **state)
{
	static const struct {
		const char *type;
		uint16_t words[8];
		unsigned size;
		const char *value;
	} cases[] = {
		{"float32", {0x3FA1, 0x6873}, 2, "1.261"},
		{"float32", {0x7FC0, 0}, 2, "null"},
		{"float32", {0xFF80, 0}, 2, "null"},
		{"float64", {0x405E, 0xC000, 0, 0}, 4, "123.0"},
		{"float64", {0x7FF8, 0, 0, 0}, 4, "null"},
		{"ipaddr", {0xC0A8, 0x0105}, 2, "\"192.168.1.5\""},
		{"ipaddr", {0, 0}, 2, "null"},
		{"ipv6addr", {0x2001, 0xDB8, 0, 0, 0, 0, 0, 1}, 8, "\"2001:db8::1\""},
		{"ipv6addr", {0, 0, 0, 0, 0, 0, 0, 1}, 8, "\"::1\""},
		{"ipv6addr", {0xFE80, 0, 0, 0, 0, 0, 0, 0}, 8, "\"fe80::\""},
		{"ipv6addr", {0x2001, 0, 0, 1, 0, 0, 0, 1}, 8, "\"2001:0:0:1::1\""},
		{"ipv6addr", {0x2001, 0, 0, 1, 0, 0, 1, 1}, 8, "\"2001::1:0:0:1:1\""},
		{"ipv6addr", {1, 0, 2, 3, 4, 5, 6, 7}, 8, "\"1:0:2:3:4:5:6:7\""},
		{"ipv6addr", {0}, 8, "null"},
		{"eui48", {0, 0x0011, 0x22AA, 0xBBFF}, 4, "\"00:11:22:aa:bb:ff\""},
		{"eui48", {0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF}, 4, "null"},
		{"eui48", {0, 0xFFFF, 0xFFFF, 0x0001}, 4, "\"ff:ff:ff:ff:00:01\""},
		{"int16", {0xFFFF}, 1, "-1"},
		{"int16", {0x8000}, 1, "null"},
		{"int32", {0xFFFF, 0xFFFE}, 2, "-2"},
		{"int32", {0x8000, 0}, 2, "null"},
		{"int64", {0xFFFF, 0xFFFF, 0xFFFF, 0xFFFD}, 4, "-3"},
		{"int64", {0x8000, 0, 0, 0}, 4, "null"},
		{"uint32", {0xFFFF, 0xFFFF}, 2, "null"},
		{"uint64", {0, 1, 0, 0}, 4, "4294967296"},
		{"uint64", {0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF}, 4, "null"},
		{"acc16", {0}, 1, "null"},
		{"acc32", {0, 7}, 2, "7"},
		{"acc64", {0, 0, 1, 0}, 4, "65536"},
		{"count", {3}, 1, "3"},
		{"sunssf", {0x8000}, 1, "null"},
		{"enum16", {0xFFFF}, 1, "null"},
		{"enum32", {0, 9}, 2, "9"},
		{"bitfield16", {0xFFFF}, 1, "null"},
		{"bitfield64", {0, 0, 0, 3}, 4, "3"},
	};
	struct record r = {0};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		uint16_t words[10] = {64000, (uint16_t)cases[i].size};
		char model[256], part[64];
		struct sunspec_set set;
		struct builder *b;

		snprintf(model, sizeof model, MODEL_OF("{\"name\":\"V\",\"type\":\"%s\"}"),
		         cases[i].type);
		b = define(model, &set);
		memcpy(words + 2, cases[i].words, 2 * cases[i].size);
		snprintf(part, sizeof part, "\"V\":%s", cases[i].value);
		decode(&set, words, &r);
		has(&r, part);
		assert_null(strstr(printed(&r), "warning"));
		builder_free(b);
	}
	record_free(&r);
}

static void test_symbols(void **state)
{
/* clang-format off */
#define SYMBOLS "\"symbols\":[{\"name\":\"A\",\"value\":1},{\"name\":\"NO\",\"value\":-1},{\"name\":\"BIG\",\"value\":4294967298},{\"name\":\"B\",\"value\":5}]}"
	/* clang-format on */
	static const char model[] = MODEL_OF("{\"name\":\"E\",\"type\":\"enum16\"," SYMBOLS ","
	                                     "{\"name\":\"F\",\"type\":\"bitfield32\"," SYMBOLS);
	struct record r = {0};
	struct sunspec_set set;
	struct builder *b = define(model, &set);

	(void)state;
	decode(&set, (const uint16_t[]){64000, 3, 5, 0, 0x22}, &r);
	has(&r, "\"E\":5,\"E_name\":\"B\",\"F\":34,\"F_names\":[\"A\",\"B\"]}");
	decode(&set, (const uint16_t[]){64000, 3, 0xFFFF, 0xFFFF, 0xFFFF}, &r);
	has(&r, "\"E\":null,\"E_name\":null,\"F\":null,\"F_names\":null}");
	decode(&set, (const uint16_t[]){64000, 3, 2, 0, 0x80}, &r);
	has(&r, "\"E\":2,\"E_name\":null,\"F\":128,\"F_names\":[\"bit7\"]}");
	record_free(&r);
	builder_free(b);
}

/* A single group is an object, the count "0" fills the length, the scale "0" means no scale factor. */
static void test_counts(void **state)
{
	static const char model[] = "[" MODEL_OF(
		"{\"name\":\"A\",\"type\":\"int16\",\"sf\":\"0\",\"mandatory\":\"M\",\"access\":\"RW\","
		"\"static\":\"S\"}") ","
				     "{\"id\":64001,\"group\":{\"name\":\"n\",\"points\":[" POINT("ID", "uint16") "," POINT("L", "uint16") "," POINT(
					     "N",
					     "count") "],\"groups\":["
						      "{\"name\":\"one\",\"count\":1,\"points\":[" POINT(
							      "X",
							      "uint16") "]},"
									"{\"name\":\"some\",\"count\":\"N\",\"points\":[" POINT(
										"Y",
										"uint16") "]},"
											  "{\"name\":\"all\",\"count\":0,\"points\":[" POINT(
												  "Z",
												  "uint16") "]}]}}]";
	struct record r = {0};
	struct sunspec_set set;
	struct builder *b = define(model, &set);

	(void)state;
	decode(&set, (const uint16_t[]){64000, 1, 7}, &r);
	has(&r, "\"A\":7}");
	assert_int_equal(set.points[set.groups[set.models[0].group].point].flags,
	                 SUNSPEC_MANDATORY | SUNSPEC_WRITABLE | SUNSPEC_STATIC);
	decode(&set, (const uint16_t[]){64001, 6, 2, 10, 20, 21, 30, 31}, &r);
	has(&r,
	    "\"N\":2,\"one\":{\"X\":10},\"some\":[{\"Y\":20},{\"Y\":21}],\"all\":[{\"Z\":30},{\"Z\":31}]");
	decode(&set, (const uint16_t[]){64001, 2, 0, 10}, &r);
	has(&r, "\"N\":0,\"one\":{\"X\":10},\"some\":[],\"all\":[]");
	record_free(&r);
	builder_free(b);
}

static void test_wrong_definitions(void **state)
{
#define NINE(x) x x x x x x x x x
	static const struct {
		const char *points, *why;
	} cases[] = {
		{POINT("", "uint16"), "model 64000: a point without name"},
		{POINT("V", "int8"), "model 64000: unknown type of point 'V'"},
		{"{\"name\":\"V\",\"type\":\"string\",\"size\":256}",
	         "model 64000: impossible size of point 'V'"},
		{"{\"name\":\"V\",\"type\":\"string\",\"size\":-1}",
	         "model 64000: impossible size of point 'V'"},
	};
	static const struct {
		const char *model;
		int error;
		const char *why;
	} refused[] = {
		{"[" MODEL_OF(POINT("V", "int16")) "," MODEL_OF(POINT("V", "int16")) "]", EM_SYNTAX,
	         "a model is defined twice"},
		{MODEL_OF("{\"name\":\"V\",\"type\":\"int16\",\"size\":2}"), EM_RANGE,
	         "a point whose size does not suit its type"},
		{MODEL_OF("{\"name\":\"V\",\"type\":\"string\"}"), EM_RANGE,
	         "a point whose size does not suit its type"},
		{MODEL_OF("{\"name\":\"" NINE("12345678901234567890123") "\",\"type\":\"int16\"}"),
	         EM_RANGE, "a name that is too long"},
		{"{\"id\":64000,\"group\":{\"name\":\"m\",\"points\":[" POINT(
			 "ID", "uint16") "," POINT("L",
	                                           "uint16") "],\"groups\":[{\"points\":[]}]}}",
	         EM_SYNTAX, "a group without name or model, or too deep"},
	};
	static const char deep[] = "{\"id\":64000,\"group\":{\"name\":\"m\",\"points\":[" POINT(
		"ID", "uint16") "," POINT("L", "uint16") "]" NINE(",\"groups\":[{\"name\":\"g\"")
		NINE("}]") "}}";
	struct builder *builder = builder_new();
	char why[JSON_WHY];
	struct sunspec_set set;
	const char *reason;

	(void)state;
	assert_int_equal(sunspec_json(builder, deep, strlen(deep), why), EM_SYNTAX);
	assert_string_equal(why, "model 64000: groups are nested too deep");
	builder_free(builder);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct builder *b = builder_new();
		char model[512];

		snprintf(model, sizeof model, MODEL_OF("%s"), cases[i].points);
		assert_int_equal(sunspec_json(b, model, strlen(model), why), EM_SYNTAX);
		assert_string_equal(why, cases[i].why);
		builder_free(b);
	}
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		struct builder *b = builder_new();

		assert_int_equal(sunspec_json(b, refused[i].model, strlen(refused[i].model), why),
		                 0);
		assert_int_equal(builder_finish(b, &set, &reason), refused[i].error);
		assert_string_equal(reason, refused[i].why);
		builder_free(b);
	}
}

/* Whoever builds from another text calls in any order: the first fault sticks. */
static void test_builder_order(void **state)
{
	static const struct builder_point point = {.name = "V", .type = SUNSPEC_INT16};
	struct builder *b;
	struct sunspec_set set;
	const char *why;

	(void)state;
#define CHECK(calls, expected, words)                                          \
	do {                                                                   \
		b = builder_new();                                             \
		calls;                                                         \
		assert_int_equal(builder_finish(b, &set, &why), expected);     \
		assert_string_equal(why ? why : "", words);                    \
		builder_point(b, &point); /* nothing is taken after a fault */ \
		builder_group(b, "g", NULL);                                   \
		builder_group_end(b);                                          \
		builder_free(b);                                               \
	} while (0)
	CHECK((void)0, 0, "");
	CHECK(builder_point(b, &point), EM_SYNTAX, "a point without name or outside of its group");
	CHECK(builder_group(b, "g", NULL), EM_SYNTAX, "a group without name or model, or too deep");
	CHECK(builder_model(b, 0, "m"), EM_RANGE, "a model id outside 1..65534");
	CHECK(builder_model(b, 65535, "m"), EM_RANGE, "a model id outside 1..65534");
	CHECK((builder_model(b, 1, "m"), builder_group_end(b)), EM_SYNTAX,
	      "a group end without a beginning");
	CHECK((builder_model(b, 1, "m"), builder_group(b, "g", "4")), EM_SYNTAX,
	      "a group does not end");
	CHECK((builder_model(b, 1, "m"), builder_same(b, 2)), EM_UNKNOWN,
	      "a model that is not defined before");
	CHECK((builder_model(b, 1, "m"), builder_group(b, "g", "4"), builder_group_end(b),
	       builder_point(b, &point)),
	      EM_SYNTAX, "a point without name or outside of its group");
	CHECK((builder_model(b, 1, "m"),
	       builder_point(b, &(struct builder_point){.name = "V", .type = -1})),
	      EM_UNKNOWN, "a point of an unknown type");
	CHECK(
		{
			builder_model(b, 1, "m");
			for (int i = 0; i < 70; i++) {
				builder_group(b, "g", "*");
				builder_group_end(b);
			}
		},
		EM_RANGE, "a model with too many groups");
	CHECK(
		{
			builder_model(b, 1, "m");
			for (int i = 0; i < 0xFF10; i++)
				builder_point(b, &point);
		},
		EM_RANGE, "more definitions than fit a table");
	CHECK((builder_model(b, 1, "m"), builder_point(b, &point), builder_model(b, 2, "n"),
	       builder_same(b, 1)),
	      0, "");
}

/* What JSON says of a point besides its value. */
static void test_flags(void **state)
{
	static const struct {
		const char *more;
		unsigned flags;
	} cases[] = {
		{"", 0},
		{",\"mandatory\":\"M\"", SUNSPEC_MANDATORY},
		{",\"mandatory\":\"O\"", 0},
		{",\"access\":\"RW\"", SUNSPEC_WRITABLE},
		{",\"access\":\"R\"", 0},
		{",\"static\":\"S\"", SUNSPEC_STATIC},
		{",\"static\":\"D\"", 0},
		{",\"mandatory\":\"M\",\"access\":\"RW\",\"static\":\"S\"",
	         SUNSPEC_MANDATORY | SUNSPEC_WRITABLE | SUNSPEC_STATIC},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct builder *b = builder_new();
		struct sunspec_set set;
		const char *reason;
		char text[400], why[JSON_WHY];
		unsigned checked = 0;

		snprintf(
			text, sizeof text,
			"{\"id\":64990,\"group\":{\"name\":\"v\",\"points\":["
			"{\"name\":\"ID\",\"type\":\"uint16\"},{\"name\":\"L\",\"type\":\"uint16\"},"
			"{\"name\":\"P\",\"type\":\"uint16\"%s}]}}",
			cases[i].more);
		assert_int_equal(sunspec_json(b, text, strlen(text), why), 0);
		assert_int_equal(builder_finish(b, &set, &reason), 0);
		for (unsigned k = 0; k < set.groups[set.models[0].group].points; k++) {
			const struct sunspec_point *p = &set.points[k];

			if (strcmp(set.text + p->name, "P") != 0)
				continue;
			assert_int_equal(p->flags, cases[i].flags);
			checked++;
		}
		assert_int_equal(checked, 1);
		builder_free(b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_json),          cmocka_unit_test(test_image),
		cmocka_unit_test(test_types),         cmocka_unit_test(test_symbols),
		cmocka_unit_test(test_counts),        cmocka_unit_test(test_wrong_definitions),
		cmocka_unit_test(test_builder_order), cmocka_unit_test(test_flags),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
