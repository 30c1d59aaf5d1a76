#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "io/wait.h"
#include "modbus/client.h"
#include "modbus/link.h"
#include "modbus_peer.h"

static struct modbus_client *client_with(const char *form, const struct peer *p,
                                         const struct modbus_options *options)
{
	struct modbus_target target;
	char text[64];

	snprintf(text, sizeof text, form, p->port);
	assert_int_equal(modbus_target_parse(&target, text, NULL), 0);
	return modbus_client_new(&target, options);
}

static struct modbus_client *client(const char *form, const struct peer *p, unsigned retries)
{
	struct modbus_options options = {.timeout = 400, .retries = retries};

	return client_with(form, p, &options);
}

/* Reads 10 x 3 registers; when a call succeeds, the values must be right. */
static int read_three(struct modbus_client *c, int unit)
{
	uint16_t words[3] = {0};
	int error = modbus_client_read(c, unit, 3, 10, 3, words);

	if (!error)
		assert_true(words[0] == 10 && words[1] == 11 && words[2] == 12);
	return error;
}

static void each_fault_on(const char *form, bool rtu, enum fault fault, int without_retry)
{
	struct peer p = {.rtu = rtu, .script = {FINE, fault, FINE, fault}};
	struct modbus_client *c;

	peer_start(&p, AF_INET);
	c = client(form, &p, 0);
	assert_int_equal(read_three(c, 1), 0);
	assert_int_equal(read_three(c, 1), without_retry);
	if (without_retry)
		assert_true(strlen(modbus_client_message(c)) > 4);
	assert_int_equal(read_three(c, 1), 0);
	modbus_client_free(c);
	c = client(form, &p, 1);
	assert_int_equal(read_three(c, 1), fault == REFUSE ? EM_EXCEPTION : 0);
	assert_int_equal(read_three(c, 1), 0);
	modbus_client_free(c);
	peer_stop(&p);
}

static void faults_never_become_data(void **state)
{
	static const struct {
		enum fault fault;
		int tcp, rtu;
	} rows[] = {
		{FINE, 0, 0},
		{LOST, EM_TIMEOUT, EM_TIMEOUT},
		{LATE, EM_TIMEOUT, EM_TIMEOUT},
		{LATE_NEXT, EM_TIMEOUT, EM_TIMEOUT},
		{HANG_UP, EM_CLOSED, EM_CLOSED},
		{STALE, 0, 0},
		{OTHER_UNIT, EM_PROTOCOL, EM_TIMEOUT},
		{OTHER_FUNCTION, EM_PROTOCOL, EM_PROTOCOL},
		{OTHER_LENGTH, EM_PROTOCOL, EM_PROTOCOL},
		{BUSY_NOW, EM_EXCEPTION, EM_EXCEPTION},
		{REFUSE, EM_EXCEPTION, EM_EXCEPTION},
		{GARBAGE, EM_PROTOCOL, EM_CHECKSUM},
		{BROKEN_OFF, EM_TIMEOUT, EM_TIMEOUT},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		each_fault_on("127.0.0.1:%d", false, rows[i].fault, rows[i].tcp);
		each_fault_on("rtu+tcp://127.0.0.1:%d", true, rows[i].fault, rows[i].rtu);
	}
}

static void an_idle_connection_may_be_closed(void **state)
{
	struct peer p = {.script = {HANG_UP_LATER, HANG_UP_LATER, FINE}};
	struct modbus_client *c;

	(void)state;
	peer_start(&p, AF_INET);
	c = client("127.0.0.1:%d", &p, 0);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(read_three(c, 1), 0);
		peer_sleep(20);
	}
	assert_int_equal(p.connections, 3);
	modbus_client_free(c);
	peer_stop(&p);
}

