/* Every layout decodes its own example as documented, and no other layout accepts it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "protocol/cosem/dlms.h"
#include "printed.h"

/* "name=value " for one value of the top level */
static void show(struct text *out, const struct value *v)
{
	char buffer[DECIMAL_TEXT];

	text_add(out, v->name, v->name_length);
	text_char(out, '=');
	if (v->kind == VALUE_DECIMAL)
		text_decimal(out, v->as.decimal);
	else if (v->kind == VALUE_TEXT)
		text_add(out, v->as.text.data, v->as.text.length);
	else if (v->kind == VALUE_TIME)
		text_add(out, buffer, stamp_format(buffer, &v->as.time));
	text_char(out, ' ');
}

static bool is_shown(const struct value *v)
{
	return v->kind != VALUE_OBJECT && v->kind != VALUE_LIST &&
	       (v->kind != VALUE_TEXT || v->as.text.length);
}

static void test_examples(void **state)
{
	static struct dlms d;
	struct record r = {0};

	(void)state;
	for (const struct layout *const *l = layouts; *l; l++) {
		uint8_t bytes[2048];
		size_t size = hex_bytes(bytes, sizeof bytes, (*l)->example);
		const char *reason = "none";
		struct text got = {0};

		record_begin(&r, "dlms");
		if (dlms_parse(&d, bytes, size, &reason))
			fail_msg("%s: %s", (*l)->name, reason);
		assert_true(dlms_is_plausible(&d));
		assert_string_equal(d.layout->name, (*l)->name);
		dlms_head(&d, &r);
		dlms_values(&d, &r);
		for (const struct value *v = r.values; v < r.values + r.count;
		     v = value_next(&r, v))
			if (is_shown(v))
				show(&got, v);
		if (got.length)
			got.length--;
		assert_string_equal(text_string(&got), (*l)->expected);
		text_free(&got);
	}
	record_free(&r);
}

/* Every example cut short, or longer by a byte, is refused. */
static void test_cut(void **state)
{
	static struct dlms d;

	(void)state;
	for (const struct layout *const *l = layouts; *l; l++) {
		uint8_t bytes[2048] = {0};
		size_t size = hex_bytes(bytes, sizeof bytes, (*l)->example);

		for (size_t n = 0; n <= size + 1; n++) {
			bool whole = n == size;
			const char *reason;

			assert_int_equal(dlms_parse(&d, bytes, n, &reason) == 0, whole);
			assert_int_equal(notification_measure(bytes, n), n < size ? 0 : (long)size);
		}
	}
}

/* A push that begins with a time has the form of EVN; the same one with another text first has not. */
static void test_first_element(void **state)
{
#define AFTER "0906 0100010800FF 06 00000001 0202 0F00 161E"
	static const struct {
		const char *first, *name;
	} cases[] = {
		{"090C 07E80603010C223800FF8880", "evn"},
		{"090B 07E80603010C223800FF88", "codes"},
		{"090D 07E80603010C223800FF888000", "codes"},
		{"0A0C 54776F2074776F2074776F20", "codes"},
		{"00", "codes"},
	};
	static struct dlms d;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		uint8_t bytes[128];
		char hex[256];
		const char *reason;

		snprintf(hex, sizeof hex, "0F 00000001 00 0204 %s %s", cases[i].first, AFTER);
		assert_int_equal(
			dlms_parse(&d, bytes, hex_bytes(bytes, sizeof bytes, hex), &reason), 0);
		assert_string_equal(d.layout->name, cases[i].name);
	}
}

/*
 * The places of the layouts that send values without codes, from the utilities' documents: the code of
 * each, and its power of ten.
 */
