/* Relay, query service and inverter on the loopback interface, driven without any command. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/news.h"
#include "base/text.h"
#include "modbus/server.h"
#include "protocol/telegram/telegram.h"
#include "service/query.h"
#include "service/relay.h"
#include "service/service.h"
#include "sim/sunspec_device.h"

static struct loop *loop;
static uv_idle_t awake; /* services alone do not keep a loop alive */
static char told[4096]; /* news, a line each */

static void listen_to_news(enum news_level level, const char *text)
{
	(void)level;
	snprintf(told + strlen(told), sizeof told - strlen(told), "%s\n", text);
}

static void on_idle(uv_idle_t *handle)
{
	(void)handle;
}

/* What is due now. */
static void turn(void)
{
	uv_run(loop_uv(loop), UV_RUN_NOWAIT);
}

static void nap(void)
{
	nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
	turn();
}

static struct sockaddr_in free_address(int type, char text[32])
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t size = sizeof a;
	int fd = socket(AF_INET, type, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&a, size), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &size), 0);
	close(fd);
	snprintf(text, 32, "127.0.0.1:%u", ntohs(a.sin_port));
	return a;
}

static int connect_client(const struct sockaddr_in *address, int buffer)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (buffer)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
	assert_int_equal(connect(fd, (const struct sockaddr *)address, sizeof *address), 0);
	assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	return fd;
}

static struct relay *open_relay(struct sockaddr_in *address)
{
	char text[32], problem[SERVICE_PROBLEM];
	struct relay *relay;

	*address = free_address(SOCK_STREAM, text);
	assert_int_equal(relay_open(&relay, loop, text, problem, sizeof problem), 0);
	return relay;
}

static void accept_clients(struct relay *relay, unsigned count)
{
	for (int i = 0; i < 1000 && relay_counts(relay).clients < count; i++)
		nap();
	assert_int_equal(relay_counts(relay).clients, count);
}

/* "/number\r\n ... !" with so many bytes of filling; its line end is left to the relay. */
static size_t number_telegram(char *out, size_t room, unsigned number, int filling)
{
	int n = snprintf(out, room, "/%06u\r\n\r\n%0*d\r\n!", number, filling, 0);

	assert_true(n > 0 && (size_t)n < room);
	return (size_t)n;
}

static void send_number(struct relay *relay, unsigned number, int filling)
{
	static char data[65536];
	size_t size = number_telegram(data, sizeof data, number, filling);
	const struct p1_telegram t = {.data = (const uint8_t *)data, .size = size, .whole = size};

	relay_send(relay, &t);
}

/* All that the client gets; -1: it was hung up. */
static ssize_t drain(int fd, struct text *out)
{
	static char block[65536];
	ssize_t n, all = 0;

	while ((n = read(fd, block, sizeof block)) > 0) {
		text_add(out, block, (size_t)n);
		all += n;
	}
	return n == 0 ? -1 : all;
}

/* Fails unless the bytes are whole telegrams with rising numbers. The number of the last. */
static unsigned check_whole(const struct text *got, int filling, size_t *count)
{
	char expected[65536];
	unsigned last = 0, number;
	size_t at = 0, size;

	for (*count = 0; at < got->length; (*count)++, at += size + 2) {
		assert_true(got->length - at > 7);
		number = (unsigned)strtoul(got->data + at + 1, NULL, 10);
		assert_true(!*count || number > last);
		size = number_telegram(expected, sizeof expected, number, filling);
		assert_true(got->length - at >= size + 2);
		assert_memory_equal(got->data + at, expected, size);
		assert_memory_equal(got->data + at + size, "\r\n", 2);
		last = number;
	}
	return last;
}

