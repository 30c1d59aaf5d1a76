/* `emtool sim p1 [MODEL]`: a smart meter with a P1 port. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "cmd/session/say.h"
#include "cmd/sim/play.h"
#include "cmd/sim/smart_meter.h"
#include "sim/charger_probe.h"
#include "sim/p1_meter.h"

struct sim_p1_options {
	struct smart_meter_options meter;
	bool models, endless, seven_bits;
	const char *charger;
};

/* A charger whose currents the meter sees. */
struct tap {
	const char *url; /* NULL: none */
	struct charger_probe probe;
};

static int begin_tap(void *context, struct loop *loop)
{
	struct tap *t = context;
	char problem[512] = "";
	int error = t->url ? charger_probe_open(&t->probe, t->url, loop, problem, sizeof problem)
	                   : 0;

	if (error == EM_SYNTAX)
		return say_usage("--charger: %s", problem);
	return error ? say_failure("charger", error) : EXIT_OK;
}

static void end_tap(void *context)
{
	struct tap *t = context;

	charger_probe_close(&t->probe);
}

static void tap_loads(void *context, instant time, int32_t loads[3])
{
	const struct tap *t = context;

	(void)time;
	memcpy(loads, t->probe.currents, sizeof t->probe.currents);
}

static int list_models(void)
{
	for (size_t i = 0; i < telegram_model_count; i++)
		printf("%-8s%s\n", telegram_models[i].name, telegram_models[i].summary);
	return EXIT_OK;
}

static int new_meter(struct p1_meter **meter, const struct p1_meter_settings *settings)
{
	int error = p1_meter_new(meter, settings);

	if (error == EM_SYNTAX)
		return say_usage("--serial: 1 to 48 characters");
	return error ? say_failure("meter", error) : EXIT_OK;
}

static int simulate(const struct sim_p1_options *o, const struct telegram_model *model,
                    const struct glo_keyring *ring)
{
	struct tap tap = {.url = o->charger};
	struct p1_meter_settings settings = {.meter = {.title = {'E', 'M', 'T', '7', 0, 0, 0, 1}},
	                                     .model = model,
	                                     .endless = o->endless,
	                                     .seven_bits = o->seven_bits,
	                                     .loads = o->charger ? tap_loads : NULL,
	                                     .context = &tap};
	struct play play = {.events = &p1_meter_events,
	                    .endless = !o->meter.count,
	                    .duration = o->meter.duration,
	                    .begin = begin_tap,
	                    .end = end_tap,
	                    .context = &tap};
	int status = smart_meter_read(&o->meter, ring, &settings.meter);
	struct p1_meter *meter = NULL;

	if (!status && o->charger && o->meter.line.output)
		return say_usage("--charger: a file has no time in which a charger could answer");
	if (!status)
		status = new_meter(&meter, &settings);
	play.device = meter;
	if (!status)
		status = play_on_line(&play, &o->meter.line);
	p1_meter_free(meter);
	return status;
}

static int run(void *given, int count, char **arguments)
{
	struct sim_p1_options *o = given;
	const struct telegram_model *model = telegram_model_find(count ? arguments[0] : "dsmr5");
	struct glo_keyring ring = {0};
	int status = EXIT_OK;

	if (o->models)
		return list_models();
	if (!model)
		return say_usage("no model '%s'; 'emtool sim p1 --models' lists the models",
		                 arguments[0]);
	if (o->meter.keys.key || o->meter.keys.key_file)
		status = keys_load(&ring, &o->meter.keys);
	if (!status)
		status = simulate(o, model, &ring);
	glo_keyring_free(&ring);
	return status;
}

static bool offer_models(struct text *out, size_t index)
{
	if (index < telegram_model_count)
		text_puts(out, telegram_models[index].name);
	return index < telegram_model_count;
}

/* abb://, ... */
static bool offer_chargers(struct text *out, size_t index)
{
	for (size_t i = 0; i <= index; i++)
		if (!devices[i])
			return false;
	text_printf(out, "%s://", devices[index]->name);
	return true;
}

#define FIELD(name) offsetof(struct sim_p1_options, name)

static const struct option_row rows[] = {
	SMART_METER_ROWS(struct sim_p1_options, meter, "telegram", "telegram"),
	{"models", 0, OPTION_FLAG, FIELD(models), NULL, "list the meter models"},
	{"endless", 0, OPTION_FLAG, FIELD(endless), NULL, "without end mark and CRC, as an MT382"},
	{"seven-bits", 0, OPTION_FLAG, FIELD(seven_bits), NULL,
         "with parity bits, as a 7E1 line that is read as 8N1"},
	{"charger", 0, OPTION_TEXT, FIELD(charger), "URL",
         "add the currents that this charger tells, as abb://HOST:PORT", .offer = offer_chargers},
	{0}};

static const struct option_row *const tables[] = {rows, NULL};

static const struct sim_p1_options defaults = {.meter = SMART_METER_DEFAULTS("E0043007052870318")};

const struct command sim_p1_command = {
	.name = "p1",
	.summary = "simulate a smart meter with a P1 port",
	.arguments = "[MODEL]",
	.arguments_max = 1,
	.options = tables,
	.size = sizeof(struct sim_p1_options),
	.defaults = &defaults,
	.run = run,
	.offer = offer_models,
	.example = "emtool sim p1 --listen 127.0.0.1:2323",
};
