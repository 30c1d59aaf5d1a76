/*
 * `emtool sim push MODEL`: a smart meter that pushes, ciphered with the keys given, frame by frame
 * at the pace of its line, with faults on request. The household behind it lives: kettles, ovens,
 * and the sun at noon.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "cmd/session/say.h"
#include "cmd/sim/metered_house.h"
#include "cmd/sim/player.h"
#include "cmd/sim/topic.h"
#include "cmd/sim/smart_meter.h"
#include "protocol/cosem/build.h"

enum { ENDS = 16 };
#define FRAME_GAP 0.16 /* s between two frames of a push, as a Kaifa leaves them */

struct push_options {
	struct smart_meter_options meter;
	const char *mqtt, *payload;
	double replay, repeat;
	bool hex;
};

struct simulation {
	const struct push_options *options;
	const struct meter_model *model;
	struct glo_keyring ring;
	uint8_t title[GLO_TITLE];
	struct metered_house household;
	struct telegram_values house;
	struct meter_values values;
	struct random faults;   /* apart, so that faults do not change the values */
	double interval, spent; /* s from push to push, and of it since the first frame */
	uint32_t counter;
	uint64_t pushes;
	instant clock;
	struct text bytes; /* of the push under way */
	size_t ends[ENDS], frames, next;
	struct line *line; /* or */
	struct sim_topic *topic;
	struct player player;
};

/* Where the meter has what the household used, and in what part of the vocabulary's unit. */
static const struct field {
	enum telegram_value value;
	size_t offset;
	int64_t per_unit;
	bool wide;
} fields[] = {
#define FIELD(value, member, per_unit, wide)                                            \
	{                                                                               \
		TELEGRAM_##value, offsetof(struct meter_values, member), per_unit, wide \
	}
	FIELD(energy_import, energy_import, 1, true),
	FIELD(energy_export, energy_export, 1, true),
	FIELD(reactive_energy_import, reactive_import, 1, true),
	FIELD(reactive_energy_export, reactive_export, 1, true),
	FIELD(power_import, power_import, 1, false),
	FIELD(power_export, power_export, 1, false),
	FIELD(reactive_power_import, reactive_power_import, 1, false),
	FIELD(reactive_power_export, reactive_power_export, 1, false),
	FIELD(voltage_l1, voltage[0], 1000, false),
	FIELD(voltage_l2, voltage[1], 1000, false),
	FIELD(voltage_l3, voltage[2], 1000, false),
	FIELD(current_l1, current[0], 1000, false),
	FIELD(current_l2, current[1], 1000, false),
	FIELD(current_l3, current[2], 1000, false),
	FIELD(power_factor, power_factor, 1000, false),
#undef FIELD
};

enum { FIELDS = sizeof fields / sizeof fields[0] };

/* EM_RANGE when a value is more than the meter's registers hold. */
static int read_house(struct simulation *s)
{
	for (size_t i = 0; i < FIELDS; i++) {
		const struct field *f = &fields[i];
		int64_t n = s->house.milli[f->value] * f->per_unit / 1000;
		void *member = (char *)&s->values + f->offset;

		if (n > UINT32_MAX || n < (f->value == TELEGRAM_power_factor ? INT32_MIN : 0))
			return EM_RANGE;
		if (f->wide)
			*(uint64_t *)member = (uint64_t)n;
		else
			*(uint32_t *)member = (uint32_t)n;
	}
	return 0;
}

/* A push carries less than a P1 telegram: a value that is not in it cannot stand. */
static bool known(const char *setting)
{
	for (size_t i = 0; i < FIELDS; i++) {
		const char *name = telegram_value_names[fields[i].value];

		if (!strncmp(setting, name, strlen(name)) && setting[strlen(name)] == '=')
			return true;
	}
	return false;
}

static void live(struct simulation *s)
{
	metered_house_live(&s->household, &s->house, s->clock, s->interval);
	smart_meter_set(&s->options->meter, &s->house); /* checked at the start */
	read_house(s);
	s->values.time = telegram_clock(s->household.model, s->clock);
}

/* The next push into s->bytes, with what goes wrong with it. False when memory is out. */
static bool make_push(struct simulation *s)
{
	const struct smart_meter_options *o = &s->options->meter;
	const struct glo_key *key = s->ring.count ? &s->ring.keys[0] : NULL;
	uint32_t counter = s->counter;

	live(s);
	if (chance(&s->faults, s->options->replay) && counter > 0)
		counter--;
	else
		s->counter++;
	s->bytes.length = 0;
	for (long i = 0; i < o->noise; i++)
		text_char(&s->bytes, (char)random_below(&s->faults, 256));
	s->frames = meter_push(&s->bytes, s->model, &s->values, key, s->title, counter, s->ends);
	errno = ENOMEM;
	if (s->bytes.failed)
		return false;
	if (chance(&s->faults, o->truncate) && s->bytes.length)
		s->bytes.length = random_below(&s->faults, s->bytes.length);
	s->next = 0;
	s->pushes++;
	s->clock += (instant)(s->interval * 1000);
	return true;
}

static bool send_hex(struct simulation *s, const char *data, size_t size)
{
	struct text digits = {0};
	bool sent;

	text_hex(&digits, data, size);
	text_char(&digits, '\n');
	errno = ENOMEM;
	sent = !digits.failed && line_write(s->line, digits.data, digits.length);
	text_free(&digits);
	return sent;
}