static void a_slow_client_loses_whole_telegrams_and_delays_nobody(void **state)
{
	enum { FILLING = 1000, COUNT = 5000 };
	struct sockaddr_in address;
	struct relay *relay = open_relay(&address);
	struct text quick = {0}, slow = {0};
	int fast = connect_client(&address, 0), stalled = connect_client(&address, 4096);
	char expected[64];
	unsigned last;
	size_t count;

	(void)state;
	accept_clients(relay, 2);
	for (unsigned i = 0; i < COUNT; i++) {
		send_number(relay, i, FILLING);
		turn();
		for (int wait = 0; drain(fast, &quick) == 0; wait++) { /* loopback is at once */
			assert_true(wait < 1000);
			nanosleep(&(struct timespec){.tv_nsec = 100000}, NULL);
		}
	}
	assert_int_equal(check_whole(&quick, FILLING, &count), COUNT - 1);
	assert_int_equal(count, COUNT);
	for (int i = 0; i < 50; i++) {
		nap();
		assert_true(drain(stalled, &slow) >= 0);
	}
	last = check_whole(&slow, FILLING, &count);
	assert_int_equal(last, COUNT - 1);
	assert_in_range(count, 1, COUNT / 2);
	assert_int_equal(relay_counts(relay).lost, COUNT - count);
	assert_int_equal(relay_counts(relay).hung_up, 0);
	told[0] = '\0';
	relay_close(relay);
	snprintf(expected, sizeof expected, " was too slow for %zu telegrams\n", COUNT - count);
	assert_non_null(strstr(told, expected));
	close(fast);
	close(stalled);
	text_free(&quick);
	text_free(&slow);
}

static void telegrams_of_one_turn_go_out_together(void **state)
{
	struct sockaddr_in address;
	struct relay *relay = open_relay(&address);
	struct text got = {0};
	int fd = connect_client(&address, 0);
	size_t count;

	(void)state;
	accept_clients(relay, 1);
	for (unsigned i = 0; i < 10; i++)
		send_number(relay, i, 10);
	assert_int_equal(drain(fd, &got), 0);
	relay_flush(relay);
	assert_true(drain(fd, &got) > 0);
	check_whole(&got, 10, &count);
	assert_int_equal(count, 10);
	for (unsigned i = 10; i < 42; i++)
		send_number(relay, i, 10);
	assert_true(drain(fd, &got) > 0); /* 32 do not wait for the end of the turn */
	relay_close(relay);
	text_free(&got);
	close(fd);
}

static void memory_for_cut_telegrams_has_a_bound(void **state)
{
	enum { CLIENTS = 40, FILLING = 60000, ROUNDS = 60 };
	struct sockaddr_in address;
	struct relay *relay = open_relay(&address);
	int fd[CLIENTS];

	(void)state;
	told[0] = '\0';
	for (int i = 0; i < CLIENTS; i++)
		fd[i] = connect_client(&address, 4096);
	accept_clients(relay, CLIENTS);
	for (unsigned i = 0; i < ROUNDS; i++) {
		struct text got = {0};

		send_number(relay, i, FILLING);
		turn();
		drain(fd[i % CLIENTS], &got); /* at a time of its own each, so each holds another */
		text_free(&got);
		turn();
	}
	/* 512 KB and 4 KB for each client: the row of the newest has 4, the clients 5 */
	assert_in_range(CLIENTS - relay_counts(relay).hung_up, 5, 7);
	assert_non_null(strstr(told, "is too slow\n"));
	relay_close(relay);
	for (int i = 0; i < CLIENTS; i++)
		close(fd[i]);
}

static void clients_that_leave_cost_nothing(void **state)
{
	struct sockaddr_in address;
	struct relay *relay = open_relay(&address);
	int fd = connect_client(&address, 0);

	(void)state;
	accept_clients(relay, 1);
	assert_true(write(fd, "GET / HTTP/1.0\r\n\r\n", 18) == 18); /* read and ignored */
	send_number(relay, 1, 10);
	turn();
	close(fd);
	for (int i = 0; i < 20; i++)
		nap();
	send_number(relay, 2, 10);
	turn();
	assert_int_equal(relay_counts(relay).lost, 0);
	relay_close(relay);
}

