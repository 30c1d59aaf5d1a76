/* The MQTT connection against a real broker that goes away and comes back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>

#include "base/error.h"
#include "base/news.h"
#include "mqtt/connection.h"
#include "tests/unit/broker.h"

static const char open_to_all[] = "allow_anonymous true\n";

/* What a subscriber got: numbers as payload. */
struct seen {
	pthread_mutex_t lock;
	_Atomic int count, connected;
	int highest;
	unsigned char numbers[60000];
	char last[256];
};

static void on_connected(void *context)
{
	struct seen *seen = context;

	pthread_mutex_lock(&seen->lock);
	seen->connected++;
	pthread_mutex_unlock(&seen->lock);
}

static void on_message(void *context, const char *topic, const void *payload, size_t size)
{
	struct seen *seen = context;
	char text[32];
	int n;

	pthread_mutex_lock(&seen->lock);
	snprintf(text, sizeof text, "%.*s", (int)size, (const char *)payload);
	n = atoi(text);
	seen->count++;
	snprintf(seen->last, sizeof seen->last, "%s %s", topic, text);
	if (n >= 0 && n < 60000)
		seen->numbers[n] = 1;
	if (n > seen->highest)
		seen->highest = n;
	pthread_mutex_unlock(&seen->lock);
}

static struct mqtt *open_link(const struct broker *b, const char *subscribe, struct seen *seen,
                              int version)
{
	struct mqtt_settings s = {.host = "127.0.0.1",
	                          .port = b->port,
	                          .version = version,
	                          .keepalive = 10,
	                          .context = seen};
	struct mqtt *m = NULL;
	char problem[200];

	s.subscriptions[0] = subscribe;
	if (seen) {
		pthread_mutex_init(&seen->lock, NULL);
		s.connected = on_connected;
		s.message = on_message;
		s.client = "subscriber";
		s.session = true;
	} else {
		s.availability = "t/availability";
	}
	assert_int_equal(mqtt_open(&m, &s, problem, sizeof problem), 0);
	return m;
}

static int seen_numbers(struct seen *seen, int to)
{
	int n = 0;

	pthread_mutex_lock(&seen->lock);
	for (int i = 0; i < to; i++)
		n += seen->numbers[i];
	pthread_mutex_unlock(&seen->lock);
	return n;
}

static void send_numbers(struct mqtt *m, int from, int to)
{
	char text[16];

	for (int i = from; i < to; i++) {
		int n = snprintf(text, sizeof text, "%d", i);

		assert_int_equal(mqtt_publish(m, "t/numbers", text, (size_t)n, false), 0);
	}
}

static void wait_numbers(struct seen *seen, int to)
{
	for (int i = 0; i < 1500 && seen_numbers(seen, to) < to; i++)
		nap(10);
	assert_int_equal(seen_numbers(seen, to), to);
}

static void wait_connected(struct seen *seen, int times)
{
	for (int i = 0; i < 1000 && seen->connected < times; i++)
		nap(10);
	nap(100); /* the subscription follows the connection */
}

static void wait_last(struct seen *seen, const char *expected)
{
	bool same = false;

	for (int i = 0; i < 500 && !same; i++) {
		nap(10);
		pthread_mutex_lock(&seen->lock);
		same = !strcmp(seen->last, expected);
		pthread_mutex_unlock(&seen->lock);
	}
	assert_true(same);
}

static void through(int version)
{
	static struct seen seen;
	struct broker b;
	struct mqtt *out, *in;
	char problem[200];

	memset(&seen, 0, sizeof seen);
	broker_new(&b, open_to_all);
	in = open_link(&b, "t/numbers", &seen, version);
	wait_connected(&seen, 1);
	out = open_link(&b, NULL, NULL, version);
	send_numbers(out, 0, 20000);
	wait_numbers(&seen, 20000);
	assert_int_equal(mqtt_close(out, 5000, problem, sizeof problem), 0);
	assert_int_equal(mqtt_close(in, 1000, problem, sizeof problem), 0);
	broker_free(&b);
}

static _Atomic int kept_seen;

static void on_retained(void *context, const char *topic)
{
	(void)context;
	kept_seen += strcmp(topic, "t/kept") == 0;
}

