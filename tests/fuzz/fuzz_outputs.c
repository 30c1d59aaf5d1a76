/*
 * Records of the fuzzer's choice through everything that prints or publishes them: the formats,
 * topics, variables of --exec, alarms, Home Assistant's discovery, the live view. What devices
 * choose (texts, numbers, peers) is arbitrary, names come from a list, once per object.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "output/alarm.h"
#include "output/discovery.h"
#include "output/exec.h"
#include "output/live.h"
#include "output/topic.h"

static const char *const names[] = {
	"meter_id",     "unit",       "function",   "address",        "registers",
	"model",        "instance",   "socket",     "system_title",   "power_import",
	"power_export", "current_l1", "voltage_l1", "energy_import",  "frame_counter",
	"gas",          "gas_time",   "meter_time", "status",         "state",
	"state_name",   "meter",      "unknown",    "errors",         "text",
	"channels",     "data",       "serial",     "Odd name,=\"\\", "\xC3\xA9 [x]"};

enum { NAMES = sizeof names / sizeof names[0], DEPTH = 40 };

struct maker {
	struct input in;
	struct record *r;
	unsigned next[DEPTH]; /* name of the next member, per level */
	bool list[DEPTH];
	unsigned depth;
};

static const char *text_of(struct maker *m, size_t *size)
{
	struct input bytes = fuzz_take(&m->in, fuzz_byte(&m->in));

	*size = bytes.size;
	return record_copy(m->r, (const char *)bytes.data, bytes.size);
}

static uint64_t wide(struct maker *m)
{
	uint64_t n = 0;

	for (unsigned i = fuzz_byte(&m->in) % 9; i; i--)
		n = n << 8 | fuzz_byte(&m->in);
	return n;
}

static void open_level(struct maker *m, const char *name, bool list)
{
	if (m->depth + 1 == DEPTH)
		return;
	if (list)
		record_list(m->r, name);
	else
		record_object(m->r, name);
	m->list[++m->depth] = list;
	m->next[m->depth] = 0;
}

static void close_level(struct maker *m)
{
	if (!m->depth)
		return;
	record_end(m->r);
	m->depth--;
}

static void add_scalar(struct maker *m, unsigned kind, const char *name)
{
	static const char *const units[] = {NULL, "W", "A", "Wh", "m3", "1", "degC", "%"};
	const char *unit = units[fuzz_byte(&m->in) % 8], *text;
	uint64_t n = wide(m);
	struct stamp time = stamp_at((instant)(n % 253402300800000), 60);
	struct decimal d = {
		.digits = n, .negative = kind & 16, .exponent = (int8_t)(kind % 13 - 6)};
	size_t size;
	double real;
	float single;

	switch (kind % 8) {
	case 0: record_null(m->r, name); return;
	case 1: record_bool(m->r, name, n & 1); return;
	case 2:
		memcpy(&single, &n, sizeof single);
		record_f32(m->r, name, unit, single);
		return;
	case 3:
		memcpy(&real, &n, sizeof real);
		record_f64(m->r, name, unit, real);
		return;
	case 4:
		text = text_of(m, &size);
		record_text(m->r, name, text, size);
		return;
	case 5: record_time(m->r, name, &time); return;
	default: record_decimal(m->r, name, unit, d)->address = (int32_t)(n % 65536); return;
	}
}

static void add_value(struct maker *m)
{
	unsigned kind = fuzz_byte(&m->in);
	bool named = !m->list[m->depth];
	const char *name = NULL;

	if (kind >= 240) {
		close_level(m);
		return;
	}
	if (named) {
		m->next[m->depth] += fuzz_byte(&m->in) % 8;
		if (m->next[m->depth] >= NAMES)
			return;
		name = names[m->next[m->depth]++];
	}
	if (kind >= 200)
		open_level(m, name, kind & 1);
	else
		add_scalar(m, kind, name);
}

