/*
 * `emtool sim push MODEL`: a smart meter that pushes, ciphered with the keys given, frame by frame
 * at the pace of its line, with faults on request. The household behind it lives: kettles, ovens,
 * and the sun at noon.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "cmd/keys.h"
#include "cmd/line.h"
#include "cmd/random.h"
#include "cmd/say.h"
#include "cmd/sim_topic.h"
#include "protocol/cosem/build.h"

enum { ENDS = 16, FRAME_GAP = 160 }; /* ms between two frames of a push, as a Kaifa leaves them */

struct push_options {
	struct line_options line;
	struct key_options keys;
	struct option_list set;
	const char *title, *serial, *start, *mqtt, *payload;
	long count, counter, seed, noise;
	double interval, duration, drop, corrupt, truncate, replay, repeat;
	bool hex;
};

struct simulation {
	const struct push_options *options;
	const struct meter_model *model;
	struct glo_keyring ring;
	uint8_t title[GLO_TITLE];
	struct meter_values values;
	double energy_import, energy_export; /* Wh, with fractions */
	double kettle;                       /* s that it still boils */
	struct random random;
	uint32_t counter;
	uint64_t pushes;
	instant clock, begun;
	struct text bytes; /* of the push under way */
	size_t ends[ENDS], frames, next;
	struct line *line;       /* or */
	struct sim_topic *topic;
	struct loop *loop;
	uv_timer_t timer;
	int status;
};

/* The last Sunday of a month, 01:00 UTC: when clocks change in Europe. */
static instant clock_change(int year, unsigned month)
{
	int64_t day = days_from_civil(year, month, 31);
	int64_t weekday = (day + 4) % 7; /* 0 is Sunday */

	return ((day - weekday) * 24 + 1) * 3600000;
}

static struct stamp meter_clock(instant t)
{
	struct stamp utc = stamp_at(t, 0);
	bool summer = t >= clock_change(utc.year, 3) && t < clock_change(utc.year, 10);

	return stamp_at(t, summer ? 120 : 60);
}

/* Power of the house in W, the sun's subtracted. */
static double house_power(struct simulation *s, double seconds)
{
	double hour = s->values.time.hour + s->values.time.minute / 60.0, sun;

	if (s->kettle <= 0 && random_unit(&s->random) < seconds / 1800)
		s->kettle = 180;
	s->kettle -= seconds;
	sun = hour > 6 && hour < 20 ? 4200 * sin((hour - 6) / 14 * 3.14159265) : 0;
	return 240 + 90 * random_unit(&s->random) + (s->kettle > 0 ? 2000 : 0) +
	       (hour > 17 && hour < 21 ? 900 : 0) - sun * (0.7 + 0.3 * random_unit(&s->random));
}

static void live(struct simulation *s, double seconds)
{
	struct meter_values *v = &s->values;
	double power, amperes = 0;

	v->time = meter_clock(s->clock);
	power = house_power(s, seconds);
	v->power_import = power > 0 ? (uint32_t)power : 0;
	v->power_export = power < 0 ? (uint32_t)-power : 0;
	v->reactive_power_import = 20 + (uint32_t)random_below(&s->random, 40);
	v->reactive_power_export = 0;
	s->energy_import += v->power_import * seconds / 3600;
	s->energy_export += v->power_export * seconds / 3600;
	v->energy_import = (uint64_t)s->energy_import;
	v->energy_export = (uint64_t)s->energy_export;
	v->reactive_import = v->energy_import / 9;
	v->reactive_export = v->energy_export / 11;
	for (int i = 0; i < 3; i++) {
		v->voltage[i] = 229000 + (uint32_t)random_below(&s->random, 4000);
		amperes = fabs(power) / 3 * (0.8 + 0.2 * i) / (v->voltage[i] / 1000.0);
		v->current[i] = (uint32_t)(amperes * 1000);
	}
	v->power_factor = 930 + (int32_t)random_below(&s->random, 70);
}

