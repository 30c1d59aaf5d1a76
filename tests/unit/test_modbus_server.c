#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <modbus/modbus.h>

#include "frame/rtu.h"
#include "modbus/client.h"
#include "modbus/request.h"
#include "modbus/server.h"

/* A server with its loop on another thread: register n of unit 1 holds n, 100..199 can be written. */
struct house {
	uv_loop_t loop;
	uv_async_t leave;
	pthread_t thread;
	struct modbus_server *server;
	uint16_t written[100];
	struct modbus_server_counts counts;
};

static int serve(void *data, const struct modbus_call *call)
{
	struct house *h = data;

	if (call->unit != 1)
		return call->unit == 9 ? MODBUS_SILENT : 11;
	for (unsigned i = 0; i < call->count; i++) {
		unsigned a = call->address + i;

		if (call->function <= 4)
			call->words[i] = a >= 100 && a < 200 ? h->written[a - 100] : (uint16_t)a;
		else if (a >= 100 && a < 200)
			h->written[a - 100] = call->words[i];
		else
			return 2;
	}
	return 0;
}

static void leave(uv_async_t *async)
{
	struct house *h = async->data;

	h->counts = modbus_server_counts(h->server);
	modbus_server_close(h->server);
	uv_close((uv_handle_t *)async, NULL);
}

static void *live(void *house)
{
	uv_run(&((struct house *)house)->loop, UV_RUN_DEFAULT);
	return NULL;
}

static void build(struct house *h, const char *address, struct modbus_faults faults)
{
	struct modbus_server_options options = {.handler = serve,
	                                        .data = h,
	                                        .faults = faults,
	                                        .idle = faults.max_connections ? 300 : 0};

	memset(h, 0, sizeof *h);
	uv_loop_init(&h->loop);
	uv_async_init(&h->loop, &h->leave, leave);
	h->leave.data = h;
	assert_int_equal(modbus_server_open(&h->server, &h->loop, address, &options), 0);
	pthread_create(&h->thread, NULL, live, h);
}

static void tear_down(struct house *h)
{
	uv_async_send(&h->leave);
	pthread_join(h->thread, NULL);
	assert_int_equal(uv_loop_close(&h->loop), 0);
}

static struct modbus_client *visitor(const char *prefix, const char *name, unsigned retries)
{
	struct modbus_options options = {.timeout = 500, .retries = retries};
	struct modbus_target target;
	char text[350];

	snprintf(text, sizeof text, "%s%s", prefix, name);
	assert_int_equal(modbus_target_parse(&target, text, NULL), 0);
	return modbus_client_new(&target, &options);
}

static void exercise(struct modbus_client *c)
{
	uint16_t words[125], two[2] = {0x40e0, 7};

	assert_int_equal(modbus_client_read(c, 1, 3, 1000, 125, words), 0);
	assert_true(words[0] == 1000 && words[124] == 1124);
	assert_int_equal(modbus_client_read(c, 1, 4, 65535, 1, words), 0);
	assert_int_equal(modbus_client_write(c, 1, 110, 2, two), 0);
	assert_int_equal(modbus_client_write_one(c, 1, 112, 9), 0);
	assert_int_equal(modbus_client_read(c, 1, 3, 110, 3, words), 0);
	assert_true(words[0] == 0x40e0 && words[1] == 7 && words[2] == 9);
	assert_int_equal(modbus_client_write_by(c, 1, 15, 120, 3, (const uint16_t[]){1, 0, 1}), 0);
	assert_int_equal(modbus_client_write_by(c, 1, 5, 123, 1, (const uint16_t[]){7}), 0);
	assert_int_equal(modbus_client_read(c, 1, 1, 120, 4, words), 0);
	assert_true(words[0] == 1 && words[1] == 0 && words[2] == 1 && words[3] == 1);
	assert_int_equal(modbus_client_write_one(c, 1, 5, 9), EM_EXCEPTION);
	assert_int_equal(modbus_client_exception(c), 2);
	assert_int_equal(modbus_client_read(c, 2, 3, 0, 1, words), EM_EXCEPTION);
	assert_int_equal(modbus_client_exception(c), 11);
}

