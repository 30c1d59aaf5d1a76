/* `emtool sim sunspec`: serves a register image, or an example inverter, as a SunSpec device. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "cmd/session/say.h"
#include "cmd/sim/server.h"
#include "sim/sunspec_device.h"

struct sim_sunspec_options {
	struct sim_options server;
	const char *image;
	long unit, late, late_ms;
	bool strict;
};

#define FIELD(name) offsetof(struct sim_sunspec_options, name)

static const struct option_row rows[] = {
	{"image", 0, OPTION_TEXT, FIELD(image), "FILE.csv", "registers as lines address,hex"},
	{"unit", 'u', OPTION_INT, FIELD(unit), "N", "unit id (1)", .min = 0, .max = 255},
	{"strict", 0, OPTION_FLAG, FIELD(strict), NULL,
         "refuse reads that cut a point, as SMA does"},
	{"late", 0, OPTION_INT, FIELD(late), "N", "delay every Nth answer", .min = 1, .max = 1e6},
	{"late-ms", 0, OPTION_INT, FIELD(late_ms), "MS", "delay of a late answer (700)", .min = 1,
         .max = 60000},
	{0}};

static const struct option_row *const tables[] = {sim_rows, rows, NULL};

/* clang-format off */
static const struct sim_sunspec_options defaults = {.server = SIM_DEFAULTS, .unit = 1,
                                                  .late_ms = 700};
/* clang-format on */

/* A bus is silent for an absent unit; a gateway answers. */
static bool is_bus(const char *listen)
{
	return *listen == '/' || !strncmp(listen, "serial:", 7);
}

static int begin(struct sunspec_device **device, const struct sim_sunspec_options *o)
{
	const struct sunspec_device_settings settings = {.unit = (int)o->unit,
	                                                 .strict = o->strict,
	                                                 .gateway = !is_bus(o->server.listen),
	                                                 .late = (unsigned)o->late,
	                                                 .late_ms = (unsigned)o->late_ms};
	size_t size = 0;
	unsigned line;
	char *text = o->image ? sim_load(o->image, &size) : NULL;
	int error;

	if (o->image && !text)
		return EXIT_LOCAL;
	error = sunspec_device_new(device, &settings, text, size, &line);
	free(text);
	if (error == EM_NO_MEMORY)
		return say_failure("registers", error);
	return error ? say_usage("%s: line %u is no address,hex", o->image, line) : EXIT_OK;
}

static int run(void *options, int count, char **arguments)
{
	const struct sim_sunspec_options *o = options;
	struct sunspec_device *device = NULL;
	int status = begin(&device, o);

	(void)count;
	(void)arguments;
	if (!status)
		status = sim_serve(&o->server, 8, sunspec_device_answer, device);
	sunspec_device_free(device);
	return status;
}

const struct command sim_sunspec_command = {
	.name = "sunspec",
	.summary = "serve a register image as a SunSpec device",
	.arguments = "",
	.options = tables,
	.size = sizeof(struct sim_sunspec_options),
	.defaults = &defaults,
	.run = run,
	.example = "emtool sim sunspec --image inverter.csv --unit 126 --listen 127.0.0.1:5020",
};