/* Who must do something first with every new connection opens it himself. */
static void a_steady_client_does_not_connect_by_itself(void **state)
{
	struct peer p = {.script = {HANG_UP_LATER, FINE}};
	struct modbus_options options = {.timeout = 400, .steady = true};
	struct modbus_client *c;

	(void)state;
	peer_start(&p, AF_INET);
	c = client_with("127.0.0.1:%d", &p, &options);
	assert_int_equal(read_three(c, 1), EM_CLOSED);
	assert_int_equal(modbus_client_connect(c), 0);
	assert_int_equal(read_three(c, 1), 0);
	peer_sleep(20);
	assert_int_equal(read_three(c, 1), EM_CLOSED);
	assert_int_equal(read_three(c, 1), EM_CLOSED);
	assert_int_equal(modbus_client_counts(c).connects, 1);
	assert_int_equal(modbus_client_connect(c), 0);
	assert_int_equal(read_three(c, 1), 0);
	assert_int_equal(modbus_client_counts(c).connects, 2);
	modbus_client_free(c);
	peer_stop(&p);
}

static void anything_at_all_is_no_data(void **state)
{
	static const char *const forms[] = {"127.0.0.1:%d", "rtu+tcp://127.0.0.1:%d"};
	struct modbus_client *c;

	(void)state;
	srand(11);
	for (int rtu = 0; rtu < 2; rtu++) {
		struct peer p = {.rtu = rtu};

		for (int i = 0; i < 16; i++)
			p.script[i] = RANDOM;
		peer_start(&p, AF_INET);
		c = client(forms[rtu], &p, 0);
		for (int i = 0; i < 16; i++)
			assert_int_not_equal(read_three(c, 1), 0);
		assert_int_equal(read_three(c, 1), 0);
		modbus_client_free(c);
		peer_stop(&p);
	}
}

static void a_peer_that_never_falls_silent_is_given_up(void **state)
{
	static const char *const forms[] = {"127.0.0.1:%d", "rtu+tcp://127.0.0.1:%d"};

	(void)state;
	for (int rtu = 0; rtu < 2; rtu++) {
		struct peer p = {.rtu = rtu, .script = {FLOOD}};
		struct modbus_client *c;

		peer_start(&p, AF_INET);
		c = client(forms[rtu], &p, 0);
		assert_int_equal(read_three(c, 1), EM_TIMEOUT);
		assert_int_equal(read_three(c, 1), 0);
		modbus_client_free(c);
		peer_stop(&p);
	}
}

static void every_unit_can_be_asked(void **state)
{
	struct peer p = {0}, r = {.rtu = true};
	struct modbus_client *c, *d;

	(void)state;
	peer_start(&p, AF_INET);
	peer_start(&r, AF_INET);
	c = client("localhost:%d", &p, 0);
	d = client("rtu+tcp://127.0.0.1:%d", &r, 0);
	for (int unit = 0; unit <= 255; unit++) {
		assert_int_equal(read_three(c, unit), 0);
		assert_int_equal(p.last[0], unit);
		assert_int_equal(read_three(d, unit), 0);
	}
	assert_int_equal(modbus_client_counts(c).requests, 256);
	assert_int_equal(p.connections, 1);
	modbus_client_free(c);
	modbus_client_free(d);
	peer_stop(&p);
	peer_stop(&r);
}

static void writes_go_out_whole(void **state)
{
	static const uint16_t seven[2] = {0x40e0, 0};
	static const uint8_t many[] = {1, 16, 4, 0xba, 0, 2, 4, 0x40, 0xe0, 0, 0};
	static const uint8_t one[] = {254, 6, 4, 0xbf, 0, 1};
	struct peer p = {.script = {FINE, FINE, OTHER_ECHO, REFUSE}};
	struct modbus_client *c;

	(void)state;
	peer_start(&p, AF_INET);
	c = client("tcp://127.0.0.1:%d", &p, 0);
	assert_int_equal(modbus_client_write(c, 1, 1210, 2, seven), 0);
	assert_memory_equal(p.last, many, sizeof many);
	assert_int_equal(modbus_client_write_one(c, 254, 1215, 1), 0);
	assert_memory_equal(p.last, one, sizeof one);
	assert_int_equal(modbus_client_write(c, 1, 1210, 2, seven), EM_PROTOCOL);
	assert_int_equal(modbus_client_write(c, 1, 1210, 2, seven), EM_EXCEPTION);
	assert_int_equal(modbus_client_exception(c), 2);
	assert_string_equal(modbus_client_message(c), "exception 2 (illegal data address)");
	modbus_client_free(c);
	peer_stop(&p);
}

