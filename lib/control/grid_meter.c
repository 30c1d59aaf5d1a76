#include "control/grid_meter.h"

#include <stdlib.h>

#include "balance/settings.h"
#include "base/decimal.h"
#include "stream/p1_reader.h"

enum { PHASES = 3, MOST = 1000000 /* mA */ };

struct grid_meter {
	struct p1_decoder *decoder;
	struct p1_reader *reader;
	struct grid_events events;
};

/* Gets a value of the telegram in thousandths; false when it is missing. */
static bool milli(const struct record *r, const char *name, int64_t *out)
{
	const struct value *v = record_find(r, name);

	return v && v->kind == VALUE_DECIMAL && decimal_scaled(v->as.decimal, -3, out) == 0;
}

/* Currents have no sign in a telegram: the power of the phase gives the direction. */
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

static void on_record(void *context, struct record *r, const struct p1_telegram *telegram)
{
	struct grid_meter *m = context;
	struct grid_reading reading = {.clock = INSTANT_NONE};
	const struct value *clock = record_find(r, "meter_time");

	(void)telegram;
	if (clock && clock->kind == VALUE_TIME)
		reading.clock = stamp_instant(&clock->as.time);
	for (int i = 0; i < PHASES; i++)
		reading.currents[i] = current(r, i);
	m->events.reading(m->events.context, &reading);
}

static void on_refused(void *context, enum refusal refusal, const char *text)
{
	struct grid_meter *m = context;

	if (m->events.refused)
		m->events.refused(m->events.context, refusal, text);
}

struct grid_meter *grid_meter_new(struct seals *seals, const struct grid_events *events)
{
	struct grid_meter *m = calloc(1, sizeof *m);

	if (!m)
		return NULL;
	m->events = *events;
	m->decoder = p1_decoder_new(&(struct p1_settings){.seals = seals});
	if (m->decoder)
		m->reader = p1_reader_new(m->decoder,
		                          &(struct p1_events){on_record, on_refused, m});
	if (m->reader)
		return m;
	grid_meter_free(m);
	return NULL;
}

void grid_meter_free(struct grid_meter *m)
{
	if (!m)
		return;
	p1_reader_free(m->reader);
	p1_decoder_free(m->decoder);
	free(m);
}

int grid_meter_feed(struct grid_meter *m, const uint8_t *data, size_t size)
{
	return p1_reader_feed(m->reader, INSTANT_NONE, data, size);
}

int grid_meter_idle(struct grid_meter *m)
{
	return p1_reader_idle(m->reader);
}

int grid_meter_end(struct grid_meter *m)
{
	return p1_reader_end(m->reader);
}

int grid_meter_cut(struct grid_meter *m)
{
	return p1_reader_cut(m->reader);
}

uint64_t grid_meter_refused(const struct grid_meter *m)
{
	return p1_reader_refused(m->reader);
}