/* What the broker kept is told apart from what comes now, retained or not. */
static void retained_messages_are_told_apart(void **state)
{
	static struct seen seen;
	struct broker b;
	struct mqtt *out, *in = NULL;
	struct mqtt_settings s = {.host = "127.0.0.1",
	                          .keepalive = 10,
	                          .subscriptions = {"t/kept"},
	                          .connected = on_connected,
	                          .message = on_message,
	                          .retained = on_retained,
	                          .context = &seen};
	char problem[200];

	(void)state;
	broker_new(&b, open_to_all);
	pthread_mutex_init(&seen.lock, NULL);
	out = open_link(&b, NULL, NULL, 3);
	for (int version = 3; version <= 5; version += 2) {
		assert_int_equal(mqtt_publish(out, "t/kept", "1", 1, true), 0);
		assert_true(mqtt_settled(out, 5000));
		kept_seen = seen.count = seen.connected = 0;
		s.port = b.port;
		s.version = version;
		assert_int_equal(mqtt_open(&in, &s, problem, sizeof problem), 0);
		for (int i = 0; i < 500 && !kept_seen; i++)
			nap(10);
		assert_int_equal(kept_seen, 1);
		assert_int_equal(seen.count, 0);
		mqtt_publish(out, "t/kept", "2", 1, true);
		wait_last(&seen, "t/kept 2");
		mqtt_publish(out, "t/kept", "3", 1, false);
		wait_last(&seen, "t/kept 3");
		assert_int_equal(kept_seen, 1);
		assert_int_equal(mqtt_close(in, 1000, problem, sizeof problem), 0);
	}
	assert_int_equal(mqtt_close(out, 1000, problem, sizeof problem), 0);
	broker_free(&b);
}

static void test_version_3(void **state)
{
	(void)state;
	through(3);
}

static void test_version_5(void **state)
{
	(void)state;
	through(5);
}

static void test_broker_goes_and_comes(void **state)
{
	static struct seen seen;
	struct broker b;
	struct mqtt *out, *in;
	char problem[200];

	(void)state;
	memset(&seen, 0, sizeof seen);
	broker_new(&b, open_to_all);
	in = open_link(&b, "t/numbers", &seen, 3);
	wait_connected(&seen, 1);
	out = open_link(&b, NULL, NULL, 3);
	send_numbers(out, 0, 1000);
	wait_numbers(&seen, 100);
	broker_stop(&b); /* in the middle of it */
	send_numbers(out, 1000, 9000);
	broker_start(&b);
	send_numbers(out, 9000, 9500);
	wait_numbers(&seen, 9500);
	for (int i = 0; i < 500 && mqtt_pending(out); i++)
		nap(10); /* what the subscriber has is acknowledged to us a little later */
	assert_int_equal(mqtt_pending(out), 0);
	assert_int_equal(mqtt_dropped(out), 0);
	assert_int_equal(mqtt_close(out, 5000, problem, sizeof problem), 0);
	assert_int_equal(mqtt_close(in, 1000, problem, sizeof problem), 0);
	broker_free(&b);
}

static void test_queue_is_bounded(void **state)
{
	struct broker b;
	struct mqtt *out;
	char problem[200];

	(void)state;
	broker_new(&b, open_to_all);
	out = open_link(&b, NULL, NULL, 3);
	send_numbers(out, 0, 1);
	while (mqtt_pending(out))
		nap(10);
	broker_stop(&b);
	nap(200);
	send_numbers(out, 0, MQTT_QUEUE + 500);
	assert_int_equal(mqtt_pending(out), MQTT_QUEUE);
	assert_int_equal(mqtt_dropped(out), 500);
	assert_int_equal(mqtt_close(out, 100, problem, sizeof problem), EM_UNREACHABLE);
	assert_non_null(strstr(problem, "10500 records not delivered"));
	broker_start(&b);
	broker_free(&b);
}

static void test_last_will(void **state)
{
	static struct seen seen;
	struct broker b;
	struct mqtt *in, *out;
	char problem[200];

	(void)state;
	memset(&seen, 0, sizeof seen);
	broker_new(&b, open_to_all);
	in = open_link(&b, "t/availability", &seen, 5);
	wait_connected(&seen, 1);
	out = open_link(&b, NULL, NULL, 5);
	wait_last(&seen, "t/availability online");
	assert_int_equal(mqtt_close(out, 1000, problem, sizeof problem), 0);
	wait_last(&seen, "t/availability offline");
	assert_int_equal(mqtt_close(in, 1000, problem, sizeof problem), 0);
	broker_free(&b);
}