static void impossible_requests_are_not_sent(void **state)
{
	struct peer p = {0};
	uint16_t words[200] = {0};
	struct modbus_client *c;

	(void)state;
	peer_start(&p, AF_INET);
	c = client("127.0.0.1:%d", &p, 0);
	assert_int_equal(modbus_client_read(c, 1, 3, 0, 126, words), EM_RANGE);
	assert_int_equal(modbus_client_read(c, 1, 3, 0, 0, words), EM_RANGE);
	assert_int_equal(modbus_client_read(c, 1, 3, 65535, 2, words), EM_RANGE);
	assert_int_equal(modbus_client_read(c, 256, 3, 0, 1, words), EM_RANGE);
	assert_int_equal(modbus_client_read(c, 1, 5, 0, 1, words), EM_RANGE);
	assert_int_equal(modbus_client_read(c, 1, -1, 0, 1, words), EM_RANGE);
	assert_int_equal(modbus_client_read(c, -1, 3, 0, 1, words), EM_RANGE);
	assert_int_equal(modbus_client_read(c, 1, 3, 65536, 1, words), EM_RANGE);
	assert_int_equal(modbus_client_read(c, 1, 1, 0, 2001, words), EM_RANGE);
	assert_int_equal(modbus_client_write_by(c, 1, 3, 0, 1, words), EM_RANGE);
	assert_int_equal(modbus_client_write_by(c, 1, 6, 0, 2, words), EM_RANGE);
	assert_int_equal(modbus_client_write_by(c, 1, 15, 0, 1969, words), EM_RANGE);
	assert_int_equal(modbus_client_write(c, 1, 0, 124, words), EM_RANGE);
	assert_int_equal(p.requests, 0);
	modbus_client_free(c);
	peer_stop(&p);
}

static void closed_ports_fail_at_once(void **state)
{
	struct peer p = {0};
	struct modbus_client *c;

	(void)state;
	peer_start(&p, AF_INET);
	peer_stop(&p);
	c = client("127.0.0.1:%d", &p, 3);
	assert_int_equal(read_three(c, 1), EM_UNREACHABLE);
	assert_string_equal(modbus_client_message(c), "connection refused");
	assert_int_equal(modbus_client_counts(c).retries, 0);
	modbus_client_free(c);
}

/* A listener whose queue is full lets connection attempts hang. */
static void a_connection_that_hangs_times_out(void **state)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t size = sizeof a;
	struct peer p = {.listener = socket(AF_INET, SOCK_STREAM, 0)};
	struct modbus_client *c;
	int others[4];

	(void)state;
	assert_int_equal(bind(p.listener, (struct sockaddr *)&a, sizeof a), 0);
	assert_int_equal(listen(p.listener, 0), 0);
	assert_int_equal(getsockname(p.listener, (struct sockaddr *)&a, &size), 0);
	p.port = ntohs(a.sin_port);
	for (int i = 0; i < 4; i++) {
		others[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		(void)connect(others[i], (struct sockaddr *)&a, sizeof a);
	}
	c = client("127.0.0.1:%d", &p, 1);
	assert_int_equal(read_three(c, 1), EM_TIMEOUT);
	assert_string_equal(modbus_client_message(c), "no connection within 0.4 s");
	assert_int_equal(modbus_client_counts(c).requests, 0);
	modbus_client_free(c);
	for (int i = 0; i < 4; i++)
		close(others[i]);
	close(p.listener);
}

static void stopping_ends_a_wait(void **state)
{
	struct peer p = {.script = {LOST}};
	atomic_bool stop = true;
	struct modbus_options options = {.timeout = 60000, .stop = &stop};
	struct modbus_client *c;

	(void)state;
	peer_start(&p, AF_INET);
	c = client_with("127.0.0.1:%d", &p, &options);
	assert_int_equal(read_three(c, 1), EM_CANCELLED);
	modbus_client_free(c);
	peer_stop(&p);
}

