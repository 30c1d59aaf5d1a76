/* The walk over the chain: what it asks for, how it ends, and scale factors that move. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sunspec_device.h"
#include "protocol/sunspec/shape.h"

static void test_endings(void **state)
{
	struct result r = {.count = 0};
	struct device *d = device_new(50000);
	unsigned end;

	(void)state;
	put_marker(d);
	MODEL(d, 101, 50, {14, 5}, {15, 0});
	end = d->at;
	walk_once(d, &r, NULL); /* nothing behind it */
	assert_int_equal(r.count, 1);
	assert_int_equal(r.ending, SUNSPEC_UNREADABLE);
	assert_int_equal(r.address, end);
	put(d, 0xFFFF); /* the end marker without length */
	walk_once(d, &r, NULL);
	assert_int_equal(r.ending, SUNSPEC_CLEAN);
	d->at = end;
	put(d, 0);
	walk_once(d, &r, NULL);
	assert_int_equal(r.ending, SUNSPEC_ZERO);
	d->at = end;
	MODEL(d, 101, 50, {14, 9}, {15, 0});
	sunspec_image_put(&d->image, end + 1, &(uint16_t){60000},
	                  1); /* leads out of the addresses */
	walk_once(d, &r, NULL);
	assert_int_equal(r.ending, SUNSPEC_CUT);
	assert_int_equal(r.count, 2); /* what the definition has is there all the same */
	has(&r.records[1], "\"W\":9,");
	has(&r.records[1], "\"warning\":\"length 60000, only 50 registers could be read\"");
	sunspec_image_put(&d->image, 50000, &(uint16_t){1}, 1);
	walk_once(d, &r, NULL);
	assert_int_equal(r.ending, SUNSPEC_NO_MARKER);
	assert_int_equal(r.count, 0);
	device_free(d, &r);
}

/* A device like those of the field: common, inverter, three vendor models, curves, a long one. */
static struct device *typical(void)
{
	struct device *d = device_new(40000);

	put_marker(d);
	MODEL(d, 1, 66, {66, 1});
	MODEL(d, 101, 50, {14, 5}, {15, 0});
	for (unsigned i = 0; i < 3; i++) {
		PUT(d, (uint16_t)(64900 + i), 20);
		put_filling(d, 20);
	}
	put_705(d, 3, 4, 3, 4);
	MODEL(d, 701, 153, {12, 740}, {109, 0}, {110, 0});
	put_end(d);
	return d;
}

/* No read may begin or end within a point. */
static void make_strict(struct device *d)
{
	struct sunspec_walk *w = walk_new(false);
	struct result r = {.count = 0};

	walk_with(d, w, &r, NULL);
	for (size_t i = 0; i < r.count; i++) {
		const struct sunspec_found *f = &r.found[i];
		uint8_t starts[512];
		struct shape shape;

		if (!f->model)
			continue;
		shape_make(&shape, f->set, f->model, d->image.words + f->address, 2 + f->length,
		           2 + f->length);
		shape_starts(&shape, starts);
		for (unsigned k = 1; k < 2 + f->length; k++)
			d->inner[f->address + k] = !starts[k];
	}
	result_free(&r);
	sunspec_walk_free(w);
}

static void test_requests(void **state)
{
	struct device *d = typical();
	struct sunspec_walk *w = walk_new(false), *fast = walk_new(true);
	struct result r = {.count = 0};
	unsigned total = d->at - 40000;

	(void)state;
	make_strict(d);
	walk_with(d, w, &r, NULL);
	assert_int_equal(r.count, 7);
	assert_int_equal(d->exceptions, 0);
	assert_int_equal(d->requests, 1 + 7 + 1); /* a probe, a body each, two for the long one */
	walk_with(d, w, &r, NULL);
	assert_int_equal(r.count, 7);
	assert_int_equal(d->exceptions, 0);
	assert_in_range(d->requests, 1, total / 125 + 2);
	memset(d->inner, 0, sizeof d->inner);
	walk_with(d, fast, &r, NULL);
	assert_int_equal(r.count, 7);
	assert_in_range(d->requests, total / 125, total / 125 + 3);
	sunspec_walk_free(w);
	sunspec_walk_free(fast);
	device_free(d, &r);
}

static void test_small_requests(void **state)
{
	struct device *d = typical();
	struct sunspec_walk *w = walk_new(false);
	struct result r = {.count = 0};

	(void)state;
	d->most = 40;
	walk_with(d, w, &r, NULL);
	assert_int_equal(r.ending, SUNSPEC_CLEAN);
	assert_int_equal(r.count, 7);
	assert_in_range(d->exceptions, 1, 3);
	walk_with(d, w, &r, NULL);
	assert_int_equal(r.count, 7);
	assert_int_equal(d->exceptions, 0);
	sunspec_walk_free(w);
	device_free(d, &r);
}