/* On its way: lost, damaged, or sound; now and then twice. */
static bool transmit(struct simulation *s, char *data, size_t size)
{
	const struct push_options *o = s->options;
	int times = chance(&s->faults, o->repeat) ? 2 : 1;
	bool sent = true;

	if (chance(&s->faults, o->meter.drop))
		return true;
	spoil(&s->faults, o->meter.corrupt, data, size);
	for (int i = 0; sent && i < times; i++)
		sent = s->topic ? sim_topic_send(s->topic, data, size)
		       : o->hex ? send_hex(s, data, size)
		                : line_write(s->line, data, size);
	return sent;
}

/* One frame of a push, the first of the next one after the last; to a topic a whole push. */
static bool send_next(void *device)
{
	struct simulation *s = device;
	size_t start, end;

	if (s->next == s->frames && !make_push(s))
		return false;
	start = s->next && !s->topic ? s->ends[s->next - 1] : 0;
	s->next = s->topic ? s->frames : s->next + 1;
	end = s->topic ? s->bytes.length : s->ends[s->next - 1];
	if (end > s->bytes.length)
		end = s->bytes.length;
	return start >= end || transmit(s, s->bytes.data + start, end - start);
}

static bool done(const void *device)
{
	const struct simulation *s = device;
	long count = s->options->meter.count;

	return count && s->pushes >= (uint64_t)count && s->next == s->frames;
}

/* The line is busy with the frame just sent; after the last, the rest of the interval. */
static double until_next(void *device)
{
	struct simulation *s = device;
	size_t start = s->next > 1 ? s->ends[s->next - 2] : 0, size = s->ends[s->next - 1] - start;
	double busy = (double)size * s->model->bits / s->model->baud, left = s->interval - s->spent;

	if (s->next < s->frames) {
		busy += s->interval < 1 ? 0 : FRAME_GAP;
		s->spent += busy;
		return busy;
	}
	s->spent = 0;
	return left > 0 ? left : 0;
}

static const struct player_events events = {send_next, done, until_next, NULL};

static int prepare(struct simulation *s)
{
	const struct smart_meter_options *o = &s->options->meter;
	int status = keys_load(&s->ring, &o->keys);
	size_t length = strlen(o->serial);

	if (!status && s->model->control && !s->ring.count)
		status = say_usage("%s encrypts: give a key with --key-file", s->model->name);
	memcpy(s->title, s->model->title, sizeof s->model->title);
	memcpy(s->title + 3, "\x67\x50\x00\x00\x2A", 5);
	if (!status)
		status = smart_meter_title(o, &s->ring, s->title);
	if (!status)
		status = smart_meter_start(o, &s->clock);
	if (!status && (length < 1 || length > 16))
		status = say_usage("--serial: 1 to 16 characters");
	for (size_t i = 0; !status && i < o->set.count; i++)
		if (!known(o->set.items[i]))
			status = say_usage("--set %s: no value of a push", o->set.items[i]);
	if (!status)
		status = smart_meter_set(o, &s->house);
	if (!status && read_house(s))
		status = say_usage("--set: a value is out of range");
	s->interval = o->interval > 0 ? o->interval : s->model->interval;
	s->values.serial = o->serial;
	metered_house_start(&s->household, telegram_model_find("dsmr5"), (uint64_t)o->seed);
	s->faults = random_seed(~(uint64_t)o->seed);
	s->counter = (uint32_t)o->counter;
	return status;
}

/* The line or the topic; then the pushes. */
static int talk(struct simulation *s)
{
	const struct push_options *o = s->options;
	int status = EXIT_OK, delivered;

	s->player = (struct player){.events = &events,
	                            .device = s,
	                            .loop = loop_new(),
	                            .endless = !o->meter.count,
	                            .duration = o->meter.duration};
	if (!s->player.loop)
		return say_failure("event loop", EM_SYSTEM);
	if (o->mqtt)
		s->topic = sim_topic_open(o->mqtt, o->payload, &status);
	else
		s->line = s->player.line = line_open(s->player.loop, &o->meter.line, &status);
	if (s->line || s->topic)
		status = player_run(&s->player);
	line_close(s->line);
	delivered = sim_topic_close(s->topic);
	loop_free(s->player.loop);
	return status ? status : delivered;
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
	int status;

	if (!count)
		return list_models();
	s.model = meter_model_find(arguments[0]);
	if (!s.model)
		return say_usage("no meter '%s', 'emtool sim push' lists them", arguments[0]);
	status = prepare(&s);
	if (!status)
		status = talk(&s);
	glo_keyring_free(&s.ring);
	text_free(&s.bytes);
	return status;
}

#define FIELD(name) offsetof(struct push_options, name)

/* clang-format off */
static const struct option_row rows[] = {
	SMART_METER_ROWS(struct push_options, meter, "frame", "push"),
	{"mqtt", 0, OPTION_TEXT, FIELD(mqtt), "URL", "publish to mqtt://HOST/TOPIC instead of a line"},
	{"payload", 0, OPTION_WORD, FIELD(payload), NULL, "of a message (hex)",
	 .words = "raw|hex|base64"},
	{"hex", 0, OPTION_FLAG, FIELD(hex), NULL, "send hexadecimal text, a line per frame"},
	{"replay", 0, OPTION_REAL, FIELD(replay), "P", "probability of the last push's counter again",
	 .max = 1},
	{"repeat", 0, OPTION_REAL, FIELD(repeat), "P", "probability that a frame is sent twice", .max = 1},
	{0}};
/* clang-format on */

static const struct option_row *const tables[] = {rows, NULL};

static const struct push_options defaults = {.meter = SMART_METER_DEFAULTS("181220000042"),
                                             .payload = "hex"};

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