static void our_client_over_each_framing(void **state)
{
	static const struct {
		const char *listen, *connect;
	} rows[] = {
		{"tcp-listen://127.0.0.1:0", "tcp://"},
		{"localhost:0", ""},
		{"rtu+tcp-listen://127.0.0.1:0", "rtu+tcp://"},
	};
	struct house h;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct modbus_client *c;

		build(&h, rows[i].listen, (struct modbus_faults){0});
		c = visitor(rows[i].connect, modbus_server_name(h.server), 0);
		exercise(c);
		modbus_client_free(c);
		tear_down(&h);
		assert_int_equal(h.counts.requests, 10);
	}
}

static void libmodbus_as_client(void **state)
{
	struct house h;
	modbus_t *m;
	uint16_t words[125];
	uint8_t bits[8];

	(void)state;
	build(&h, "127.0.0.1:0", (struct modbus_faults){0});
	m = modbus_new_tcp("127.0.0.1", atoi(strrchr(modbus_server_name(h.server), ':') + 1));
	assert_int_equal(modbus_connect(m), 0);
	modbus_set_slave(m, 1);
	for (int i = 0; i < 200; i++)
		assert_int_equal(modbus_read_registers(m, i, 125, words), 125);
	assert_int_equal(words[124], 323);
	words[0] = 4711;
	assert_int_equal(modbus_write_registers(m, 100, 2, words), 2);
	assert_int_equal(modbus_read_input_registers(m, 100, 2, words + 5), 2);
	assert_int_equal(words[5], 4711);
	assert_int_equal(modbus_write_bits(m, 100, 3, (const uint8_t[]){1, 0, 1}), 3);
	assert_int_equal(modbus_write_bit(m, 103, 1), 1);
	assert_int_equal(modbus_read_bits(m, 100, 4, bits), 4);
	assert_memory_equal(bits, ((const uint8_t[]){1, 0, 1, 1}), 4);
	assert_int_equal(modbus_read_input_bits(m, 0, 2, bits), 2);
	assert_true(bits[0] == 0 && bits[1] == 1);
	assert_int_equal(modbus_mask_write_register(m, 100, 1, 1), -1);
	assert_int_equal(errno, EMBXILFUN);
	assert_int_equal(modbus_read_registers(m, 65535, 2, words), -1);
	assert_int_equal(errno, EMBXILADD);
	modbus_close(m);
	modbus_free(m);
	tear_down(&h);
}

static void many_clients_at_once(void **state)
{
	enum { MANY = 32 };
	struct house h;
	struct modbus_client *c[MANY], *extra;
	uint16_t word;

	(void)state;
	build(&h, "127.0.0.1:0", (struct modbus_faults){0});
	for (int i = 0; i < MANY; i++) {
		c[i] = visitor("", modbus_server_name(h.server), 0);
		assert_int_equal(modbus_client_connect(c[i]), 0);
	}
	for (int i = 0; i < MANY * 4; i++)
		assert_int_equal(modbus_client_read(c[i % MANY], 1, 3, 7, 1, &word), 0);
	extra = visitor("", modbus_server_name(h.server), 0);
	assert_int_equal(modbus_client_read(extra, 1, 3, 7, 1, &word), EM_CLOSED);
	modbus_client_free(extra);
	for (int i = 0; i < MANY; i++)
		modbus_client_free(c[i]);
	tear_down(&h);
	assert_int_equal(h.counts.refused, 1);
}

static void a_silent_client_gives_way(void **state)
{
	struct house h;
	struct modbus_client *first, *second;
	uint16_t word;

	(void)state;
	build(&h, "127.0.0.1:0", (struct modbus_faults){.max_connections = 1});
	first = visitor("", modbus_server_name(h.server), 0);
	second = visitor("", modbus_server_name(h.server), 0);
	assert_int_equal(modbus_client_read(first, 1, 3, 7, 1, &word), 0);
	assert_int_equal(modbus_client_read(second, 1, 3, 7, 1, &word), EM_CLOSED);
	nanosleep(&(struct timespec){.tv_nsec = 400000000}, NULL);
	assert_int_equal(modbus_client_read(second, 1, 3, 7, 1, &word), 0);
	nanosleep(&(struct timespec){.tv_nsec = 400000000}, NULL);
	assert_int_equal(modbus_client_read(first, 1, 3, 7, 1, &word), 0);
	assert_int_equal(word, 7);
	modbus_client_free(first);
	modbus_client_free(second);
	tear_down(&h);
}

