/* Sources over loopback: datagrams of many senders, a peer that falls silent, a peer that goes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "io/source.h"

enum { PATIENCE = 30, SENDERS = 256 };

static struct loop *loop;
static struct text said;
static unsigned opened, closed, chunks, wanted;
static bool is_live; /* streams close after that, too */
static bool refuses; /* as when memory is out */

static void *on_open(void *context, const struct peer *peer)
{
	(void)context;
	assert_non_null(peer->name);
	opened++;
	if (!wanted)
		loop_stop(loop);
	return refuses ? NULL : &said;
}

static void on_data(void *stream, const struct chunk *chunk)
{
	(void)stream;
	assert_true(chunk->time != INSTANT_NONE);
	if (++chunks == wanted)
		loop_stop(loop);
}

static void on_close(void *stream, instant time)
{
	(void)stream;
	(void)time;
	closed += is_live;
}

static void on_report(void *context, const char *message)
{
	(void)context;
	text_puts(&said, message);
	text_char(&said, '\n');
	if (opened)
		loop_stop(loop);
}

static const struct source_events events = {
	.open = on_open, .data = on_data, .close = on_close, .report = on_report};

static int set_up(void **state)
{
	(void)state;
	opened = closed = chunks = wanted = 0;
	said.length = 0;
	is_live = true;
	refuses = false;
	loop = loop_new();
	loop_limit(loop, PATIENCE);
	return loop ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	loop_free(loop);
	text_free(&said);
	return 0;
}

/* A socket bound to a free port on loopback. */
static int bound(int type, struct sockaddr_in *address)
{
	socklen_t size = sizeof *address;
	int fd = socket(AF_INET, type, 0);

	*address = (struct sockaddr_in){.sin_family = AF_INET,
	                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)address, sizeof *address), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)address, &size), 0);
	return fd;
}

static struct source *open_source(const char *scheme, const struct sockaddr_in *address,
                                  double timeout)
{
	struct source_config config = {.events = &events, .timeout = timeout};
	char url[64], message[200];
	struct source *source;
	bool usage;

	snprintf(url, sizeof url, "%s://127.0.0.1:%u", scheme, ntohs(address->sin_port));
	config.url = url;
	source = source_open(loop, &config, message, sizeof message, &usage);
	if (!source)
		fail_msg("%s", message);
	return source;
}

static void receive(unsigned count)
{
	wanted = count;
	if (chunks < wanted)
		loop_run(loop);
	assert_false(loop_expired(loop));
	assert_int_equal(chunks, count);
}

/* One more than there are places: the one that was silent for longest makes room. */
static void many_senders(void **state)
{
	struct sockaddr_in to;
	int first = bound(SOCK_DGRAM, &to), fd[SENDERS + 1];
	struct source *source;

	(void)state;
	close(first);
	source = open_source("udp", &to, 0);
	for (unsigned i = 0; i <= SENDERS; i++) {
		struct sockaddr_in own;

		fd[i] = bound(SOCK_DGRAM, &own);
		assert_int_equal(sendto(fd[i], "x", 1, 0, (struct sockaddr *)&to, sizeof to), 1);
		receive(i + 1);
		assert_int_equal(opened, i + 1);
		assert_int_equal(closed, i == SENDERS);
	}
	assert_int_equal(sendto(fd[SENDERS], "x", 1, 0, (struct sockaddr *)&to, sizeof to), 1);
	receive(SENDERS + 2); /* known: no new stream */
	assert_int_equal(opened, SENDERS + 1);
	assert_int_equal(sendto(fd[1], "x", 1, 0, (struct sockaddr *)&to, sizeof to), 1);
	receive(SENDERS + 3);
	assert_int_equal(opened, SENDERS + 1);
	assert_int_equal(sendto(fd[0], "x", 1, 0, (struct sockaddr *)&to, sizeof to), 1);
	receive(SENDERS + 4); /* forgotten: a new stream, in the place of number 2 */
	assert_int_equal(opened, SENDERS + 2);
	assert_int_equal(closed, 2);
	for (unsigned i = 0; i <= SENDERS; i++)
		close(fd[i]);
	is_live = false;
	assert_int_equal(source_bytes(source), SENDERS + 4);
	source_close(source);
}