static void addresses_are_checked(void **state)
{
	static const char *const wrong[] = {"nowhere", "127.0.0.1", "", "127.0.0.1:99999"};
	char text[32], problem[SERVICE_PROBLEM];
	struct relay *relay, *second;
	struct query *query;
	struct inverter *inverter;
	const struct query_settings settings = {0};

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		assert_int_equal(relay_open(&relay, loop, wrong[i], problem, sizeof problem),
		                 EM_SYNTAX);
		assert_null(relay);
		assert_string_equal(problem, "needs an address and a port, as 0.0.0.0:2001");
		assert_int_equal(
			query_open(&query, loop, wrong[i], &settings, problem, sizeof problem),
			EM_SYNTAX);
		assert_null(query);
	}
	assert_int_equal(inverter_open(&inverter, loop, "", 1, problem, sizeof problem), EM_SYNTAX);
	free_address(SOCK_STREAM, text);
	assert_int_equal(relay_open(&relay, loop, text, problem, sizeof problem), 0);
	assert_int_equal(relay_open(&second, loop, text, problem, sizeof problem), EM_SYSTEM);
	assert_null(second);
	assert_string_equal(problem, "address already in use");
	relay_close(relay);
}

/* Sends a request; the answer, or "" when none comes. */
static const char *ask(int fd, const struct sockaddr_in *to, const char *request)
{
	static char reply[65536];
	ssize_t n = -1;

	assert_true(sendto(fd, request, strlen(request), 0, (const struct sockaddr *)to,
	                   sizeof *to) >= 0);
	for (int i = 0; i < 100 && n < 0; i++) {
		nap();
		n = recv(fd, reply, sizeof reply - 1, MSG_DONTWAIT);
	}
	reply[n < 0 ? 0 : n] = '\0';
	return reply;
}

