/*
 * Names that a name server never answers: whoever waits for one can stop at once, while the resolver
 * goes on. The resolver is the one below; it holds names that begin with `never` until it may go on.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/error.h"
#include "control/charger.h"
#include "io/connect.h"
#include "io/lookup.h"
#include "io/source.h"
#include "io/thread.h"
#include "io/wait.h"

enum {
	AT_ONCE = 2000,     /* ms: a slice of 0.1 s and a busy machine */
	FAIL_AFTER = 20000, /* ms */
};

static atomic_int asked, busy;
static atomic_bool hold, stop;

static void doze(int ms)
{
	nanosleep(&(struct timespec){.tv_nsec = ms * 1000000L}, NULL);
}

/* The address of names is that of loopback. */
static int find(const char *port, const struct addrinfo *hints, struct addrinfo **out)
{
	struct found {
		struct addrinfo info;
		struct sockaddr_in address;
	} *f = calloc(1, sizeof *f);

	assert_non_null(f);
	f->address = (struct sockaddr_in){.sin_family = AF_INET,
	                                  .sin_port = htons((uint16_t)atoi(port)),
	                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	f->info = (struct addrinfo){.ai_family = AF_INET,
	                            .ai_socktype = hints->ai_socktype,
	                            .ai_addr = (struct sockaddr *)&f->address,
	                            .ai_addrlen = sizeof f->address};
	*out = &f->info;
	return 0;
}

int getaddrinfo(const char *host, const char *port, const struct addrinfo *hints,
                struct addrinfo **out)
{
	bool numeric = !host || (*host >= '0' && *host <= '9');

	if (!numeric && hints->ai_flags & AI_NUMERICHOST)
		return EAI_NONAME;
	busy++;
	asked += !numeric;
	while (!numeric && !strncmp(host, "never", 5) && hold)
		doze(1);
	busy--;
	return !numeric && strstr(host, "unknown") ? EAI_NONAME : find(port, hints, out);
}

void freeaddrinfo(struct addrinfo *list)
{
	free(list);
}

static int begin(void **state)
{
	(void)state;
	asked = 0;
	hold = true;
	stop = false;
	return 0;
}

/* Lets the resolver go on, and waits for its end. */
static int end(void **state)
{
	(void)state;
	hold = false;
	for (int64_t until = wait_clock() + FAIL_AFTER; busy; doze(1))
		assert_true(wait_clock() < until);
	doze(50); /* for its thread to free the answer */
	return 0;
}

static void is_asked(void)
{
	for (int64_t until = wait_clock() + FAIL_AFTER; !busy; doze(1))
		assert_true(wait_clock() < until);
}

static const struct addrinfo any = {.ai_socktype = SOCK_STREAM};

/* 0 or EM_CANCELLED; the result of the resolver in *status. */
static int ask(const char *host, int *status)
{
	struct addrinfo *found;
	int error = lookup_host(host, "99", &any, &stop, status, &found);

	if (!error && !*status) {
		assert_int_equal(((struct sockaddr_in *)(void *)found->ai_addr)->sin_port,
		                 htons(99));
		freeaddrinfo(found);
	}
	return error;
}

static void numbers_need_no_resolver(void **state)
{
	int status;

	(void)state;
	stop = true;
	assert_int_equal(ask("127.0.0.1", &status), 0);
	assert_int_equal(status, 0);
	assert_int_equal(asked, 0);
}

static void names_are_waited_for(void **state)
{
	int status;

	(void)state;
	hold = false;
	assert_int_equal(ask("never", &status), 0);
	assert_int_equal(status, 0);
	assert_int_equal(ask("unknown", &status), 0);
	assert_int_equal(status, EAI_NONAME);
	assert_int_equal(asked, 2);
}

static void *stop_waiting(void *unused)
{
	is_asked();
	stop = true;
	return unused;
}

static void a_wait_ends_when_it_is_stopped(void **state)
{
	static const struct address address = {.host = "never.example", .port = 99};
	const char *why = "";
	pthread_t thread;
	int64_t began = wait_clock();

	(void)state;
	assert_int_equal(thread_start(&thread, stop_waiting, NULL), 0);
	assert_int_equal(connect_tcp(&address, began + FAIL_AFTER, &stop, &why), EM_CANCELLED);
	assert_in_range(wait_clock() - began, 0, AT_ONCE);
	assert_int_equal(busy, 1);
	pthread_join(thread, NULL);
}

static void *no_stream(void *context, const struct peer *peer)
{
	(void)peer;
	return context;
}

static void a_source_ends_while_its_name_is_looked_up(void **state)
{
	static const struct source_events events = {.open = no_stream};
	const struct source_config config = {.url = "tcp://never.example:99", .events = &events};
	struct loop *loop = loop_new();
	char message[200];
	bool usage;
	struct source *source = source_open(loop, &config, message, sizeof message, &usage);
	int64_t began;

	(void)state;
	assert_non_null(source);
	is_asked();
	began = wait_clock();
	source_close(source);
	loop_free(loop);
	assert_in_range(wait_clock() - began, 0, AT_ONCE);
	assert_int_equal(busy, 1);
}

static void exchanged(void *context)
{
	(void)context;
}

static void a_charger_is_left_while_its_name_is_looked_up(void **state)
{
	struct charger *c = calloc(1, sizeof *c);
	struct loop *loop = loop_new();
	int64_t began;

	(void)state;
	c->done = exchanged;
	assert_int_equal(charger_open(c,
	                              &(struct charger_options){.url = "abb://never.example",
	                                                        .timeout = 60,
	                                                        .reply = 1000},
	                              loop_uv(loop)),
	                 0);
	charger_poll(c);
	is_asked();
	began = wait_clock();
	charger_leave(c);
	charger_close(c);
	loop_free(loop);
	assert_in_range(wait_clock() - began, 0, AT_ONCE);
	assert_int_equal(busy, 1);
	free(c);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(numbers_need_no_resolver),
		TEST(names_are_waited_for),
		TEST(a_wait_ends_when_it_is_stopped),
		TEST(a_source_ends_while_its_name_is_looked_up),
		TEST(a_charger_is_left_while_its_name_is_looked_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
