/*
 * `emtool sim p1 [MODEL]`: a smart meter with a P1 port, telegram by telegram at its own pace, with
 * faults on request, encrypted when a key is given.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "cmd/household.h"
#include "cmd/keys.h"
#include "cmd/line.h"
#include "cmd/say.h"

enum { READY_MS = 20 };

struct p1_options {
	struct line_options line;
	struct key_options keys;
	struct option_list set;
	const char *title, *serial, *start;
	long count, counter, seed, noise;
	double interval, duration, drop, corrupt, truncate;
	bool models, endless, seven_bits;
};

struct simulation {
	const struct p1_options *options;
	const struct telegram_model *model;
	struct glo_keyring ring;
	uint8_t title[GLO_TITLE];
	struct household household;
	struct telegram_values values;
	struct random faults; /* apart, so that faults do not change the values */
	double interval;
	uint64_t telegrams, paced;
	instant clock, begun;
	struct text bytes, sealed;
	struct line *line;
	struct loop *loop;
	uv_timer_t timer;
	int status;
};

/* NAME=VALUE in the units of the vocabulary; values keep standing then. */
static int set_value(struct telegram_values *values, const char *text)
{
	const char *equals = strchr(text, '=');
	struct decimal d;
	int64_t n;

	if (!equals || decimal_parse(&d, equals + 1, strlen(equals + 1)))
		return EM_SYNTAX;
	if (decimal_scaled(d, -3, &n) || n > INT64_MAX / 2 || n < -(INT64_MAX / 2))
		return EM_RANGE;
	for (size_t i = 0; i < TELEGRAM_VALUES; i++) {
		if (strlen(telegram_value_names[i]) == (size_t)(equals - text) &&
		    !strncmp(telegram_value_names[i], text, (size_t)(equals - text))) {
			values->milli[i] = n;
			return 0;
		}
	}
	return EM_UNKNOWN;
}

static bool chance(struct simulation *s, double share)
{
	return share > 0 && random_unit(&s->faults) < share;
}

static void seal(struct simulation *s)
{
	size_t size = s->bytes.length;

	s->sealed.length = 0;
	if (!text_room(&s->sealed, size + GLO_HEAD + GLO_TAG_SIZE))
		return;
	s->sealed.length = glo_seal((uint8_t *)s->sealed.data, &s->ring.keys[0],
	                            GLO_AUTHENTICATED | GLO_ENCRYPTED, s->title,
	                            (uint32_t)((uint64_t)s->options->counter + s->telegrams),
	                            (const uint8_t *)s->bytes.data, size);
}

static void drop_end(struct text *t)
{
	while (t->length && t->data[t->length - 1] != '!')
		t->length--;
	t->length -= t->length > 0;
}

/* Even parity in bit 7: a 7E1 line that is read as 8N1. */
static void add_parity(struct text *t)
{
	for (size_t i = 0; i < t->length; i++) {
		unsigned byte = (unsigned char)t->data[i] & 0x7F, parity = byte ^ byte >> 4;

		t->data[i] = (char)(byte | (0x6996u >> (parity & 15) & 1) << 7);
	}
}

/* The next telegram as it goes onto the line; NULL when memory is out. */
static struct text *make_telegram(struct simulation *s)
{
	s->bytes.length = 0;
	household_live(&s->household, &s->values, s->clock, s->interval);
	for (size_t i = 0; i < s->options->set.count; i++)
		set_value(&s->values, s->options->set.items[i]); /* checked at the start */
	telegram_build(&s->bytes, s->model, &s->values);
	if (s->options->endless)
		drop_end(&s->bytes);
	if (s->options->seven_bits)
		add_parity(&s->bytes);
	if (s->ring.count)
		seal(s);
	s->telegrams++;
	s->clock += (instant)(s->interval * 1000);
	if (s->bytes.failed || s->sealed.failed)
		return NULL;
	return s->ring.count ? &s->sealed : &s->bytes;
}

static bool send_noise(struct simulation *s)
{
	for (long i = 0; i < s->options->noise; i++) {
		char byte = (char)random_below(&s->faults, 256);

		if (!line_write(s->line, &byte, 1))
			return false;
	}
	return !s->options->noise || line_write(s->line, "\r\n", 2);
}