static void questions_come_as_datagrams(void **state)
{
	static const char data[] = "/ABC5 m\r\n\r\n1-0:1.7.0(00.980*kW)\r\n!";
	const struct p1_telegram t = {
		.data = (const uint8_t *)data, .size = sizeof data - 1, .whole = sizeof data - 1};
	const struct query_settings settings = {0};
	char text[32], problem[SERVICE_PROBLEM], longest[600];
	struct sockaddr_in to = free_address(SOCK_DGRAM, text);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	struct query *query, *second;

	(void)state;
	assert_int_equal(query_open(&query, loop, text, &settings, problem, sizeof problem), 0);
	assert_int_equal(query_open(&second, loop, text, &settings, problem, sizeof problem),
	                 EM_SYSTEM);
	assert_string_equal(problem, "address already in use");
	assert_string_equal(ask(fd, &to, "pcuruse"), "nan");
	query_keep(query, &t, 1000);
	assert_string_equal(ask(fd, &to, "pcuruse"), "980");
	assert_string_equal(ask(fd, &to, "pcuruse\r\n"), "980"); /* as nc sends it */
	assert_non_null(strstr(ask(fd, &to, "json"), "\"p1timestamp\":1.000"));
	assert_string_equal(ask(fd, &to, "all"), "/ABC5 m\r\n\r\n1-0:1.7.0(00.980*kW)\r\n!\r\n");
	assert_string_equal(ask(fd, &to, ""), answers_unknown);
	memset(longest, 'x', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	assert_string_equal(ask(fd, &to, longest), answers_unknown);
	assert_string_equal(ask(fd, &to, answers_unknown), ""); /* or two of them would never end */
	assert_int_equal(query_counts(query).requests, 7);
	assert_int_equal(query_counts(query).answered, 7);
	query_close(query);
	close(fd);
}

static struct modbus_server *serve_sun(struct sunspec_device **device, int unit, char name[64])
{
	const struct sunspec_device_settings settings = {.unit = unit, .gateway = true};
	struct modbus_server_options options = {.handler = sunspec_device_answer};
	struct modbus_server *server;
	unsigned line;

	assert_int_equal(sunspec_device_new(device, &settings, NULL, 0, &line), 0);
	options.data = *device;
	assert_int_equal(modbus_server_open(&server, loop_uv(loop), "127.0.0.1:0", &options), 0);
	snprintf(name, 64, "%s", modbus_server_name(server));
	return server;
}

static void the_inverter_is_read_each_second(void **state)
{
	static const struct {
		unsigned number;
		const char *value; /* NULL: not implemented */
	} rows[] = {
		{40072, "9.75"},  {40073, "3.25"},  {40074, "3.25"},   {40075, "3.26"},
		{40077, "398.5"}, {40078, "399.9"}, {40079, "400.4"},  {40080, "230.1"},
		{40081, "231.0"}, {40082, "230.5"}, {40084, "6740"},   {40086, "50.010"},
		{40088, "6755"},  {40090, "-120"},  {40092, "-99.78"}, {40094, "9470054"},
		{40097, NULL},    {40099, "751.2"}, {40101, "6890"},   {40104, "41.23"},
	};
	char name[64], problem[SERVICE_PROBLEM];
	struct sunspec_device *device;
	struct modbus_server *server = serve_sun(&device, 126, name);
	struct inverter *inverter;
	const struct inverter_reading *r;

	(void)state;
	assert_int_equal(inverter_open(&inverter, loop, name, 126, problem, sizeof problem), 0);
	r = inverter_last(inverter);
	assert_int_equal(r->time, INSTANT_NONE);
	for (int i = 0; i < 5000 && r->time == INSTANT_NONE; i++)
		nap();
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct text out = {0};
		struct decimal value;
		bool valid = inverter_value(r, rows[i].number, r->time, &value);

		if (valid)
			text_decimal(&out, value);
		if (valid != !!rows[i].value || (valid && strcmp(text_string(&out), rows[i].value)))
			fail_msg("%u: %s", rows[i].number, valid ? text_string(&out) : "nothing");
		text_free(&out);
	}
	assert_int_equal(inverter_counts(inverter).polls, 1);
	for (int i = 0; i < 5000 && inverter_counts(inverter).polls < 2; i++)
		nap();
	assert_int_equal(inverter_counts(inverter).polls, 2);
	assert_int_equal(inverter_counts(inverter).failed, 0);
	inverter_close(inverter);
	modbus_server_close(server);
	turn();
	sunspec_device_free(device);
}

/* A model with nothing but a power of 1234.5 W (floats) or 12345 W; in the clear behind the marker. */
static void power_image(struct text *out, unsigned id)
{
	unsigned length = id > 110 ? 60 : 50;

	text_printf(out, "40000,53756e53%04x%04x", id, length);
	for (unsigned i = 0; i < length; i++) {
		if (id > 110 && i % 2 == 0)
			text_puts(out, i == 20 ? "449a5000" : i == 22 ? "7f800000" : "7fc00000");
		else if (id < 110)
			text_puts(out, i == 12 ? "3039" : i == 13 ? "0000" : "8000");
	}
	text_puts(out, "ffff0000\n");
}