/* NAME=VALUE in the units of the vocabulary; values keep standing then. */
static int set_value(struct meter_values *v, const char *text)
{
	const char *equals = strchr(text, '=');
	struct decimal d;
	int64_t n;
	const struct {
		const char *name;
		void *field;
		int exponent;
		bool wide;
	} fields[] = {
		{"energy_import", &v->energy_import, 0, true},
		{"energy_export", &v->energy_export, 0, true},
		{"reactive_energy_import", &v->reactive_import, 0, true},
		{"reactive_energy_export", &v->reactive_export, 0, true},
		{"power_import", &v->power_import, 0, false},
		{"power_export", &v->power_export, 0, false},
		{"reactive_power_import", &v->reactive_power_import, 0, false},
		{"reactive_power_export", &v->reactive_power_export, 0, false},
		{"voltage_l1", &v->voltage[0], -3, false},
		{"voltage_l2", &v->voltage[1], -3, false},
		{"voltage_l3", &v->voltage[2], -3, false},
		{"current_l1", &v->current[0], -3, false},
		{"current_l2", &v->current[1], -3, false},
		{"current_l3", &v->current[2], -3, false},
		{"power_factor", &v->power_factor, -3, false},
	};

	if (!equals || decimal_parse(&d, equals + 1, strlen(equals + 1)))
		return EM_SYNTAX;
	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
		if (strlen(fields[i].name) != (size_t)(equals - text) ||
		    strncmp(fields[i].name, text, (size_t)(equals - text)))
			continue;
		if (decimal_scaled(d, fields[i].exponent, &n) || n > UINT32_MAX ||
		    (n < 0 && fields[i].field != &v->power_factor) || n < INT32_MIN)
			return EM_RANGE;
		if (fields[i].wide)
			*(uint64_t *)fields[i].field = (uint64_t)n;
		else
			*(uint32_t *)fields[i].field = (uint32_t)n;
		return 0;
	}
	return EM_UNKNOWN;
}

static void apply_settings(struct simulation *s)
{
	for (size_t i = 0; i < s->options->set.count; i++)
		set_value(&s->values, s->options->set.items[i]); /* checked at the start */
}

static bool chance(struct simulation *s, double share)
{
	return share > 0 && random_unit(&s->random) < share;
}

/* The next push into s->bytes, with what goes wrong with it. */
static void make_push(struct simulation *s)
{
	const struct push_options *o = s->options;
	const struct glo_key *key = s->ring.count ? &s->ring.keys[0] : NULL;
	uint32_t counter = s->counter;

	live(s, o->interval);
	apply_settings(s);
	if (chance(s, o->replay) && counter > 0)
		counter--;
	else
		s->counter++;
	s->bytes.length = 0;
	for (long i = 0; i < o->noise; i++)
		text_char(&s->bytes, (char)random_below(&s->random, 256));
	s->frames = meter_push(&s->bytes, s->model, &s->values, key, s->title, counter, s->ends);
	if (chance(s, o->truncate) && s->bytes.length)
		s->bytes.length = random_below(&s->random, s->bytes.length);
	s->next = 0;
	s->pushes++;
	s->clock += (instant)(o->interval * 1000);
}

static bool send_hex(struct simulation *s, const char *data, size_t size)
{
	struct text digits = {0};
	bool sent;

	for (size_t i = 0; i < size; i++)
		text_printf(&digits, "%02X", (unsigned char)data[i]);
	text_char(&digits, '\n');
	sent = line_write(s->line, text_string(&digits), digits.length);
	text_free(&digits);
	return sent;
}

static bool send_bytes(struct simulation *s, char *data, size_t size)
{
	if (!size || chance(s, s->options->drop))
		return true;
	if (chance(s, s->options->corrupt))
		data[random_below(&s->random, size)] ^= (char)(1u << random_below(&s->random, 8));
	return s->options->hex ? send_hex(s, data, size) : line_write(s->line, data, size);
}

/* The whole push as one message; now and then twice. */
static bool send_message(struct simulation *s)
{
	char *data = s->bytes.data;
	size_t size = s->bytes.length;

	s->next = s->frames;
	if (!size || chance(s, s->options->drop))
		return true;
	if (chance(s, s->options->corrupt))
		data[random_below(&s->random, size)] ^= (char)(1u << random_below(&s->random, 8));
	if (chance(s, s->options->repeat) && !sim_topic_send(s->topic, data, size))
		return false;
	return sim_topic_send(s->topic, data, size);
}

/* One frame; now and then twice. */
static bool send_frame(struct simulation *s)
{
	size_t start = s->next ? s->ends[s->next - 1] : 0, end = s->ends[s->next];

	if (s->topic)
		return send_message(s);
	s->next++;
	if (end > s->bytes.length)
		end = s->bytes.length;
	if (start >= end)
		return true;
	if (chance(s, s->options->repeat) && !send_bytes(s, s->bytes.data + start, end - start))
		return false;
	return send_bytes(s, s->bytes.data + start, end - start);
}

static bool done(const struct simulation *s)
{
	return s->options->count && s->pushes >= (uint64_t)s->options->count && s->next == s->frames;
}

static void stop(struct simulation *s, int status)
{
	s->status = status;
	uv_timer_stop(&s->timer);
	loop_stop(s->loop);
}

