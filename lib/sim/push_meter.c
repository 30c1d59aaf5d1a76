#include "sim/push_meter.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "sim/faults.h"
#include "sim/metered_house.h"

enum { ENDS = 16 };
#define FRAME_GAP 0.16 /* s between two frames of a push, as a Kaifa leaves them */

struct push_meter {
	struct push_meter_settings settings;
	struct metered_house house;
	struct telegram_values used;
	struct meter_values values;
	struct sim_faults faults;
	double interval, spent; /* s from push to push, and s since the first frame */
	uint32_t counter;
	uint64_t pushes;
	instant clock;
	struct text bytes; /* of the current push */
	size_t ends[ENDS], frames, next;
};

/* The meter's values of the household, and their scale to the vocabulary's unit. */
static const struct field {
	enum telegram_value value;
	size_t offset;
	int64_t per_unit;
	bool wide;
} fields[] = {
#define FIELD(value, member, per_unit, wide)                                            \
	{                                                                               \
		TELEGRAM_##value, offsetof(struct meter_values, member), per_unit, wide \
	}
	FIELD(energy_import, energy_import, 1, true),
	FIELD(energy_export, energy_export, 1, true),
	FIELD(reactive_energy_import, reactive_import, 1, true),
	FIELD(reactive_energy_export, reactive_export, 1, true),
	FIELD(power_import, power_import, 1, false),
	FIELD(power_export, power_export, 1, false),
	FIELD(reactive_power_import, reactive_power_import, 1, false),
	FIELD(reactive_power_export, reactive_power_export, 1, false),
	FIELD(voltage_l1, voltage[0], 1000, false),
	FIELD(voltage_l2, voltage[1], 1000, false),
	FIELD(voltage_l3, voltage[2], 1000, false),
	FIELD(current_l1, current[0], 1000, false),
	FIELD(current_l2, current[1], 1000, false),
	FIELD(current_l3, current[2], 1000, false),
	FIELD(power_factor, power_factor, 1000, false),
#undef FIELD
};

enum { FIELDS = sizeof fields / sizeof fields[0] };

/* EM_RANGE when a value is more than the meter's registers hold. */
static int read_house(struct push_meter *m)
{
	for (size_t i = 0; i < FIELDS; i++) {
		const struct field *f = &fields[i];
		int64_t n = m->used.milli[f->value] * f->per_unit / 1000;
		void *member = (char *)&m->values + f->offset;

		if (n > UINT32_MAX || n < (f->value == TELEGRAM_power_factor ? INT32_MIN : 0))
			return EM_RANGE;
		if (f->wide)
			*(uint64_t *)member = (uint64_t)n;
		else
			*(uint32_t *)member = (uint32_t)n;
	}
	return 0;
}

bool push_meter_carries(enum telegram_value value)
{
	for (size_t i = 0; i < FIELDS; i++)
		if (fields[i].value == value)
			return true;
	return false;
}

static void live(struct push_meter *m)
{
	metered_house_live(&m->house, &m->used, m->clock, m->interval);
	smart_meter_apply(&m->settings.meter, &m->used);
	read_house(m); /* the start checked constant values, and the house stays in range */
	m->values.time = telegram_clock(m->house.model, m->clock);
}

/* The counter of the next push; with probability `replay` the last counter. */
static uint32_t next_counter(struct push_meter *m)
{
	if (sim_chance(&m->faults.random, m->settings.replay) && m->counter > 0)
		return m->counter - 1;
	return m->counter++;
}

/* Builds the next push in m->bytes, with its faults. False when out of memory. */
static bool make_push(struct push_meter *m)
{
	const struct smart_meter_settings *s = &m->settings.meter;
	uint32_t counter;

	live(m);
	counter = next_counter(m);
	m->bytes.length = 0;
	for (unsigned i = 0; i < s->noise; i++)
		text_char(&m->bytes, (char)random_below(&m->faults.random, 256));
	m->frames = meter_push(&m->bytes, m->settings.model, &m->values, s->key, s->title, counter,
	                       m->ends);
	errno = ENOMEM;
	if (m->bytes.failed)
		return false;
	m->bytes.length = sim_cut(&m->faults, m->bytes.length);
	m->next = 0;
	m->pushes++;
	m->clock += (instant)(m->interval * 1000);
	return true;
}

