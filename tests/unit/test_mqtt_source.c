/* The MQTT source against a real broker: a stream for each topic, empty messages, wrong URLs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "broker.h"
#include "played.h"
#include "mqtt/connection.h"
#include "sim/topic.h"

static struct broker broker;
static struct loop *loop;
static struct source *source;
static struct mqtt *out;

static void on_time(uv_timer_t *timer)
{
	*(bool *)timer->data = true;
}

/* Runs until the events contain `part`, at most 10 s. */
static void run_until(const char *part)
{
	uv_timer_t timer;
	bool over = false;

	uv_timer_init(loop_uv(loop), &timer);
	timer.data = &over;
	uv_timer_start(&timer, on_time, 10000, 0);
	while (!over && !strstr(text_string(&told), part))
		uv_run(loop_uv(loop), UV_RUN_ONCE);
	uv_close((uv_handle_t *)&timer, NULL);
	uv_run(loop_uv(loop), UV_RUN_NOWAIT);
	if (!strstr(text_string(&told), part))
		fail_msg("%s\n  not in %s", part, text_string(&told));
}

static void publish(const char *topic, const char *payload)
{
	assert_int_equal(mqtt_publish(out, topic, payload, strlen(payload), false), 0);
}

/* Opens the source and a publisher. What is retained says that the subscription stands. */
static void connect_both(const char *filter)
{
	struct mqtt_settings settings = {.host = "127.0.0.1", .version = 3, .keepalive = 10};
	static char url[200];
	struct source_config config = {.url = url, .events = &events};
	char message[200];
	bool usage;

	told.length = 0;
	broker_new(&broker, "allow_anonymous true\n");
	settings.port = broker.port;
	assert_int_equal(mqtt_open(&out, &settings, message, sizeof message), 0);
	assert_int_equal(mqtt_publish(out, "t/ready", "ready!", 6, true), 0);
	assert_true(mqtt_settled(out, 5000));
	snprintf(url, sizeof url, "mqtt://127.0.0.1:%d/%s", broker.port, filter);
	loop = loop_new();
	source = source_open(loop, &config, message, sizeof message, &usage);
	assert_non_null(source);
	run_until("[t/ready] <726561647921@");
}

static void disconnect_both(void)
{
	char problem[200];

	assert_int_equal(source_close(source), 0);
	loop_free(loop);
	assert_int_equal(mqtt_close(out, 5000, problem, sizeof problem), 0);
	broker_free(&broker);
}

/* Bytes as they are or in digits; a message without any tells nothing and opens no more than its stream. */
static void each_topic_is_a_stream(void **state)
{
	(void)state;
	connect_both("t/%23");
	publish("t/a", "first!");
	publish("t/b", "00 ff 10 20 30 40 50 60");
	publish("t/a", "");
	publish("t/c", "");
	publish("t/a", "second");
	publish("u/a", "elsewhere");
	publish("t/c", "third!");
	run_until("<746869726421@");
	assert_non_null(strstr(text_string(&told), "[t/a] <666972737421@"));
	assert_non_null(strstr(text_string(&told), "[t/b] <00FF102030405060@"));
	assert_non_null(strstr(text_string(&told), "<7365636F6E64@"));
	assert_non_null(strstr(text_string(&told), "[t/c] "));
	assert_null(strstr(text_string(&told), "<@"));
	assert_null(strstr(text_string(&told), "[u/a]"));
	assert_null(strstr(text_string(&told), "end"));
	assert_int_equal(source_bytes(source), 6 + 6 + 8 + 6 + 6);
	disconnect_both();
}

