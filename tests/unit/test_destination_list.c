/* The list of outputs, those that print, and the MQTT output over a link of the test's own. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/news.h"
#include "io/wait.h"
#include "mqtt/connection.h"
#include "output/mqtt.h"

static struct record r;
static struct text told;
static char path[] = "/tmp/emtool-list-XXXXXX";

static void listen_to(enum news_level level, const char *text)
{
	assert_int_equal(level, NEWS_WARNING);
	text_printf(&told, "%s\n", text);
}

static int set_up(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	news_listen(listen_to);
	return fd < 0 ? -1 : close(fd);
}

static int tear_down(void **state)
{
	(void)state;
	news_listen(NULL);
	text_free(&told);
	record_free(&r);
	return unlink(path);
}

static void fill(int n)
{
	record_begin(&r, "test");
	record_int(&r, "n", n);
}

/* ---- the list, over outputs that do what the test says ---- */

static struct {
	int error, number; /* of each call; errno */
	bool is_kept;
	int writes, flushes, closes, asks;
} does[3];

static int index_of(const struct output *o)
{
	return o->name[0] - 'a';
}

static int do_write(struct output *o, const struct record *record)
{
	(void)record;
	does[index_of(o)].writes++;
	errno = does[index_of(o)].number;
	return does[index_of(o)].error;
}

static int do_flush(struct output *o)
{
	does[index_of(o)].flushes++;
	errno = does[index_of(o)].number;
	return does[index_of(o)].error;
}

static int do_close(struct output *o)
{
	does[index_of(o)].closes++;
	errno = does[index_of(o)].number;
	if (does[index_of(o)].error == EM_DENIED)
		snprintf(o->problem, sizeof o->problem, "no entry");
	return does[index_of(o)].error;
}

static bool do_kept(struct output *o, int ms)
{
	does[index_of(o)].asks += 1 + ms;
	return does[index_of(o)].is_kept;
}

/* Three outputs; the last one stores records when it is flushed. */
static struct output *three(void)
{
	static const struct output_kind kind = {do_write, do_flush, do_close, do_kept},
					simple = {do_write, do_flush, do_close, NULL};
	static const char *const names[] = {"a", "b", "c"};
	struct output *list = NULL;

	memset(does, 0, sizeof does);
	told.length = 0;
	for (int i = 3; i--;) {
		struct output *o = calloc(1, sizeof *o);

		assert_non_null(o);
		*o = (struct output){
			.kind = i == 2 ? &simple : &kind, .name = names[i], .next = list};
		list = o;
	}
	return list;
}

/* All outputs get each record; the first failure is told, with the output that has it. */
static void all_outputs_are_called(void **state)
{
	const struct output *failed = NULL;
	struct output *list = three();

	(void)state;
	fill(1);
	assert_int_equal(output_write(list, &r, &failed), 0);
	assert_int_equal(output_flush(list, &failed), 0);
	assert_null(failed);
	does[1].error = EM_DENIED;
	does[2].error = EM_TIMEOUT;
	assert_int_equal(output_write(list, &r, &failed), EM_DENIED);
	assert_string_equal(failed->name, "b");
	failed = NULL;
	assert_int_equal(output_flush(list, &failed), EM_DENIED);
	assert_string_equal(failed->name, "b");
	r.failed = true;
	assert_int_equal(output_write(list, &r, &failed), EM_NO_MEMORY);
	assert_string_equal(failed->name, "a");
	r.failed = false;
	failed = NULL;
	assert_int_equal(output_close(list, &failed), EM_DENIED);
	assert_string_equal(failed->name, "b");
	assert_string_equal(failed->problem, "no entry");
	for (int i = 0; i < 3; i++) {
		assert_int_equal(does[i].writes, 2);
		assert_int_equal(does[i].flushes, 2);
		assert_int_equal(does[i].closes, 1);
	}
	assert_int_equal(output_close(three(), &failed), 0);
}

static void all_outputs_have_stored(void **state)
{
	const struct output *failed;
	struct output *list = three();

	(void)state;
	assert_false(output_kept(list, 7));
	assert_int_equal(does[0].asks, 8);
	does[0].is_kept = true;
	assert_false(output_kept(list, 7));
	does[1].is_kept = true;
	assert_true(output_kept(list, 7));
	does[0].asks = does[1].asks = 0;
	output_hurry(list, 12345);
	for (struct output *o = list; o; o = o->next)
		assert_int_equal(o->deadline, 12345);
	assert_int_equal(does[0].asks, 1);
	assert_int_equal(does[1].asks, 1);
	output_close(list, &failed);
}

