/*
 * A Modbus meter as the meter at the main fuse: reads what its map has of currents, voltages, powers
 * and registers. A meter that refuses a long read is asked for each value alone; a value that it
 * refuses even so is not available. Whatever else fails makes the whole reading fail.
 */
#include <stdlib.h>

#include "base/bytes.h"
#include "base/error.h"
#include "control/grid_kind.h"
#include "control/grid_reading.h"
#include "device/meter_plan.h"
#include "frame/adu.h"

struct modbus_meter {
	const struct meter *meter;
	struct meter_block blocks[METER_BLOCKS];
	size_t count;
	bool *wanted; /* a flag for each row */
	bool single;  /* one value at a time */
};

static bool is_current(const char *name)
{
	return strcmp(name, "current") == 0 || strcmp(name, "current_l1") == 0;
}

/* A later row of a name that an earlier one has is another way to read the same. */
static bool is_first(const struct meter *meter, size_t row)
{
	bool first = true;

	for (size_t i = 0; i < row; i++)
		first = first && strcmp(meter->rows[i].name, meter->rows[row].name) != 0;
	return first;
}

static void choose(struct modbus_meter *m)
{
	const struct meter *meter = m->meter;
	bool currents = false;

	for (size_t i = 0; i < meter->count; i++)
		currents = currents || is_current(meter->rows[i].name);
	for (size_t i = 0; i < meter->count; i++) {
		enum grid_use use = grid_reading_use(meter->rows[i].name);

		m->wanted[i] = is_first(meter, i) &&
		               (use == GRID_NEEDED || (use == GRID_SUBSTITUTE && !currents));
	}
	m->count = meter_plan(meter, m->wanted, false, m->blocks);
}

static void meter_close(void *state)
{
	free(((struct modbus_meter *)state)->wanted);
	free(state);
}

static void *meter_open(const struct grid_source *source)
{
	struct modbus_meter *m = calloc(1, sizeof *m);

	if (!m)
		return NULL;
	m->meter = source->meter;
	m->wanted = calloc(m->meter->count + 1, sizeof *m->wanted);
	if (m->wanted) {
		choose(m);
		return m;
	}
	free(m);
	return NULL;
}

static int read_block(const struct modbus_meter *m, const struct meter_block *block,
                      struct modbus_client *client, int unit, struct record *record)
{
	uint16_t words[METER_BLOCK_MOST];
	uint8_t bytes[2 * METER_BLOCK_MOST];
	int error = modbus_client_read(client, unit, block->function, block->address, block->count,
	                               words);

	for (size_t i = 0; i < block->count && !error; i++)
		store_be16(bytes + 2 * i, words[i]);
	if (!error)
		meter_decode(record, m->meter, block->function, block->address, bytes,
		             block->count);
	return error;
}

/* Whether the meter says that it will never answer this request. */
static bool is_refused(const struct modbus_client *client, int error)
{
	return error == EM_EXCEPTION &&
	       !adu_exception_passes((unsigned)modbus_client_exception(client));
}

static int read_all(struct modbus_meter *m, struct modbus_client *client, int unit,
                    struct record *record, bool *refused)
{
	int error = 0;

	record_begin(record, "meter");
	*refused = false;
	for (size_t i = 0; i < m->count && !error && !(*refused && !m->single); i++) {
		error = read_block(m, &m->blocks[i], client, unit, record);
		if (!is_refused(client, error))
			continue;
		*refused = true;
		error = 0;
	}
	return error;
}

static int meter_read(void *state, struct modbus_client *client, int unit, struct record *record)
{
	struct modbus_meter *m = state;
	bool refused;
	int error = read_all(m, client, unit, record, &refused);

	if (!error && refused && !m->single) {
		m->single = true;
		m->count = meter_plan(m->meter, m->wanted, true, m->blocks);
		error = read_all(m, client, unit, record, &refused);
	}
	if (!error && record->failed)
		error = EM_NO_MEMORY;
	return error || record->count ? error : EM_UNSUPPORTED;
}

const struct grid_poll grid_modbus = {meter_open, meter_close, meter_read,
                                      "the meter refuses all registers of its map"};
