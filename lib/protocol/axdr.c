#include "protocol/axdr.h"

#include "base/error.h"

enum { VARIABLE = 0x80, CONTAINER, BITS, COMPACT, BAD };

/* The size of the value after each tag. */
static uint8_t size_of(uint8_t tag)
{
	/* clang-format off */
	static const uint8_t sizes[] = {
		[AXDR_NULL] = 0,          [AXDR_ARRAY] = CONTAINER,   [AXDR_STRUCTURE] = CONTAINER,
		[AXDR_BOOLEAN] = 1,       [AXDR_BITS] = BITS,         [AXDR_INT32] = 4,
		[AXDR_UINT32] = 4,        [0x07] = BAD,               [0x08] = BAD,
		[AXDR_OCTETS] = VARIABLE, [AXDR_VISIBLE] = VARIABLE,  [0x0B] = BAD,
		[AXDR_UTF8] = VARIABLE,   [AXDR_BCD] = 1,             [0x0E] = BAD,
		[AXDR_INT8] = 1,          [AXDR_INT16] = 2,           [AXDR_UINT8] = 1,
		[AXDR_UINT16] = 2,        [AXDR_COMPACT] = COMPACT,   [AXDR_INT64] = 8,
		[AXDR_UINT64] = 8,        [AXDR_ENUM] = 1,            [AXDR_FLOAT32] = 4,
		[AXDR_FLOAT64] = 8,       [AXDR_DATE_TIME] = 12,      [AXDR_DATE] = 5,
		[AXDR_TIME] = 4,
	};
	/* clang-format on */

	if (tag == AXDR_DONT_CARE)
		return 0;
	return tag < sizeof sizes ? sizes[tag] : BAD;
}

/* A length or count: one byte, or 81..84 and as many bytes. */
static uint32_t read_length(struct reader *r)
{
	uint32_t first = reader_u8(r), n = 0;

	if (first < 0x80)
		return first;
	if (first == 0x80 || first > 0x84) {
		r->bad = true;
		return 0;
	}
	for (unsigned i = first & 0x7F; i > 0; i--)
		n = n << 8 | reader_u8(r);
	return n;
}

/* Reads one item without its contents. */
static int read_item(struct axdr_item *item, struct reader *r)
{
	uint8_t size;

	item->tag = reader_u8(r);
	size = size_of(item->tag);
	if (r->bad)
		return EM_TRUNCATED;
	if (size == BAD)
		return EM_SYNTAX;
	if (size == COMPACT)
		return EM_UNSUPPORTED;
	item->length = size < VARIABLE ? size : read_length(r);
	item->data = r->data + r->position;
	if (size == CONTAINER)
		return r->bad ? EM_TRUNCATED : item->length > AXDR_ITEMS ? EM_RANGE : 0;
	if (size == BITS)
		item->length = item->length / 8 + (item->length % 8 != 0);
	reader_bytes(r, item->length);
	return r->bad ? EM_TRUNCATED : 0;
}

int axdr_parse(struct axdr_item items[AXDR_ITEMS], struct reader *r)
{
	uint32_t left[AXDR_DEPTH + 1] = {1};
	uint16_t open[AXDR_DEPTH + 1] = {0};
	int count = 0;
	uint8_t depth = 0;

	for (;;) {
		struct axdr_item *item = &items[count];
		int error;

		if (count == AXDR_ITEMS)
			return EM_RANGE;
		error = read_item(item, r);
		if (error)
			return error;
		item->depth = depth;
		item->span = 1;
		count++;
		left[depth]--;
		if (axdr_container(item) && item->length) {
			if (depth == AXDR_DEPTH)
				return EM_RANGE;
			open[depth++] = (uint16_t)(count - 1);
			left[depth] = item->length;
		}
		while (left[depth] == 0) {
			if (depth == 0)
				return count;
			depth--;
			items[open[depth]].span = (uint16_t)(count - open[depth]);
		}
	}
}

bool axdr_number(const struct axdr_item *item, struct decimal *out)
{
	struct reader r = reader_make(item->data, item->length);

	switch (item->tag) {
	case AXDR_INT32: *out = decimal_i64((int32_t)reader_u32be(&r), 0); break;
	case AXDR_UINT32: *out = decimal_u64(reader_u32be(&r), 0); break;
	case AXDR_INT8: *out = decimal_i64((int8_t)reader_u8(&r), 0); break;
	case AXDR_INT16: *out = decimal_i64((int16_t)reader_u16be(&r), 0); break;
	case AXDR_UINT16: *out = decimal_u64(reader_u16be(&r), 0); break;
	case AXDR_INT64: *out = decimal_i64((int64_t)reader_u64be(&r), 0); break;
	case AXDR_UINT64: *out = decimal_u64(reader_u64be(&r), 0); break;
	case AXDR_BCD: {
		uint8_t bcd = reader_u8(&r);

		*out = decimal_u64((uint64_t)(bcd >> 4) * 10 + (bcd & 0x0F), 0);
		break;
	}
	case AXDR_UINT8:
	case AXDR_ENUM: *out = decimal_u64(reader_u8(&r), 0); break;
	default: return false;
	}
	return true;
}
