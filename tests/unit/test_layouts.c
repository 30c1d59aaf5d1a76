/* Every layout reads its own example to what it says, and no other layout takes it. */
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

static bool about_the_push(const struct value *v)
{
	static const char *const names[] = {"framing", "authenticated"};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (v->name_length == strlen(names[i]) &&
		    !memcmp(v->name, names[i], v->name_length))
			return true;
	return v->kind == VALUE_OBJECT || v->kind == VALUE_LIST ||
	       (v->kind == VALUE_TEXT && !v->as.text.length);
}

static void test_examples(void **state)
{
	static struct dlms d;
	struct record r = {0};

	(void)state;
	for (const struct layout *const *l = layouts; *l; l++) {
		uint8_t bytes[2048];
		struct push_apdu apdu = {.data = bytes,
		                         .size = hex_bytes(bytes, sizeof bytes, (*l)->example)};
		struct text got = {0};
		struct dlms_note note;

		record_begin(&r, "dlms");
		assert_int_equal(dlms_decode(&d, &apdu, &r, &note), PUSH_OK);
		assert_string_equal(note.layout, (*l)->name);
		for (const struct value *v = r.values; v < r.values + r.count;
		     v = value_next(&r, v))
			if (!about_the_push(v))
				show(&got, v);
		if (got.length)
			got.length--;
		assert_string_equal(text_string(&got), (*l)->expected);
		text_free(&got);
	}
	record_free(&r);
	dlms_free(&d);
}

/* Every example cut short, or longer by a byte, is refused. */
static void test_cut(void **state)
{
	static struct dlms d;
	struct record r = {0};

	(void)state;
	for (const struct layout *const *l = layouts; *l; l++) {
		uint8_t bytes[2048] = {0};
		size_t size = hex_bytes(bytes, sizeof bytes, (*l)->example);

		for (size_t n = 0; n <= size + 1; n++) {
			struct push_apdu apdu = {.data = bytes, .size = n};
			struct dlms_note note;
			bool whole = n == size;

			record_begin(&r, "dlms");
			assert_int_equal(dlms_decode(&d, &apdu, &r, &note) == PUSH_OK, whole);
			assert_int_equal(notification_measure(bytes, n), n < size ? 0 : (long)size);
		}
	}
	record_free(&r);
	dlms_free(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_examples),
		cmocka_unit_test(test_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
