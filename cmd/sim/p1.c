/*
 * `emtool sim p1 [MODEL]`: a smart meter with a P1 port, telegram by telegram at its own pace, with
 * faults on request, encrypted when a key is given.
 */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "cmd/session/say.h"
#include "cmd/sim/metered_house.h"
#include "cmd/sim/player.h"
#include "cmd/sim/smart_meter.h"

struct p1_options {
	struct smart_meter_options meter;
	bool models, endless, seven_bits;
};

struct simulation {
	const struct p1_options *options;
	const struct telegram_model *model;
	struct glo_keyring ring;
	uint8_t title[GLO_TITLE];
	struct metered_house household;
	struct telegram_values values;
	struct random faults; /* apart, so that faults do not change the values */
	double interval;
	uint64_t telegrams;
	instant clock;
	struct text bytes, sealed;
	struct line *line;
	struct player player;
};

static void seal(struct simulation *s)
{
	size_t size = s->bytes.length;

	s->sealed.length = 0;
	if (!text_room(&s->sealed, size + GLO_HEAD + GLO_TAG_SIZE))
		return;
	s->sealed.length = glo_seal((uint8_t *)s->sealed.data, &s->ring.keys[0],
	                            GLO_AUTHENTICATED | GLO_ENCRYPTED, s->title,
	                            (uint32_t)((uint64_t)s->options->meter.counter + s->telegrams),
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
	metered_house_live(&s->household, &s->values, s->clock, s->interval);
	smart_meter_set(&s->options->meter, &s->values); /* checked at the start */
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
	long count = s->options->meter.noise;

	for (long i = 0; i < count; i++) {
		char byte = (char)random_below(&s->faults, 256);

		if (!line_write(s->line, &byte, 1))
			return false;
	}
	return !count || line_write(s->line, "\r\n", 2);
}

static bool send_telegram(void *device)
{
	struct simulation *s = device;
	const struct smart_meter_options *o = &s->options->meter;
	struct text *t = make_telegram(s);

	if (!t || !send_noise(s))
		return false;
	if (chance(&s->faults, o->drop))
		return true;
	spoil(&s->faults, o->corrupt, t->data, t->length);
	if (chance(&s->faults, o->truncate))
		t->length = random_below(&s->faults, t->length);
	return line_write(s->line, t->data, t->length);
}

static bool done(const void *device)
{
	const struct simulation *s = device;

	return s->options->meter.count && s->telegrams >= (uint64_t)s->options->meter.count;
}

static double until_next(void *device)
{
	return ((struct simulation *)device)->interval;
}

/* Nobody listens: a clock that was not set goes on. */
static void idle(void *device)
{
	struct simulation *s = device;

	if (!s->options->meter.start)
		s->clock = loop_clock();
}

static const struct player_events events = {send_telegram, done, until_next, idle};

static int prepare(struct simulation *s)
{
	const struct smart_meter_options *o = &s->options->meter;
	size_t length = strlen(o->serial);
	int status = EXIT_OK;

	if (o->keys.key || o->keys.key_file)
		status = keys_load(&s->ring, &o->keys);
	memcpy(s->title, "EMT7\0\0\0\1", GLO_TITLE);
	if (!status)
		status = smart_meter_title(o, &s->ring, s->title);
	if (!status)
		status = smart_meter_start(o, &s->clock);
	if (!status && (length < 1 || length > 48 || strpbrk(o->serial, "/!()\r\n")))
		status = say_usage("--serial: 1 to 48 characters");
	if (!status)
		status = smart_meter_set(o, &s->values);
	s->interval = o->interval > 0 ? o->interval : s->model->interval;
	s->values.serial = o->serial;
	s->values.seed = (uint64_t)o->seed;
	metered_house_start(&s->household, s->model, (uint64_t)o->seed);
	s->faults = random_seed(~(uint64_t)o->seed);
	return status;
}

static int talk(struct simulation *s)
{
	const struct smart_meter_options *o = &s->options->meter;
	int status = EXIT_OK;

	s->player = (struct player){.events = &events,
	                            .device = s,
	                            .loop = loop_new(),
	                            .endless = !o->count,
	                            .duration = o->duration};
	if (!s->player.loop)
		return say_failure("event loop", EM_SYSTEM);
	s->line = s->player.line = line_open(s->player.loop, &o->line, &status);
	if (s->line)
		status = player_run(&s->player);
	line_close(s->line);
	loop_free(s->player.loop);
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
	int status;

	if (options->models)
		return list_models();
	s.model = telegram_model_find(count ? arguments[0] : "dsmr5");
	if (!s.model)
		return say_usage("no model '%s', 'emtool sim p1 --models' lists them",
		                 arguments[0]);
	status = prepare(&s);
	if (!status)
		status = talk(&s);
	glo_keyring_free(&s.ring);
	text_free(&s.bytes);
	text_free(&s.sealed);
	return status;
}

#define FIELD(name) offsetof(struct p1_options, name)

static const struct option_row rows[] = {
	SMART_METER_ROWS(struct p1_options, meter, "telegram", "telegram"),
	{"models", 0, OPTION_FLAG, FIELD(models), NULL, "list the meters it can be"},
	{"endless", 0, OPTION_FLAG, FIELD(endless), NULL, "without end mark and CRC, as an MT382"},
	{"seven-bits", 0, OPTION_FLAG, FIELD(seven_bits), NULL,
         "with parity bits, as a 7E1 line that is read as 8N1"},
	{0}};

static const struct option_row *const tables[] = {rows, NULL};

static const struct p1_options defaults = {.meter = SMART_METER_DEFAULTS("E0043007052870318")};

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
