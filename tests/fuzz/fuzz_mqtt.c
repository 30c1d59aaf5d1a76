/*
 * Messages of a broker through whole commands, with everything they publish checked: the
 * connection is replaced by functions of the same names. The first two bytes choose a command
 * and options; each message is a byte of topic, two of length, and its payload.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "mqtt/connection.h"

struct mqtt {
	struct mqtt_settings settings;
	char *topic;
};

static struct input messages;

static void deliver(struct mqtt *m)
{
	static const char *const topics[] = {"meter/a", "meter/b", "meter/\xC3\xA9", "x"};
	static char payload[65536];

	while (messages.size) {
		const char *topic = topics[fuzz_byte(&messages) % 4];
		struct input part = fuzz_take(&messages, fuzz_word(&messages));

		memcpy(payload, part.data, part.size);
		m->settings.message(m->settings.context, topic, payload, part.size);
	}
}

/* A source gets its messages at once; they wait for the loop. */
int mqtt_open(struct mqtt **out, const struct mqtt_settings *s, char *problem, size_t size)
{
	struct mqtt *m = calloc(1, sizeof *m);

	(void)problem;
	(void)size;
	m->settings = *s;
	m->topic = s->subscriptions[0] ? strdup(s->subscriptions[0]) : NULL;
	*out = m;
	if (s->connected)
		s->connected(s->context);
	if (s->settle)
		deliver(m);
	return 0;
}

/* Home Assistant starts again and again, at the worst of times. */
int mqtt_publish(struct mqtt *m, const char *topic, const void *payload, size_t size, bool retain)
{
	static struct text line;
	size_t length = strlen(topic);

	(void)retain;
	fuzz_require(length && !strpbrk(topic, "+#"), "topic");
	for (size_t i = 0; i < length;) {
		size_t n = utf8_length(topic + i, length - i);

		fuzz_require(n && (unsigned char)topic[i] >= ' ', "characters of a topic");
		i += n;
	}
	line.length = 0;
	text_add(&line, payload, size);
	text_char(&line, '\n');
	if (line.data[0] == '{')
		fuzz_check_json((struct input){(const uint8_t *)line.data, line.length});
	if (m->settings.message)
		m->settings.message(m->settings.context, m->topic, "online", size % 3 ? 6 : 5);
	return 0;
}

size_t mqtt_pending(struct mqtt *m)
{
	(void)m;
	return 0;
}

uint64_t mqtt_dropped(struct mqtt *m)
{
	(void)m;
	return 0;
}

bool mqtt_settled(struct mqtt *m, int ms)
{
	(void)m;
	(void)ms;
	return true;
}

int mqtt_close(struct mqtt *m, int patience, char *problem, size_t size)
{
	(void)patience;
	(void)problem;
	(void)size;
	if (m)
		free(m->topic);
	free(m);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const commands_used[] = {"decrypt", "p1", "decrypt", "sniff"};
	static const char *const urls[] = {
		"mqtt://host/house/[type]/[meter_id]/[system_title]?retain",
		"mqtt://u@host/[source]/x", "mqtt://[::1]:99/emtool?availability=0&version=5",
		"mqtt://host/[model]/[unit]"};
	static const char *const choices[] = {"--units", "--strict", "--stats", "--mqtt-discovery"};
	static const char key[] = "0123456789abcdef";
	const char *words[14] = {"mqtt://h/#", "--duration", "0.001", "--mqtt-discovery", "--mqtt"};
	size_t count = 5;
	unsigned command, format;

	messages = (struct input){data, size};
	command = fuzz_byte(&messages);
	format = fuzz_byte(&messages);
	if (size < 5)
		return 0;
	words[count++] = urls[command / 4 % 4];
	words[count++] = choices[command / 16 % 4];
	if (command % 4 != 3) {
		words[count++] = "--key-file";
		words[count++] = fuzz_file(1, key, 16);
	}
	fuzz_print(commands_used[command % 4], words, format);
	return 0;
}
