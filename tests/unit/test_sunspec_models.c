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
		"{\"name\":\"S\",\"type\":\"enum32\",\"symbols\":[{\"name\":\"ON\",\"value\":70000}]}],"
		"\"groups\":[{\"name\":\"one\",\"count\":2,\"points\":["
		"{\"name\":\"X\",\"type\":\"string\",\"size\":2}]}]}}";
	static const char *const wrong[] = {
		"", "[", "{}", "[{\"id\":1}]", "{\"id\":70000,\"group\":{}}",
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
	PUT(d, 64990, 8, (uint16_t)-235, 3, 1, 4464, 0x4142, 0, 0x4344, 0);
	put_end(d);
	plan.set = &set;
	w = sunspec_walk_new(&plan);
	walk_with(d, w, &r, NULL);
	has(&r.records[0], "\"name\":\"vendor\"");
	has(&r.records[0], "\"T\":-23.5,\"N\":3,\"S\":70000,\"S_name\":\"ON\","
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
	static const char *const wrong[] = {"1", "1,", "1,123", "1,12g4", "70000,0000", "65535,00000000"};
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
		assert_int_not_equal(sunspec_image_parse(&image, wrong[i], strlen(wrong[i]), &line), 0);
	text_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_image),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