/* The layout of a known chain changes: a length, then another model in front. */
static void test_changed_layout(void **state)
{
	struct device *d = typical(), *other = device_new(40000);
	struct sunspec_walk *w = walk_new(false);
	struct result r = {.count = 0};

	(void)state;
	put_marker(other);
	MODEL(other, 1, 65, {66, 1});
	MODEL(other, 103, 50, {14, 8}, {15, 0});
	put_end(other);
	walk_with(d, w, &r, NULL);
	assert_int_equal(r.count, 7);
	walk_with(other, w, &r, NULL);
	assert_int_equal(r.ending, SUNSPEC_CLEAN);
	assert_int_equal(r.count, 2);
	has(&r.records[1], "\"W\":8,");
	walk_with(d, w, &r, NULL);
	assert_int_equal(r.count, 7);
	sunspec_walk_free(w);
	free(other);
	device_free(d, &r);
}

/* Scale factor and value of one model in different answers: the factor moves in between. */
static void test_moving_scale(void **state)
{
	struct device *d = device_new(40000);
	struct sunspec_walk *w = walk_new(false);
	struct sunspec_found found;
	struct sunspec_want want;
	enum sunspec_step step;
	struct record r = {0};
	unsigned bodies = 0, model;

	(void)state;
	put_marker(d);
	model = d->at;
	/* Seven modules: the last is in a second answer, the scale factors are in the first one. */
	MODEL(d, 160, 8 + 20 * 7, {2, (uint16_t)-2}, {3, (uint16_t)-1}, {4, 0}, {5, 0}, {8, 7},
	      {10 + 6 * 20 + 9, 100});
	put_end(d);
	sunspec_walk_begin(w);
	while ((step = sunspec_walk_next(w, &want, &found)) == SUNSPEC_READ) {
		serve(d, w, &want);
		if (want.address == model + 2 &&
		    ++bodies == 1) { /* now it is -1 and ten times less */
			sunspec_image_put(&d->image, model + 2, &(uint16_t){(uint16_t)-1}, 1);
			sunspec_image_put(&d->image, model + 10 + 6 * 20 + 9, &(uint16_t){10}, 1);
		}
	}
	assert_int_equal(step, SUNSPEC_MODEL);
	assert_in_range(bodies, 2, 9);
	sunspec_decode(&r, &found, 1, sunspec_walk_image(w)->words + model,
	               &(struct sunspec_options){.flat = true});
	has(&r, "\"module_7_DCA\":1.0,");
	record_free(&r);
	sunspec_walk_free(w);
	free(d);
}

/* The same while a known chain is read across models: 101 begins in one answer, ends in the next. */
static void test_moving_scale_again(void **state)
{
	struct device *d = device_new(40000);
	struct sunspec_walk *w = walk_new(false);
	struct result r = {.count = 0};
	struct sunspec_found found;
	struct sunspec_want want;
	enum sunspec_step step;
	struct record last = {0};
	unsigned model, requests = 0;

	(void)state;
	put_marker(d);
	MODEL(d, 1, 66, {66, 1});
	PUT(d, 64900, 40);
	put_filling(d, 40);
	model = d->at;
	MODEL(d, 101, 50, {10, 2301}, {13, (uint16_t)-1}, {14, 5}, {15, 0});
	put_end(d);
	walk_with(d, w, &r, NULL);
	has(&r.records[2], "\"PhVphA\":230.1,");
	sunspec_walk_begin(w);
	while ((step = sunspec_walk_next(w, &want, &found)) != SUNSPEC_END) {
		if (step == SUNSPEC_MODEL) {
			sunspec_decode(&last, &found, 1,
			               sunspec_walk_image(w)->words + found.address,
			               &(struct sunspec_options){.raw = false});
			continue;
		}
		serve(d, w, &want);
		if (++requests == 1) {
			assert_in_range(want.address + want.count, model + 11, model + 13);
			sunspec_image_put(&d->image, model + 10, &(uint16_t){229}, 1);
			sunspec_image_put(&d->image, model + 13, &(uint16_t){0}, 1);
		}
	}
	assert_int_equal(requests, 3); /* two across models, the model once more */
	has(&last, "\"PhVphA\":229,");
	record_free(&last);
	sunspec_walk_free(w);
	device_free(d, &r);
}

