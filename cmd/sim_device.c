/* `emtool sim alfen`, `emtool sim abb`: the devices of devices.def as servers. */
#include <stdlib.h>

#include "base/error.h"
#include "cmd/say.h"
#include "cmd/sim_server.h"
#include "device/simulated.h"
#include "io/loop.h"

struct simulator_options {
	struct sim_options server;
	const char *image, *platform;
	struct option_list refuse;
	long sockets, refuse_write, unit;
	double validity;
};

#define FIELD(name) offsetof(struct simulator_options, name)

static const struct option_row device_rows[] = {
	{"image", 0, OPTION_TEXT, FIELD(image), "FILE.csv", "registers as lines unit,address,hex"},
	{"platform", 0, OPTION_WORD, FIELD(platform), NULL,
	 "ahp refuses reads that cut a value", .words = "ng|ahp"},
	{"sockets", 0, OPTION_INT, FIELD(sockets), "N", "sockets, without --image", .min = 1, .max = 2},
	{"unit", 'u', OPTION_INT, FIELD(unit), "N", "Modbus unit of a device without sockets",
	 .max = 255},
	{"validity", 0, OPTION_REAL, FIELD(validity), "S", "how long a written current holds",
	 .min = 0.01, .max = 1e6},
	{"refuse", 0, OPTION_LIST, FIELD(refuse), "ADDRESS",
	 "exception 2 for reads that touch the register"},
	{"refuse-write", 0, OPTION_INT, FIELD(refuse_write), "N", "exception N for every write",
	 .min = 1, .max = 255},
	{0}};

static const struct option_row *const tables[] = {sim_rows, device_rows, NULL};

static const struct simulator_options defaults = {
	.server = SIM_DEFAULTS, .platform = "ng", .sockets = 1, .unit = -1, .validity = 60};

static int answer(void *data, const struct modbus_call *call)
{
	return simulated_request(data, (unsigned)call->unit, call->function, call->address,
	                         call->count, call->words, loop_clock());
}

static int load_image(struct simulated *s, const char *path)
{
	size_t size;
	unsigned line;
	char *text = sim_load(path, &size);
	int error;

	if (!text)
		return EXIT_LOCAL;
	error = image_parse(&s->image, text, size, &line);
	free(text);
	if (error == EM_SYNTAX)
		return say_usage("%s: line %u is no unit,address,hex", path, line);
	if (error)
		return say_failure(path, error);
	return s->image.count ? 0 : say_usage("%s: no registers", path);
}

static int refusals(struct simulated *s, const struct option_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		char *end;
		unsigned long address = strtoul(list->items[i], &end, 0);

		if (*end || end == list->items[i] || address > 65535)
			return say_usage("--refuse: '%s' is no register address", list->items[i]);
		s->refused[s->refusals++] = (uint16_t)address;
	}
	return 0;
}

static int simulate(const struct device *d, const struct simulator_options *o)
{
	struct device own = *d;
	struct simulated s = {.device = &own, .strict = o->platform[0] == 'a', .validity = o->validity,
	                      .refuse_write = (int)o->refuse_write};
	int status;

	if (o->unit >= 0 && !d->unit_option)
		return say_usage("--unit: the units of this device are fixed");
	if (o->unit >= 0)
		own.unit = (uint8_t)o->unit;
	if (o->sockets > d->sockets)
		return say_usage("--sockets: this device has %d", d->sockets);
	status = refusals(&s, &o->refuse);
	if (!status && o->image)
		status = load_image(&s, o->image);
	else if (!status && simulated_example(&s, (unsigned)o->sockets))
		status = say_failure("example", EM_NO_MEMORY);
	if (!status) /* two masters: that is what an Alfen takes, others take one */
		status = sim_serve(&o->server, d->sockets > 1 ? 2 : 8, answer, &s);
	image_free(&s.image);
	return status;
}

#define DEVICE(dev, about)                                                              \
	static int run_##dev(void *options, int count, char **arguments)                \
	{                                                                               \
		(void)count;                                                            \
		(void)arguments;                                                        \
		return simulate(&dev##_device, options);                                \
	}                                                                               \
	const struct command sim_##dev##_command = {                                    \
		.name = #dev, .summary = "serve registers as the device of that name", \
		.arguments = "", .options = tables, .size = sizeof defaults,            \
		.defaults = &defaults, .run = run_##dev};
#include "device/devices.def"
#undef DEVICE
