#include "cmd/balance/meter.h"

#include <stdlib.h>

#include "balance/settings.h"
#include "base/decimal.h"
#include "frame/p1.h"
#include "protocol/dsmr/dsmr.h"

enum { PHASES = 3, MOST = 1000000 /* mA */ };

struct meter {
	struct p1_framer framer;
	struct dsmr *decoder;
	struct record record;
	meter_told *told;
	void *context;
	uint64_t refused;
	int error;
};

/* A value of the telegram in thousandths; false when it has none. */
static bool milli(const struct record *r, const char *name, int64_t *out)
{
	const struct value *v = record_find(r, name);

	return v && v->kind == VALUE_DECIMAL && decimal_scaled(v->as.decimal, -3, out) == 0;
}

/* Currents have no sign in a telegram: the power of the phase tells the direction. */
static int32_t current(const struct record *r, int phase)
{
	static const char *const currents[] = {"current_l1", "current_l2", "current_l3"};
	static const char *const imports[] = {"power_import_l1", "power_import_l2",
	                                      "power_import_l3"};
	static const char *const exports[] = {"power_export_l1", "power_export_l2",
	                                      "power_export_l3"};
	int64_t n, import = 0, export = 0;

	if (!milli(r, currents[phase], &n) || n < -MOST || n > MOST)
		return CURRENT_NONE;
	milli(r, imports[phase], &import);
	milli(r, exports[phase], &export);
	return (int32_t)(export > import && n > 0 ? -n : n);
}

static void on_telegram(void *context, const struct p1_telegram *telegram)
{
	struct meter *m = context;
	struct meter_reading reading = {.clock = INSTANT_NONE};
	const struct value *clock;
	int error;

	if (m->error)
		return;
	if (telegram->crc == P1_CRC_BAD) {
		m->refused++;
		return;
	}
	error = dsmr_decode(m->decoder, telegram, &m->record);
	if (error) {
		m->error = error;
		return;
	}
	/* who names a version prints a CRC: without one the telegram is damaged */
	if (telegram->crc == P1_CRC_NONE && record_find(&m->record, "version")) {
		m->refused++;
		return;
	}
	clock = record_find(&m->record, "meter_time");
	if (clock && clock->kind == VALUE_TIME)
		reading.clock = stamp_instant(&clock->as.time);
	for (int i = 0; i < PHASES; i++)
		reading.currents[i] = current(&m->record, i);
	m->told(m->context, &reading);
}

struct meter *meter_new(meter_told *told, void *context)
{
	struct meter *m = calloc(1, sizeof *m);

	if (!m)
		return NULL;
	m->told = told;
	m->context = context;
	m->decoder = dsmr_new(0);
	p1_init(&m->framer, &(struct p1_handler){.telegram = on_telegram, .context = m});
	if (m->decoder)
		return m;
	meter_free(m);
	return NULL;
}

int meter_data(struct meter *m, const uint8_t *data, size_t size)
{
	int error = p1_feed(&m->framer, data, size);

	return error ? error : m->error;
}

int meter_end(struct meter *m)
{
	p1_end(&m->framer);
	return m->error;
}

void meter_cut(struct meter *m)
{
	p1_cut(&m->framer);
}

void meter_free(struct meter *m)
{
	if (!m)
		return;
	p1_free(&m->framer);
	dsmr_free(m->decoder);
	record_free(&m->record);
	free(m);
}

uint64_t meter_refused(const struct meter *m)
{
	return m->refused + m->framer.counts.truncated;
}