static void make(struct record *r, struct input in)
{
	static const char *const types[] = {"p1", "modbus", "dlms", "sunspec", "alfen", "balance"};
	static char source[256];
	struct maker m = {.in = in, .r = r};
	unsigned flags = fuzz_byte(&m.in);
	struct input peer = fuzz_take(&m.in, flags & 7);

	record_begin(r, types[flags / 8 % 6]);
	r->time = flags & 128 ? (instant)(wide(&m) % 253402300800000) : INSTANT_NONE;
	memcpy(source, peer.data, peer.size);
	source[peer.size] = '\0';
	r->source = *source ? source : NULL;
	while (m.in.size)
		add_value(&m);
	while (m.depth)
		close_level(&m);
}

static struct input of_text(const struct text *t)
{
	return (struct input){(const uint8_t *)t->data, t->length};
}

static void check_topic(const char *topic, size_t size)
{
	fuzz_require(size && strlen(topic) == size && !strpbrk(topic, "+#"), "topic");
	for (size_t i = 0; i < size;) {
		size_t length = utf8_length(topic + i, size - i);

		fuzz_require(length && (unsigned char)topic[i] > ' ', "characters of a topic");
		i += length;
	}
}

static void published(void *context, const char *topic, const char *payload, size_t size)
{
	static struct text line;

	(void)context;
	check_topic(topic, strlen(topic));
	line.length = 0;
	text_add(&line, payload, size);
	text_char(&line, '\n');
	fuzz_check_json(of_text(&line));
}

static void check_variables(const struct record *r)
{
	struct text out = {0};

	exec_variables(&out, r, "current_l1>5");
	for (size_t i = 0; i < out.length; i += strlen(out.data + i) + 1)
		fuzz_require(!strncmp(out.data + i, "EMTOOL_", 7) && strchr(out.data + i, '='),
		             "variable");
	fuzz_require(!out.length || !out.data[out.length - 1], "end of the variables");
	text_free(&out);
}

static void check_live(struct live_table *table, const struct record *r, unsigned width)
{
	const struct live_look look = {.title = "emtool", .width = width};
	struct text out = {0};
	struct input in, line;

	live_take(table, r, 1000);
	live_draw(&out, table, &look, 2000);
	in = of_text(&out);
	fuzz_check_text(in);
	while (fuzz_line(&in, &line))
		fuzz_require(text_columns((const char *)line.data, line.size) <= width, "width");
	text_free(&out);
}

struct listeners {
	struct discovery *discovery;
	struct alarm *alarms[3];
	struct live_table live;
};

static void listen_to(struct listeners *l, const struct record *r, unsigned width)
{
	static const char template[] = "house/[type]/[meter_id]/[source]/[text]x";
	struct format_state state = {.style.units = true};
	struct text out = {0};

	topic_expand(&out, template, r);
	text_string(&out);
	check_topic(out.data, out.length);
	discovery_record(l->discovery, r, out.data);
	for (int i = 0; i < 3; i++)
		alarm_begins(l->alarms[i], r);
	check_variables(r);
	check_live(&l->live, r, width);
	out.length = 0;
	format_evn(&out, &state, r);
	text_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = {data, size}, part;
	struct record r = {0};
	unsigned width = 20 + fuzz_byte(&in) % 100;
	struct listeners l = {.discovery = discovery_new("homeassistant", "house/availability",
	                                                 width & 1, published, NULL)};

	alarm_new(&l.alarms[0], "current_l1>5");
	alarm_new(&l.alarms[1], "text==x");
	alarm_new(&l.alarms[2], "power_import<=1000");
	for (unsigned n = 0; in.size && n < 8; n++) {
		part = fuzz_take(&in, fuzz_word(&in) % 1024);
		make(&r, part);
		fuzz_record(&r);
		listen_to(&l, &r, width);
	}
	discovery_repeat(l.discovery);
	discovery_free(l.discovery);
	for (int i = 0; i < 3; i++)
		alarm_free(l.alarms[i]);
	live_free(&l.live);
	record_free(&r);
	return 0;
}