static void test_denied(void **state)
{
	struct mqtt_settings s = {.host = "127.0.0.1",
	                          .user = "emtool",
	                          .password = "wrong",
	                          .version = 3,
	                          .keepalive = 10};
	struct broker b;
	char problem[200];

	(void)state;
	broker_new(&b, "allow_anonymous false\n");
	s.port = b.port;
	for (s.version = 3; s.version <= 5; s.version += 2) {
		struct mqtt *m;

		assert_int_equal(mqtt_open(&m, &s, problem, sizeof problem), 0);
		send_numbers(m, 0, 1);
		assert_int_equal(mqtt_close(m, 5000, problem, sizeof problem), EM_DENIED);
	}
	broker_free(&b);
}

/* A program that hangs before it has taken its messages. */
struct stuck {
	struct seen seen;
	pthread_mutex_t gate;
};

static bool wait_at_gate(void *context)
{
	struct stuck *stuck = context;

	pthread_mutex_lock(&stuck->gate);
	pthread_mutex_unlock(&stuck->gate);
	return true;
}

static void test_acknowledged_when_taken(void **state)
{
	static struct stuck stuck;
	static struct seen seen;
	struct mqtt_settings s = {.host = "127.0.0.1",
	                          .version = 3,
	                          .keepalive = 10,
	                          .client = "subscriber",
	                          .session = true,
	                          .context = &stuck,
	                          .connected = on_connected,
	                          .message = on_message,
	                          .settle = wait_at_gate,
	                          .subscriptions = {"t/numbers"}};
	struct broker b;
	struct mqtt *in, *again, *out;
	char problem[200];

	(void)state;
	broker_new(&b, open_to_all);
	s.port = b.port;
	pthread_mutex_init(&stuck.seen.lock, NULL);
	pthread_mutex_init(&stuck.gate, NULL);
	pthread_mutex_lock(&stuck.gate);
	assert_int_equal(mqtt_open(&in, &s, problem, sizeof problem), 0);
	wait_connected(&stuck.seen, 1);
	out = open_link(&b, NULL, NULL, 3);
	send_numbers(out, 0, 5);
	for (int i = 0; i < 500 && !stuck.seen.count; i++)
		nap(10);
	assert_int_not_equal(stuck.seen.count, 0);
	again = open_link(&b, "t/numbers", &seen,
	                  3); /* takes the session over: all five come again */
	wait_numbers(&seen, 5);
	assert_int_equal(mqtt_close(again, 1000, problem, sizeof problem), 0);
	assert_int_equal(mqtt_close(out, 1000, problem, sizeof problem), 0);
	broker_stop(&b);
	pthread_mutex_unlock(&stuck.gate);
	mqtt_close(in, 0, problem, sizeof problem);
	broker_start(&b);
	broker_free(&b);
}

static void settings_of(struct mqtt_settings *s, struct url *u, const char *text,
                        char password[256])
{
	char problem[200];

	assert_int_equal(url_parse(u, text), 0);
	assert_int_equal(mqtt_settings(s, u, password, problem, sizeof problem), 0);
}

static void test_settings(void **state)
{
	struct mqtt_settings s;
	struct url u;
	char password[256], problem[200];

	(void)state;
	setenv("EMTOOL_MQTT_PASSWORD", "secret", 1);
	settings_of(&s, &u, "mqtts://me@[::1]/a/b%20[key]?version=5&client=x&session", password);
	assert_string_equal(s.host, "::1");
	assert_string_equal(u.path, "a/b [key]");
	assert_string_equal(s.password, "secret");
	assert_int_equal(s.port, 8883);
	assert_true(s.tls && s.session && s.version == 5);
	url_free(&u);
	unsetenv("EMTOOL_MQTT_PASSWORD");
	assert_int_equal(url_parse(&u, "mqtt://me:secret@host/t"), EM_UNSUPPORTED);
	assert_int_equal(url_parse(&u, "mqtt://host:0/t"), EM_SYNTAX);
	assert_int_equal(url_parse(&u, "mqtt://host/%zz"), EM_SYNTAX);
	assert_int_equal(url_parse(&u, "mqtt://host/t?version=4.1"), 0);
	assert_int_equal(mqtt_settings(&s, &u, password, problem, sizeof problem), EM_RANGE);
	url_free(&u);
}