/* An output that fails is said once, its drops are counted, and said when it takes records again. */
static void outputs_that_fail_and_recover(void **state)
{
	struct output *list = three(), ended;

	(void)state;
	fill(1);
	does[1].error = EM_SYSTEM;
	does[1].number = ENOSPC;
	does[2].error = EM_TIMEOUT;
	for (int i = 0; i < 3; i++)
		output_offer(list, &r);
	output_nudge(list);
	assert_string_equal(text_string(&told),
	                    "b: No space left on device; the program goes on without it\n"
	                    "c: timed out; the program goes on without it\n");
	assert_int_equal(list->dropped, 0);
	assert_int_equal(list->next->dropped, 3);
	told.length = 0;
	does[1].error = does[2].error = 0;
	output_nudge(list); /* the last record was refused: nothing is known */
	assert_string_equal(text_string(&told), "");
	output_offer(list, &r);
	output_nudge(list);
	output_nudge(list);
	assert_string_equal(text_string(&told), "b: takes records again, 3 were dropped\n"
	                                        "c: takes records again, 3 were dropped\n");
	told.length = 0;
	r.failed = true;
	output_offer(list, &r);
	r.failed = false;
	assert_int_equal(does[0].writes, 4);
	assert_int_equal(list->dropped, 1);
	list->dropped = 0;
	does[1].error = EM_DENIED;
	assert_int_equal(output_end(&list, &ended), 0);
	assert_string_equal(ended.name, "a");
	assert_int_equal(output_end(&list, &ended), EM_DENIED);
	assert_string_equal(ended.problem, "no entry");
	assert_int_equal(output_end(&list, &ended), EM_SYSTEM); /* closed well, but with drops */
	assert_int_equal(ended.dropped, 4);
	assert_null(list);
	list = three();
	does[0].error = EM_SYSTEM;
	does[0].number = EIO;
	does[1].error = EM_TIMEOUT;
	assert_int_equal(output_end(&list, &ended), EM_SYSTEM);
	assert_string_equal(ended.problem, "Input/output error");
	assert_int_equal(output_end(&list, &ended), EM_TIMEOUT);
	assert_string_equal(ended.problem, "timed out");
	assert_int_equal(output_end(&list, &ended), 0);
}

/* ---- outputs that print ---- */

static off_t size_of(void)
{
	int fd = open(path, O_RDONLY);
	off_t size = lseek(fd, 0, SEEK_END);

	close(fd);
	return size;
}

/* Records are printed when 64 KiB wait, at a flush, and at the end. */
static void records_are_printed(void **state)
{
	static char longest[65536];
	const struct style plain = {0};
	const struct output *failed;
	struct output *o;
	int fd, size;

	(void)state;
	for (int length = 65534; length <= 65536; length++) {
		size_t around = strlen("{\"type\":\"test\",\"n\":\"\"}\n");

		fd = open(path, O_WRONLY | O_TRUNC);
		o = output_print(fd, false, "name", format_json, &plain);
		fill(1);
		assert_int_equal(output_write(o, &r, &failed), 0);
		assert_int_equal(size_of(), 0);
		assert_int_equal(output_flush(o, &failed), 0);
		size = (int)size_of();
		assert_int_equal(size, strlen("{\"type\":\"test\",\"n\":1}\n"));
		record_begin(&r, "test");
		memset(longest, 'x', sizeof longest);
		longest[(size_t)length - around + 1] = '\0';
		record_word(&r, "n", longest);
		assert_int_equal(output_write(o, &r, &failed), 0);
		assert_int_equal(size_of() > size, length >= 65535);
		assert_int_equal(output_close(o, &failed), 0);
		assert_int_equal(size_of(), size + length + 1);
		assert_int_equal(close(fd), 0); /* it was not the output's */
	}
	fd = open(path, O_RDONLY); /* cannot be written */
	o = output_print(fd, true, path, format_json, &plain);
	fill(1);
	assert_int_equal(output_write(o, &r, &failed), 0);
	assert_int_equal(output_flush(o, &failed), EM_SYSTEM);
	assert_int_equal(errno, EBADF);
	assert_int_equal(output_write(o, &r, &failed), 0);
	assert_int_equal(output_close(o, &failed), EM_SYSTEM);
	assert_int_equal(close(fd), -1); /* that was the output's */
}

