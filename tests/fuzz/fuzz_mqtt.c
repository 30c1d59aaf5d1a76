/*
 * Messages of a broker through a decoder to a broker, with everything that is published checked: the
 * connection is replaced by functions of the same names. The first two bytes choose the decoder and
 * options; each message is a byte of topic, two of length, and its payload.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "io/source.h"
#include "mqtt/connection.h"
#include "output/mqtt.h"
#include "stream/bus.h"
#include "stream/p1_reader.h"

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

static struct output *publisher;
static struct p1_decoder *telegrams; /* NULL: the messages are those of a bus */
static const struct bus_settings settings = {.unit = -1, .function = -1};

static void publish(struct record *r)
{
	const struct output *failed;

	r->source = "meter/a";
	fuzz_require(!output_write(publisher, r, &failed), "a record is published");
}

static void on_telegram(void *context, struct record *r, const struct p1_telegram *telegram)
{
	(void)context;
	(void)telegram;
	publish(r);
}

static void on_refused(void *context, enum refusal refusal, const char *text)
{
	(void)context;
	fuzz_require(refusal > REFUSED_NOT && text, "a refusal has a class");
}

static void on_transaction(void *context, struct record *r)
{
	(void)context;
	publish(r);
}

static void on_recognised(void *context, unsigned unit, const struct meter *meter)
{
	(void)context;
	(void)unit;
	(void)meter;
}

static void on_limited(void *context, const char *text)
{
	(void)context;
	(void)text;
}

static const struct p1_events p1_events = {.record = on_telegram, .refused = on_refused};
static const struct bus_events bus_events = {
	.record = on_transaction, .recognised = on_recognised, .limited = on_limited};

static void *on_open(void *context, const struct peer *peer)
{
	(void)context;
	(void)peer;
	if (telegrams)
		return p1_reader_new(telegrams, &p1_events);
	return bus_new(&settings, &bus_events, false);
}

static void on_data(void *stream, const struct chunk *chunk)
{
	if (telegrams)
		p1_reader_feed(stream, chunk->time, chunk->data, chunk->size);
	else
		bus_feed(stream, chunk->time, 0, chunk->data, chunk->size);
}

static void on_close(void *stream, instant time)
{
	(void)time;
	if (telegrams) {
		p1_reader_end(stream);
		p1_reader_free(stream);
	} else {
		bus_end(stream);
		bus_free(stream);
	}
}

static void receive(void)
{
	static const struct source_events events = {
		.open = on_open, .data = on_data, .close = on_close};
	const struct source_config config = {.url = "mqtt://h/#", .events = &events};
	struct loop *loop = loop_new();
	char message[200];
	bool usage;
	struct source *source = source_open(loop, &config, message, sizeof message, &usage);

	fuzz_require(source != NULL, "the source opens");
	loop_limit(loop, 0.001);
	loop_run(loop);
	source_close(source);
	loop_free(loop);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const urls[] = {
		"mqtt://host/house/[type]/[meter_id]/[system_title]?retain",
		"mqtt://u@host/[source]/x", "mqtt://[::1]:99/emtool?availability=0&version=5",
		"mqtt://host/[model]/[unit]"};
	const struct p1_settings rules = {.no_crc = true};
	struct mqtt_output_options options = {.format = format_json, .discovery = true};
	char problem[200];
	const struct output *failed;
	unsigned choice;

	messages = (struct input){data, size};
	choice = fuzz_byte(&messages);
	fuzz_byte(&messages);
	if (size < 5)
		return 0;
	telegrams = choice & 1 ? p1_decoder_new(&rules) : NULL;
	options.url = urls[choice / 4 % 4];
	options.style.units = choice & 16;
	fuzz_require(!output_mqtt(&publisher, &options, problem, sizeof problem),
	             "the output opens");
	receive();
	output_close(publisher, &failed);
	p1_decoder_free(telegrams);
	return 0;
}