static void ipv6_is_connected_to(void **state)
{
	int probe = socket(AF_INET6, SOCK_STREAM, 0);
	struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	struct peer p = {0};
	struct modbus_client *c;

	(void)state;
	if (probe < 0 || bind(probe, (struct sockaddr *)&six, sizeof six))
		skip();
	close(probe);
	peer_start(&p, AF_INET6);
	c = client("[::1]:%d", &p, 0);
	assert_int_equal(read_three(c, 1), 0);
	modbus_client_free(c);
	peer_stop(&p);
}

static void a_serial_line_works(void **state)
{
	struct peer p = {.rtu = true, .script = {FINE, STALE, GARBAGE, FINE, LOST}};
	struct modbus_options options = {.timeout = 400, .retries = 1};
	struct modbus_target target;
	struct modbus_client *c;
	char text[128];
	int master = posix_openpt(O_RDWR | O_NOCTTY);

	(void)state;
	assert_true(master >= 0 && !grantpt(master) && !unlockpt(master));
	snprintf(text, sizeof text, "serial://%s?baud=19200&mode=8N1", ptsname(master));
	assert_int_equal(modbus_target_parse(&target, text, NULL), 0);
	p.line = master;
	c = modbus_client_new(&target, &options);
	assert_int_equal(modbus_client_connect(c), 0);
	pthread_create(&p.thread, NULL, peer_serve, &p);
	for (int i = 0; i < 4; i++)
		assert_int_equal(read_three(c, 250), 0);
	assert_int_equal(modbus_client_counts(c).retries, 2);
	modbus_client_free(c);
	pthread_join(p.thread, NULL);
	close(master);
}

/* RTU wants 3.5 characters of silence between frames, 1.75 ms above 19200 baud. */
static void lines_rest_between_frames(void **state)
{
	static const struct {
		int baud;
		int64_t gap; /* us */
	} rows[] = {{9600, 4010}, {19200, 2005}, {38400, 1750}, {115200, 1750}};
	int master = posix_openpt(O_RDWR | O_NOCTTY);

	(void)state;
	assert_true(master >= 0 && !grantpt(master) && !unlockpt(master));
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct modbus_target target;
		struct modbus_link link;
		char text[128];

		snprintf(text, sizeof text, "%s?baud=%d&mode=8N1", ptsname(master), rows[i].baud);
		assert_int_equal(modbus_target_parse(&target, text, NULL), 0);
		assert_int_equal(modbus_link_open(&link, &target, wait_clock() + 1000, NULL), 0);
		assert_int_equal(link.gap, rows[i].gap);
		modbus_link_close(&link);
	}
	close(master);
}

static void attempts_have_growing_pauses(void **state)
{
	struct peer p = {.script = {HANG_UP, HANG_UP, HANG_UP, FINE}};
	struct modbus_client *c;
	int64_t begin;

	(void)state;
	peer_start(&p, AF_INET);
	c = client("127.0.0.1:%d", &p, 3);
	begin = wait_clock();
	assert_int_equal(read_three(c, 1), 0);
	assert_true(wait_clock() - begin >= 50 + 100 + 200);
	modbus_client_free(c);
	peer_stop(&p);
}

static void a_reply_is_waited_for_two_seconds(void **state)
{
	struct peer p = {.script = {LOST}};
	struct modbus_options options = {0};
	struct modbus_client *c;
	int64_t begin;

	(void)state;
	peer_start(&p, AF_INET);
	c = client_with("127.0.0.1:%d", &p, &options);
	begin = wait_clock();
	assert_int_equal(read_three(c, 1), EM_TIMEOUT);
	assert_true(wait_clock() - begin >= 2000);
	assert_string_equal(modbus_client_message(c), "no answer within 2 s");
	modbus_client_free(c);
	peer_stop(&p);
}