/* What a URL and the environment say of a connection, and what is refused. */
static void test_settings_in_detail(void **state)
{
	static const struct {
		const char *url;
		int error;
		int port, version, keepalive;
		const char *problem;
	} cases[] = {
		{"mqtt://h/t", 0, 1883, 3, 30, NULL},
		{"mqtts://h/t", 0, 8883, 3, 30, NULL},
		{"mqtts://h:1/t", 0, 1, 3, 30, NULL},
		{"mqtt://h/t?version=3", 0, 1883, 3, 30, NULL},
		{"mqtt://h/t?version=4", 0, 1883, 3, 30, NULL},
		{"mqtt://h/t?version=3.1.1", 0, 1883, 3, 30, NULL},
		{"mqtt://h/t?version=5", 0, 1883, 5, 30, NULL},
		{"mqtt://h/t?version=5.0", 0, 1883, 5, 30, NULL},
		{"mqtt://h/t?version=6", EM_RANGE, 0, 0, 0, "version must be 3.1.1 or 5"},
		{"mqtt://h/t?version=6&keepalive=0", EM_RANGE, 0, 0, 0,
	         "version must be 3.1.1 or 5"},
		{"mqtt://h/t?keepalive=1", 0, 1883, 3, 1, NULL},
		{"mqtt://h/t?keepalive=65535", 0, 1883, 3, 65535, NULL},
		{"mqtt://h/t?keepalive=65536", EM_RANGE, 0, 0, 0,
	         "keepalive must be 1 to 65535 seconds"},
		{"mqtt://h/t?keepalive=0", EM_RANGE, 0, 0, 0,
	         "keepalive must be 1 to 65535 seconds"},
		{"mqtt://h/t?keepalive=x", EM_RANGE, 0, 0, 0,
	         "keepalive must be 1 to 65535 seconds"},
		{"mqtt://h/t?session", EM_SYNTAX, 0, 0, 0, "session=1 also needs client=NAME"},
		{"mqtt://h/t?session&client=x", 0, 1883, 3, 30, NULL},
		{"mqtt:///t", EM_SYNTAX, 0, 0, 0, "no host in the URL"},
	};
	char password[256], problem[200];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct mqtt_settings s;
		struct url u;
		int error;

		assert_int_equal(url_parse(&u, cases[i].url), 0);
		error = mqtt_settings(&s, &u, password, problem, sizeof problem);
		if (error != cases[i].error)
			fail_msg("%s: %d", cases[i].url, error);
		if (error) {
			assert_string_equal(problem, cases[i].problem);
		} else {
			assert_int_equal(s.port, cases[i].port);
			assert_int_equal(s.version, cases[i].version);
			assert_int_equal(s.keepalive, cases[i].keepalive);
		}
		url_free(&u);
	}
}

static void test_password_files(void **state)
{
	char password[256], problem[200];
	struct mqtt_settings s;
	struct url u;

	(void)state;
	assert_int_equal(url_parse(&u, "mqtt://h/t"), 0);
	setenv("EMTOOL_MQTT_PASSWORD_FILE", "/nonexistent/password", 1);
	assert_int_equal(mqtt_settings(&s, &u, password, problem, sizeof problem), EM_SYSTEM);
	assert_string_equal(problem, "/nonexistent/password: No such file or directory");
	unsetenv("EMTOOL_MQTT_PASSWORD_FILE");
	assert_int_equal(mqtt_settings(&s, &u, password, problem, sizeof problem), 0);
	assert_null(s.password);
	url_free(&u);
}

/* A file that TLS needs and that is not there; a topic that no broker takes. */
static void test_refused_by_the_library(void **state)
{
	struct mqtt_settings s = {.host = "h",
	                          .port = 1,
	                          .version = 3,
	                          .keepalive = 10,
	                          .tls = true,
	                          .ca = "/nonexistent/ca.pem"};
	struct mqtt *m;
	char problem[200];

	(void)state;
	assert_int_equal(mqtt_open(&m, &s, problem, sizeof problem), EM_SYNTAX);
	assert_string_equal(problem, "mqtts://h:1: a certificate or key file cannot be read");
	s.tls = false;
	s.availability = "a/#";
	assert_int_equal(mqtt_open(&m, &s, problem, sizeof problem), EM_SYNTAX);
	assert_null(strstr(problem, "certificate"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_settings),
		cmocka_unit_test(test_settings_in_detail),
		cmocka_unit_test(test_password_files),
		cmocka_unit_test(test_refused_by_the_library),
		cmocka_unit_test(retained_messages_are_told_apart),
		cmocka_unit_test(test_version_3),
		cmocka_unit_test(test_version_5),
		cmocka_unit_test(test_broker_goes_and_comes),
		cmocka_unit_test(test_queue_is_bounded),
		cmocka_unit_test(test_last_will),
		cmocka_unit_test(test_denied),
		cmocka_unit_test(test_acknowledged_when_taken),
	};

	return cmocka_run_group_tests_name("mqtt", tests, NULL, NULL);
}