static bool send_telegram(struct simulation *s)
{
	struct text *t = make_telegram(s);

	if (!t || !send_noise(s))
		return false;
	if (chance(s, s->options->drop))
		return true;
	if (chance(s, s->options->corrupt))
		t->data[random_below(&s->faults, t->length)] ^= (char)(1u << random_below(&s->faults, 8));
	if (chance(s, s->options->truncate))
		t->length = random_below(&s->faults, t->length);
	return line_write(s->line, t->data, t->length);
}

static bool done(const struct simulation *s)
{
	return s->options->count && s->telegrams >= (uint64_t)s->options->count;
}

static void stop(struct simulation *s, int status)
{
	s->status = status;
	uv_timer_stop(&s->timer);
	loop_stop(s->loop);
}

static void on_turn(uv_timer_t *timer)
{
	struct simulation *s = timer->data;
	instant due;

	if (!line_ready(s->line)) {
		uv_timer_start(timer, on_turn, READY_MS, 0);
		s->begun = loop_clock();
		s->paced = 0;
		if (!s->options->start)
			s->clock = s->begun;
		return;
	}
	if (!send_telegram(s)) {
		stop(s, say_failure("output", EM_SYSTEM));
		return;
	}
	if (done(s)) {
		stop(s, 0);
		return;
	}
	due = s->begun + (instant)((double)++s->paced * s->interval * 1000) - loop_clock();
	uv_timer_start(timer, on_turn, due > 0 ? (uint64_t)due : 0, 0);
}

/* Into a file as fast as it goes. */
static int fill_file(struct simulation *s)
{
	if (!s->options->count)
		return say_usage("--output needs --count, or the file grows for ever");
	while (!done(s))
		if (!send_telegram(s))
			return say_failure("output", EM_SYSTEM);
	return 0;
}

static void simulate(struct simulation *s)
{
	uv_timer_init(loop_uv(s->loop), &s->timer);
	s->timer.data = s;
	if (s->options->duration > 0)
		loop_limit(s->loop, s->options->duration);
	if (line_is_file(s->line)) {
		s->status = fill_file(s);
		return;
	}
	s->begun = loop_clock();
	uv_timer_start(&s->timer, on_turn, 0, 0);
	loop_run(s->loop);
}

static int read_title(struct simulation *s)
{
	const char *p = s->options->title ? s->options->title : "454D543700000001";

	for (int i = 0; i < GLO_TITLE; i++) {
		unsigned byte;
		int length = 0;

		if (sscanf(p + 2 * i, "%2x%n", &byte, &length) != 1 || length != 2)
			return say_usage("--title: needs 16 hexadecimal digits");
		s->title[i] = (uint8_t)byte;
	}
	if (!s->options->title && s->ring.count && s->ring.keys[0].has_title)
		memcpy(s->title, s->ring.keys[0].title, GLO_TITLE);
	return p[2 * GLO_TITLE] ? say_usage("--title: needs 16 hexadecimal digits") : 0;
}

