/* Whose telegrams are used when several meters come on one line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "control/identity.h"

static struct identity i;

static int setup(void **state)
{
	(void)state;
	identity_start(&i);
	return 0;
}

static enum identity_verdict look(int seconds, const char *id)
{
	return identity_look(&i, seconds * 1000, id, 30000);
}

static void the_first_one_is_held(void **state)
{
	(void)state;
	assert_int_equal(look(0, "a"), IDENTITY_OURS);
	assert_int_equal(look(1, "b"), IDENTITY_OTHER_NEW);
	for (int n = 2; n < 200; n += 2) {
		assert_int_equal(look(n, "a"), IDENTITY_OURS);
		assert_int_equal(look(n + 1, "b"), IDENTITY_OTHER);
	}
	assert_int_equal(i.ignored, 100);
	assert_int_equal(look(300, "b"), IDENTITY_OTHER); /* they were there together */
	assert_int_equal(look(90000, "b"), IDENTITY_OTHER);
	assert_int_equal(look(90001, "a"), IDENTITY_OURS);
}

static void one_that_comes_when_it_has_gone_takes_its_place(void **state)
{
	(void)state;
	look(0, "a");
	assert_int_equal(look(30, "b"), IDENTITY_OTHER_NEW);
	assert_int_equal(look(31, "b"), IDENTITY_TAKEN);
	assert_int_equal(look(32, "b"), IDENTITY_OURS);
	assert_int_equal(look(33, "a"), IDENTITY_OTHER_NEW); /* the old one is another one now */
	assert_int_equal(look(34, "b"), IDENTITY_OURS);
	assert_int_equal(look(100, "a"), IDENTITY_OTHER);
}

/* Ours is silent; each of the others is told once, and one of them takes its place. */
static void several_others_in_turn(void **state)
{
	(void)state;
	look(0, "a");
	for (int n = 1; n <= 30; n++)
		assert_int_equal(look(n, n % 2 ? "b" : "c"),
		                 n <= 2 ? IDENTITY_OTHER_NEW : IDENTITY_OTHER);
	assert_int_equal(look(31, "b"), IDENTITY_TAKEN);
	assert_int_equal(look(32, "c"), IDENTITY_OTHER_NEW); /* now beside another one */
	assert_int_equal(look(33, "b"), IDENTITY_OURS);
	assert_int_equal(look(34, "c"), IDENTITY_OTHER);
	assert_int_equal(look(99, "c"), IDENTITY_OTHER);
	assert_int_equal(look(100, "a"), IDENTITY_TAKEN);
}

/* A meter that tells each 10 s is there, however soon its data count as old. */
static void a_slow_meter_is_not_gone(void **state)
{
	(void)state;
	for (int n = 0; n < 100; n += 10) {
		assert_int_equal(identity_look(&i, n * 1000, "a", 0), IDENTITY_OURS);
		assert_int_not_equal(identity_look(&i, n * 1000 + 9999, "b", 0), IDENTITY_OURS);
	}
	assert_int_equal(identity_look(&i, 105000, "c", 0), IDENTITY_OTHER_NEW);
	assert_int_equal(identity_look(&i, 105001, "c", 0), IDENTITY_TAKEN);
}

static void telegrams_without_an_identifier_are_ours(void **state)
{
	(void)state;
	assert_int_equal(look(0, ""), IDENTITY_OURS);
	assert_int_equal(look(1, "a"), IDENTITY_OURS); /* the first that tells one */
	assert_int_equal(look(2, ""), IDENTITY_OURS);
	assert_int_equal(look(3, "b"), IDENTITY_OTHER_NEW);
}

static void long_identifiers_and_many(void **state)
{
	char id[100];

	(void)state;
	look(0, "a");
	for (int n = 0; n < 50; n++) {
		snprintf(id, sizeof id, "%060d%d", 0, n);
		look(2 * n + 1, id);
		assert_int_equal(look(2 * n + 2, "a"), IDENTITY_OURS);
	}
	assert_int_equal(i.count, 1); /* the same in all that is kept */
	for (int n = 0; n < 50; n++) {
		snprintf(id, sizeof id, "b%d", n);
		assert_int_not_equal(look(2 * n + 101, id), IDENTITY_OURS);
		assert_int_equal(look(2 * n + 102, "a"), IDENTITY_OURS);
	}
	assert_int_equal(i.count, IDENTITY_OTHERS);
	assert_int_equal(look(999, "c"), IDENTITY_OTHER); /* too many to tell: none is taken */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(the_first_one_is_held, setup),
		cmocka_unit_test_setup(one_that_comes_when_it_has_gone_takes_its_place, setup),
		cmocka_unit_test_setup(several_others_in_turn, setup),
		cmocka_unit_test_setup(a_slow_meter_is_not_gone, setup),
		cmocka_unit_test_setup(telegrams_without_an_identifier_are_ours, setup),
		cmocka_unit_test_setup(long_identifiers_and_many, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