static void faults_are_met(void **state)
{
	uint16_t word;
	struct house h;
	struct modbus_client *c;

	(void)state;
	build(&h, "127.0.0.1:0", (struct modbus_faults){.exception = 4});
	c = visitor("", modbus_server_name(h.server), 0);
	assert_int_equal(modbus_client_read(c, 1, 3, 7, 1, &word), EM_EXCEPTION);
	modbus_client_free(c);
	tear_down(&h);
	build(&h, "127.0.0.1:0", (struct modbus_faults){.drop = 0.3, .corrupt = 0.1, .delay = 2});
	c = visitor("", modbus_server_name(h.server), 9);
	for (unsigned i = 0; i < 20; i++) {
		assert_int_equal(modbus_client_read(c, 1, 3, i, 1, &word), 0);
		assert_int_equal(word, i);
	}
	assert_true(modbus_client_counts(c).retries > 3);
	assert_true(modbus_client_counts(c).foreign > 0);
	modbus_client_free(c);
	tear_down(&h);
	build(&h, "127.0.0.1:0", (struct modbus_faults){.delay = 900});
	c = visitor("", modbus_server_name(h.server), 0);
	assert_int_equal(modbus_client_read(c, 1, 3, 7, 1, &word), EM_TIMEOUT);
	assert_int_equal(modbus_client_read(c, 9, 3, 7, 1, &word), EM_TIMEOUT);
	modbus_client_free(c);
	tear_down(&h);
}

/* Two pseudo-terminals joined by a thread would be a line; here the test is the master itself. */
static void a_serial_line_is_served(void **state)
{
	static const uint8_t ask[] = {0x01, 0x03, 0x00, 0x05, 0x00, 0x01, 0x94, 0x0B};
	static const uint8_t want[] = {0x01, 0x03, 0x02, 0x00, 0x05, 0x78, 0x47};
	static const uint8_t noise[] = {0xff, 0x01, 0x03, 0x00};
	uint8_t got[sizeof want], broadcast[RTU_FRAME_MAX] = {0, 6, 0, 100, 0, 7};
	int master = posix_openpt(O_RDWR | O_NOCTTY);
	struct house h;
	size_t have = 0;

	(void)state;
	assert_true(master >= 0 && !grantpt(master) && !unlockpt(master));
	build(&h, ptsname(master), (struct modbus_faults){0});
	for (int i = 0; i < 3; i++) {
		if (i)
			assert_int_equal(write(master, noise, sizeof noise), sizeof noise);
		else /* nobody answers it */
			assert_int_equal(write(master, broadcast, rtu_seal(broadcast, 6)), 8);
		assert_int_equal(write(master, ask, 3), 3);
		assert_int_equal(write(master, ask + 3, sizeof ask - 3), sizeof ask - 3);
		for (have = 0; have < sizeof got;) {
			ssize_t n = read(master, got + have, sizeof got - have);

			assert_true(n > 0);
			have += (size_t)n;
		}
		assert_memory_equal(got, want, sizeof want);
	}
	tear_down(&h);
	close(master);
}

/* Whether the line answers this request within a second. */
static bool line_answers(int master)
{
	static const uint8_t ask[] = {0x01, 0x03, 0x00, 0x05, 0x00, 0x01, 0x94, 0x0B};
	struct pollfd fd = {.fd = master, .events = POLLIN};
	uint8_t got[7];
	size_t have = 0;

	assert_int_equal(write(master, ask, sizeof ask), sizeof ask);
	while (have < sizeof got && poll(&fd, 1, 1000) == 1)
		have += (size_t)read(master, got + have, sizeof got - have);
	return have == sizeof got && got[4] == 5;
}

/* The beginning of a long write is given up after a silence, and not before it may go on. */
static void silence_on_a_line_ends_half_a_request(void **state)
{
	static const uint8_t half[] = {0x01, 0x10, 0x00, 0x00, 0x00, 0x7B, 0xF6};
	static const uint8_t write_one[] = {0x01, 0x06, 0x00, 0x64, 0x00, 0x01, 0x09, 0xD5};
	int master = posix_openpt(O_RDWR | O_NOCTTY);
	struct pollfd fd = {.fd = master, .events = POLLIN};
	struct house h;
	bool answered = false;

	(void)state;
	assert_true(master >= 0 && !grantpt(master) && !unlockpt(master));
	build(&h, ptsname(master), (struct modbus_faults){0});
	assert_true(line_answers(master));
	assert_int_equal(write(master, half, sizeof half), sizeof half);
	nanosleep(&(struct timespec){.tv_nsec = 200000000}, NULL);
	assert_true(line_answers(master));
	for (int i = 0; i < 10 && !answered; i++) { /* a busy machine makes pauses longer */
		assert_int_equal(write(master, write_one, 3), 3);
		nanosleep(&(struct timespec){.tv_nsec = 15000000}, NULL);
		assert_int_equal(write(master, write_one + 3, 5), 5);
		answered = poll(&fd, 1, 300) == 1;
	}
	assert_true(answered);
	tear_down(&h);
	close(master);
}