static int read_start(struct simulation *s)
{
	int year, month, day, hour, minute, second, n = 0;
	struct stamp t;

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

static int prepare(struct simulation *s, const struct p1_options *options)
{
	size_t length = strlen(options->serial);
	int status = 0;

	if (options->keys.key || options->keys.key_file)
		status = keys_load(&s->ring, &options->keys);
	if (!status)
		status = read_title(s);
	if (!status)
		status = read_start(s);
	if (!status && (length < 1 || length > 48 || strspn(options->serial, "/!()\r\n")))
		status = say_usage("--serial: 1 to 48 characters");
	for (size_t i = 0; !status && i < options->set.count; i++)
		if (set_value(&s->values, options->set.items[i]))
			status = say_usage("--set %s: no such value, or out of range", options->set.items[i]);
	s->interval = options->interval > 0 ? options->interval : s->model->interval;
	s->values.serial = options->serial;
	s->values.seed = (uint64_t)options->seed;
	household_init(&s->household, s->model, (uint64_t)options->seed);
	s->faults = random_seed(~(uint64_t)options->seed);
	return status;
}

static int list_models(void)
{
	for (size_t i = 0; i < telegram_model_count; i++)
		printf("%-8s%s\n", telegram_models[i].name, telegram_models[i].summary);
	return EXIT_OK;
}

static int run(void *given, int count, char **arguments)
{
	struct p1_options *options = given;
	struct simulation s = {.options = options};

	if (options->models)
		return list_models();
	s.model = telegram_model_find(count ? arguments[0] : "dsmr5");
	if (!s.model)
		return say_usage("no model '%s', 'emtool sim p1 --models' lists them", arguments[0]);
	s.status = prepare(&s, options);
	if (!s.status) {
		s.loop = loop_new();
		s.status = s.loop ? 0 : say_failure("event loop", EM_SYSTEM);
	}
	if (!s.status) {
		s.line = line_open(s.loop, &options->line, &s.status);
		if (s.line)
			simulate(&s);
		line_close(s.line);
		if (s.status == 0 && loop_signal(s.loop))
			s.status = EXIT_SIGNAL + loop_signal(s.loop);
	}
	loop_free(s.loop);
	glo_keyring_free(&s.ring);
	text_free(&s.bytes);
	text_free(&s.sealed);
	return s.status;
}

#define FIELD(name) offsetof(struct p1_options, name)

static const struct option_row rows[] = {
	LINE_ROWS(struct p1_options, line),
	KEY_OPTIONS(struct p1_options, keys),
	{"models", 0, OPTION_FLAG, FIELD(models), NULL, "list the meters it can be"},
	{"title", 0, OPTION_TEXT, FIELD(title), "HEX", "system title, 16 digits (the key file's)"},
	{"counter", 0, OPTION_INT, FIELD(counter), "N", "first frame counter (1)", .max = 4294967295.0},
	{"serial", 0, OPTION_TEXT, FIELD(serial), "TEXT", "the meter's number"},
	{"set", 0, OPTION_LIST, FIELD(set), "NAME=VALUE", "a value that stands, as power_import=432"},
	{"start", 0, OPTION_TEXT, FIELD(start), "TIME", "the meter's clock begins here, UTC (now)"},
	{"interval", 'i', OPTION_REAL, FIELD(interval), "S",
	 "seconds between telegrams (the meter's own)", .min = 0.001, .max = 86400},
	{"count", 'n', OPTION_INT, FIELD(count), "N", "end after N telegrams", .min = 1, .max = 1e12},
	{"duration", 'd', OPTION_REAL, FIELD(duration), "S", "end after S seconds", .min = 0.001,
	 .max = 1e9},
	{"seed", 0, OPTION_INT, FIELD(seed), "N", "same seed, same household (1)", .max = 1e15},
	{"drop", 0, OPTION_REAL, FIELD(drop), "P", "share of telegrams that are lost, 0..1", .max = 1},
	{"corrupt", 0, OPTION_REAL, FIELD(corrupt), "P", "share of telegrams with a wrong bit",
	 .max = 1},
	{"truncate", 0, OPTION_REAL, FIELD(truncate), "P", "share of telegrams that break off",
	 .max = 1},
	{"endless", 0, OPTION_FLAG, FIELD(endless), NULL, "without end mark and CRC, as an MT382"},
	{"seven-bits", 0, OPTION_FLAG, FIELD(seven_bits), NULL,
	 "with parity bits, as a 7E1 line that is read as 8N1"},
	{"noise", 0, OPTION_INT, FIELD(noise), "N", "a line of random bytes before every telegram",
	 .max = 65536},
	{0}};

static const struct option_row *const tables[] = {rows, NULL};

static const struct p1_options defaults = {.counter = 1, .seed = 1, .serial = "E0043007052870318"};

const struct command sim_p1_command = {
	.name = "p1",
	.summary = "a smart meter with a P1 port",
	.arguments = "[MODEL]",
	.arguments_max = 1,
	.options = tables,
	.size = sizeof(struct p1_options),
	.defaults = &defaults,
	.run = run,
	.example = "emtool sim p1 --listen 127.0.0.1:2323",
};
