/* `emtool sim meter NAME`: simulates a charger and its meter on a Modbus RTU line. */
#include "base/error.h"
#include "cmd/session/offers.h"
#include "cmd/session/say.h"
#include "cmd/sim/play.h"
#include "sim/bus_meter.h"

struct meter_options {
	struct sim_line_options line;
	long unit, count, seed;
	double interval, duration, corrupt, drop;
	bool poll, whole;
};

static int run(void *options, int count, char **arguments)
{
	const struct meter_options *o = options;
	const struct bus_meter_settings settings = {.meter = meter_named(arguments[0]),
	                                            .unit = (uint8_t)o->unit,
	                                            .count = (uint64_t)o->count,
	                                            .seed = (uint64_t)o->seed,
	                                            .interval = o->interval,
	                                            .drop = o->drop,
	                                            .corrupt = o->corrupt,
	                                            .whole = o->whole};
	struct play play = {
		.events = &bus_meter_events, .endless = !o->count, .duration = o->duration};
	int status;

	(void)count;
	if (!settings.meter)
		return say_usage("no meter '%s', see 'emtool sniff --meters'", arguments[0]);
	play.device = bus_meter_new(&settings);
	if (!play.device)
		return say_failure("meter", EM_NO_MEMORY);
	status = play_on_line(&play, &o->line);
	bus_meter_free(play.device);
	return status;
}

#define FIELD(name) offsetof(struct meter_options, name)

/* clang-format off */
static const struct option_row rows[] = {
	LINE_ROWS(struct meter_options, line),
	{"poll", 0, OPTION_FLAG, FIELD(poll), NULL, "also act as the charger that polls (always on)"},
	{"unit", 'u', OPTION_INT, FIELD(unit), "N", "the meter's unit id (1)", .min = 1, .max = 247},
	{"interval", 'i', OPTION_REAL, FIELD(interval), "S", "seconds for one round of registers (1)",
	 .min = 0.001, .max = 3600},
	{"count", 'n', OPTION_INT, FIELD(count), "N", "end after N rounds", .min = 1, .max = 1e12},
	{"duration", 'd', OPTION_REAL, FIELD(duration), "S", "end after S seconds", .min = 0.001,
	 .max = 1e9},
	{"seed", 0, OPTION_INT, FIELD(seed), "N", "same seed, same bytes (1)", .max = 1e15},
	{"corrupt", 0, OPTION_REAL, FIELD(corrupt), "P", "share of frames with a wrong bit, 0..1", .max = 1},
	{"drop", 0, OPTION_REAL, FIELD(drop), "P", "share of frames that get lost, 0..1", .max = 1},
	{"whole", 0, OPTION_FLAG, FIELD(whole), NULL, "send whole frames, not cut or merged ones"},
	{0}};
/* clang-format on */

static const struct option_row *const tables[] = {rows, NULL};

static const struct meter_options defaults = {.unit = 1, .seed = 1, .interval = 1};

const struct command sim_meter_command = {
	.name = "meter",
	.summary = "simulate the Modbus RTU traffic of a charger and its meter",
	.arguments = "METER",
	.arguments_min = 1,
	.arguments_max = 1,
	.options = tables,
	.size = sizeof(struct meter_options),
	.defaults = &defaults,
	.run = run,
	.offer = offer_meters,
	.example = "emtool sim meter inepro_n1_ct --connect 127.0.0.1:9999",
};
