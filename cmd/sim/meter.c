/*
 * `emtool sim meter NAME`: a charger that polls its meter, and the meter's answers, as a converter
 * forwards them: frames cut and merged at will, and faults on request. The house behind the meter
 * lives: its currents wander, its energy grows.
 */
#include <math.h>
#include <string.h>

#include "base/crc.h"
#include "base/error.h"
#include "cmd/session/say.h"
#include "cmd/sim/player.h"
#include "device/meter.h"

enum { POLL_LIMIT = 12, PIECE = 600 };

struct meter_options {
	struct line_options line;
	long unit, count, seed;
	double interval, duration, corrupt, drop;
	bool poll, whole;
};

struct simulation {
	const struct meter_options *options;
	const struct meter *meter;
	const struct meter_row *poll[POLL_LIMIT];
	size_t polls, next;
	struct random random, faults; /* apart, so that faults do not change the values */
	double current, energy;
	uint64_t cycles;
	struct line *line;
	struct player player;
	uint8_t held[PIECE]; /* bytes that the converter has not sent yet */
	size_t held_size;
};

/* What chargers ask: currents first. The N1-CT's list is the one seen on a Pulsar Plus. */
static void choose_registers(struct simulation *s)
{
	/* clang-format off */
	static const char *const usual[] = {
		"current", "voltage", "energy_total", "power", "energy_export", "current_l1", "current_l2",
		"current_l3", "voltage_l1", "voltage_l2", "voltage_l3", "frequency", "energy_import"};
	/* clang-format on */
	static const char *const n1_ct[] = {"current", "voltage", "energy_total", "power",
	                                    "energy_export"};
	bool is_n1 = !strcmp(s->meter->name, "inepro_n1_ct");
	const char *const *names = is_n1 ? n1_ct : usual;
	size_t count = is_n1 ? sizeof n1_ct / sizeof n1_ct[0] : sizeof usual / sizeof usual[0];

	for (size_t i = 0; i < count && s->polls < POLL_LIMIT; i++)
		for (size_t k = 0; k < s->meter->count; k++)
			if (!strcmp(s->meter->rows[k].name, names[i]) && s->polls < POLL_LIMIT) {
				s->poll[s->polls++] = &s->meter->rows[k];
				break;
			}
	for (size_t k = 0; s->polls == 0 && k < s->meter->count && k < POLL_LIMIT; k++)
		s->poll[k] = &s->meter->rows[k];
	if (s->polls == 0)
		s->polls = s->meter->count < POLL_LIMIT ? s->meter->count : POLL_LIMIT;
}

/* A house: 1..24 A that wander, 230 V that breathe, energy that follows. */
static double live_value(struct simulation *s, const struct meter_row *row)
{
	const char *unit = row->unit ? row->unit : "";

	s->current += (random_unit(&s->random) - 0.5) * 0.8;
	s->current = fmin(fmax(s->current, 1), 24);
	if (!strcmp(unit, "A"))
		return round(s->current * 1000) / 1000;
	if (!strcmp(unit, "V"))
		return round((229.5 + random_unit(&s->random) * 2) * 10) / 10;
	if (!strcmp(unit, "W") || !strcmp(unit, "VA"))
		return round(s->current * 230);
	if (!strcmp(unit, "Hz"))
		return round((49.98 + random_unit(&s->random) * 0.04) * 100) / 100;
	if (!strcmp(unit, "Wh"))
		return strstr(row->name, "export") ? 0 : round(s->energy);
	return strcmp(unit, "1") ? 0 : 1;
}

static void put_value(const struct meter_row *row, double value, uint8_t *words)
{
	double raw = value / pow(10, row->scale);
	uint64_t bits = (uint64_t)(int64_t)llround(raw);
	uint32_t low;
	float narrow = (float)raw;

	if (row->type == TYPE_F32) {
		memcpy(&low, &narrow, sizeof low);
		bits = low;
	} else if (row->type == TYPE_F64) {
		memcpy(&bits, &raw, sizeof bits);
	}
	for (unsigned i = 0; i < row->count; i++) {
		unsigned at = row->order == ORDER_LITTLE ? i : row->count - 1u - i;

		words[2 * at] = (uint8_t)(bits >> (16 * i + 8));
		words[2 * at + 1] = (uint8_t)(bits >> (16 * i));
	}
}

static size_t seal(uint8_t *frame, size_t size)
{
	uint16_t crc = crc16_modbus(frame, size);

	frame[size] = (uint8_t)crc;
	frame[size + 1] = (uint8_t)(crc >> 8);
	return size + 2;
}

static bool put_out(struct simulation *s, const uint8_t *data, size_t size)
{
	return line_write(s->line, data, size);
}