/* A CSV file that is continued keeps its header while the columns are the same. */
static void headers_are_continued(void **state)
{
	static const struct {
		const char *before;
		bool owned, same;
	} cases[] = {
		{"", true, false},
		{"type,n\r\n", true, true},
		{"type,n\r\ntest,5\r\n", true, true},
		{"type,m\r\n", true, false},
		{"type,n", true, false},
		{"type,n\r\n", false, false},
	};
	const struct style plain = {0};
	const struct output *failed;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char content[100] = "", expected[100];
		FILE *f = fopen(path, "w");
		struct output *o;

		fputs(cases[i].before, f);
		fclose(f);
		o = output_print(open(path, O_WRONLY | O_APPEND), cases[i].owned, path, format_csv,
		                 &plain);
		fill(7);
		assert_int_equal(output_write(o, &r, &failed), 0);
		output_flush(o, &failed);
		f = fopen(path, "r");
		content[fread(content, 1, sizeof content - 1, f)] = '\0';
		fclose(f);
		snprintf(expected, sizeof expected, "%s%stest,7\r\n", cases[i].before,
		         cases[i].same ? "" : "type,n\r\n");
		assert_string_equal(content, expected);
		output_close(o, &failed);
	}
}

/* ---- MQTT ---- */

static struct {
	struct mqtt_settings settings;
	int patience, open_error, publish_error, closed;
	bool is_settled;
} broker;

int mqtt_open(struct mqtt **out, const struct mqtt_settings *s, char *problem, size_t size)
{
	broker.settings = *s;
	*out = (struct mqtt *)&broker;
	if (broker.open_error)
		snprintf(problem, size, "no library");
	return broker.open_error;
}

int mqtt_publish(struct mqtt *m, const char *topic, const void *payload, size_t size, bool retain)
{
	assert_ptr_equal(m, &broker);
	text_printf(&told, "%s%s %.*s\n", retain ? "!" : "", topic, size > 300 ? 20 : (int)size,
	            (const char *)payload);
	return broker.publish_error;
}

bool mqtt_settled(struct mqtt *m, int ms)
{
	assert_ptr_equal(m, &broker);
	broker.patience = ms;
	return broker.is_settled;
}

int mqtt_close(struct mqtt *m, int patience, char *problem, size_t size)
{
	assert_ptr_equal(m, &broker);
	broker.patience = patience;
	broker.closed++;
	snprintf(problem, size, "3 records were dropped");
	return broker.publish_error;
}

static char reason[200];

static int open_mqtt(struct output **o, const char *url, bool discovery, const char *prefix)
{
	const struct mqtt_output_options options = {.url = url,
	                                            .format = format_json,
	                                            .discovery = discovery,
	                                            .discovery_prefix = prefix,
	                                            .live = true};

	memset(&broker, 0, sizeof broker);
	told.length = 0;
	return output_mqtt(o, &options, reason, sizeof reason);
}

static void topics_and_payloads(void **state)
{
	struct output *o, ended;

	(void)state;
	for (int retain = 0; retain < 2; retain++) {
		assert_int_equal(open_mqtt(&o, retain ? "mqtt://h/a/[n]?retain" : "mqtt://h/a/[n]",
		                           false, NULL),
		                 0);
		assert_true(broker.settings.live);
		assert_null(broker.settings.subscriptions[0]);
		assert_string_equal(broker.settings.availability, "a/availability");
		for (int n = 1; n < 3; n++) {
			fill(n);
			assert_int_equal(o->kind->write(o, &r), 0);
			assert_int_equal(o->kind->flush(o), 0);
		}
		assert_string_equal(text_string(&told),
		                    retain ? "!a/1 {\"type\":\"test\",\"n\":1}\n"
		                             "!a/2 {\"type\":\"test\",\"n\":2}\n"
		                           : "a/1 {\"type\":\"test\",\"n\":1}\n"
		                             "a/2 {\"type\":\"test\",\"n\":2}\n");
		assert_false(output_kept(o, 55));
		assert_int_equal(broker.patience, 55);
		broker.is_settled = true;
		assert_true(output_kept(o, 55));
		broker.publish_error = EM_CLOSED;
		assert_int_equal(o->kind->write(o, &r), EM_CLOSED);
		if (retain)
			output_hurry(o, wait_clock() + 1000);
		assert_int_equal(output_end(&o, &ended), EM_CLOSED);
		assert_string_equal(ended.problem, "3 records were dropped");
		assert_in_range(broker.patience, retain ? 900 - MQTT_PARTING : 5000,
		                retain ? 1000 - MQTT_PARTING : 5000);
		assert_int_equal(broker.closed, 1);
	}
	assert_int_equal(open_mqtt(&o, "mqtt://h/a", false, NULL), 0);
	output_hurry(o, wait_clock() - 5);
	assert_int_equal(output_end(&o, &ended), 0);
	assert_int_equal(broker.patience, 0);
}