/* ms that the line is busy with the frame just sent, and until the next one. */
static uint64_t pause_after_frame(const struct simulation *s)
{
	size_t start = s->next > 1 ? s->ends[s->next - 2] : 0, size = s->ends[s->next - 1] - start;
	double busy = (double)size * s->model->bits * 1000 / s->model->baud;
	instant due = s->begun + (instant)((double)s->pushes * s->options->interval * 1000);

	if (s->next < s->frames)
		return (uint64_t)busy + (s->options->interval < 1 ? 0 : FRAME_GAP);
	return due > loop_clock() ? (uint64_t)(due - loop_clock()) : 1;
}

static void on_turn(uv_timer_t *timer)
{
	struct simulation *s = timer->data;

	if (s->line && !line_ready(s->line)) {
		uv_timer_start(timer, on_turn, 20, 0);
		s->begun = loop_clock();
		s->pushes = 0;
		return;
	}
	if (s->next == s->frames)
		make_push(s);
	if (!send_frame(s)) {
		stop(s, say_failure("output", EM_SYSTEM));
	} else if (done(s)) {
		stop(s, 0);
	} else {
		uv_timer_start(timer, on_turn, pause_after_frame(s), 0);
	}
}

/* Into a file as fast as it goes. */
static int fill_file(struct simulation *s)
{
	if (!s->options->count)
		return say_usage("--output needs --count, or the file grows for ever");
	while (!done(s)) {
		if (s->next == s->frames)
			make_push(s);
		if (!send_frame(s))
			return say_failure("output", EM_SYSTEM);
	}
	return 0;
}

static void simulate(struct simulation *s)
{
	uv_timer_init(loop_uv(s->loop), &s->timer);
	s->timer.data = s;
	if (s->options->duration > 0)
		loop_limit(s->loop, s->options->duration);
	if (s->line && line_is_file(s->line)) {
		s->status = fill_file(s);
		return;
	}
	s->begun = loop_clock();
	uv_timer_start(&s->timer, on_turn, 0, 0);
	loop_run(s->loop);
}

static int read_title(struct simulation *s)
{
	const char *p = s->options->title;
	const struct glo_key *key = s->ring.count ? &s->ring.keys[0] : NULL;

	memcpy(s->title, s->model->title, sizeof s->model->title);
	memcpy(s->title + 3, "\x67\x50\x00\x00\x2A", 5);
	if (key && key->has_title)
		memcpy(s->title, key->title, GLO_TITLE);
	if (!p)
		return 0;
	for (int i = 0; i < GLO_TITLE; i++) {
		unsigned byte;
		int length = 0;

		if (sscanf(p + 2 * i, "%2x%n", &byte, &length) != 1 || length != 2)
			return say_usage("--title: needs 16 hexadecimal digits");
		s->title[i] = (uint8_t)byte;
	}
	return p[2 * GLO_TITLE] ? say_usage("--title: needs 16 hexadecimal digits") : 0;
}

static int read_start(struct simulation *s)
{
	struct stamp t = {0};
	int year, month, day, hour, minute, second, n = 0;

	s->clock = loop_clock();
	if (!s->options->start)
		return 0;
	if (sscanf(s->options->start, "%4d-%2d-%2dT%2d:%2d:%2dZ%n", &year, &month, &day, &hour, &minute,
	           &second, &n) != 6 || !n || s->options->start[n])
		return say_usage("--start: needs a time, as 2024-06-03T12:00:00Z");
	t = (struct stamp){(int16_t)year, (uint8_t)month, (uint8_t)day, (uint8_t)hour, (uint8_t)minute,
	                   (uint8_t)second, true, 0};
	if (!stamp_valid(&t))
		return say_usage("--start: no such time");
	s->clock = stamp_instant(&t);
	return 0;
}

static int prepare(struct simulation *s, struct push_options *options)
{
	int status = keys_load(&s->ring, &options->keys);
	size_t length = strlen(options->serial);

	if (!status && s->model->control && !s->ring.count)
		status = say_usage("%s encrypts: give a key with --key-file", s->model->name);
	if (!status)
		status = read_title(s);
	if (!status)
		status = read_start(s);
	if (!status && (length < 1 || length > 16))
		status = say_usage("--serial: 1 to 16 characters");
	for (size_t i = 0; !status && i < options->set.count; i++)
		if (set_value(&s->values, options->set.items[i]))
			status = say_usage("--set %s: no such value, or out of range", options->set.items[i]);
	if (options->interval <= 0)
		options->interval = s->model->interval;
	s->values.serial = options->serial;
	s->random = random_seed((uint64_t)options->seed);
	s->counter = (uint32_t)options->counter;
	s->energy_import = 1234567;
	s->energy_export = 34567;
	return status;
}

