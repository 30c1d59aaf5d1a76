/* `emtool sim push MODEL`: simulates a smart meter that pushes, encrypted with the given keys. */
#include <stdio.h>

#include "base/error.h"
#include "cmd/session/say.h"
#include "cmd/sim/play.h"
#include "cmd/sim/smart_meter.h"
#include "sim/push_meter.h"

struct push_options {
	struct smart_meter_options meter;
	const char *mqtt, *payload;
	double replay, repeat;
	bool hex;
};

static int list_models(void)
{
	for (size_t i = 0; i < meter_model_count; i++)
		printf("%-14s%s\n", meter_models[i].name, meter_models[i].summary);
	return EXIT_OK;
}

/* A push has fewer values than a P1 telegram, so --set takes only the values of a push. */
static int check_standing(const struct smart_meter_options *o, const struct smart_meter_settings *s)
{
	for (size_t i = 0; i < s->standing_count; i++)
		if (!push_meter_carries(s->standing[i].value))
			return say_usage("--set %s: this value is not part of a push",
			                 o->set.items[i]);
	return EXIT_OK;
}

static int new_meter(struct push_meter **meter, const struct push_meter_settings *settings)
{
	int error = push_meter_new(meter, settings);

	if (error == EM_SYNTAX)
		return say_usage("--serial: 1 to 16 characters");
	if (error == EM_RANGE)
		return say_usage("--set: a value is out of range");
	return error ? say_failure("meter", error) : EXIT_OK;
}

static int simulate(const struct push_options *o, const struct meter_model *model,
                    const struct glo_keyring *ring)
{
	struct push_meter_settings settings = {
		.model = model, .replay = o->replay, .repeat = o->repeat, .hex = o->hex};
	struct play play = {.events = &push_meter_events,
	                    .endless = !o->meter.count,
	                    .duration = o->meter.duration};
	struct push_meter *meter = NULL;
	int status;

	push_meter_title(model, settings.meter.title);
	status = smart_meter_read(&o->meter, ring, &settings.meter);
	if (!status)
		status = check_standing(&o->meter, &settings.meter);
	if (!status)
		status = new_meter(&meter, &settings);
	play.device = meter;
	if (!status)
		status = o->mqtt ? play_to_topic(&play, o->mqtt, o->payload)
		                 : play_on_line(&play, &o->meter.line);
	push_meter_free(meter);
	return status;
}

static int run(void *given, int count, char **arguments)
{
	struct push_options *o = given;
	struct glo_keyring ring = {0};
	const struct meter_model *model;
	int status;

	if (!count)
		return list_models();
	model = meter_model_find(arguments[0]);
	if (!model)
		return say_usage("no meter '%s'; 'emtool sim push' lists the meters", arguments[0]);
	status = keys_load(&ring, &o->meter.keys);
	if (!status && model->control && !ring.count)
		status = say_usage("%s encrypts its pushes: give a key with --key-file",
		                   model->name);
	if (!status)
		status = simulate(o, model, &ring);
	glo_keyring_free(&ring);
	return status;
}

static bool offer_models(struct text *out, size_t index)
{
	if (index < meter_model_count)
		text_puts(out, meter_models[index].name);
	return index < meter_model_count;
}

#define FIELD(name) offsetof(struct push_options, name)

/* clang-format off */
static const struct option_row rows[] = {
	SMART_METER_ROWS(struct push_options, meter, "frame", "push"),
	{"mqtt", 0, OPTION_TEXT, FIELD(mqtt), "URL", "publish to mqtt://HOST/TOPIC instead of a line",
	 .words = "mqtt://|mqtts://"},
	{"payload", 0, OPTION_WORD, FIELD(payload), NULL, "encoding of a message (hex)",
	 .words = "raw|hex|base64"},
	{"hex", 0, OPTION_FLAG, FIELD(hex), NULL, "send hexadecimal text, one line per frame"},
	{"replay", 0, OPTION_REAL, FIELD(replay), "P", "probability that a push reuses the last counter",
	 .max = 1},
	{"repeat", 0, OPTION_REAL, FIELD(repeat), "P", "probability that a frame is sent twice", .max = 1},
	{0}};
/* clang-format on */

static const struct option_row *const tables[] = {rows, NULL};

static const struct push_options defaults = {.meter = SMART_METER_DEFAULTS("181220000042"),
                                             .payload = "hex"};

const struct command sim_push_command = {
	.name = "push",
	.summary = "simulate a smart meter that pushes encrypted readings",
	.arguments = "[MODEL]",
	.arguments_max = 1,
	.options = tables,
	.size = sizeof(struct push_options),
	.defaults = &defaults,
	.run = run,
	.offer = offer_models,
	.example = "emtool sim push evn --key-file key.txt --connect 127.0.0.1:9999",
};