static void availability_is_optional(void **state)
{
	static const struct {
		const char *url, *topic;
	} cases[] = {{"mqtt://h/a/b", "a/b/availability"},
	             {"mqtt://h/a/b?availability=1", "a/b/availability"},
	             {"mqtt://h/a/b?availability=no", NULL},
	             {"mqtts://h/a/b?availability=0", NULL}};
	struct output *o, ended;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_int_equal(open_mqtt(&o, cases[i].url, false, NULL), 0);
		if (cases[i].topic)
			assert_string_equal(broker.settings.availability, cases[i].topic);
		else
			assert_null(broker.settings.availability);
		assert_int_equal(output_end(&o, &ended), 0);
	}
}

static int64_t published(void)
{
	int64_t found = 0;

	for (const char *p = text_string(&told); (p = strstr(p, "/config {")); p++)
		found++;
	told.length = 0;
	return found;
}

/* Home Assistant learns of a device once, and again when it or the connection begins anew. */
static void devices_are_published(void **state)
{
	static const struct {
		const char *payload;
		size_t size;
		int64_t times;
	} cases[] = {{"online", 6, 1},
	             {"online", 5, 0},
	             {"offline", 7, 0},
	             {"onlineX", 7, 0},
	             {"onlinE", 6, 0}};
	struct output *o, ended;

	(void)state;
	for (int other = 0; other < 2; other++) {
		assert_int_equal(open_mqtt(&o, "mqtt://h/a/b", true, other ? "ha" : NULL), 0);
		assert_string_equal(broker.settings.subscriptions[0],
		                    other ? "ha/status" : "homeassistant/status");
		fill(1);
		record_decimal(&r, "power", "W", decimal_u64(5, 0));
		assert_int_equal(o->kind->write(o, &r), 0);
		assert_non_null(strstr(text_string(&told),
		                       other ? "!ha/device/" : "!homeassistant/device/"));
		assert_int_equal(published(), 1);
		assert_int_equal(o->kind->write(o, &r), 0);
		assert_int_equal(published(), 0);
		for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
			broker.settings.message(broker.settings.context, "x", cases[i].payload,
			                        cases[i].size);
			assert_int_equal(published(), cases[i].times);
		}
		broker.settings.connected(broker.settings.context);
		assert_int_equal(published(), 0);
		assert_int_equal(o->kind->write(o, &r), 0);
		assert_int_equal(published(), 1);
		assert_int_equal(output_end(&o, &ended), 0);
	}
}

static void wrong_urls(void **state)
{
	static const struct {
		const char *url;
		int error;
		const char *problem;
	} cases[] = {
		{"http://h/a", EM_SYNTAX, "not an mqtt:// or mqtts:// URL"},
		{"mqtt://h/a?x=1", EM_SYNTAX, "unknown option 'x'"},
		{"mqtt://h", EM_SYNTAX,
	         "the topic is missing, has a wildcard or unpaired brackets"},
		{"mqtt://h/a/[b", EM_SYNTAX,
	         "the topic is missing, has a wildcard or unpaired brackets"},
		{"mqtt://me:secret@h/a", EM_UNSUPPORTED,
	         "a password in the URL is visible to everybody: use EMTOOL_MQTT_PASSWORD_FILE"},
	};
	struct output *o;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_int_equal(open_mqtt(&o, cases[i].url, true, NULL), cases[i].error);
		assert_string_equal(reason, cases[i].problem);
		assert_int_equal(broker.closed, 0);
	}
	broker.open_error = EM_UNSUPPORTED;
	assert_int_equal(output_mqtt(&o,
	                             &(struct mqtt_output_options){.url = "mqtt://h/a",
	                                                           .format = format_json},
	                             reason, sizeof reason),
	                 EM_UNSUPPORTED);
	assert_string_equal(reason, "no library");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_outputs_are_called),
		cmocka_unit_test(all_outputs_have_stored),
		cmocka_unit_test(outputs_that_fail_and_recover),
		cmocka_unit_test(records_are_printed),
		cmocka_unit_test(headers_are_continued),
		cmocka_unit_test(topics_and_payloads),
		cmocka_unit_test(availability_is_optional),
		cmocka_unit_test(devices_are_published),
		cmocka_unit_test(wrong_urls),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
