/* One clock for deadlines and for the load balancer: the one that counts while the machine sleeps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <poll.h>
#include <time.h>

#include "base/error.h"
#include "io/wait.h"

static time_t booted, running; /* s that each clock shows */

/* As on a machine that has slept: the clocks differ. */
int clock_gettime(clockid_t which, struct timespec *out)
{
	*out = (struct timespec){.tv_sec = which == CLOCK_BOOTTIME ? booted : running};
	return 0;
}

static void deadlines_count_sleep(void **state)
{
	(void)state;
	booted = 500;
	running = 100;
	assert_int_equal(monotonic_ms(), 500000);
	assert_int_equal(wait_clock(), 500000);
	assert_int_equal(wait_ready(-1, POLLIN, 499999, NULL), EM_TIMEOUT); /* it is over */
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(deadlines_count_sleep)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
