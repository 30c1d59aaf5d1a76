/* SunSpec: definitions, decoding, and the walk over the chain, against small register images. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "out/format.h"
#include "protocol/sunspec/json.h"
#include "protocol/sunspec/shape.h"
#include "protocol/sunspec/walk.h"

/* A device in memory: its registers, those at which no read may begin or end, a log of requests. */
struct device {
	struct sunspec_image image;
	uint8_t inner[IMAGE_REGISTERS];
	unsigned at;         /* where the next register is put */
	unsigned requests, exceptions;
	unsigned most;       /* registers that it gives at once, exception 3 for more; 0: 125 */
};

static struct device *device_new(unsigned base)
{
	struct device *d = calloc(1, sizeof *d);

	assert_non_null(d);
	d->at = base;
	return d;
}

static void put(struct device *d, unsigned word)
{
	sunspec_image_put(&d->image, d->at++, &(uint16_t){(uint16_t)word}, 1);
}

static void put_all(struct device *d, size_t n, const uint16_t *words)
{
	for (size_t i = 0; i < n; i++)
		put(d, words[i]);
}

#define PUT(d, ...)                                                                  \
	put_all(d, sizeof((uint16_t[]){__VA_ARGS__}) / sizeof(uint16_t),             \
	        (uint16_t[]){__VA_ARGS__})

static void put_marker(struct device *d)
{
	PUT(d, 0x5375, 0x6E53);
}

static void put_end(struct device *d)
{
	PUT(d, 0xFFFF, 0);
}

/* n registers, all different */
static void put_filling(struct device *d, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		put(d, 0x100 + i);
}

struct result {
	struct sunspec_found found[64];
	struct record records[64];
	size_t count;
	enum sunspec_ending ending;
	unsigned address;
};

static void serve(struct device *d, struct sunspec_walk *w, const struct sunspec_want *want)
{
	unsigned end = want->address + want->count;

	assert_in_range(want->count, 1, SUNSPEC_READ_LIMIT);
	assert_true(end <= IMAGE_REGISTERS);
	d->requests++;
	if (want->count > (d->most ? d->most : 125)) {
		d->exceptions++;
		sunspec_walk_refused(w, 3);
	} else if (!sunspec_image_has(&d->image, want->address, want->count) ||
	           d->inner[want->address] || (end < IMAGE_REGISTERS && d->inner[end])) {
		d->exceptions++;
		sunspec_walk_refused(w, 2);
	} else {
		sunspec_walk_answer(w, d->image.words + want->address);
	}
}

static void walk_with(struct device *d, struct sunspec_walk *w, struct result *r,
                      const struct sunspec_options *options)
{
	static const struct sunspec_options plain;
	struct sunspec_want want;
	struct sunspec_found *f;
	enum sunspec_step step;

	for (size_t i = 0; i < r->count; i++)
		record_free(&r->records[i]);
	memset(r, 0, sizeof *r);
	d->requests = d->exceptions = 0;
	sunspec_walk_begin(w);
	f = r->found;
	while ((step = sunspec_walk_next(w, &want, f)) != SUNSPEC_END) {
		if (step == SUNSPEC_READ) {
			serve(d, w, &want);
			continue;
		}
		assert_true(r->count < 63);
		sunspec_decode(&r->records[r->count], f, 1,
		               sunspec_walk_image(w)->words + f->address, options ? options : &plain);
		f = &r->found[++r->count];
	}
	r->ending = sunspec_walk_ending(w, &r->address);
}

static void result_free(struct result *r)
{
	for (size_t i = 0; i < r->count; i++)
		record_free(&r->records[i]);
	r->count = 0;
}

static struct sunspec_walk *walk_new(bool fast)
{
	struct sunspec_plan plan = {.set = &sunspec_builtin, .base = -1, .fast = fast};
	struct sunspec_walk *w = sunspec_walk_new(&plan);

	assert_non_null(w);
	return w;
}

/* The record as JSON without its type. */
static const char *json(const struct record *r)
{
	static char line[8192];
	struct format_state state = {0};
	struct text out = {0};

	assert_false(r->failed);
	format_json(&out, &state, r);
	snprintf(line, sizeof line, "%.*s", (int)(out.length - 1), out.data);
	text_free(&out);
	return line;
}

static void has(const struct record *r, const char *part)
{
	if (!strstr(json(r), part))
		fail_msg("%s\n  not in %s", part, json(r));
}

struct at {
	unsigned offset; /* within the model, ID is 0 */
	uint16_t word;
};

/* A model whose registers are 0x8000 but for some: not implemented, if they are signed. */
static void put_model(struct device *d, unsigned id, unsigned length, size_t n, const struct at *at)
{
	unsigned begin = d->at;

	PUT(d, (uint16_t)id, (uint16_t)length);
	for (unsigned i = 0; i < length; i++)
		put(d, 0x8000);
	for (size_t i = 0; i < n; i++)
		sunspec_image_put(&d->image, begin + at[i].offset, &at[i].word, 1);
}

