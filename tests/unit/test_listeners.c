/* What listeners share: accepting, addresses, limits on clients, limits on answers. */
#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <netinet/in.h>

#include <cmocka.h>

#include "io/address.h"
#include "io/backoff.h"
#include "io/guests.h"
#include "io/listener.h"
#include "base/error.h"
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

/* A listener's owner that keeps count. */
struct hall {
	uv_loop_t loop;
	struct listener *listener;
	unsigned started, dropped, closed, full;
	int fd; /* of the latest client */
};

static struct listener_client *create(void *context)
{
	struct listener_client *c = calloc(1, sizeof *c);

	c->socket.data = context;
	return c;
}

static void start(struct listener_client *client)
{
	struct hall *h = client->socket.data;

	h->started++;
	uv_fileno((uv_handle_t *)&client->socket, &h->fd);
}

static void client_closed(uv_handle_t *handle)
{
	((struct hall *)handle->data)->closed++;
	free(handle);
}

static void drop(struct listener_client *client)
{
	struct hall *h = client->socket.data;

	h->dropped++;
	listener_forget(client);
	uv_close((uv_handle_t *)&client->socket, client_closed);
}

static void full(void *context, unsigned limit)
{
	((struct hall *)context)->full += limit;
}

static void open_hall(struct hall *h, unsigned idle)
{
	const struct listener_options options = {.limit = 2,
	                                         .idle = idle,
	                                         .create = create,
	                                         .start = start,
	                                         .drop = drop,
	                                         .full = full};
	struct address a = {.host = "127.0.0.1"};

	memset(h, 0, sizeof *h);
	uv_loop_init(&h->loop);
	assert_int_equal(listener_open(&h->listener, &h->loop, &a, &options, h), 0);
}

/* Connects, and lets the listener see it. */
static int visit(struct hall *h)
{
	struct sockaddr_storage to = peer_of(listener_name(h->listener));
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(connect(fd, (const struct sockaddr *)&to, sizeof(struct sockaddr_in)), 0);
	for (int i = 0; i < 3; i++) {
		uv_run(&h->loop, UV_RUN_NOWAIT);
		nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
	}
	return fd;
}

static void close_hall(struct hall *h)
{
	listener_close(h->listener);
	uv_run(&h->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&h->loop), 0);
	assert_int_equal(h->closed, h->dropped);
}

static bool was_closed(int fd)
{
	char byte;

	return recv(fd, &byte, 1, MSG_DONTWAIT) == 0;
}

static void clients_beyond_the_limit_are_refused(void **state)
{
	struct hall h;
	int fd[4];

	(void)state;
	open_hall(&h, 0);
	for (int i = 0; i < 4; i++)
		fd[i] = visit(&h);
	assert_int_equal(h.started, 2);
	assert_int_equal(listener_count(h.listener), 2);
	assert_int_equal(listener_refused(h.listener), 2);
	assert_int_equal(h.full, 2); /* the limit, told once */
	assert_true(was_closed(fd[2]) && was_closed(fd[3]));
	assert_false(was_closed(fd[0]) || was_closed(fd[1]));
	drop(listener_first(h.listener)->next); /* the older one */
	close(visit(&h));
	assert_int_equal(h.started, 3);
	close_hall(&h);
	assert_int_equal(h.dropped, 3);
	for (int i = 0; i < 4; i++)
		close(fd[i]);
}

static void the_client_silent_for_longest_gives_way(void **state)
{
	struct hall h;
	int fd[3];

	(void)state;
	open_hall(&h, 50);
	fd[0] = visit(&h);
	fd[1] = visit(&h);
	nanosleep(&(struct timespec){.tv_nsec = 60000000}, NULL);
	uv_update_time(&h.loop);
	listener_first(h.listener)->next->last = uv_now(&h.loop); /* the first one speaks */
	fd[2] = visit(&h);
	assert_int_equal(h.started, 3);
	assert_int_equal(listener_refused(h.listener), 0);
	assert_true(was_closed(fd[1]));
	assert_false(was_closed(fd[0]) || was_closed(fd[2]));
	close(visit(&h)); /* nobody has been silent for 50 ms */
	assert_int_equal(listener_refused(h.listener), 1);
	close_hall(&h);
	for (int i = 0; i < 3; i++)
		close(fd[i]);
}

/* Libraries that use select() need the low descriptors. */
static void clients_get_high_descriptors(void **state)
{
	struct rlimit limit;
	struct hall h;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	if (limit.rlim_max < 2 * FD_SETSIZE)
		skip();
	open_hall(&h, 0);
	close(visit(&h));
	assert_true(h.fd >= FD_SETSIZE);
	close_hall(&h);
}

static void listening_fails_with_a_reason(void **state)
{
	const struct listener_options options = {.limit = 2, .create = create};
	struct listener *l;
	struct address a;
	struct hall h;

	(void)state;
	open_hall(&h, 0);
	assert_int_equal(address_parse(&a, listener_name(h.listener)), 0);
	assert_int_not_equal(a.port, 0);
	assert_int_equal(listener_open(&l, &h.loop, &a, &options, NULL), EM_SYSTEM);
	assert_null(l);
	assert_string_equal(listener_problem(EM_SYSTEM), "address already in use");
	strcpy(a.host, "no.such.host.invalid");
	assert_int_equal(listener_open(&l, &h.loop, &a, &options, NULL), EM_UNKNOWN);
	assert_string_equal(listener_problem(EM_UNKNOWN), "no such host");
	errno = EACCES;
	assert_non_null(strstr(listener_problem(EM_SYSTEM), "below 1024"));
	assert_string_equal(listener_problem(EM_NO_MEMORY), error_text(EM_NO_MEMORY));
	close_hall(&h);
}

static void waits_double_up_to_a_limit(void **state)
{
	struct backoff b = BACKOFF_NETWORK, odd = {.first = 50, .most = 120}, one = {7, 7, 0};
	static const unsigned network[] = {250, 500, 1000, 2000, 4000, 8000, 16000, 30000, 30000};

	(void)state;
	for (size_t i = 0; i < sizeof network / sizeof *network; i++)
		assert_int_equal(backoff_next(&b), network[i]);
	backoff_reset(&b);
	assert_int_equal(backoff_next(&b), 250);
	assert_int_equal(backoff_next(&b), 500);
	assert_int_equal(backoff_next(&odd), 50);
	assert_int_equal(backoff_next(&odd), 100);
	assert_int_equal(backoff_next(&odd), 120);
	assert_int_equal(backoff_next(&odd), 120);
	assert_int_equal(backoff_next(&one), 7);
	assert_int_equal(backoff_next(&one), 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_have_a_rate),
		cmocka_unit_test(slow_rates_regain_too),
		cmocka_unit_test(loopback_has_none),
		cmocka_unit_test(refusals_are_told_once_a_minute),
		cmocka_unit_test(nowhere_means_everywhere),
		cmocka_unit_test(clients_beyond_the_limit_are_refused),
		cmocka_unit_test(the_client_silent_for_longest_gives_way),
		cmocka_unit_test(clients_get_high_descriptors),
		cmocka_unit_test(listening_fails_with_a_reason),
		cmocka_unit_test(waits_double_up_to_a_limit),
		cmocka_unit_test(clients_leave_descriptors_for_the_rest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
