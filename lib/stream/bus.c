#include "stream/bus.h"

#include <stdlib.h>

#include "base/error.h"
#include "frame/mbap.h"
#include "frame/rtu.h"
#include "protocol/modbus.h"

enum { UNITS = 256, LAST_READ = 4 /* function code */ };

struct bus {
	const struct bus_settings *settings;
	struct bus_events events;
	bool captured, is_mbap;
	struct rtu rtu;
	struct mbap *mbap;
	struct modbus_pairing pairing;
	struct meter_guess *guess[UNITS];
	unsigned guesses;
	bool limited;
	struct bus_counts counts;
	struct record own, *record;
	int error;
};

static bool is_wanted(const struct bus *bus, unsigned unit, unsigned function)
{
	const struct bus_settings *s = bus->settings;

	return (s->unit < 0 || s->unit == (int)unit) &&
	       (s->function < 0 || s->function == (int)function);
}

/* What is known about a unit's meter; NULL beyond the limit, or when memory is out. */
static struct meter_guess *guess_of(struct bus *bus, uint8_t unit)
{
	struct meter_guess *guess = bus->guess[unit];

	if (guess)
		return guess;
	if (bus->guesses == BUS_GUESSES) {
		if (!bus->limited)
			bus->events.limited(bus->events.context,
			                    "meters of more than 64 units are not recognised");
		bus->limited = true;
		return NULL;
	}
	guess = calloc(1, sizeof *guess);
	if (guess)
		bus->guesses++;
	else
		bus->error = EM_NO_MEMORY;
	bus->guess[unit] = guess;
	return guess;
}

/* The meter of a unit: the named one, or the one recognised so far. */
static const struct meter *meter_of(struct bus *bus, const struct modbus_transaction *t,
                                    const uint8_t *words, size_t count)
{
	const struct bus_settings *s = bus->settings;
	const struct meter *before, *found;
	struct meter_guess *guess;

	if (s->meter || !s->map_count)
		return s->meter;
	guess = guess_of(bus, t->unit);
	if (!guess)
		return NULL;
	before = guess->found;
	found = meter_guess_read(guess, s->maps, s->map_count, t->function, t->address, words,
	                         count);
	if (found && !before)
		bus->events.recognised(bus->events.context, t->unit, found);
	return found;
}

static void add_values(struct bus *bus, const struct modbus_transaction *t)
{
	size_t count;
	const uint8_t *words = modbus_registers(t, &count);
	const struct meter *meter;

	if (t->status != MODBUS_OK || !words || !t->has_address || t->function > LAST_READ)
		return;
	meter = meter_of(bus, t, words, count);
	if (!meter)
		return;
	record_word(bus->record, "meter", meter->name);
	meter_decode(bus->record, meter, t->function, t->address, words, count);
}

static void give(struct bus *bus)
{
	bus->record->source = NULL;
	if (bus->record->failed)
		bus->error = EM_NO_MEMORY;
	if (!bus->error)
		bus->events.record(bus->events.context, bus->record);
}

static void on_transaction(void *context, const struct modbus_transaction *t)
{
	struct bus *bus = context;

	if (bus->settings->frames || !is_wanted(bus, t->unit, t->function))
		return;
	modbus_record(bus->record, t);
	add_values(bus, t);
	give(bus);
}

static void on_frame(void *context, const struct modbus_frame *frame)
{
	struct bus *bus = context;

	modbus_pairing_frame(&bus->pairing, frame);
	bus->counts.good += frame->length;
	if (!bus->settings->frames || !is_wanted(bus, frame->unit, frame->function))
		return;
	modbus_frame_record(bus->record, frame);
	give(bus);
}

struct bus *bus_new(const struct bus_settings *settings, const struct bus_events *events,
                    bool captured)
{
	struct bus *bus = calloc(1, sizeof *bus);

	if (!bus)
		return NULL;
	bus->settings = settings;
	bus->events = *events;
	bus->captured = captured;
	bus->record = settings->record ? settings->record : &bus->own;
	rtu_init(&bus->rtu, on_frame, bus);
	modbus_pairing_init(&bus->pairing, RTU_OUTSTANDING, on_transaction, bus);
	return bus;
}

void bus_free(struct bus *bus)
{
	if (!bus)
		return;
	for (size_t i = 0; i < UNITS; i++)
		free(bus->guess[i]);
	free(bus->mbap);
	record_free(&bus->own);
	free(bus);
}

/* A captured connection carries Modbus TCP, or RTU that a converter forwards. */
static void choose_framing(struct bus *bus, const uint8_t *data, size_t size)
{
	bus->is_mbap = !rtu_recognise(data, size) && mbap_recognise(data, size);
	if (!bus->is_mbap)
		return;
	bus->mbap = malloc(sizeof *bus->mbap);
	if (!bus->mbap) {
		bus->error = EM_NO_MEMORY;
		return;
	}
	mbap_init(bus->mbap, on_frame, bus);
	bus->pairing.limit = MODBUS_PENDING;
}

int bus_feed(struct bus *bus, instant time, unsigned direction, const uint8_t *data, size_t size)
{
	if (bus->captured && bus->counts.bytes == 0)
		choose_framing(bus, data, size);
	bus->counts.bytes += size;
	if (bus->mbap)
		mbap_feed(bus->mbap, direction, data, size, time);
	else if (!bus->is_mbap)
		rtu_feed(&bus->rtu, data, size, time);
	return bus->error;
}

int bus_idle(struct bus *bus)
{
	if (!bus->is_mbap)
		rtu_idle(&bus->rtu);
	return bus->error;
}

int bus_end(struct bus *bus)
{
	if (!bus->is_mbap)
		rtu_end(&bus->rtu);
	modbus_pairing_end(&bus->pairing);
	return bus->error;
}

const struct bus_counts *bus_counts(struct bus *bus)
{
	const struct modbus_pairing *p = &bus->pairing;
	struct bus_counts *n = &bus->counts;

	n->frames = bus->mbap ? bus->mbap->frames : bus->rtu.frames;
	n->crc_errors = bus->mbap ? bus->mbap->errors : bus->rtu.crc_errors;
	n->skipped = bus->mbap ? bus->mbap->skipped : bus->rtu.skipped;
	n->requests = p->requests;
	n->responses = p->responses;
	n->exceptions = p->exceptions;
	n->no_response = p->no_response;
	n->unpaired = p->unpaired;
	return n;
}