#define MODEL(d, id, length, ...)                                                          \
	put_model(d, id, length, sizeof((struct at[]){__VA_ARGS__}) / sizeof(struct at),   \
	          (struct at[]){__VA_ARGS__})

/* Walks over the device once and frees the walk. */
static void walk_once(struct device *d, struct result *r, const struct sunspec_options *options)
{
	struct sunspec_walk *w = walk_new(false);

	walk_with(d, w, r, options);
	sunspec_walk_free(w);
}

static void device_free(struct device *d, struct result *r)
{
	result_free(r);
	free(d);
}

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
			assert_string_equal(sunspec_symbol(where, &where->points[root->point + i], 4),
			                    "MPPT");
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
	has(&r.records[0], "\"Hz\":null,\"Hz_SF\":11,"); /* out of -10..10 */
	has(&r.records[0], "\"VA\":null,\"VA_SF\":null,"); /* no scale factor */
	has(&r.records[0], "\"PF\":-0.0000009978,");
	has(&r.records[0], "\"WH\":null,"); /* nothing accumulated */
	has(&r.records[0], "\"St\":4,\"St_name\":\"MPPT\",\"StVnd\":7,");
	has(&r.records[0], "\"Evt1\":2147483654,"
	                   "\"Evt1_names\":[\"DC_OVER_VOLT\",\"AC_DISCONNECT\",\"bit31\"],\"Evt2\":1,");
	has(&r.records[0], "\"bad_scale\":[\"Hz\",\"VA\"");
	assert_null(strstr(json(&r.records[0]), "warning"));
	walk_once(d, &r, &(struct sunspec_options){.raw = true});
	has(&r.records[0], "\"W\":-74,");
	has(&r.records[0], "\"Hz\":4999,");
	walk_once(d, &r, &(struct sunspec_options){.points = (const char *[]){"W", "St"},
	                                           .point_count = 2});
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

/* Model 705 with `curves` curves of `points` points in the registers and other numbers stated. */
static void put_705(struct device *d, unsigned curves, unsigned points, unsigned stated_curves,
                    unsigned stated_points)
{
	unsigned begin = d->at;

	put_model(d, 705, 13 + curves * (10 + 2 * points), 0, NULL);
	sunspec_image_put(&d->image, begin + 5, &(uint16_t){(uint16_t)stated_points}, 1);
	sunspec_image_put(&d->image, begin + 6, &(uint16_t){(uint16_t)stated_curves}, 1);
	for (unsigned i = 12; i < 15; i++)
		sunspec_image_put(&d->image, begin + i, &(uint16_t){0}, 1);
	for (unsigned c = 0; c < curves; c++)
		for (unsigned p = 0; p < points; p++)
			sunspec_image_put(&d->image, begin + 15 + c * (10 + 2 * points) + 10 + 2 * p,
			                  &(uint16_t){(uint16_t)(100 * c + p)}, 1);
}

static unsigned count_of(const struct record *r, const char *part)
{
	const char *at = json(r);
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
		{2, 3, 2, 6, false}, {0, 3, 2, 6, true}, {0xFFFF, 3, 2, 6, true}, {7, 3, 2, 6, true},
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
		walk_once(d, &r, &(struct sunspec_options){.points = (const char *[]){"Pt"},
		                                           .point_count = 1});
		has(&r.records[0], "\"Crv\":[{\"Pt\":[{\"V\":0,\"Var\":null}");
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
	sunspec_image_put(&d->image, end + 1, &(uint16_t){60000}, 1); /* leads out of the addresses */
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
	/* Seven modules: the last stands in a second answer, the scale factors in the first one. */
	MODEL(d, 160, 8 + 20 * 7, {2, (uint16_t)-2}, {3, (uint16_t)-1}, {4, 0}, {5, 0}, {8, 7},
	      {10 + 6 * 20 + 9, 100});
	put_end(d);
	sunspec_walk_begin(w);
	while ((step = sunspec_walk_next(w, &want, &found)) == SUNSPEC_READ) {
		serve(d, w, &want);
		if (want.address == model + 2 && ++bodies == 1) { /* now it is -1 and ten times less */
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
			sunspec_decode(&last, &found, 1, sunspec_walk_image(w)->words + found.address,
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
		cmocka_unit_test(test_table),          cmocka_unit_test(test_values),
		cmocka_unit_test(test_texts),          cmocka_unit_test(test_groups),
		cmocka_unit_test(test_contradictions), cmocka_unit_test(test_endings),
		cmocka_unit_test(test_requests),       cmocka_unit_test(test_small_requests),
		cmocka_unit_test(test_changed_layout), cmocka_unit_test(test_moving_scale),
		cmocka_unit_test(test_moving_scale_again),
		cmocka_unit_test(test_json),           cmocka_unit_test(test_image),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
