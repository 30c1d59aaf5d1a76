/* A SunSpec meter (models 201 to 204 and 211 to 214) as the meter at the main fuse. */
#include <stdlib.h>

#include "base/error.h"
#include "control/grid_kind.h"
#include "modbus/sunspec.h"
#include "protocol/sunspec/drive.h"

static const uint16_t models[] = {201, 202, 203, 204, 211, 212, 213, 214};

/* The points in the words of record/quantities.def. */
static const struct {
	const char *point, *name, *unit;
} points[] = {
	{"A", "current", "A"},
	{"AphA", "current_l1", "A"},
	{"AphB", "current_l2", "A"},
	{"AphC", "current_l3", "A"},
	{"PhV", "voltage", "V"},
	{"PhVphA", "voltage_l1", "V"},
	{"PhVphB", "voltage_l2", "V"},
	{"PhVphC", "voltage_l3", "V"},
	{"W", "power", "W"},
	{"WphA", "power_l1", "W"},
	{"WphB", "power_l2", "W"},
	{"WphC", "power_l3", "W"},
	{"VA", "apparent_power", "VA"},
	{"VAphA", "apparent_power_l1", "VA"},
	{"VAphB", "apparent_power_l2", "VA"},
	{"VAphC", "apparent_power_l3", "VA"},
	{"TotWhImp", "energy_import", "Wh"},
	{"TotWhExp", "energy_export", "Wh"},
};

/* A reading in progress; it belongs to the worker thread. */
struct sunspec_meter {
	struct sunspec_walk *walk;
	struct record model; /* as SunSpec has it */
	struct modbus_client *client;
	struct record *record;
	int unit;
	bool found;
};

static void sunspec_close(void *state)
{
	struct sunspec_meter *m = state;

	sunspec_walk_free(m->walk);
	record_free(&m->model);
	free(m);
}

static void *sunspec_open(const struct grid_source *source)
{
	const struct sunspec_plan plan = {.set = &sunspec_builtin,
	                                  .base = -1,
	                                  .models = models,
	                                  .model_count = sizeof models / sizeof *models};
	struct sunspec_meter *m = calloc(1, sizeof *m);

	(void)source;
	if (m)
		m->walk = sunspec_walk_new(&plan);
	if (!m || m->walk)
		return m;
	free(m);
	return NULL;
}

static int fetch(void *context, const struct sunspec_want *want)
{
	struct sunspec_meter *m = context;

	return modbus_sunspec_fetch(m->walk, want, m->client, m->unit, m->found);
}

static void translate(struct sunspec_meter *m)
{
	for (size_t i = 0; i < sizeof points / sizeof *points; i++) {
		const struct value *v = record_find(&m->model, points[i].point);
		struct value *to;

		if (!v)
			continue;
		to = record_null(m->record, points[i].name);
		to->unit = points[i].unit;
		to->kind = v->kind;
		to->as = v->as;
	}
}

/* The first meter of the chain is that of the house. */
static int keep(void *context, const struct sunspec_found *found)
{
	struct sunspec_meter *m = context;
	const struct sunspec_image *image = sunspec_walk_image(m->walk);
	const struct sunspec_options all = {0};

	if (m->found)
		return 0;
	m->found = true;
	sunspec_decode(&m->model, found, m->unit, image->words + found->address, &all);
	if (!m->model.failed)
		translate(m);
	return m->model.failed || m->record->failed ? EM_NO_MEMORY : 0;
}

static int sunspec_read(void *state, struct modbus_client *client, int unit, struct record *record)
{
	struct sunspec_meter *m = state;
	const struct sunspec_driver driver = {fetch, keep, m};
	int error;

	record_begin(record, "sunspec");
	m->client = client;
	m->record = record;
	m->unit = unit;
	m->found = false;
	error = sunspec_drive(m->walk, &driver);
	return error || m->found ? error : EM_UNSUPPORTED;
}

const struct grid_poll grid_sunspec = {sunspec_open, sunspec_close, sunspec_read,
                                       "no SunSpec meter (models 201 to 204, 211 to 214)"};
