/*
 * A bounded reader over bytes of the caller. Reading past the end sets `bad`, returns zero and
 * moves to the end; a decoder reads everything and tests `bad` once. Decoders read their input with
 * it.
 */
#ifndef BASE_READER_H
#define BASE_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

struct reader {
	const uint8_t *data;
	size_t size;
	size_t position; /* <= size */
	bool bad;
};

static inline struct reader reader_make(const void *data, size_t size)
{
	return (struct reader){.data = data, .size = size};
}

static inline size_t reader_left(const struct reader *r)
{
	return r->size - r->position;
}

/* The next n bytes, or NULL (and `bad`) when fewer are left. */
static inline const uint8_t *reader_bytes(struct reader *r, size_t n)
{
	if (n > reader_left(r)) {
		r->bad = true;
		r->position = r->size;
		return NULL;
	}
	r->position += n;
	return r->data + (r->position - n);
}

static inline uint8_t reader_u8(struct reader *r)
{
	const uint8_t *p = reader_bytes(r, 1);

	return p ? p[0] : 0;
}

/* The byte that reader_u8 would return next, without moving; 0 at the end. */
static inline uint8_t reader_peek(const struct reader *r)
{
	return reader_left(r) ? r->data[r->position] : 0;
}

static inline uint16_t reader_u16be(struct reader *r)
{
	const uint8_t *p = reader_bytes(r, 2);

	return p ? load_be16(p) : 0;
}

static inline uint16_t reader_u16le(struct reader *r)
{
	const uint8_t *p = reader_bytes(r, 2);

	return p ? load_le16(p) : 0;
}

static inline uint32_t reader_u32be(struct reader *r)
{
	const uint8_t *p = reader_bytes(r, 4);

	return p ? load_be32(p) : 0;
}

static inline uint64_t reader_u64be(struct reader *r)
{
	uint64_t high = reader_u32be(r);

	return high << 32 | reader_u32be(r);
}

#endif
