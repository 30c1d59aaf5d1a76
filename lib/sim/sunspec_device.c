#include "sim/sunspec_device.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/error.h"
#include "frame/adu.h"
#include "protocol/sunspec/drive.h"
#include "protocol/sunspec/shape.h"

struct sunspec_device {
	struct sunspec_device_settings settings;
	struct sunspec_image image;
	uint8_t inner
		[IMAGE_REGISTERS]; /* strict: registers before which no read may begin or end */
	unsigned requests;
};

/* A three-phase inverter with two strings: models 1, 103 and 160. */
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

struct marking {
	struct sunspec_device *device;
	struct sunspec_walk *walk;
};

static int serve(void *context, const struct sunspec_want *want)
{
	struct marking *m = context;

	sunspec_answer_from(m->walk, want, &m->device->image);
	return 0;
}

/* Marks the inner registers of points in known models. */
static int mark_points(void *context, const struct sunspec_found *found)
{
	struct sunspec_device *d = ((struct marking *)context)->device;
	unsigned total = 2 + found->readable;
	struct shape shape;
	uint8_t *starts;

	if (!found->model)
		return 0;
	starts = malloc(total);
	if (!starts)
		return EM_NO_MEMORY;
	shape_make(&shape, found->set, found->model, d->image.words + found->address, total, total);
	shape_starts(&shape, starts);
	for (unsigned i = 1; i < total; i++)
		d->inner[found->address + i] = !starts[i];
	free(starts);
	return 0;
}

static int mark_image(struct sunspec_device *d)
{
	const struct sunspec_plan plan = {.set = &sunspec_builtin, .base = -1};
	struct marking m = {d, sunspec_walk_new(&plan)};
	const struct sunspec_driver driver = {serve, mark_points, &m};
	int error = m.walk ? sunspec_drive(m.walk, &driver) : EM_NO_MEMORY;

	sunspec_walk_free(m.walk);
	return error;
}

static void come_late(const struct sunspec_device *d)
{
	const struct sunspec_device_settings *s = &d->settings;
	struct timespec pause = {s->late_ms / 1000, s->late_ms % 1000 * 1000000L};

	if (s->late && d->requests % s->late == 0)
		nanosleep(&pause, NULL); /* as a busy device does */
}

int sunspec_device_answer(void *device, const struct modbus_call *call)
{
	struct sunspec_device *d = device;
	unsigned end = call->address + call->count;

	if (call->unit != d->settings.unit)
		return d->settings.gateway ? ADU_TARGET_SILENT : MODBUS_SILENT;
	d->requests++;
	come_late(d);
	if (!call->count)
		return 0;
	if (call->function != ADU_READ_HOLDING && call->function != ADU_READ_INPUT)
		return ADU_ILLEGAL_FUNCTION;
	if (!sunspec_image_has(&d->image, call->address, call->count))
		return ADU_ILLEGAL_ADDRESS;
	if (d->inner[call->address] || (end < IMAGE_REGISTERS && d->inner[end]))
		return ADU_ILLEGAL_ADDRESS;
	memcpy(call->words, d->image.words + call->address, call->count * sizeof *call->words);
	return 0;
}

/* Registers of model 103 in the example; its factors are -2 for currents, -1 for volts, 0 for the rest. */
enum {
	MODEL_A = 40072,
	MODEL_PHASE_A = 40073,
	MODEL_W = 40084,
	MODEL_VA = 40088,
	MODEL_WH = 40094,
	MODEL_DC_W = 40101,
	MODEL_ST = 40108
};

enum { VOLTS = 230, EXAMPLE_WH = 0x908066, ST_SLEEPING = 2, ST_MPPT = 4 };

void sunspec_device_feed(struct sunspec_device *d, int32_t watts, int phases, uint32_t fed)
{
	uint16_t *words = d->image.words, power = (uint16_t)(watts < 32767 ? watts : 32767);
	uint32_t current = (uint32_t)power * 100 / VOLTS, energy = EXAMPLE_WH + fed;

	words[MODEL_A] = (uint16_t)current;
	for (int i = 0; i < 3; i++)
		words[MODEL_PHASE_A + i] = i < phases ? (uint16_t)(current / (uint32_t)phases) : 0;
	words[MODEL_W] = words[MODEL_VA] = words[MODEL_DC_W] = power;
	words[MODEL_WH] = (uint16_t)(energy >> 16);
	words[MODEL_WH + 1] = (uint16_t)energy;
	words[MODEL_ST] = power ? ST_MPPT : ST_SLEEPING;
}

int sunspec_device_new(struct sunspec_device **out, const struct sunspec_device_settings *settings,
                       const char *image, size_t size, unsigned *line)
{
	struct sunspec_device *d = calloc(1, sizeof *d);
	int error;

	*out = NULL;
	if (!d)
		return EM_NO_MEMORY;
	d->settings = *settings;
	error = sunspec_image_parse(&d->image, image ? image : example,
	                            image ? size : sizeof example - 1, line);
	if (!error && settings->strict)
		error = mark_image(d);
	if (error)
		free(d);
	else
		*out = d;
	return error;
}

void sunspec_device_free(struct sunspec_device *d)
{
	free(d);
}
