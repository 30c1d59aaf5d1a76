/* What is said of a connection that comes and goes: a line each at first, then fewer and fewer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "io/flaps.h"

enum { SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE };

static struct {
	struct flaps f;
	int64_t now;
	unsigned lines, losses, told; /* told: losses that lines tell of */
	int64_t minutes;
} b;

static int begin(void **state)
{
	(void)state;
	memset(&b, 0, sizeof b);
	b.now = 5 * MINUTE;
	return 0;
}

static void count(enum flap_line line, unsigned losses)
{
	b.lines += line != FLAP_NOTHING;
	b.told += line == FLAP_SUMMARY ? losses : 0;
}

/* Time goes on, and what is due is said. */
static void pass(int64_t ms)
{
	int64_t end = b.now + ms, wait;
	enum flap_line line;
	unsigned losses = 0;

	while ((wait = flaps_wait(&b.f, b.now)) >= 0 && b.now + wait <= end) {
		b.now += wait;
		line = flaps_late(&b.f, b.now, &losses, &b.minutes);
		count(line, losses);
	}
	b.now = end;
}

static void lose(void)
{
	enum flap_line line = flaps_lost(&b.f, b.now);

	b.losses++;
	b.told += line == FLAP_CHANGE;
	count(line, 0);
}

static void come_back(void)
{
	count(flaps_back(&b.f, b.now), 0);
}

static void a_loss_and_its_end_are_said_at_once(void **state)
{
	(void)state;
	come_back(); /* the first connection is no news */
	assert_int_equal(b.lines, 0);
	for (int i = 1; i <= 3; i++) {
		lose();
		assert_int_equal(b.lines, 2 * i - 1);
		assert_int_equal(flaps_lost(&b.f, b.now), FLAP_NOTHING); /* another attempt */
		come_back();
		assert_int_equal(b.lines, 2 * i);
		assert_int_equal(flaps_back(&b.f, b.now), FLAP_NOTHING);
		assert_int_equal(flaps_wait(&b.f, b.now), -1);
		pass(10 * MINUTE);
	}
}

static void losses_soon_after_are_counted(void **state)
{
	(void)state;
	for (int i = 0; i < 6; i++) {
		lose();
		pass(2 * SECOND);
		come_back();
		pass(8 * SECOND);
	}
	pass(10 * SECOND);
	assert_int_equal(b.lines, 3); /* lost, back, a summary a minute after that */
	assert_int_equal(b.told, 6);
	assert_int_equal(b.minutes, 1);
	pass(HOUR);
	assert_int_equal(b.lines, 3);
	assert_int_equal(flaps_wait(&b.f, b.now), -1); /* all is calm */
	lose();
	assert_int_equal(b.lines, 4);
}

/* A day with a loss each `period`. */
static void flap_for_a_day(int64_t period)
{
	begin(NULL);
	for (int64_t end = b.now + 24 * HOUR; b.now < end;) {
		lose();
		pass(period / 2);
		come_back();
		pass(period / 2);
	}
	assert_in_range(b.lines, 10, 80);
	pass(HOUR);
	assert_int_equal(b.told, b.losses);
}

static void the_lines_become_fewer(void **state)
{
	static const int64_t periods[] = {SECOND,     20 * SECOND, MINUTE,
	                                  2 * MINUTE, 3 * MINUTE,  9 * MINUTE};

	(void)state;
	for (size_t i = 0; i < sizeof periods / sizeof *periods; i++)
		flap_for_a_day(periods[i]);
}

/* After however many losses, what stays as it is gets said. */
static void the_end_is_always_told(void **state)
{
	(void)state;
	for (int losses = 1; losses < 3000; losses = losses * 3 / 2 + 1) {
		for (int away = 0; away < 2; away++) {
			begin(NULL);
			for (int i = 0; i < losses; i++) {
				lose();
				pass(10 * SECOND);
				if (i < losses - 1 || !away)
					come_back();
				pass(10 * SECOND);
			}
			pass(15 * MINUTE);
			assert_int_equal(b.f.told_away, away);
			pass(HOUR);
			assert_int_equal(b.f.told_away, away);
			assert_int_equal(b.told, b.losses);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_loss_and_its_end_are_said_at_once, begin),
		cmocka_unit_test_setup(losses_soon_after_are_counted, begin),
		cmocka_unit_test_setup(the_lines_become_fewer, begin),
		cmocka_unit_test_setup(the_end_is_always_told, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
