#include "control/grid_meter.h"

#include <stdlib.h>

#include "balance/settings.h"
#include "control/grid_kind.h"
#include "control/grid_poller.h"

struct grid_meter {
	struct grid_source source;
	struct grid_rules rules;
	struct grid_events events;
	struct grid_sink sink;
	void *stream;               /* of a kind that is fed, or ... */
	struct grid_poller *poller; /* ... of one that is asked; NULL before it begins */
	struct seals keyless;       /* when the caller has none */
	bool told;                  /* a reading had currents */
};

static bool tells(const struct grid_reading *reading)
{
	bool told = false;

	for (int i = 0; i < GRID_PHASES; i++)
		told = told || reading->currents[i] != CURRENT_NONE;
	return told;
}

/* Some meters send several lists in turn; one that has no phases is no reading beside others. */
static void on_record(void *context, const struct record *r)
{
	struct grid_meter *m = context;
	char id[IDENTITY_TEXT];
	struct grid_reading reading;

	grid_reading_of(&reading, id, r, &m->rules);
	if (m->told && !tells(&reading) && !grid_reading_names_phases(r))
		return;
	m->told = m->told || tells(&reading);
	m->events.reading(m->events.context, &reading);
}

static void on_refused(void *context, enum refusal refusal, const char *text)
{
	const struct grid_meter *m = context;

	if (m->events.refused)
		m->events.refused(m->events.context, refusal, text);
}

struct grid_meter *grid_meter_new(const struct grid_settings *settings,
                                  const struct grid_events *events)
{
	struct grid_meter *m = calloc(1, sizeof *m);
	const struct grid_stream *stream = settings->source->kind->stream;

	if (!m)
		return NULL;
	m->source = *settings->source;
	m->rules = settings->rules;
	m->rules.inverted = m->source.inverted;
	m->events = *events;
	m->sink = (struct grid_sink){on_record, on_refused, m};
	if (stream)
		m->stream = stream->open(&m->sink, settings->seals ? settings->seals : &m->keyless);
	if (!stream || m->stream)
		return m;
	grid_meter_free(m);
	return NULL;
}

void grid_meter_free(struct grid_meter *m)
{
	if (!m)
		return;
	if (m->stream)
		m->source.kind->stream->close(m->stream);
	grid_poller_close(m->poller);
	seals_free(&m->keyless);
	free(m);
}

int grid_meter_feed(struct grid_meter *m, const uint8_t *data, size_t size, bool whole)
{
	return m->source.kind->stream->feed(m->stream, data, size, whole);
}

int grid_meter_idle(struct grid_meter *m)
{
	return m->source.kind->stream->idle(m->stream);
}

int grid_meter_end(struct grid_meter *m)
{
	return m->source.kind->stream->end(m->stream);
}

int grid_meter_cut(struct grid_meter *m)
{
	return m->source.kind->stream->cut(m->stream);
}

uint64_t grid_meter_refused(const struct grid_meter *m)
{
	if (m->stream)
		return m->source.kind->stream->refused(m->stream);
	return m->poller ? grid_poller_failed(m->poller) : 0;
}

int grid_meter_poll(struct grid_meter *m, uv_loop_t *loop, char *problem, size_t size)
{
	return grid_poller_open(&m->poller, loop, &m->source, &m->sink, problem, size);
}
