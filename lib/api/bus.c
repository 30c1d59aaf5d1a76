#include <stdlib.h>

#include "api/api.h"
#include "device/meter.h"
#include "frame/rtu.h"
#include "protocol/modbus.h"

enum { UNITS = 256 };

struct bus_api {
	struct emtool_decoder base; /* first */
	const struct meter *meter;  /* NULL: found out for each unit */
	struct meter_guess *guess[UNITS];
	struct rtu rtu;
	struct modbus_pairing pairing;
	struct record record;
	uint64_t bytes, records;
	bool no_memory;
};

static const struct meter *meter_of(struct bus_api *bus, const struct modbus_transaction *t,
                                    const uint8_t *words, size_t count)
{
	struct meter_guess **guess = &bus->guess[t->unit];

	if (bus->meter)
		return bus->meter;
	if (!*guess)
		*guess = calloc(1, sizeof **guess);
	if (!*guess) {
		bus->no_memory = true;
		return NULL;
	}
	return meter_guess_read(*guess, meters, meter_count, t->function, t->address, words, count);
}

static void add_values(struct bus_api *bus, const struct modbus_transaction *t)
{
	size_t count;
	const uint8_t *words = modbus_registers(t, &count);
	const struct meter *meter;

	if (t->status != MODBUS_OK || !words || !t->has_address || t->function > 4)
		return;
	meter = meter_of(bus, t, words, count);
	if (!meter)
		return;
	record_word(&bus->record, "meter", meter->name);
	meter_decode(&bus->record, meter, t->function, t->address, words, count);
}

static void on_transaction(void *context, const struct modbus_transaction *t)
{
	struct bus_api *bus = context;

	modbus_record(&bus->record, t);
	add_values(bus, t);
	if (bus->record.failed || bus->no_memory) {
		bus->no_memory = true;
		return;
	}
	bus->records++;
	api_record(&bus->base, &bus->record);
}

static void on_frame(void *context, const struct modbus_frame *frame)
{
	struct bus_api *bus = context;

	modbus_pairing_frame(&bus->pairing, frame);
}

static int memory(const struct bus_api *bus)
{
	return bus->no_memory ? EMTOOL_NO_MEMORY : EMTOOL_OK;
}

static int feed(struct emtool_decoder *d, const uint8_t *data, size_t size, instant time)
{
	struct bus_api *bus = (struct bus_api *)d;

	bus->bytes += size;
	rtu_feed(&bus->rtu, data, size, time);
	return memory(bus);
}

static int idle(struct emtool_decoder *d)
{
	struct bus_api *bus = (struct bus_api *)d;

	rtu_idle(&bus->rtu);
	return memory(bus);
}

static int end(struct emtool_decoder *d)
{
	struct bus_api *bus = (struct bus_api *)d;

	rtu_end(&bus->rtu);
	modbus_pairing_end(&bus->pairing);
	return memory(bus);
}

static struct emtool_counts counts(struct emtool_decoder *d)
{
	const struct bus_api *bus = (const struct bus_api *)d;

	return (struct emtool_counts){
		.bytes = bus->bytes,
		.skipped = bus->rtu.skipped,
		.records = bus->records,
		.refused = bus->rtu.crc_errors,
	};
}

static void release(struct emtool_decoder *d)
{
	struct bus_api *bus = (struct bus_api *)d;

	for (size_t i = 0; i < UNITS; i++)
		free(bus->guess[i]);
	record_free(&bus->record);
	free(bus);
}

struct emtool_decoder *emtool_bus_new(const char *meter, const struct emtool_events *events)
{
	static const struct api_kind kind = {feed, idle, end, counts, release};
	const struct meter *named = meter ? meter_named(meter) : NULL;
	struct bus_api *bus = meter && !named ? NULL : calloc(1, sizeof *bus);

	if (!bus)
		return NULL;
	bus->base = (struct emtool_decoder){&kind, *events};
	bus->meter = named;
	rtu_init(&bus->rtu, on_frame, bus);
	modbus_pairing_init(&bus->pairing, RTU_OUTSTANDING, on_transaction, bus);
	return &bus->base;
}

const char *emtool_bus_meter_name(size_t index)
{
	return index < meter_count ? meters[index]->name : NULL;
}
