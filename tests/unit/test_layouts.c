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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_examples),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_first_element),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