static void targets_are_understood(void **state)
{
	enum { TCP = MODBUS_OVER_TCP, LINE = MODBUS_OVER_SERIAL };
	static const struct {
		const char *text, *name, *host;
		int carrier, framing;
	} good[] = {
		{"charger", "charger:502", "charger", TCP, MODBUS_MBAP},
		{"192.168.2.136:5020", "192.168.2.136:5020", "192.168.2.136", TCP, MODBUS_MBAP},
		{"tcp://a.b:1", "a.b:1", "a.b", TCP, MODBUS_MBAP},
		{"::1", "[::1]:502", "::1", TCP, MODBUS_MBAP},
		{"[fe80::1%eth0]:503", "[fe80::1%eth0]:503", "fe80::1%eth0", TCP, MODBUS_MBAP},
		{"rtu+tcp://10.0.0.1:8899", "10.0.0.1:8899", "10.0.0.1", TCP, MODBUS_RTU},
		{"/dev/ttyUSB0", "/dev/ttyUSB0", "/dev/ttyUSB0", LINE, MODBUS_RTU},
		{"/dev/x?protocol=rtu", "/dev/x", "/dev/x", LINE, MODBUS_RTU},
		{"serial:///dev/ttyS1?mode=7O2&protocol=rtu&baud=1200", "/dev/ttyS1", "/dev/ttyS1",
	         LINE, MODBUS_RTU},
	};
	static const char *const bad[] = {
		"",
		":502",
		"host:",
		"host:65536",
		"host:5x",
		"[::1",
		"[::1]5",
		"a/b",
		"a?b",
		"/dev/x?mode=auto",
		"http://a",
		"serial://ttyS1",
		"/dev/x?baud=0",
		"/dev/x?mode=9N1",
		"/dev/x?protocol=tcp",
		"/dev/x?protocol=rtus",
		"/dev/x?protocol=rtu&protocol=rtu",
		"tcp-listen://127.0.0.1:502",
		"rtu+tcp-listen://127.0.0.1:502",
		"ascii+tcp://",
		"udp://",
	};
	static const char *const later[] = {
		"ascii+tcp://10.0.0.1:8899",
		"udp://10.0.0.1",
		"/dev/x?protocol=ascii",
		"serial:///dev/x?baud=9600&protocol=ascii&mode=7E1",
	};
	struct modbus_target t;

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		assert_int_equal(modbus_target_parse(&t, good[i].text, NULL), 0);
		assert_string_equal(t.name, good[i].name);
		assert_string_equal(t.address.host, good[i].host);
		assert_int_equal(t.carrier, good[i].carrier);
		assert_int_equal(t.framing, good[i].framing);
	}
	assert_true(t.line.baud == 1200 && t.line.bits == 7 && t.line.parity == 'O' &&
	            t.line.stop == 2);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(modbus_target_parse(&t, bad[i], NULL), EM_SYNTAX);
	for (size_t i = 0; i < sizeof later / sizeof *later; i++)
		assert_int_equal(modbus_target_parse(&t, later[i], NULL), EM_UNSUPPORTED);
	assert_string_equal(modbus_target_problem(EM_SYNTAX, false),
	                    "is no HOST[:PORT] and no serial line");
	assert_string_equal(modbus_target_problem(EM_SYNTAX, true),
	                    "is no ADDR:PORT and no serial line; a port alone is :PORT");
	assert_non_null(strstr(modbus_target_problem(EM_UNSUPPORTED, false), "not supported"));
}

static void defaults_fill_what_a_target_leaves_open(void **state)
{
	struct modbus_target_defaults d = {.port = 8502, .line = "baud=19200&mode=8N2"};
	struct modbus_target t;

	(void)state;
	assert_int_equal(modbus_target_parse(&t, "/dev/x", NULL), 0);
	assert_true(t.line.baud == 9600 && t.line.bits == 8 && t.line.parity == 'E' &&
	            t.line.stop == 1);
	assert_int_equal(modbus_target_parse(&t, "/dev/x?baud=2400", &d), 0);
	assert_true(t.line.baud == 2400 && t.line.parity == 'N' && t.line.stop == 2);
	assert_int_equal(modbus_target_parse(&t, "host", &d), 0);
	assert_int_equal(t.address.port, 8502);
	assert_int_equal(modbus_target_parse(&t, "host:7", &d), 0);
	assert_int_equal(t.address.port, 7);
}

