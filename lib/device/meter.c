#include "device/meter.h"

#include <math.h>
#include <string.h>

#include "base/bytes.h"
#include "base/text.h"
#include "device/meter_map.h"

const struct meter *const meters[] = {
#define METER(name) &meter_##name,
#include "device/meters.def"
#undef METER
};

const size_t meter_count = sizeof meters / sizeof meters[0];

const struct meter *meter_named(const char *name)
{
	for (size_t i = 0; i < meter_count; i++)
		if (!strcmp(meters[i]->name, name))
			return meters[i];
	return NULL;
}

/* The raw bits of a row, with its words in order. */
static uint64_t raw_bits(const struct meter_row *row, const uint8_t *words)
{
	uint64_t bits = 0;

	for (unsigned i = 0; i < row->count; i++) {
		unsigned at = row->order == ORDER_LITTLE ? row->count - 1 - i : i;

		bits = bits << 16 | load_be16(words + 2 * at);
	}
	return bits;
}

static bool is_signed(const struct meter_row *row)
{
	return row->type == TYPE_S16 || row->type == TYPE_S32 || row->type == TYPE_S64;
}

static int64_t sign_extended(const struct meter_row *row, uint64_t bits)
{
	unsigned width = row->count * 16u;

	if (width > 0 && width < 64 && bits >> (width - 1) & 1)
		bits |= ~0ull << width;
	return (int64_t)bits;
}

/* The bits that some meters send for "not available". */
static bool not_available(const struct meter *meter, const struct meter_row *row, uint64_t bits)
{
	unsigned width = row->count * 16u;
	uint64_t ones = width < 64 ? (1ull << width) - 1 : ~0ull;

	return meter->none && bits == (is_signed(row) ? ones >> 1 : ones);
}

static float as_f32(uint64_t bits)
{
	uint32_t low = (uint32_t)bits;
	float f;

	memcpy(&f, &low, sizeof f);
	return f;
}

static double as_f64(uint64_t bits)
{
	double d;

	memcpy(&d, &bits, sizeof d);
	return d;
}

/*
 * Scales the shortest decimal that identifies the float: 0.123 kW is 123 W, not 123.00000339746475
 * W. Numbers in exponent form (below 1e-4, from 1e16 on) have enough digits without this.
 */
static bool scaled_float(struct decimal *out, const struct meter_row *row, uint64_t bits)
{
	char text[FLOAT_TEXT];
	size_t length = row->type == TYPE_F32 ? float32_format(text, as_f32(bits))
	                                      : float64_format(text, as_f64(bits));

	if (decimal_parse(out, text, length))
		return false;
	if (length > 2 && !memcmp(text + length - 2, ".0", 2)) {
		out->digits /= 10;
		out->exponent = 0;
	}
	*out = decimal_shift(*out, row->scale);
	return true;
}

static void float_value(struct record *r, const struct meter_row *row, uint64_t bits)
{
	double exact = row->type == TYPE_F32 ? (double)as_f32(bits) : as_f64(bits);
	struct decimal scaled;

	if (!isfinite(exact))
		record_null(r, row->name)->unit = row->unit;
	else if (row->scale && scaled_float(&scaled, row, bits))
		record_decimal(r, row->name, row->unit, scaled);
	else if (row->scale)
		record_f64(r, row->name, row->unit, exact * pow(10, row->scale));
	else if (row->type == TYPE_F32)
		record_f32(r, row->name, row->unit, as_f32(bits));
	else
		record_f64(r, row->name, row->unit, exact);
}

/* Adds the value of a row from its registers, big-endian words. */
static void meter_value(struct record *r, const struct meter *meter, const struct meter_row *row,
                        const uint8_t *words)
{
	uint64_t bits = raw_bits(row, words);
	size_t before = r->count;

	if (row->type == TYPE_F32 || row->type == TYPE_F64)
		float_value(r, row, bits);
	else if (not_available(meter, row, bits))
		record_null(r, row->name)->unit = row->unit;
	else if (is_signed(row))
		record_decimal(r, row->name, row->unit,
		               decimal_i64(sign_extended(row, bits), row->scale));
	else
		record_decimal(r, row->name, row->unit, decimal_u64(bits, row->scale));
	if (r->count > before)
		r->values[r->count - 1].address = row->address;
}

bool meter_number(const struct meter *meter, const struct meter_row *row, const uint8_t *words,
                  double *out)
{
	uint64_t bits = raw_bits(row, words);
	double raw;

	if (row->type == TYPE_F32)
		raw = (double)as_f32(bits);
	else if (row->type == TYPE_F64)
		raw = as_f64(bits);
	else
		raw = is_signed(row) ? (double)sign_extended(row, bits) : (double)bits;
	*out = raw * pow(10, row->scale);
	return isfinite(raw) && !not_available(meter, row, bits);
}

size_t meter_decode(struct record *r, const struct meter *meter, uint8_t function, uint16_t address,
                    const uint8_t *words, size_t count)
{
	size_t decoded = 0;

	for (size_t i = 0; i < meter->count; i++) {
		const struct meter_row *row = &meter->rows[i];

		if (row->function != function || row->address < address ||
		    row->address + row->count > address + count || record_find(r, row->name))
			continue;
		meter_value(r, meter, row, words + 2 * (size_t)(row->address - address));
		decoded++;
	}
	return decoded;
}
