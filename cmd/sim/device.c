/* `emtool sim alfen`, `emtool sim abb`: simulates the devices of devices.def as Modbus servers. */
#include <stdlib.h>

#include "base/error.h"
#include "cmd/balance/balance.h"
#include "cmd/session/say.h"
#include "cmd/sim/server.h"
#include "sim/device.h"
#include "io/loop.h"
#include "sim/car.h"

struct simulator_options {
	struct sim_options server;
	const char *image, *platform;
	struct option_list refuse, car;
	long sockets, refuse_write, unit;
	double validity;
};

#define FIELD(name) offsetof(struct simulator_options, name)

static const struct option_row device_rows[] = {
	{"image", 0, OPTION_TEXT, FIELD(image), "FILE.csv", "registers as lines unit,address,hex"},
	{"validity", 0, OPTION_REAL, FIELD(validity), "S", "seconds that a written current holds",
         .min = 0.01, .max = 1e6},
	{"refuse", 0, OPTION_LIST, FIELD(refuse), "ADDRESS",
         "answer reads of this register with exception 2"},
	{"refuse-write", 0, OPTION_INT, FIELD(refuse_write), "N",
         "answer every write with exception N", .min = 1, .max = 255},
	{"car", 0, OPTION_LIST, FIELD(car), "NAME=VALUE,...",
         "a car at the charger: max=16,phases=3,home=18-7,daily=12,...",
         .offer = balance_offer_car},
	{0}};

/* clang-format off */
static const struct option_row socket_rows[] = {
	{"platform", 0, OPTION_WORD, FIELD(platform), NULL,
	 "platform; ahp refuses reads that cut a value", .words = "ng|ahp"},
	{"sockets", 0, OPTION_INT, FIELD(sockets), "N", "sockets, without --image", .min = 1, .max = 2},
	{0}};
/* clang-format on */

static const struct option_row unit_rows[] = {
	{"unit", 'u', OPTION_INT, FIELD(unit), "N", "Modbus unit of the device", .max = 255}, {0}};

static const struct option_row *const socket_tables[] = {sim_rows, device_rows, socket_rows, NULL};
static const struct option_row *const unit_tables[] = {sim_rows, device_rows, unit_rows, NULL};

static const struct simulator_options defaults = {
	.server = SIM_DEFAULTS, .platform = "ng", .sockets = 1, .unit = -1, .validity = 60};

struct charging {
	struct sim_device device;
	struct sim_car car;
	bool plugged; /* a car is connected */
};

static int answer(void *data, const struct modbus_call *call)
{
	struct charging *c = data;
	instant now = loop_clock();

	if (c->plugged)
		sim_car_live(&c->car, &c->device, now);
	return sim_device_request(&c->device, (unsigned)call->unit, call->function, call->address,
	                          call->count, call->words, now);
}

static int plug_in(struct charging *c, const struct simulator_options *o)
{
	c->car.settings = car_defaults();
	c->plugged = o->car.count > 0;
	return balance_car(&c->car.settings, &o->car);
}

static int load_image(struct sim_device *s, const char *path)
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

static int refusals(struct sim_device *s, const struct option_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		char *end;
		unsigned long address = strtoul(list->items[i], &end, 0);

		if (*end || end == list->items[i] || address > 65535)
			return say_usage("--refuse: '%s' is not a register address",
			                 list->items[i]);
		s->refused[s->refusals++] = (uint16_t)address;
	}
	return 0;
}

static int simulate(const struct device *d, const struct simulator_options *o)
{
	struct device own = *d;
	struct charging c = {.device = {.device = &own,
	                                .strict = o->platform[0] == 'a',
	                                .validity = o->validity,
	                                .refuse_write = (int)o->refuse_write}};
	struct sim_device *s = &c.device;
	int status;

	if (o->unit >= 0)
		own.unit = (uint8_t)o->unit;
	status = refusals(s, &o->refuse);
	if (!status && o->image)
		status = load_image(s, o->image);
	else if (!status && sim_device_example(s, (unsigned)o->sockets))
		status = say_failure("example", EM_NO_MEMORY);
	if (!status)
		status = plug_in(&c, o);
	if (!status) /* an Alfen accepts two masters, others one */
		status = sim_serve(&o->server, d->sockets > 1 ? 2 : 8, answer, &c);
	image_free(&s->image);
	return status;
}

/* clang-format off */
#define DEVICE(dev, about, choice)                                                      \
	static int run_##dev(void *options, int count, char **arguments)                \
	{                                                                               \
		(void)count;                                                            \
		(void)arguments;                                                        \
		return simulate(&dev##_device, options);                                \
	}                                                                               \
	const struct command sim_##dev##_command = {                                    \
		.name = #dev, .summary = "act as the charger that 'emtool " #dev "' reads and steers", \
		.arguments = "", .options = choice##_tables, .size = sizeof defaults,            \
		.defaults = &defaults, .run = run_##dev};
/* clang-format on */
#include "device/devices.def"
#undef DEVICE