static bool send_hex(const struct sim_output *out, const char *data, size_t size)
{
	struct text digits = {0};
	bool sent;

	text_hex(&digits, data, size);
	text_char(&digits, '\n');
	errno = ENOMEM;
	sent = !digits.failed && sim_write(out, digits.data, digits.length);
	text_free(&digits);
	return sent;
}

/* Sends a frame, sometimes twice, or drops or damages it. */
static bool transmit(struct push_meter *m, const struct sim_output *out, char *data, size_t size)
{
	int times = sim_chance(&m->faults.random, m->settings.repeat) ? 2 : 1;
	bool sent = true;

	if (sim_chance(&m->faults.random, m->faults.drop))
		return true;
	sim_spoil(&m->faults, data, size);
	for (int i = 0; sent && i < times; i++)
		sent = m->settings.hex && !out->messages ? send_hex(out, data, size)
		                                         : sim_write(out, data, size);
	return sent;
}

static bool send_next(void *device, const struct sim_output *out)
{
	struct push_meter *m = device;
	size_t start, end;

	if (m->next == m->frames && !make_push(m))
		return false;
	start = m->next && !out->messages ? m->ends[m->next - 1] : 0;
	m->next = out->messages ? m->frames : m->next + 1;
	end = out->messages ? m->bytes.length : m->ends[m->next - 1];
	if (end > m->bytes.length)
		end = m->bytes.length;
	return start >= end || transmit(m, out, m->bytes.data + start, end - start);
}

static bool done(const void *device)
{
	const struct push_meter *m = device;
	uint64_t count = m->settings.meter.count;

	return count && m->pushes >= count && m->next == m->frames;
}

/* The time of the frame on the line; after the last frame, the rest of the interval. */
static double until_next(void *device)
{
	struct push_meter *m = device;
	const struct meter_model *model = m->settings.model;
	size_t start = m->next > 1 ? m->ends[m->next - 2] : 0, size = m->ends[m->next - 1] - start;
	double busy = (double)size * model->bits / model->baud, left = m->interval - m->spent;

	if (m->next < m->frames) {
		busy += m->interval < 1 ? 0 : FRAME_GAP;
		m->spent += busy;
		return busy;
	}
	m->spent = 0;
	return left > 0 ? left : 0;
}

const struct player_events push_meter_events = {send_next, done, until_next, NULL};

void push_meter_title(const struct meter_model *model, uint8_t title[GLO_TITLE])
{
	static const uint8_t number[] = {0x67, 0x50, 0x00, 0x00, 0x2A};

	memcpy(title, model->title, sizeof model->title);
	memcpy(title + 3, number, sizeof number);
}

static void begin(struct push_meter *m, const struct push_meter_settings *settings)
{
	const struct smart_meter_settings *s = &settings->meter;

	m->settings = *settings;
	m->faults = (struct sim_faults){random_seed(~s->seed), s->drop, s->corrupt, s->truncate};
	m->interval = s->interval > 0 ? s->interval : settings->model->interval;
	m->clock = s->start;
	m->counter = s->counter;
	m->values.serial = s->serial;
	smart_meter_apply(s, &m->used);
	metered_house_start(&m->house, telegram_model_find("dsmr5"), s->seed);
}

int push_meter_new(struct push_meter **out, const struct push_meter_settings *settings)
{
	size_t length = strlen(settings->meter.serial);
	struct push_meter *m;
	int error;

	*out = NULL;
	if (length < 1 || length > 16)
		return EM_SYNTAX;
	m = calloc(1, sizeof *m);
	if (!m)
		return EM_NO_MEMORY;
	begin(m, settings);
	error = read_house(m);
	if (error)
		push_meter_free(m);
	else
		*out = m;
	return error;
}

void push_meter_free(struct push_meter *m)
{
	if (!m)
		return;
	text_free(&m->bytes);
	free(m);
}