/* The stream that was silent for longest ends for the 257th topic. */
static void topics_have_a_limit(void **state)
{
	char topic[32];

	(void)state;
	connect_both("t/%23");
	for (int i = 1; i < 256; i++) {
		snprintf(topic, sizeof topic, "t/%d", i);
		publish(topic, "hello!");
	}
	run_until("[t/255] <");
	assert_null(strstr(text_string(&told), "end"));
	publish("t/ready", "again!");
	publish("t/256", "hello!"); /* instead of t/1 */
	run_until("end [t/256] <");
	told.length = 0;
	publish("t/2", "still!");
	publish("t/ready", "still!");
	publish("t/1", "anew!!"); /* instead of t/3 */
	run_until("<7374696C6C21@");
	run_until("end [t/1] <");
	assert_null(strstr(text_string(&told), "[t/2]"));
	assert_null(strstr(text_string(&told), "[t/ready]"));
	disconnect_both();
}

/* What a simulated converter sends in any form, the source reads as the same bytes. */
static void converters_are_understood(void **state)
{
	static const char *const forms[] = {"raw", "hex", "base64"};
	uint8_t bytes[256];
	struct text expected = {0};

	(void)state;
	for (unsigned i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t)(i * 167 + 250);
	connect_both("t/%23");
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		char url[100], problem[200];
		struct sim_topic *topic;

		snprintf(url, sizeof url, "mqtt://127.0.0.1:%d/t/%s", broker.port, forms[i]);
		assert_int_equal(sim_topic_open(&topic, url, forms[i], problem, sizeof problem), 0);
		for (size_t size = 250; size <= sizeof bytes; size++) {
			assert_true(sim_write(sim_topic_output(topic), bytes, size));
			expected.length = 0;
			text_char(&expected, '<');
			text_hex(&expected, bytes, size);
			text_char(&expected, '@');
			run_until(text_string(&expected));
			told.length = 0;
		}
		assert_int_equal(sim_topic_close(topic, problem, sizeof problem), 0);
	}
	text_free(&expected);
	disconnect_both();
}

/* A simulated converter has one broker and one topic. */
static void converters_without_topic(void **state)
{
	static const char *const urls[] = {"127.0.0.1",
	                                   "http://127.0.0.1/t",
	                                   "tcp://127.0.0.1/t",
	                                   "mqtt://127.0.0.1",
	                                   "mqtt://127.0.0.1/",
	                                   "mqtt://127.0.0.1/t/%2B",
	                                   "mqtt://127.0.0.1/t/%23",
	                                   "mqtt://127.0.0.1/t?retained=1"};

	(void)state;
	for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
		struct sim_topic *topic = NULL;
		char problem[200] = "";

		if (sim_topic_open(&topic, urls[i], "hex", problem, sizeof problem) != EM_SYNTAX)
			fail_msg("%s: %s", urls[i], problem);
		assert_string_equal(problem,
		                    "needs a broker and a topic, as mqtt://127.0.0.1/meters/1");
		assert_null(topic);
	}
}

static void wrong_urls(void **state)
{
	static const char *const cases[][2] = {
		{"mqtt://h", "usage: mqtt://h: the topic is missing"},
		{"mqtt://h/t?retain=1", "usage: mqtt://h/t?retain=1: unknown option"},
		{"mqtt://u:p@h/t",
	         "usage: mqtt://u:p@h/t: a password in the URL is visible to everybody: "
	         "use EMTOOL_MQTT_PASSWORD_FILE"},
		{"mqtt://h/t?keepalive=0",
	         "usage: mqtt://h/t?keepalive=0: keepalive must be 1 to 65535 seconds"},
		{"mqtt:///t", "usage: mqtt:///t: no host in the URL"},
		{"mqtts://h:1/t?ca=/nonexistent/ca",
	         "usage: mqtts://h:1/t?ca=/nonexistent/ca: mqtts://h:1: a certificate or key file cannot be "
	         "read"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_string_equal(play(cases[i][0]), cases[i][1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_topic_is_a_stream),    cmocka_unit_test(topics_have_a_limit),
		cmocka_unit_test(converters_are_understood), cmocka_unit_test(wrong_urls),
		cmocka_unit_test(converters_without_topic),
	};

	return cmocka_run_group_tests(tests, set_up, end);
}
