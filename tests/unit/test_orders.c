/* Orders of the user: words, what is told back, and what they do to the balancer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "control/orders.h"

enum { BAD = -99 };

static int32_t read_words(enum order order, const char *words)
{
	int32_t value = BAD;
	int error = order_read(order, words, strlen(words), &value);

	assert_true(error == 0 || error == EM_SYNTAX);
	assert_int_equal(error != 0, value == BAD);
	return value;
}

static void words_that_are_understood(void **state)
{
	static const struct {
		enum order order;
		const char *words;
		int32_t value;
	} cases[] = {
		{ORDER_OVERRIDE, "8", 8000},
		{ORDER_OVERRIDE, "8.0", 8000},
		{ORDER_OVERRIDE, " 8.5\n", 8500},
		{ORDER_OVERRIDE, "+16", 16000},
		{ORDER_OVERRIDE, "0", 0},
		{ORDER_OVERRIDE, "-0.0", 0},
		{ORDER_OVERRIDE, "7.3333333", 7333},
		{ORDER_OVERRIDE, "1000000", 1000000000},
		{ORDER_OVERRIDE, "", -1},
		{ORDER_OVERRIDE, "  ", -1},
		{ORDER_OVERRIDE, "none", -1},
		{ORDER_OVERRIDE, "None", -1},
		{ORDER_OVERRIDE, "AUTO", -1},
		{ORDER_MODE, "normal", 0},
		{ORDER_MODE, "Off\r\n", 1},
		{ORDER_PAUSE, "ON", true},
		{ORDER_PAUSE, "on", true},
		{ORDER_PAUSE, "OFF", false},
		{ORDER_PAUSE, "\toff ", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(read_words(cases[i].order, cases[i].words), cases[i].value);
}

static void words_that_are_not(void **state)
{
	static const struct {
		enum order order;
		const char *words;
	} cases[] = {
		{ORDER_OVERRIDE, "-1"},      {ORDER_OVERRIDE, "8 A"},
		{ORDER_OVERRIDE, "8,5"},     {ORDER_OVERRIDE, "1e1"},
		{ORDER_OVERRIDE, "0x8"},     {ORDER_OVERRIDE, "nan"},
		{ORDER_OVERRIDE, "unknown"}, {ORDER_OVERRIDE, "nonee"},
		{ORDER_OVERRIDE, "8."},      {ORDER_OVERRIDE, "99999999"},
		{ORDER_OVERRIDE, "-0.0001"}, {ORDER_MODE, ""},
		{ORDER_MODE, "0"},           {ORDER_MODE, "norma"},
		{ORDER_MODE, "offf"},        {ORDER_PAUSE, ""},
		{ORDER_PAUSE, "1"},          {ORDER_PAUSE, "true"},
		{ORDER_PAUSE, "O"},          {ORDER_PAUSE, "ON OFF"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(read_words(cases[i].order, cases[i].words), BAD);
	assert_int_equal(order_read(ORDER_PAUSE, "ON\0", 3, &(int32_t){0}), EM_SYNTAX);
	assert_int_equal(order_read(ORDER_PAUSE, NULL, 0, &(int32_t){0}), EM_SYNTAX);
	assert_int_equal(order_read(ORDER_OVERRIDE, NULL, 0, &(int32_t){0}), 0);
}

static void is_written(enum order order, int32_t value, const char *words)
{
	struct text out = {0};

	order_write(&out, order, value);
	assert_string_equal(text_string(&out), words);
	text_free(&out);
}

static void what_is_told_back(void **state)
{
	(void)state;
	is_written(ORDER_OVERRIDE, 8000, "8");
	is_written(ORDER_OVERRIDE, 8500, "8.5");
	is_written(ORDER_OVERRIDE, 8050, "8.05");
	is_written(ORDER_OVERRIDE, 10, "0.01");
	is_written(ORDER_OVERRIDE, 10000, "10");
	is_written(ORDER_OVERRIDE, 0, "0");
	is_written(ORDER_OVERRIDE, -1, "none");
	is_written(ORDER_MODE, 0, "normal");
	is_written(ORDER_MODE, 1, "off");
	is_written(ORDER_MODE, 4, "now");
	is_written(ORDER_PAUSE, true, "ON");
	is_written(ORDER_PAUSE, false, "OFF");
}

static void what_is_taken(void **state)
{
	static const char *const words[] = {"a number of A, none or auto",
	                                    "normal, off, surplus, minimum or now", "ON or OFF"};

	(void)state;
	for (unsigned i = 0; i < ORDERS; i++) {
		struct text out = {0};

		order_words(&out, (enum order)i);
		assert_string_equal(text_string(&out), words[i]);
		text_free(&out);
	}
}

static void names(void **state)
{
	(void)state;
	for (unsigned i = 0; i < ORDERS; i++)
		assert_int_equal(order_named(order_names[i], strlen(order_names[i])), i);
	assert_int_equal(order_named("override", 4), ORDERS);
	assert_int_equal(order_named("modes", 5), ORDERS);
	assert_int_equal(order_named("", 0), ORDERS);
}

static void what_they_do(void **state)
{
	static const struct {
		struct orders orders;
		int32_t limit;
		bool paused;
		int32_t present;
		enum solar_mode solar;
	} cases[] = {
		{{{-1, 0, false}}, -1, false, -1, SOLAR_AS_SET},
		{{{8000, 0, false}}, 8000, false, 8000, SOLAR_AS_SET},
		{{{0, 0, false}}, 0, false, 0, SOLAR_AS_SET},
		{{{32000, 0, false}}, 16000, false, 16000, SOLAR_AS_SET},
		{{{8000, 1, false}}, 8000, true, 8000, SOLAR_AS_SET},
		{{{-1, 0, true}}, -1, true, -1, SOLAR_AS_SET},
		{{{-1, 1, true}}, -1, true, -1, SOLAR_AS_SET},
		{{{-1, 2, false}}, -1, false, -1, SOLAR_SURPLUS},
		{{{-1, 3, true}}, -1, true, -1, SOLAR_MINIMUM},
		{{{-1, 4, false}}, -1, false, -1, SOLAR_OFF},
		{{{-1, 0, false}}, -1, false, -1, SOLAR_AS_SET},
	};
	static struct balancer b;
	const struct balance_settings s = balance_defaults();
	struct fuse fuse;

	(void)state;
	assert_int_equal(fuse_init(&fuse, FUSE_ANY, 25000), 0);
	balancer_start(&b, ALGORITHM_HEADROOM, &s, &fuse, false);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		orders_apply(&cases[i].orders, &b);
		assert_int_equal(b.settings.override_limit, cases[i].limit);
		assert_int_equal(balancer_paused(&b), cases[i].paused);
		assert_int_equal(b.ceilings.mode, cases[i].solar);
		assert_int_equal(orders_present(&cases[i].orders, &b).of[ORDER_OVERRIDE],
		                 cases[i].present);
	}
	b.settings.override_limit = 40000; /* the register takes that */
	assert_int_equal(orders_present(&cases[0].orders, &b).of[ORDER_OVERRIDE], 16000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_that_are_understood),
		cmocka_unit_test(words_that_are_not),
		cmocka_unit_test(what_is_told_back),
		cmocka_unit_test(what_is_taken),
		cmocka_unit_test(names),
		cmocka_unit_test(what_they_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
