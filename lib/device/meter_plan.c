#include "device/meter_plan.h"

/* Rows of one map by function and address. */
static bool is_before(const struct meter_row *a, const struct meter_row *b)
{
	return a->function < b->function || (a->function == b->function && a->address < b->address);
}

static unsigned end_of(const struct meter_row *row)
{
	return row->address + row->count;
}

static size_t sort(const struct meter *meter, const bool *wanted,
                   const struct meter_row *rows[METER_BLOCKS])
{
	size_t count = 0;

	for (size_t i = 0; i < meter->count && count < METER_BLOCKS; i++) {
		size_t at = count;

		if (!wanted[i])
			continue;
		for (; at && is_before(&meter->rows[i], rows[at - 1]); at--)
			rows[at] = rows[at - 1];
		rows[at] = &meter->rows[i];
		count++;
	}
	return count;
}

/* Whether some row of the map has the register. */
static bool is_mapped(const struct meter *meter, uint8_t function, unsigned address)
{
	bool mapped = false;

	for (size_t i = 0; i < meter->count; i++) {
		const struct meter_row *row = &meter->rows[i];

		mapped = mapped || (row->function == function && row->address <= address &&
		                    address < end_of(row));
	}
	return mapped;
}

/* Whether a row can join the block before it. */
static bool joins(const struct meter *meter, const struct meter_block *block,
                  const struct meter_row *row)
{
	bool mapped = block->function == row->function &&
	              end_of(row) - block->address <= METER_BLOCK_MOST;

	for (unsigned a = block->address + block->count; a < row->address && mapped; a++)
		mapped = is_mapped(meter, row->function, a);
	return mapped;
}

size_t meter_plan(const struct meter *meter, const bool *wanted, bool single,
                  struct meter_block out[METER_BLOCKS])
{
	const struct meter_row *rows[METER_BLOCKS];
	size_t count = sort(meter, wanted, rows), blocks = 0;

	for (size_t i = 0; i < count; i++) {
		const struct meter_row *row = rows[i];
		struct meter_block *last = blocks ? &out[blocks - 1] : NULL;

		if (last && !single && joins(meter, last, row)) {
			if (end_of(row) > last->address + (unsigned)last->count)
				last->count = (uint16_t)(end_of(row) - last->address);
			continue;
		}
		out[blocks++] = (struct meter_block){row->function, row->address, row->count};
	}
	return blocks;
}