static void addresses_in_use_or_malformed(void **state)
{
	struct modbus_server_options options = {.handler = serve};
	struct modbus_server *s;
	struct house h;
	uv_loop_t loop;

	(void)state;
	build(&h, "127.0.0.1:0", (struct modbus_faults){0});
	uv_loop_init(&loop);
	assert_int_equal(modbus_server_open(&s, &loop, modbus_server_name(h.server), &options),
	                 EM_SYSTEM);
	assert_int_equal(errno, EADDRINUSE);
	assert_null(s);
	assert_int_equal(modbus_server_open(&s, &loop, "127.0.0.1:x", &options), EM_SYNTAX);
	assert_int_equal(modbus_server_open(&s, &loop, "/dev/no-such-line", &options), EM_SYSTEM);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&loop), 0);
	tear_down(&h);
}

/* What a server on a line takes, and with which exception it will be refused. */
static void requests_on_a_line(void **state)
{
	static const struct {
		uint8_t bytes[12];
		size_t size;
		int exception;
	} rows[] = {
		{{1, 3, 0, 5, 0, 1}, 6, 0},
		{{1, 7}, 2, 1},
		{{1, 17}, 2, 1},
		{{1, 22, 0, 4, 0, 0xF2, 0, 0x25}, 8, 1},
		{{1, 0x41, 1, 2, 3, 4}, 6, 1},
		{{1, 15, 0, 0, 0, 9, 2, 1, 1}, 9, 0},
		{{1, 16, 0, 0, 0, 1, 2, 3, 4}, 9, 0},
		{{1, 5, 0, 0, 1, 1}, 6, 3},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		static struct modbus_request q;
		uint8_t frame[RTU_FRAME_MAX];
		bool found;
		size_t size;

		q.rtu = true;
		memcpy(frame, rows[i].bytes, rows[i].size);
		size = rtu_seal(frame, rows[i].size);
		for (size_t n = 0; n < size; n++)
			assert_int_equal(modbus_request_take(&q, frame, n, &found), 0);
		assert_int_equal(modbus_request_take(&q, frame, size, &found), size);
		assert_true(found);
		assert_int_equal(q.exception, rows[i].exception);
		frame[size - 1] ^= 1;
		assert_int_equal(modbus_request_take(&q, frame, size, &found), 1);
		assert_false(found);
	}
}

static void requests_are_taken_whole(void **state)
{
	static const uint8_t write[] = {0,    9, 0, 0, 0,    11,   1, 16, 4,
	                                0xba, 0, 2, 4, 0x40, 0xe0, 0, 1};
	static const uint8_t lie[] = {0, 9, 0, 0, 0, 11, 1, 16, 4, 0xba, 0, 3, 4, 0x40, 0xe0, 0, 1};
	static const uint8_t strange[] = {0, 9, 0, 1, 0, 2, 1, 16};
	struct modbus_request q = {0};
	bool found;

	(void)state;
	for (size_t n = 0; n < sizeof write; n++)
		assert_int_equal(modbus_request_take(&q, write, n, &found), 0);
	assert_int_equal(modbus_request_take(&q, write, sizeof write, &found), sizeof write);
	assert_true(found && q.call.address == 1210 && q.call.count == 2 && q.words[1] == 1);
	assert_int_equal(q.exception, 0);
	assert_int_equal(modbus_request_take(&q, lie, sizeof lie, &found), sizeof lie);
	assert_int_equal(q.exception, 3);
	assert_int_equal(modbus_request_take(&q, strange, sizeof strange, &found), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(our_client_over_each_framing),
		cmocka_unit_test(libmodbus_as_client),
		cmocka_unit_test(many_clients_at_once),
		cmocka_unit_test(a_silent_client_gives_way),
		cmocka_unit_test(faults_are_met),
		cmocka_unit_test(a_serial_line_is_served),
		cmocka_unit_test(addresses_in_use_or_malformed),
		cmocka_unit_test(requests_are_taken_whole),
		cmocka_unit_test(requests_on_a_line),
		cmocka_unit_test(silence_on_a_line_ends_half_a_request),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