/* The line or the topic; then the pushes. */
static void talk(struct simulation *s)
{
	const struct push_options *o = s->options;
	int status;

	if (o->mqtt)
		s->topic = sim_topic_open(o->mqtt, o->payload, &s->status);
	else
		s->line = line_open(s->loop, &o->line, &s->status);
	if (s->line || s->topic)
		simulate(s);
	line_close(s->line);
	status = sim_topic_close(s->topic);
	s->status = s->status ? s->status : status;
	if (s->status == 0 && loop_signal(s->loop))
		s->status = EXIT_SIGNAL + loop_signal(s->loop);
}

static int list_models(void)
{
	for (size_t i = 0; i < meter_model_count; i++)
		printf("%-14s%s\n", meter_models[i].name, meter_models[i].summary);
	return EXIT_OK;
}

static int run(void *given, int count, char **arguments)
{
	struct push_options *options = given;
	struct simulation s = {.options = options};

	if (!count)
		return list_models();
	s.model = meter_model_find(arguments[0]);
	if (!s.model)
		return say_usage("no meter '%s', 'emtool sim push' lists them", arguments[0]);
	s.status = prepare(&s, options);
	if (!s.status) {
		s.loop = loop_new();
		s.status = s.loop ? 0 : say_failure("event loop", EM_SYSTEM);
	}
	if (!s.status)
		talk(&s);
	loop_free(s.loop);
	glo_keyring_free(&s.ring);
	text_free(&s.bytes);
	return s.status;
}

#define FIELD(name) offsetof(struct push_options, name)

static const struct option_row rows[] = {
	LINE_ROWS(struct push_options, line),
	KEY_OPTIONS(struct push_options, keys),
	{"title", 0, OPTION_TEXT, FIELD(title), "HEX", "system title, 16 digits (the key file's)"},
	{"counter", 0, OPTION_INT, FIELD(counter), "N", "first frame counter (1)", .max = 4294967295.0},
	{"serial", 0, OPTION_TEXT, FIELD(serial), "TEXT", "the meter's number"},
	{"set", 0, OPTION_LIST, FIELD(set), "NAME=VALUE", "a value that stands, as power_import=432"},
	{"start", 0, OPTION_TEXT, FIELD(start), "TIME", "the meter's clock begins here, UTC (now)"},
	{"interval", 'i', OPTION_REAL, FIELD(interval), "S", "seconds between pushes (the meter's own)",
	 .min = 0.001, .max = 86400},
	{"count", 'n', OPTION_INT, FIELD(count), "N", "end after N pushes", .min = 1, .max = 1e12},
	{"duration", 'd', OPTION_REAL, FIELD(duration), "S", "end after S seconds", .min = 0.001,
	 .max = 1e9},
	{"mqtt", 0, OPTION_TEXT, FIELD(mqtt), "URL", "publish to mqtt://HOST/TOPIC instead of a line"},
	{"payload", 0, OPTION_WORD, FIELD(payload), NULL, "of a message (hex)",
	 .words = "raw|hex|base64"},
	{"hex", 0, OPTION_FLAG, FIELD(hex), NULL, "send hexadecimal text, a line per frame"},
	{"seed", 0, OPTION_INT, FIELD(seed), "N", "same seed, same household (1)", .max = 1e15},
	{"drop", 0, OPTION_REAL, FIELD(drop), "P", "share of frames that are lost, 0..1", .max = 1},
	{"corrupt", 0, OPTION_REAL, FIELD(corrupt), "P", "share of frames with a wrong bit",
	 .max = 1},
	{"truncate", 0, OPTION_REAL, FIELD(truncate), "P", "share of pushes that break off",
	 .max = 1},
	{"replay", 0, OPTION_REAL, FIELD(replay), "P", "share of pushes with the last counter, 0..1",
	 .max = 1},
	{"repeat", 0, OPTION_REAL, FIELD(repeat), "P", "share of frames sent twice, 0..1", .max = 1},
	{"noise", 0, OPTION_INT, FIELD(noise), "N", "random bytes before every push", .max = 65536},
	{0}};

static const struct option_row *const tables[] = {rows, NULL};

static const struct push_options defaults = {
	.counter = 1, .seed = 1, .serial = "181220000042", .payload = "hex"};

const struct command sim_push_command = {
	.name = "push",
	.summary = "a smart meter that pushes ciphered readings",
	.arguments = "[MODEL]",
	.arguments_max = 1,
	.options = tables,
	.size = sizeof(struct push_options),
	.defaults = &defaults,
	.run = run,
	.example = "emtool sim push evn --key-file key.txt --connect 127.0.0.1:9999",
};