/* A sender that got no stream has none to close when its place is wanted. */
static void refused_senders(void **state)
{
	struct sockaddr_in to;
	int first = bound(SOCK_DGRAM, &to), fd[SENDERS + 1];
	struct source *source;

	(void)state;
	close(first);
	refuses = true;
	source = open_source("udp", &to, 0);
	for (unsigned i = 0; i <= SENDERS; i++) {
		struct sockaddr_in own;

		fd[i] = bound(SOCK_DGRAM, &own);
		assert_int_equal(sendto(fd[i], "x", 1, 0, (struct sockaddr *)&to, sizeof to), 1);
		loop_run(loop);
		assert_int_equal(opened, i + 1);
	}
	assert_int_equal(closed, 0);
	for (unsigned i = 0; i <= SENDERS; i++)
		close(fd[i]);
	source_close(source);
}

/* A peer that sends some bytes and then falls silent gives a message, and the stream ends. */
static void a_peer_that_falls_silent(void **state)
{
	struct sockaddr_in to;
	int listener = bound(SOCK_STREAM, &to), peer;
	struct source *source;

	(void)state;
	assert_int_equal(listen(listener, 4), 0);
	source = open_source("tcp", &to, 1);
	assert_int_equal(source_status(source), EM_UNREACHABLE);
	peer = accept(listener, NULL, NULL);
	assert_int_equal(write(peer, "abc", 3), 3); /* there before the wait for data begins */
	loop_run(loop);                             /* until it is connected */
	assert_int_equal(opened, 1);
	receive(1);
	assert_int_equal(source_status(source), 0);
	loop_run(loop);
	assert_non_null(strstr(text_string(&said), "no data for too long"));
	assert_int_equal(closed, 1);
	close(peer);
	close(listener);
	is_live = false;
	source_close(source);
}

static void a_peer_that_goes(void **state)
{
	struct sockaddr_in to;
	int listener = bound(SOCK_STREAM, &to), peer;
	struct source *source;

	(void)state;
	assert_int_equal(listen(listener, 4), 0);
	source = open_source("tcp", &to, 0);
	loop_run(loop); /* until it is connected */
	assert_int_equal(opened, 1);
	peer = accept(listener, NULL, NULL);
	close(peer);
	loop_run(loop);
	assert_non_null(strstr(text_string(&said), "closed by the peer"));
	assert_int_equal(opened, 1);
	assert_int_equal(closed, 1);
	assert_int_equal(source_status(source), EM_UNREACHABLE); /* no byte came */
	close(listener);
	is_live = false;
	source_close(source);
}

/*
 * A peer goes, and the next attempt hangs because nobody takes connections: the wait for data of the
 * one that has gone must not end an attempt, which ends in its own time.
 */
static void an_attempt_outlasts_the_silence(void **state)
{
	struct sockaddr_in to;
	int listener = bound(SOCK_STREAM, &to), peer, crowd[4];
	struct source *source;

	(void)state;
	assert_int_equal(listen(listener, 0), 0);
	source = open_source("tcp", &to, 0.6);
	peer = accept(listener, NULL, NULL);
	for (size_t i = 0; i < 4; i++) { /* no room for one more */
		crowd[i] = socket(AF_INET, SOCK_STREAM, 0);
		fcntl(crowd[i], F_SETFL, O_NONBLOCK);
		connect(crowd[i], (struct sockaddr *)&to, sizeof to);
	}
	assert_int_equal(write(peer, "abc", 3), 3);
	close(peer);
	loop_limit(loop, 1.2);
	while (!loop_expired(loop))
		loop_run(loop);
	for (size_t i = 0; i < 4; i++)
		close(crowd[i]);
	close(listener);
	is_live = false;
	source_close(source);
}

