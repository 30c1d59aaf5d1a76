/* What listeners share: addresses, limits on clients, limits on answers. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <netinet/in.h>

#include <cmocka.h>

#include "io/address.h"
#include "io/guests.h"
#include "io/rate.h"

static struct sockaddr_storage peer_of(const char *text)
{
	struct sockaddr_storage out;
	struct address a;

	assert_int_equal(address_parse(&a, text), 0);
	assert_int_equal(address_resolve(&a, false, &out), 0);
	return out;
}

static bool allowed(struct rate *r, const char *peer, size_t bytes, uint64_t now)
{
	struct sockaddr_storage address = peer_of(peer);

	return rate_allow(r, (const struct sockaddr *)&address, bytes, now);
}

static void answers_have_a_rate(void **state)
{
	static struct rate r;

	(void)state;
	rate_begin(&r, 1000, 5000);
	r.salt = 1; /* no two of the peers below share a place */
	for (int i = 0; i < 5; i++)
		assert_true(allowed(&r, "192.0.2.1:7", 1000, 10000));
	assert_false(allowed(&r, "192.0.2.1:7", 1000, 10000));
	assert_false(allowed(&r, "192.0.2.1:8", 1000, 10000)); /* ports are free to choose */
	assert_false(allowed(&r, "[::ffff:192.0.2.1]:8", 1000, 10000));
	assert_true(allowed(&r, "192.0.2.2:7", 1000, 10000));
	assert_false(allowed(&r, "192.0.2.1:7", 1000, 10999));
	assert_true(allowed(&r, "192.0.2.1:7", 1000, 11000));
	assert_false(allowed(&r, "192.0.2.1:7", 1000, 11000));
	for (int i = 0; i < 5; i++)
		assert_true(allowed(&r, "192.0.2.1:7", 1000, 1000000));
	assert_false(
		allowed(&r, "192.0.2.1:7", 1000, 1000000)); /* no more than the burst is saved up */
	/* IPv6 by network */
	assert_true(allowed(&r, "[2001:db8::1]:7", 5000, 1000000));
	assert_false(allowed(&r, "[2001:db8::2]:7", 1, 1000000));
	assert_true(allowed(&r, "[2001:db8:1::2]:7", 1, 1000000));
	/* an answer above the burst goes out once it is all there is */
	assert_true(allowed(&r, "192.0.2.3:7", 60000, 1000000));
	assert_false(allowed(&r, "192.0.2.3:7", 1, 1050000));
	assert_true(allowed(&r, "192.0.2.3:7", 1, 1060000));
}

/* Time goes by in steps that regain less than a byte. */
static void slow_rates_regain_too(void **state)
{
	static struct rate r;
	uint64_t now = 1000;

	(void)state;
	rate_begin(&r, 100, 100);
	assert_true(allowed(&r, "192.0.2.1:7", 100, now));
	for (; now < 1999; now++)
		assert_false(allowed(&r, "192.0.2.1:7", 100, now));
	assert_true(allowed(&r, "192.0.2.1:7", 100, 2000));
}

static void loopback_has_none(void **state)
{
	static struct rate r;

	(void)state;
	rate_begin(&r, 1, 1);
	for (int i = 0; i < 10; i++) {
		assert_true(allowed(&r, "127.0.0.1:7", 60000, 1));
		assert_true(allowed(&r, "127.1.2.3:7", 60000, 1));
		assert_true(allowed(&r, "[::1]:7", 60000, 1));
		assert_true(allowed(&r, "[::ffff:127.0.0.1]:7", 60000, 1));
	}
}

static void refusals_are_told_once_a_minute(void **state)
{
	struct guests g = {0};

	(void)state;
	assert_true(guests_refused(&g, 0));
	assert_false(guests_refused(&g, 59000));
	assert_true(guests_refused(&g, 60001));
	assert_false(guests_refused(&g, 60002));
}

static void clients_leave_descriptors_for_the_rest(void **state)
{
	struct rlimit before, low = {.rlim_cur = 64};
	struct guests g;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	guests_begin(&g, 10);
	assert_int_equal(g.limit, 10);
	low.rlim_max = 128;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
	guests_begin(&g, 4096);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &low), 0);
	assert_int_equal(low.rlim_cur, 128); /* the soft limit is raised */
	assert_int_equal(g.limit, 48);
}

static void nowhere_means_everywhere(void **state)
{
	struct address a;
	struct sockaddr_storage out;

	(void)state;
	assert_int_equal(address_parse(&a, ":99"), 0);
	assert_int_equal(address_resolve(&a, true, &out), 0);
	if (out.ss_family == AF_INET6) /* else the machine has no IPv6 */
		assert_true(IN6_IS_ADDR_UNSPECIFIED(&((struct sockaddr_in6 *)&out)->sin6_addr));
	else
		assert_int_equal(((struct sockaddr_in *)&out)->sin_addr.s_addr, INADDR_ANY);
	assert_int_equal(address_parse(&a, "0.0.0.0:99"), 0);
	assert_int_equal(address_resolve(&a, true, &out), 0);
	assert_int_equal(out.ss_family, AF_INET); /* as told */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_have_a_rate),
		cmocka_unit_test(slow_rates_regain_too),
		cmocka_unit_test(loopback_has_none),
		cmocka_unit_test(refusals_are_told_once_a_minute),
		cmocka_unit_test(nowhere_means_everywhere),
		cmocka_unit_test(clients_leave_descriptors_for_the_rest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