static void every_inverter_model_is_read(void **state)
{
	static const unsigned models[] = {101, 102, 103, 111, 112, 113};
	const struct sunspec_device_settings settings = {.unit = 1};
	struct modbus_server_options options = {.handler = sunspec_device_answer};
	char problem[SERVICE_PROBLEM];

	(void)state;
	for (size_t i = 0; i < sizeof models / sizeof models[0]; i++) {
		struct text image = {0}, power = {0};
		struct sunspec_device *device;
		struct modbus_server *server;
		struct inverter *inverter;
		const struct inverter_reading *r;
		struct decimal value;
		unsigned line;

		power_image(&image, models[i]);
		assert_int_equal(
			sunspec_device_new(&device, &settings, image.data, image.length, &line), 0);
		options.data = device;
		assert_int_equal(
			modbus_server_open(&server, loop_uv(loop), "127.0.0.1:0", &options), 0);
		assert_int_equal(inverter_open(&inverter, loop, modbus_server_name(server), 1,
		                               problem, sizeof problem),
		                 0);
		r = inverter_last(inverter);
		for (int n = 0; n < 5000 && r->time == INSTANT_NONE; n++)
			nap();
		assert_true(inverter_value(r, 40084, r->time, &value));
		text_decimal(&power, value);
		assert_string_equal(text_string(&power), models[i] > 110 ? "1234.5" : "12345");
		assert_false(inverter_value(r, 40086, r->time, &value)); /* infinite, or missing */
		inverter_close(inverter);
		modbus_server_close(server);
		turn();
		sunspec_device_free(device);
		text_free(&image);
		text_free(&power);
	}
}

/* A device that takes the connection and says nothing. */
static void a_slow_inverter_is_asked_once_at_a_time(void **state)
{
	char text[32], problem[SERVICE_PROBLEM];
	struct sockaddr_in address = free_address(SOCK_STREAM, text);
	int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;
	struct inverter *inverter;

	(void)state;
	told[0] = '\0';
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
	assert_int_equal(listen(fd, 4), 0);
	assert_int_equal(inverter_open(&inverter, loop, text, 1, problem, sizeof problem), 0);
	for (int i = 0; i < 5000 && !inverter_counts(inverter).skipped; i++)
		nap();
	assert_int_equal(inverter_counts(inverter).skipped, 1);
	assert_int_equal(inverter_counts(inverter).polls, 1);
	inverter_close(inverter);
	loop_free(loop); /* waits for the request that is under way */
	assert_string_equal(told, "");
	close(fd);
	loop = loop_new();
}

static void a_missing_inverter_is_said_once(void **state)
{
	char name[64], text[32], problem[SERVICE_PROBLEM];
	struct sunspec_device *device;
	struct modbus_server *server = serve_sun(&device, 1, name);
	struct inverter *away, *other;

	(void)state;
	told[0] = '\0';
	free_address(SOCK_STREAM, text);
	assert_int_equal(inverter_open(&away, loop, text, 1, problem, sizeof problem), 0);
	assert_int_equal(inverter_open(&other, loop, name, 7, problem, sizeof problem), 0);
	for (int i = 0;
	     i < 10000 && (inverter_counts(away).failed < 2 || inverter_counts(other).failed < 2);
	     i++)
		nap();
	assert_true(inverter_counts(away).failed >= 2);
	assert_true(inverter_counts(other).failed >= 2);
	assert_non_null(strstr(told, text));
	assert_null(strstr(strstr(told, text) + 1, text));
	assert_non_null(strstr(told, name));
	assert_null(strstr(strstr(told, name) + 1, name));
	assert_int_equal(inverter_last(away)->time, INSTANT_NONE);
	inverter_close(away);
	inverter_close(other);
	modbus_server_close(server);
	turn();
	sunspec_device_free(device);
}

static int begin(void **state)
{
	(void)state;
	news_listen(listen_to_news);
	loop = loop_new();
	if (!loop)
		return -1;
	uv_idle_init(loop_uv(loop), &awake);
	return uv_idle_start(&awake, on_idle);
}

static int end(void **state)
{
	(void)state;
	loop_free(loop);
	return 0;
}

#define WITH(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(a_slow_client_loses_whole_telegrams_and_delays_nobody),
		WITH(telegrams_of_one_turn_go_out_together),
		WITH(memory_for_cut_telegrams_has_a_bound),
		WITH(clients_that_leave_cost_nothing),
		WITH(addresses_are_checked),
		WITH(questions_come_as_datagrams),
		WITH(the_inverter_is_read_each_second),
		WITH(every_inverter_model_is_read),
		WITH(a_slow_inverter_is_asked_once_at_a_time),
		WITH(a_missing_inverter_is_said_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
