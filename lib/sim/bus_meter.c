#include "sim/bus_meter.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "frame/adu_build.h"
#include "frame/rtu.h"
#include "sim/faults.h"

enum { POLL_LIMIT = 12, PIECE = 600 };

struct bus_meter {
	struct bus_meter_settings settings;
	const struct meter_row *poll[POLL_LIMIT];
	size_t polls, next;
	struct random random;
	struct sim_faults faults;
	double current, energy;
	uint64_t cycles;
	uint8_t held[PIECE]; /* bytes that the converter has not sent yet */
	size_t held_size;
};

/* The registers that chargers poll, currents first. A Pulsar Plus polls this list of the N1-CT. */
static void choose_registers(struct bus_meter *m)
{
	/* clang-format off */
	static const char *const usual[] = {
		"current", "voltage", "energy_total", "power", "energy_export", "current_l1", "current_l2",
		"current_l3", "voltage_l1", "voltage_l2", "voltage_l3", "frequency", "energy_import"};
	/* clang-format on */
	static const char *const n1_ct[] = {"current", "voltage", "energy_total", "power",
	                                    "energy_export"};
	bool is_n1 = !strcmp(m->settings.meter->name, "inepro_n1_ct");
	const char *const *names = is_n1 ? n1_ct : usual;
	size_t count = is_n1 ? sizeof n1_ct / sizeof n1_ct[0] : sizeof usual / sizeof usual[0];

	for (size_t i = 0; i < count && m->polls < POLL_LIMIT; i++)
		for (size_t k = 0; k < m->settings.meter->count; k++)
			if (!strcmp(m->settings.meter->rows[k].name, names[i]) &&
			    m->polls < POLL_LIMIT) {
				m->poll[m->polls++] = &m->settings.meter->rows[k];
				break;
			}
	for (size_t k = 0; m->polls == 0 && k < m->settings.meter->count && k < POLL_LIMIT; k++)
		m->poll[k] = &m->settings.meter->rows[k];
	if (m->polls == 0)
		m->polls = m->settings.meter->count < POLL_LIMIT ? m->settings.meter->count
		                                                 : POLL_LIMIT;
}

/* A house: currents drift within 1..24 A, voltages vary around 230 V, energy adds up. */
static double live_value(struct bus_meter *m, const struct meter_row *row)
{
	const char *unit = row->unit ? row->unit : "";

	m->current += (random_unit(&m->random) - 0.5) * 0.8;
	m->current = fmin(fmax(m->current, 1), 24);
	if (!strcmp(unit, "A"))
		return round(m->current * 1000) / 1000;
	if (!strcmp(unit, "V"))
		return round((229.5 + random_unit(&m->random) * 2) * 10) / 10;
	if (!strcmp(unit, "W") || !strcmp(unit, "VA"))
		return round(m->current * 230);
	if (!strcmp(unit, "Hz"))
		return round((49.98 + random_unit(&m->random) * 0.04) * 100) / 100;
	if (!strcmp(unit, "Wh"))
		return strstr(row->name, "export") ? 0 : round(m->energy);
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

/* The converter: sends its buffer now and then, cut at a random place. */
static bool forward(struct bus_meter *m, const struct sim_output *out, const uint8_t *frame,
                    size_t size)
{
	size_t cut;

	if (m->settings.whole || out->file)
		return sim_write(out, frame, size);
	if (m->held_size + size > PIECE && !sim_write(out, m->held, m->held_size))
		return false;
	m->held_size = m->held_size + size > PIECE ? 0 : m->held_size;
	memcpy(m->held + m->held_size, frame, size);
	m->held_size += size;
	if (random_unit(&m->faults.random) < 0.3)
		return true;
	cut = random_unit(&m->faults.random) < 0.3
	              ? random_below(&m->faults.random, m->held_size + 1)
	              : m->held_size;
	if (!sim_write(out, m->held, cut))
		return false;
	m->held_size -= cut;
	memmove(m->held, m->held + cut, m->held_size);
	return true;
}

/* Passes a frame on, drops it or damages it. */
static bool transmit(struct bus_meter *m, const struct sim_output *out, uint8_t *frame, size_t size)
{
	if (sim_chance(&m->faults.random, m->faults.drop))
		return true;
	sim_spoil(&m->faults, frame, size);
	return forward(m, out, frame, size);
}

static bool exchange(struct bus_meter *m, const struct sim_output *out, const struct meter_row *row)
{
	const struct adu_access read = {.unit = m->settings.unit,
	                                .function = row->function,
	                                .address = row->address,
	                                .count = row->count};
	uint8_t frame[RTU_FRAME_MAX];

	if (!transmit(m, out, frame, rtu_seal(frame, adu_build_request(frame, &read))))
		return false;
	frame[0] = m->settings.unit;
	frame[1] = row->function;
	frame[2] = (uint8_t)(2 * row->count);
	put_value(row, live_value(m, row), frame + 3);
	return transmit(m, out, frame, rtu_seal(frame, 3u + 2u * row->count));
}

static bool done(const void *device)
{
	const struct bus_meter *m = device;

	return m->settings.count && m->cycles >= m->settings.count;
}

/* Polls one register per turn, so that a round takes the interval. */
static bool exchange_next(void *device, const struct sim_output *out)
{
	struct bus_meter *m = device;

	if (!exchange(m, out, m->poll[m->next]))
		return false;
	m->next = (m->next + 1) % m->polls;
	if (m->next)
		return true;
	m->energy += m->current * 230 * m->settings.interval / 3600;
	m->cycles++;
	return !done(m) || sim_write(out, m->held, m->held_size);
}

static double until_next(void *device)
{
	const struct bus_meter *m = device;

	return m->settings.interval / (double)m->polls;
}

const struct player_events bus_meter_events = {exchange_next, done, until_next, NULL};

struct bus_meter *bus_meter_new(const struct bus_meter_settings *settings)
{
	struct bus_meter *m = calloc(1, sizeof *m);

	if (!m)
		return NULL;
	m->settings = *settings;
	m->current = 6;
	m->energy = 1234567;
	m->random = random_seed(settings->seed);
	m->faults = (struct sim_faults){.random = random_seed(~settings->seed),
	                                .drop = settings->drop,
	                                .corrupt = settings->corrupt};
	choose_registers(m);
	return m;
}

void bus_meter_free(struct bus_meter *m)
{
	free(m);
}