/* Where the addresses end: a chain that reaches 65535, headers cut there, a base too far up. */
static void test_address_space(void **state)
{
	static const struct {
		unsigned base, marker;
		unsigned fill; /* length of the model behind the marker, 0: none */
		const uint16_t last[3];
		unsigned lasts;
		enum sunspec_ending ending;
		unsigned models;
	} cases[] = {
		{65520, 1, 8, {0xFFFF, 0, 0}, 2, SUNSPEC_CLEAN, 1},
		{65520, 1, 10, {0xFFFF, 0, 0}, 2, SUNSPEC_CLEAN, 1},
		{65520,
	         1,
	         12,
	         {0},
	         0,
	         SUNSPEC_UNREADABLE,
	         1}, /* its last register is the last of all */
		{65520, 1, 11, {64000, 0, 0}, 1, SUNSPEC_UNREADABLE, 1},
		{65520, 1, 0, {64000, 0, 0}, 3, SUNSPEC_ZERO, 1},
		{65532, 1, 0, {0xFFFF, 0, 0}, 2, SUNSPEC_CLEAN, 0},
		{65533, 0, 0, {0}, 0, SUNSPEC_NO_MARKER, 0},
		{65520, 0, 0, {0}, 0, SUNSPEC_NO_MARKER, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct sunspec_plan plan = {.set = &sunspec_builtin, .base = (int)cases[i].base};
		struct sunspec_walk *w = sunspec_walk_new(&plan);
		struct device *d = device_new(cases[i].base);
		struct result r = {.count = 0};

		if (cases[i].marker)
			put_marker(d);
		if (cases[i].fill) {
			PUT(d, 64000, (uint16_t)cases[i].fill);
			put_filling(d, cases[i].fill);
		}
		put_all(d, cases[i].lasts, cases[i].last);
		walk_with(d, w, &r, NULL);
		assert_int_equal(r.ending, cases[i].ending);
		assert_int_equal(r.count, cases[i].models);
		sunspec_walk_free(w);
		device_free(d, &r);
	}
}

/* A device that has the body of a model only as far as the definition goes, or not even that. */
static void test_refused_body(void **state)
{
	static const struct {
		unsigned id, length, readable;
		const char *part;
	} cases[] = {
		{101, 60, 50, "\"warning\":\"length 60, only 50 registers could be read\""},
		{64000, 60, 50, NULL},
		{101, 50, 20, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct device *d = device_new(40000);
		struct result r = {.count = 0};

		put_marker(d);
		PUT(d, (uint16_t)cases[i].id, (uint16_t)cases[i].length);
		put_filling(d, cases[i].readable);
		walk_once(d, &r, NULL);
		assert_int_equal(r.ending, SUNSPEC_CUT);
		assert_int_equal(r.count, cases[i].part ? 1 : 0);
		if (cases[i].part)
			has(&r.records[0], cases[i].part);
		device_free(d, &r);
	}
}

/* Only headers, only some models, only models that have a point. */
static void test_plans(void **state)
{
	struct device *d = typical();
	struct result r = {.count = 0};
	static const uint16_t ids[] = {101, 705};
	static const char *const points[] = {"Crv", "Mn"};
	const struct sunspec_plan plans[] = {
		{.set = &sunspec_builtin, .base = -1, .headers_only = true},
		{.set = &sunspec_builtin, .base = -1, .models = ids, .model_count = 2},
		{.set = &sunspec_builtin, .base = -1, .points = points, .point_count = 2},
		{.set = &sunspec_builtin,
	         .base = -1,
	         .models = ids,
	         .model_count = 2,
	         .points = points,
	         .point_count = 2},
		{.set = &sunspec_builtin, .base = 40000, .fast = true},
		{.set = &sunspec_builtin, .base = 100},
	};
	static const unsigned counts[] = {7, 2, 2, 1, 7, 0};

	(void)state;
	for (size_t i = 0; i < sizeof plans / sizeof *plans; i++) {
		struct sunspec_walk *w = sunspec_walk_new(&plans[i]);

		for (int again = 0; again < 2; again++) {
			walk_with(d, w, &r, NULL);
			assert_int_equal(r.count, counts[i]);
		}
		sunspec_walk_free(w);
	}
	device_free(d, &r);
}

/* A device that refuses to be read across models, once the chain is known: model by model then. */
static void test_refused_again(void **state)
{
	struct device *d = typical();
	struct sunspec_walk *w = walk_new(false);
	struct result r = {.count = 0};

	(void)state;
	walk_with(d, w, &r, NULL);
	assert_int_equal(r.count, 7);
	d->probe_only = true;
	for (unsigned exceptions = 1; exceptions < 2; exceptions--) { /* it is tried once */
		walk_with(d, w, &r, NULL);
		assert_int_equal(d->exceptions, exceptions);
		assert_int_equal(r.count, 7);
		assert_int_equal(r.ending, SUNSPEC_CLEAN);
	}
	sunspec_walk_free(w);
	device_free(d, &r);
}

/* Counts that lie: more curves and points than all registers hold. */
static void test_counts_that_lie(void **state)
{
	struct device *d = device_new(40000);
	struct result r = {.count = 0};

	(void)state;
	put_marker(d);
	put_705(d, 2, 3, 0xFFFE, 0xFFFE);
	put_end(d);
	walk_once(d, &r, NULL);
	assert_int_equal(r.ending, SUNSPEC_CLEAN);
	assert_int_equal(r.count, 1);
	has(&r.records[0], "\"warning\":");
	device_free(d, &r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_endings),         cmocka_unit_test(test_requests),
		cmocka_unit_test(test_small_requests),  cmocka_unit_test(test_changed_layout),
		cmocka_unit_test(test_moving_scale),    cmocka_unit_test(test_moving_scale_again),
		cmocka_unit_test(test_address_space),   cmocka_unit_test(test_refused_body),
		cmocka_unit_test(test_plans),           cmocka_unit_test(test_refused_again),
		cmocka_unit_test(test_counts_that_lie),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
