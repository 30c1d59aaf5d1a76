/* What energy costs: exact, over the ends of slots, and however it is cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "balance/cost.h"
#include "base/random.h"

#define HOUR INT64_C(3600000)

static struct price_slot slots[] = {
	{0, HOUR, PRICE_ONE / 4},           /* 0.25 */
	{HOUR, 2 * HOUR, -PRICE_ONE / 100}, /* -0.01 */
	{3 * HOUR, 4 * HOUR, 123456789},    /* behind an hour without a price */
	{4 * HOUR, 5 * HOUR, PRICE_LIMIT},
};
static const struct prices prices = {.slots = slots, .count = 4};

static void tells(const struct cost *c, const char *total, const char *mean)
{
	char text[DECIMAL_TEXT];

	decimal_format(text, cost_total(c));
	assert_string_equal(text, total);
	decimal_format(text, cost_mean(c));
	assert_string_equal(text, mean);
}

static void hours_at_their_price(void **state)
{
	struct cost c = {0};

	(void)state;
	tells(&c, "0.0000", "0.00000");
	cost_add(&c, &prices, 0, HOUR, 11000000);
	tells(&c, "2.7500", "0.25000");
	cost_add(&c, &prices, HOUR / 2, HOUR, 10000000); /* half of it below 0 */
	tells(&c, "3.9500", "0.18810");
	assert_int_equal(c.unpriced, 0);
	cost_add(&c, &prices, 2 * HOUR, HOUR, 1000000);
	assert_int_equal(c.unpriced, INT64_C(3600000000));
	cost_add(&c, &prices, 6 * HOUR, HOUR, 1000000);
	cost_add(&c, &prices, -HOUR, HOUR, 1000000);
	assert_int_equal(c.unpriced, 3 * INT64_C(3600000000));
	tells(&c, "3.9500", "0.18810");
	cost_add(&c, &prices, 4 * HOUR, HOUR, 43000000);
	tells(&c, "43003.9500", "671.93672");
	cost_add(&c, &prices, 4 * HOUR, HOUR, INT64_C(90000000000)); /* a power station */
	tells(&c, "90043003.9500", "999.76688");
}

static void less_than_nothing(void **state)
{
	struct cost c = {0};

	(void)state;
	cost_add(&c, &prices, HOUR, HOUR, 11000000);
	tells(&c, "-0.1100", "-0.01000");
}

/* Seconds one by one cost as much as all of them together. */
static void however_it_is_cut(void **state)
{
	struct cost all = {0}, cut = {0};
	struct random random = {.state = 5};
	instant at = 0;

	(void)state;
	cost_add(&all, &prices, 0, 6 * HOUR, 7359001);
	while (at < 6 * HOUR) {
		int64_t step = 1000 * (1 + (int64_t)random_below(&random, 900));

		step = step < 6 * HOUR - at ? step : 6 * HOUR - at;
		cost_add(&cut, &prices, at, step, 7359001);
		at += step;
	}
	assert_int_equal(all.whole, cut.whole);
	assert_int_equal(all.rest, cut.rest);
	assert_int_equal(all.energy, cut.energy);
	assert_int_equal(all.unpriced, cut.unpriced);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hours_at_their_price),
		cmocka_unit_test(less_than_nothing),
		cmocka_unit_test(however_it_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
