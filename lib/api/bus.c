#include "stream/bus.h"

#include <stdlib.h>

#include "api/api.h"

struct bus_api {
	struct emtool_decoder base; /* first */
	struct bus_settings settings;
	struct bus *bus;
	uint64_t records;
};

static void on_record(void *context, struct record *r)
{
	struct bus_api *api = context;

	api->records++;
	api_record(&api->base, r);
}

static void on_recognised(void *context, unsigned unit, const struct meter *meter)
{
	(void)context;
	(void)unit;
	(void)meter;
}

static void on_limited(void *context, const char *text)
{
	(void)context;
	(void)text;
}

static int feed(struct emtool_decoder *d, const uint8_t *data, size_t size, instant time)
{
	return bus_feed(((struct bus_api *)d)->bus, time, 0, data, size);
}

static int idle(struct emtool_decoder *d)
{
	return bus_idle(((struct bus_api *)d)->bus);
}

static int end(struct emtool_decoder *d)
{
	return bus_end(((struct bus_api *)d)->bus);
}

static struct emtool_counts counts(struct emtool_decoder *d)
{
	const struct bus_api *api = (const struct bus_api *)d;
	const struct bus_counts *c = bus_counts(api->bus);

	return (struct emtool_counts){
		.bytes = c->bytes,
		.skipped = c->skipped,
		.records = api->records,
		.refused = c->crc_errors,
	};
}

static void release(struct emtool_decoder *d)
{
	struct bus_api *api = (struct bus_api *)d;

	bus_free(api->bus);
	free(api);
}

struct emtool_decoder *emtool_bus_new(const char *meter, const struct emtool_events *events)
{
	static const struct api_kind kind = {feed, idle, end, counts, release};
	const struct meter *named = meter ? meter_named(meter) : NULL;
	struct bus_api *api = meter && !named ? NULL : calloc(1, sizeof *api);
	struct bus_events inner = {on_record, on_recognised, on_limited, api};

	if (!api)
		return NULL;
	api->base = (struct emtool_decoder){&kind, *events};
	api->settings = (struct bus_settings){.maps = meters,
	                                      .map_count = meter_count,
	                                      .meter = named,
	                                      .unit = -1,
	                                      .function = -1};
	api->bus = bus_new(&api->settings, &inner, false);
	if (api->bus)
		return &api->base;
	free(api);
	return NULL;
}

const char *emtool_bus_meter_name(size_t index)
{
	return index < meter_count ? meters[index]->name : NULL;
}
