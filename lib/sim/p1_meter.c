#include "sim/p1_meter.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "sim/faults.h"
#include "sim/metered_house.h"

struct p1_meter {
	struct p1_meter_settings settings;
	struct metered_house house;
	struct telegram_values values;
	struct sim_faults faults;
	double interval;
	uint64_t telegrams;
	instant clock;
	struct text bytes, sealed;
};

static void seal(struct p1_meter *m)
{
	const struct smart_meter_settings *s = &m->settings.meter;
	size_t size = m->bytes.length;

	m->sealed.length = 0;
	if (!text_room(&m->sealed, size + GLO_HEAD + GLO_TAG_SIZE))
		return;
	m->sealed.length = glo_seal(
		(uint8_t *)m->sealed.data, s->key, GLO_AUTHENTICATED | GLO_ENCRYPTED, s->title,
		(uint32_t)(s->counter + m->telegrams), (const uint8_t *)m->bytes.data, size);
}

static void drop_end(struct text *t)
{
	while (t->length && t->data[t->length - 1] != '!')
		t->length--;
	t->length -= t->length > 0;
}

/* Adds even parity in bit 7, as on a 7E1 line that is read as 8N1. */
static void add_parity(struct text *t)
{
	for (size_t i = 0; i < t->length; i++) {
		unsigned byte = (unsigned char)t->data[i] & 0x7F, parity = byte ^ byte >> 4;

		t->data[i] = (char)(byte | (0x6996u >> (parity & 15) & 1) << 7);
	}
}

/* The bytes of the next telegram; NULL when out of memory. */
static struct text *make_telegram(struct p1_meter *m)
{
	const struct p1_meter_settings *s = &m->settings;

	m->bytes.length = 0;
	if (s->loads)
		s->loads(s->context, loop_clock(), m->house.loads);
	metered_house_live(&m->house, &m->values, m->clock, m->interval);
	smart_meter_apply(&s->meter, &m->values);
	metered_house_load(&m->house, &m->values);
	telegram_build(&m->bytes, s->model, &m->values);
	if (s->endless)
		drop_end(&m->bytes);
	if (s->seven_bits)
		add_parity(&m->bytes);
	if (s->meter.key)
		seal(m);
	m->telegrams++;
	m->clock += (instant)(m->interval * 1000);
	if (m->bytes.failed || m->sealed.failed) {
		errno = ENOMEM;
		return NULL;
	}
	return s->meter.key ? &m->sealed : &m->bytes;
}

static bool send_noise(struct p1_meter *m, const struct sim_output *out)
{
	unsigned count = m->settings.meter.noise;

	for (unsigned i = 0; i < count; i++) {
		char byte = (char)random_below(&m->faults.random, 256);

		if (!sim_write(out, &byte, 1))
			return false;
	}
	return !count || sim_write(out, "\r\n", 2);
}

static bool send_telegram(void *device, const struct sim_output *out)
{
	struct p1_meter *m = device;
	struct text *t = make_telegram(m);

	if (!t || !send_noise(m, out))
		return false;
	if (sim_chance(&m->faults.random, m->faults.drop))
		return true;
	sim_spoil(&m->faults, t->data, t->length);
	return sim_write(out, t->data, sim_cut(&m->faults, t->length));
}

static bool done(const void *device)
{
	const struct p1_meter *m = device;

	return m->settings.meter.count && m->telegrams >= m->settings.meter.count;
}

static double until_next(void *device)
{
	return ((struct p1_meter *)device)->interval;
}

static void idle(void *device)
{
	struct p1_meter *m = device;

	if (!m->settings.meter.clock_stands)
		m->clock = loop_clock();
}

const struct player_events p1_meter_events = {send_telegram, done, until_next, idle};

int p1_meter_new(struct p1_meter **out, const struct p1_meter_settings *settings)
{
	const struct smart_meter_settings *s = &settings->meter;
	size_t length = strlen(s->serial);
	struct p1_meter *m;

	*out = NULL;
	if (length < 1 || length > 48 || strpbrk(s->serial, "/!()\r\n"))
		return EM_SYNTAX;
	m = calloc(1, sizeof *m);
	if (!m)
		return EM_NO_MEMORY;
	m->settings = *settings;
	m->faults = (struct sim_faults){random_seed(~s->seed), s->drop, s->corrupt, s->truncate};
	m->interval = s->interval > 0 ? s->interval : settings->model->interval;
	m->clock = s->start;
	m->values.serial = s->serial;
	m->values.seed = s->seed;
	smart_meter_apply(s, &m->values);
	metered_house_start(&m->house, settings->model, s->seed);
	m->house.bare = settings->bare;
	*out = m;
	return 0;
}

void p1_meter_free(struct p1_meter *m)
{
	if (!m)
		return;
	text_free(&m->bytes);
	text_free(&m->sealed);
	free(m);
}
