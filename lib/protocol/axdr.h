/*
 * A-XDR (IEC 61334-6) as COSEM uses it: values that carry their type, read into a flat row in the
 * order of the bytes. A container knows its end, so that code can walk or skip a tree without
 * recursion. Items point into the caller's bytes.
 */
#ifndef PROTOCOL_AXDR_H
#define PROTOCOL_AXDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/decimal.h"
#include "base/reader.h"

enum axdr_tag {
	AXDR_NULL = 0x00,
	AXDR_ARRAY = 0x01,
	AXDR_STRUCTURE = 0x02,
	AXDR_BOOLEAN = 0x03,
	AXDR_BITS = 0x04,
	AXDR_INT32 = 0x05,
	AXDR_UINT32 = 0x06,
	AXDR_OCTETS = 0x09,
	AXDR_VISIBLE = 0x0A,
	AXDR_UTF8 = 0x0C,
	AXDR_BCD = 0x0D,
	AXDR_INT8 = 0x0F,
	AXDR_INT16 = 0x10,
	AXDR_UINT8 = 0x11,
	AXDR_UINT16 = 0x12,
	AXDR_COMPACT = 0x13,
	AXDR_INT64 = 0x14,
	AXDR_UINT64 = 0x15,
	AXDR_ENUM = 0x16,
	AXDR_FLOAT32 = 0x17,
	AXDR_FLOAT64 = 0x18,
	AXDR_DATE_TIME = 0x19,
	AXDR_DATE = 0x1A,
	AXDR_TIME = 0x1B,
	AXDR_DONT_CARE = 0xFF
};

enum { AXDR_ITEMS = 1024, AXDR_DEPTH = 8 };

struct axdr_item {
	const uint8_t *data; /* of the value, after tag and length */
	uint32_t length;     /* its bytes; of containers: the items directly inside */
	uint16_t span;       /* items including everything inside: item + span is the next */
	uint8_t tag, depth;  /* depth 0 is the outermost */
};

/*
 * Reads one value and everything inside it. Returns the number of items, or EM_TRUNCATED, EM_SYNTAX
 * for an unknown type, EM_UNSUPPORTED for a compact array, EM_RANGE beyond the limits.
 */
int axdr_parse(struct axdr_item items[AXDR_ITEMS], struct reader *r);

static inline bool axdr_container(const struct axdr_item *item)
{
	return item->tag == AXDR_ARRAY || item->tag == AXDR_STRUCTURE;
}

/* Octets or text of any kind. */
static inline bool axdr_string(const struct axdr_item *item)
{
	return item->tag == AXDR_OCTETS || item->tag == AXDR_VISIBLE || item->tag == AXDR_UTF8;
}

/* Any integer, enumerations and BCD included; false for everything else. */
bool axdr_number(const struct axdr_item *item, struct decimal *out);

#endif