/* A closed port gives one message, and connecting is tried again. */
static void a_closed_port(void **state)
{
	struct sockaddr_in to;
	int fd = bound(SOCK_STREAM, &to);
	struct source *source;

	(void)state;
	close(fd);
	opened = 1; /* the first report ends the wait */
	source = open_source("tcp", &to, 0);
	loop_run(loop);
	assert_non_null(strstr(text_string(&said), "connection refused, trying again"));
	assert_int_equal(source_status(source), EM_UNREACHABLE);
	is_live = false;
	source_close(source);
}

/* How many connections wait to be accepted. */
static unsigned accepted(int listener, int *peer)
{
	unsigned n = 0;
	int fd;

	fcntl(listener, F_SETFL, O_NONBLOCK);
	while ((fd = accept(listener, NULL, NULL)) >= 0) {
		if (n++)
			close(*peer);
		*peer = fd;
	}
	return n;
}

static bool is_over;

static void on_over(uv_timer_t *timer)
{
	(void)timer;
	is_over = true;
	loop_stop(loop);
}

static void run_for(uv_timer_t *timer, uint64_t ms)
{
	is_over = false;
	uv_timer_start(timer, on_over, ms, 0);
	while (!is_over)
		loop_run(loop);
}

/* The first loss and the return are said, the next ones are counted. */
static void a_peer_that_comes_and_goes(void **state)
{
	struct sockaddr_in to;
	int listener = bound(SOCK_STREAM, &to), peer;
	struct source *source;
	static uv_timer_t timer;

	(void)state;
	assert_int_equal(listen(listener, 4), 0);
	fcntl(listener, F_SETFL, O_NONBLOCK);
	source = open_source("tcp", &to, 0);
	uv_timer_init(loop_uv(loop), &timer);
	for (wanted = 1; wanted <= 4; wanted++) {
		while ((peer = accept(listener, NULL, NULL)) < 0)
			run_for(&timer, 20);
		assert_int_equal(write(peer, "a", 1), 1);
		while (chunks < wanted)
			run_for(&timer, 20);
		close(peer);
	}
	run_for(&timer, 100);
	assert_int_equal(closed, 4);
	assert_non_null(strstr(text_string(&said), ": closed by the peer, trying again\n"));
	assert_non_null(strstr(text_string(&said), ": connected\n"));
	assert_ptr_equal(strchr(strchr(said.data, '\n') + 1, '\n'), said.data + said.length - 1);
	uv_close((uv_handle_t *)&timer, NULL);
	close(listener);
	is_live = false;
	source_close(source);
}

/* Two attempts fail, and one message tells it; the third one makes one connection. */
static void one_attempt_at_a_time(void **state)
{
	struct sockaddr_in to;
	int listener = bound(SOCK_STREAM, &to), peer = -1;
	struct source *source = open_source("tcp", &to, 0);
	static uv_timer_t timer;
	const char *message;

	(void)state;
	uv_timer_init(loop_uv(loop), &timer);
	run_for(&timer, 600); /* attempts at 0 and 0.25 s; the next one is at 0.75 s */
	message = strstr(text_string(&said), "trying again\n");
	assert_non_null(message);
	assert_null(strstr(message + 1, "trying again"));
	assert_int_equal(opened, 0);
	assert_int_equal(listen(listener, 64), 0);
	run_for(&timer, 900);
	assert_int_equal(opened, 1);
	uv_close((uv_handle_t *)&timer, NULL);
	assert_int_equal(accepted(listener, &peer), 1);
	assert_non_null(strstr(text_string(&said), ": connected\n"));
	is_live = false;
	source_close(source);
	close(peer);
	close(listener);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(many_senders, set_up, tear_down),
		cmocka_unit_test_setup_teardown(refused_senders, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_peer_that_falls_silent, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_peer_that_goes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_attempt_outlasts_the_silence, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_closed_port, set_up, tear_down),
		cmocka_unit_test_setup_teardown(one_attempt_at_a_time, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_peer_that_comes_and_goes, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