static void targets_to_listen_at(void **state)
{
	struct modbus_target_defaults d = {.listen = true};
	struct modbus_target t;

	(void)state;
	assert_int_equal(modbus_target_parse(&t, ":5020", &d), 0);
	assert_string_equal(t.address.host, "");
	assert_int_equal(t.address.port, 5020);
	assert_int_equal(modbus_target_parse(&t, "127.0.0.1", &d), 0);
	assert_int_equal(t.address.port, 0); /* the system chooses */
	d.host = "127.0.0.1";
	assert_int_equal(modbus_target_parse(&t, "rtu+tcp-listen://:5020", &d), 0);
	assert_string_equal(t.address.host, "127.0.0.1");
	assert_int_equal(t.framing, MODBUS_RTU);
	assert_int_equal(modbus_target_parse(&t, "tcp-listen://0.0.0.0:5020", &d), 0);
	assert_string_equal(t.address.host, "0.0.0.0");
	assert_int_equal(t.framing, MODBUS_MBAP);
	assert_int_equal(modbus_target_parse(&t, "rtu+tcp://:5020", &d), 0);
	assert_int_equal(t.framing, MODBUS_RTU);
	assert_int_equal(modbus_target_parse(&t, "ascii+tcp-listen://:5020", &d), EM_UNSUPPORTED);
}

static void urls_of_devices_are_split(void **state)
{
	static const struct {
		const char *url, *scheme, *target;
	} rows[] = {
		{"abb://10.0.0.7", "abb", "10.0.0.7"},
		{"abb:///dev/ttyUSB1?baud=9600", "abb", "/dev/ttyUSB1?baud=9600"},
		{"abb+serial:///dev/ttyUSB1", "abb", "serial:///dev/ttyUSB1"},
		{"phoenix_ev+rtu+tcp://[::1]:99", "phoenix_ev", "rtu+tcp://[::1]:99"},
		{"alfen+udp://h", "alfen", "udp://h"},
		{"abb://", "abb", ""},
		{"abb://h+1", "abb", "h+1"},
		{"abb", NULL, NULL},
		{"://h", NULL, NULL},
		{"+serial:///dev/x", NULL, NULL},
		{"abb://tcp://h", NULL, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		size_t length = 0;
		const char *target = modbus_target_of_url(rows[i].url, &length);

		if (!rows[i].target) {
			assert_null(target);
			continue;
		}
		assert_string_equal(target, rows[i].target);
		assert_int_equal(length, strlen(rows[i].scheme));
		assert_memory_equal(rows[i].url, rows[i].scheme, length);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(faults_never_become_data),
		cmocka_unit_test(an_idle_connection_may_be_closed),
		cmocka_unit_test(a_steady_client_does_not_connect_by_itself),
		cmocka_unit_test(anything_at_all_is_no_data),
		cmocka_unit_test(a_peer_that_never_falls_silent_is_given_up),
		cmocka_unit_test(every_unit_can_be_asked),
		cmocka_unit_test(writes_go_out_whole),
		cmocka_unit_test(impossible_requests_are_not_sent),
		cmocka_unit_test(closed_ports_fail_at_once),
		cmocka_unit_test(a_connection_that_hangs_times_out),
		cmocka_unit_test(stopping_ends_a_wait),
		cmocka_unit_test(ipv6_is_connected_to),
		cmocka_unit_test(a_serial_line_works),
		cmocka_unit_test(lines_rest_between_frames),
		cmocka_unit_test(attempts_have_growing_pauses),
		cmocka_unit_test(a_reply_is_waited_for_two_seconds),
		cmocka_unit_test(targets_are_understood),
		cmocka_unit_test(defaults_fill_what_a_target_leaves_open),
		cmocka_unit_test(targets_to_listen_at),
		cmocka_unit_test(urls_of_devices_are_split),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