static const struct {
	const char *name, *places;
} placed[] = {
	{"evn", "0-0:1.0.0 0-0:96.1.0"},
	{"wien", "0-6:25.9.0 0-0:96.1.0 1-0:0.9.1 1-0:0.9.2 1-0:1.8.0 1-0:2.8.0 1-0:3.8.0 1-0:4.8.0"
                 " 1-0:1.7.0 1-0:2.7.0 0-0:96.13.0 0-0:96.13.1"},
	{"burgenland",
         "1-0:32.7.0 1-0:52.7.0 1-0:72.7.0 1-0:31.7.0^-2 1-0:51.7.0^-2 1-0:71.7.0^-2 1-0:1.7.0"
         " 1-0:2.7.0 1-0:1.8.0 1-0:2.8.0 0-0:0.0.0 0-0:0.0.0 0-0:0.0.0 0-0:96.1.0"},
	{"landis_at", "0-0:1.0.0"},
	{"kamstrup", "1-1:0.2.129"},
	{"kaifa_1", "1-0:1.7.0"},
	{"kaifa_9", "1-1:0.2.129 0-0:96.1.0 0-0:96.1.7 1-0:1.7.0 1-0:2.7.0 1-0:3.7.0 1-0:4.7.0"
                    " 1-0:31.7.0^-3 1-0:32.7.0^-1"},
	{"kaifa_13",
         "1-1:0.2.129 0-0:96.1.0 0-0:96.1.7 1-0:1.7.0 1-0:2.7.0 1-0:3.7.0 1-0:4.7.0"
         " 1-0:31.7.0^-3 1-0:51.7.0^-3 1-0:71.7.0^-3 1-0:32.7.0^-1 1-0:52.7.0^-1 1-0:72.7.0^-1"},
	{"kaifa_14",
         "1-1:0.2.129 0-0:96.1.0 0-0:96.1.7 1-0:1.7.0 1-0:2.7.0 1-0:3.7.0 1-0:4.7.0"
         " 1-0:31.7.0^-3 1-0:32.7.0^-1 0-0:1.0.0 1-0:1.8.0 1-0:2.8.0 1-0:3.8.0 1-0:4.8.0"},
	{"kaifa_18",
         "1-1:0.2.129 0-0:96.1.0 0-0:96.1.7 1-0:1.7.0 1-0:2.7.0 1-0:3.7.0 1-0:4.7.0"
         " 1-0:31.7.0^-3 1-0:51.7.0^-3 1-0:71.7.0^-3 1-0:32.7.0^-1 1-0:52.7.0^-1 1-0:72.7.0^-1"
         " 0-0:1.0.0 1-0:1.8.0 1-0:2.8.0 1-0:3.8.0 1-0:4.8.0"},
	{"slovenia_18",
         "0-0:42.0.0 0-0:96.1.0 1-0:1.7.0 1-0:2.7.0 1-0:3.7.0 1-0:4.7.0 1-0:32.7.0^-1"
         " 1-0:52.7.0^-1 1-0:72.7.0^-1 1-0:31.7.0^-2 1-0:51.7.0^-2 1-0:71.7.0^-2 1-0:21.7.0"
         " 1-0:41.7.0 1-0:61.7.0 1-0:22.7.0 1-0:42.7.0 1-0:62.7.0"},
	{"slovenia_12",
         "0-0:42.0.0 0-0:96.1.0 0-0:96.3.10 0-0:96.14.0 1-0:1.8.0 1-0:1.8.1 1-0:1.8.2"
         " 1-0:2.8.0 1-0:2.8.1 1-0:2.8.2 1-0:3.8.0 1-0:4.8.0"},
};

static void test_places(void **state)
{
	size_t row = 0;

	(void)state;
	for (const struct layout *const *l = layouts; *l; l++) {
		struct text got = {0};

		for (size_t i = 0; i < (*l)->place_count; i++) {
			const struct layout_place *p = &(*l)->places[i];

			text_printf(&got, "%s%u-%u:%u.%u.%u", i ? " " : "", p->a, p->b, p->c, p->d,
			            p->e);
			if (p->exponent)
				text_printf(&got, "^%d", p->exponent);
		}
		if (got.length) {
			assert_in_range(row, 0, sizeof placed / sizeof *placed - 1);
			assert_string_equal((*l)->name, placed[row].name);
			assert_string_equal(text_string(&got), placed[row++].places);
		}
		text_free(&got);
	}
	assert_int_equal(row, sizeof placed / sizeof *placed);
}

/* The powers of ten of energy, voltage, current and power factor where the push has none. */
static void test_scales(void **state)
{
	static const struct {
		const char *name;
		struct layout_scale scale;
	} scaled[] = {
		{"evn", {0, 0, -2, -3}},         {"landis_at", {0, 0, -2, -3}},
		{"kamstrup", {1, 0, -2, -2}},    {"kaifa_codes", {0, -1, -3, -3}},
		{"vse_tenths", {0, -1, -2, -3}}, {"vse", {0, 0, -2, -3}},
		{"codes", {0, 0, -2, -3}},
	};
	size_t row = 0;

	(void)state;
	for (const struct layout *const *l = layouts; *l; l++) {
		const struct layout_scale *s = &(*l)->scale;

		if ((*l)->form == LAYOUT_PLACES) /* each place has its own */
			continue;
		assert_in_range(row, 0, sizeof scaled / sizeof *scaled - 1);
		assert_string_equal((*l)->name, scaled[row].name);
		assert_int_equal(s->energy, scaled[row].scale.energy);
		assert_int_equal(s->voltage, scaled[row].scale.voltage);
		assert_int_equal(s->current, scaled[row].scale.current);
		assert_int_equal(s->power_factor, scaled[row].scale.power_factor);
		row++;
	}
	assert_int_equal(row, sizeof scaled / sizeof *scaled);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_examples),      cmocka_unit_test(test_cut),
		cmocka_unit_test(test_first_element), cmocka_unit_test(test_places),
		cmocka_unit_test(test_scales),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
