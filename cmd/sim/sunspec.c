/* `emtool sim sunspec`: a register image, or an example of an inverter, as a SunSpec device. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/error.h"
#include "cmd/session/say.h"
#include "cmd/sim/server.h"
#include "protocol/sunspec/walk.h"
#include "protocol/sunspec/shape.h"

enum { ILLEGAL_FUNCTION = 1, ILLEGAL_ADDRESS = 2, GATEWAY_TARGET = 11 };

struct simulator_options {
	struct sim_options server;
	const char *image;
	long unit, late, late_ms;
	bool strict;
};

struct simulator {
	const struct simulator_options *options;
	struct sunspec_image image;
	uint8_t inner[IMAGE_REGISTERS]; /* --strict: no read may begin or end before it */
	unsigned requests;
	int absent; /* the answer of a unit that is not there */
};

#define FIELD(name) offsetof(struct simulator_options, name)

static const struct option_row rows[] = {
	{"image", 0, OPTION_TEXT, FIELD(image), "FILE.csv", "registers as lines address,hex"},
	{"unit", 'u', OPTION_INT, FIELD(unit), "N", "unit id (1)", .min = 0, .max = 255},
	{"strict", 0, OPTION_FLAG, FIELD(strict), NULL,
         "refuse reads that cut a point, as SMA does"},
	{"late", 0, OPTION_INT, FIELD(late), "N", "every Nth answer comes late", .min = 1,
         .max = 1e6},
	{"late-ms", 0, OPTION_INT, FIELD(late_ms), "MS", "how late (700)", .min = 1, .max = 60000},
	{0}};

static const struct option_row *const tables[] = {sim_rows, rows, NULL};

/* clang-format off */
static const struct simulator_options defaults = {.server = SIM_DEFAULTS, .unit = 1,
                                                  .late_ms = 700};
/* clang-format on */

/* An inverter of three phases with two strings: models 1, 103 and 160. */
static const char example[] =
	"40000,53756e5300010042656d746f6f6c000000000000000000000000000000000000\n"
	"40016,000000000000000053696d756c61746564203130206b57000000000000000000\n"
	"40032,000000000000000000000000000000000000000000000000312e300000000000\n"
	"40048,000000000000000053494d2d3030303100000000000000000000000000000000\n"
	"40064,0000000000000000000180000067003203cf014501450146fffe0f910f9f0fa4\n"
	"40080,08fd09060901ffff1a540000c35afffd1a630000ff880000d906fffe00908066\n"
	"40096,0000ffff80001d58ffff1aea00008000101b80008000fffe0004000400000000\n"
	"40112,000000000000000000000000000000000000000000a00030fffeffff00000000\n"
	"40128,000000000002ffff00014561737400000000000000000000000001d61d560dca\n"
	"40144,0049426300000000002900040000000000025765737400000000000000000000\n"
	"40160,000001bf1d5a0d2000473e03000000000028000400000000ffff0000\n";

/* Marks the inner registers of points, as far as the models are known. */
static void mark_points(struct simulator *s, const struct sunspec_found *found)
{
	unsigned total = 2 + found->readable;
	struct shape shape;
	uint8_t *starts;

	if (!found->model)
		return;
	starts = malloc(total);
	if (!starts)
		return;
	shape_make(&shape, found->set, found->model, s->image.words + found->address, total, total);
	shape_starts(&shape, starts);
	for (unsigned i = 1; i < total; i++)
		s->inner[found->address + i] = !starts[i];
	free(starts);
}

static int mark_image(struct simulator *s)
{
	struct sunspec_plan plan = {.set = &sunspec_builtin, .base = -1};
	struct sunspec_walk *walk = sunspec_walk_new(&plan);
	struct sunspec_found found;
	struct sunspec_want want;
	enum sunspec_step step;

	if (!walk)
		return EM_NO_MEMORY;
	sunspec_walk_begin(walk);
	while ((step = sunspec_walk_next(walk, &want, &found)) != SUNSPEC_END) {
		if (step == SUNSPEC_MODEL)
			mark_points(s, &found);
		else if (sunspec_image_has(&s->image, want.address, want.count))
			sunspec_walk_answer(walk, s->image.words + want.address);
		else
			sunspec_walk_refused(walk, ILLEGAL_ADDRESS);
	}
	sunspec_walk_free(walk);
	return 0;
}

static void come_late(const struct simulator *s)
{
	struct timespec pause = {s->options->late_ms / 1000, s->options->late_ms % 1000 * 1000000};

	if (s->options->late && s->requests % (unsigned long)s->options->late == 0)
		nanosleep(&pause, NULL); /* as a device that is busy with something else */
}

static int answer(void *data, const struct modbus_call *call)
{
	struct simulator *s = data;
	unsigned end = call->address + call->count;

	if (call->unit != s->options->unit)
		return s->absent;
	s->requests++;
	come_late(s);
	if (!call->count)
		return 0;
	if (call->function != 3 && call->function != 4)
		return ILLEGAL_FUNCTION;
	if (!sunspec_image_has(&s->image, call->address, call->count))
		return ILLEGAL_ADDRESS;
	if (s->inner[call->address] || (end < IMAGE_REGISTERS && s->inner[end]))
		return ILLEGAL_ADDRESS;
	memcpy(call->words, s->image.words + call->address, call->count * sizeof *call->words);
	return 0;
}

static int load(struct simulator *s, const char *path)
{
	size_t size;
	unsigned line;
	char *text;
	int error;

	if (!path)
		return sunspec_image_parse(&s->image, example, sizeof example - 1, &line);
	text = sim_load(path, &size);
	if (!text)
		return EXIT_LOCAL;
	error = sunspec_image_parse(&s->image, text, size, &line);
	free(text);
	return error ? say_usage("%s: line %u is no address,hex", path, line) : 0;
}

/* On a bus nobody answers for a unit that is not there; a gateway does. */
static bool is_bus(const char *listen)
{
	return *listen == '/' || !strncmp(listen, "serial:", 7);
}

static int run(void *options, int count, char **arguments)
{
	const struct simulator_options *o = options;
	struct simulator *s = calloc(1, sizeof *s);
	int status;

	(void)count;
	(void)arguments;
	if (!s)
		return say_failure("registers", EM_NO_MEMORY);
	s->options = o;
	s->absent = is_bus(o->server.listen) ? MODBUS_SILENT : GATEWAY_TARGET;
	status = load(s, o->image);
	if (!status && o->strict && mark_image(s))
		status = say_failure("registers", EM_NO_MEMORY);
	if (!status)
		status = sim_serve(&o->server, 8, answer, s);
	free(s);
	return status;
}

const struct command sim_sunspec_command = {
	.name = "sunspec",
	.summary = "serve a register image as a SunSpec device",
	.arguments = "",
	.options = tables,
	.size = sizeof(struct simulator_options),
	.defaults = &defaults,
	.run = run,
	.example = "emtool sim sunspec --image inverter.csv --unit 126 --listen 127.0.0.1:5020",
};