/* The converter: sends what it holds now and then, cut wherever its buffer stood. */
static bool forward(struct simulation *s, const uint8_t *frame, size_t size)
{
	size_t cut;

	if (s->options->whole || line_is_file(s->line))
		return put_out(s, frame, size);
	if (s->held_size + size > PIECE && !put_out(s, s->held, s->held_size))
		return false;
	s->held_size = s->held_size + size > PIECE ? 0 : s->held_size;
	memcpy(s->held + s->held_size, frame, size);
	s->held_size += size;
	if (random_unit(&s->faults) < 0.3)
		return true;
	cut = random_unit(&s->faults) < 0.3 ? random_below(&s->faults, s->held_size + 1)
	                                    : s->held_size;
	if (!put_out(s, s->held, cut))
		return false;
	s->held_size -= cut;
	memmove(s->held, s->held + cut, s->held_size);
	return true;
}

/* A frame on its way: lost, damaged, or sound. */
static bool transmit(struct simulation *s, uint8_t *frame, size_t size)
{
	if (chance(&s->faults, s->options->drop))
		return true;
	spoil(&s->faults, s->options->corrupt, frame, size);
	return forward(s, frame, size);
}

static bool exchange(struct simulation *s, const struct meter_row *row)
{
	uint8_t frame[32] = {(uint8_t)s->options->unit,
	                     row->function,
	                     (uint8_t)(row->address >> 8),
	                     (uint8_t)row->address,
	                     0,
	                     row->count};

	if (!transmit(s, frame, seal(frame, 6)))
		return false;
	frame[0] = (uint8_t)s->options->unit;
	frame[1] = row->function;
	frame[2] = (uint8_t)(2 * row->count);
	put_value(row, live_value(s, row), frame + 3);
	return transmit(s, frame, seal(frame, 3u + 2u * row->count));
}

static bool done(const void *device)
{
	const struct simulation *s = device;

	return s->options->count && s->cycles >= (uint64_t)s->options->count;
}

/* One register a turn, so that a round takes the interval. */
static bool exchange_next(void *device)
{
	struct simulation *s = device;

	if (!exchange(s, s->poll[s->next]))
		return false;
	s->next = (s->next + 1) % s->polls;
	if (s->next)
		return true;
	s->energy += s->current * 230 * s->options->interval / 3600;
	s->cycles++;
	return !done(s) || put_out(s, s->held, s->held_size);
}

static double until_next(void *device)
{
	const struct simulation *s = device;

	return s->options->interval / (double)s->polls;
}

static const struct player_events events = {exchange_next, done, until_next, NULL};

static int run(void *options, int count, char **arguments)
{
	struct simulation s = {.options = options, .current = 6, .energy = 1234567};
	int status = EXIT_OK;

	(void)count;
	s.meter = meter_named(arguments[0]);
	if (!s.meter)
		return say_usage("no meter '%s', see 'emtool sniff --meters'", arguments[0]);
	s.random = random_seed((uint64_t)s.options->seed);
	s.faults = random_seed(~(uint64_t)s.options->seed);
	choose_registers(&s);
	s.player = (struct player){.events = &events,
	                           .device = &s,
	                           .loop = loop_new(),
	                           .endless = !s.options->count,
	                           .duration = s.options->duration};
	if (!s.player.loop)
		return say_failure("event loop", EM_SYSTEM);
	s.line = s.player.line = line_open(s.player.loop, &s.options->line, &status);
	if (s.line)
		status = player_run(&s.player);
	line_close(s.line);
	loop_free(s.player.loop);
	return status;
}

#define FIELD(name) offsetof(struct meter_options, name)

/* clang-format off */
static const struct option_row rows[] = {
	LINE_ROWS(struct meter_options, line),
	{"poll", 0, OPTION_FLAG, FIELD(poll), NULL, "play the polling charger too (always so)"},
	{"unit", 'u', OPTION_INT, FIELD(unit), "N", "the meter's unit id (1)", .min = 1, .max = 247},
	{"interval", 'i', OPTION_REAL, FIELD(interval), "S", "seconds for one round of registers (1)",
	 .min = 0.001, .max = 3600},
	{"count", 'n', OPTION_INT, FIELD(count), "N", "end after N rounds", .min = 1, .max = 1e12},
	{"duration", 'd', OPTION_REAL, FIELD(duration), "S", "end after S seconds", .min = 0.001,
	 .max = 1e9},
	{"seed", 0, OPTION_INT, FIELD(seed), "N", "same seed, same bytes (1)", .max = 1e15},
	{"corrupt", 0, OPTION_REAL, FIELD(corrupt), "P", "share of frames with a wrong bit, 0..1", .max = 1},
	{"drop", 0, OPTION_REAL, FIELD(drop), "P", "share of frames that are lost, 0..1", .max = 1},
	{"whole", 0, OPTION_FLAG, FIELD(whole), NULL, "send whole frames instead of cut and merged ones"},
	{0}};
/* clang-format on */

static const struct option_row *const tables[] = {rows, NULL};

static const struct meter_options defaults = {.unit = 1, .seed = 1, .interval = 1};

const struct command sim_meter_command = {
	.name = "meter",
	.summary = "a charger and its meter talking Modbus RTU, as a converter forwards them",
	.arguments = "METER",
	.arguments_min = 1,
	.arguments_max = 1,
	.options = tables,
	.size = sizeof(struct meter_options),
	.defaults = &defaults,
	.run = run,
	.example = "emtool sim meter inepro_n1_ct --connect 127.0.0.1:9999",
};
