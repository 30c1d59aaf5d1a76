/*
 * A record: the values that a decoder found, in the order in which they are printed. They are
 * stored in one flat array; a list or object is a VALUE_LIST or VALUE_OBJECT, its members, and a
 * VALUE_END.
 *
 * Decoders fill a record, outputs borrow it for the duration of a call. Names, units, codes and
 * texts are borrowed as well: they are static, part of the input, or copies in the record's own
 * store, see record_copy(). record_begin() empties both and keeps the memory, so a decoder
 * allocates nothing after its first records. When memory is out, `failed` is set and the record
 * must not be printed.
 */
#ifndef RECORD_RECORD_H
#define RECORD_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/decimal.h"
#include "base/stamp.h"

enum value_kind {
	VALUE_NULL, /* not available, not implemented, NaN */
	VALUE_BOOL,
	VALUE_DECIMAL, /* exact numbers, whole ones included */
	VALUE_FLOAT32,
	VALUE_FLOAT64,
	VALUE_TEXT,
	VALUE_TIME,
	VALUE_LIST,
	VALUE_OBJECT,
	VALUE_END /* ends the innermost list or object */
};

struct value {
	const char *name; /* NULL in a list */
	const char *unit; /* without prefix: "V", "Wh"; NULL when there is none */
	const char *obis; /* OBIS code as the device sent it, or NULL */
	union {
		bool flag;
		struct decimal decimal;
		float f32; /* NaN and infinity print as null */
		double f64;
		struct {
			const char *data; /* not NUL-terminated */
			uint32_t length;
		} text;
		struct stamp time;
	} as;
	int32_t address; /* register address, -1 when there is none */
	uint8_t kind;    /* enum value_kind */
	uint8_t name_length, obis_length;
};

struct record_chunk;

struct record {
	const char *type;   /* "modbus", "p1", ... */
	instant time;       /* when the data was received, or INSTANT_NONE */
	const char *source; /* the peer, NULL when there is only one */
	struct value *values;
	size_t count, capacity;
	bool failed;
	struct record_chunk *chunk; /* the store of copied texts; newest chunk first */
	size_t used;
	struct value spare; /* what record_add returns when memory is out */
};

/* Empties the record and names its type (borrowed). A record starts out as {0}. */
void record_begin(struct record *r, const char *type);

void record_free(struct record *r);

bool record_grow(struct record *r);

/* Appends a value of kind VALUE_NULL; never NULL, valid until the next addition. */
static inline struct value *record_add_n(struct record *r, const char *name, size_t length)
{
	struct value *v = r->count < r->capacity || record_grow(r) ? &r->values[r->count++]
	                                                           : &r->spare;

	v->name = name;
	v->name_length = (uint8_t)length;
	v->unit = NULL;
	v->obis = NULL;
	v->obis_length = 0;
	v->address = -1;
	v->kind = VALUE_NULL;
	return v;
}

/* The same with a NUL-terminated name of at most 255 bytes, NULL inside a list. */
static inline struct value *record_null(struct record *r, const char *name)
{
	return record_add_n(r, name, name ? strlen(name) : 0);
}

static inline struct value *record_decimal(struct record *r, const char *name, const char *unit,
                                           struct decimal d)
{
	struct value *v = record_null(r, name);

	v->kind = VALUE_DECIMAL;
	v->unit = unit;
	v->as.decimal = d;
	return v;
}

static inline struct value *record_int(struct record *r, const char *name, int64_t n)
{
	return record_decimal(r, name, NULL, decimal_i64(n, 0));
}

static inline struct value *record_bool(struct record *r, const char *name, bool flag)
{
	struct value *v = record_null(r, name);

	v->kind = VALUE_BOOL;
	v->as.flag = flag;
	return v;
}

static inline struct value *record_f32(struct record *r, const char *name, const char *unit,
                                       float f)
{
	struct value *v = record_null(r, name);

	v->kind = VALUE_FLOAT32;
	v->unit = unit;
	v->as.f32 = f;
	return v;
}

static inline struct value *record_f64(struct record *r, const char *name, const char *unit,
                                       double d)
{
	struct value *v = record_null(r, name);

	v->kind = VALUE_FLOAT64;
	v->unit = unit;
	v->as.f64 = d;
	return v;
}

/* Borrows the bytes; NULL data is a null value. */
static inline struct value *record_text(struct record *r, const char *name, const char *data,
                                        size_t length)
{
	struct value *v = record_null(r, name);

	if (!data)
		return v;
	v->kind = VALUE_TEXT;
	v->as.text.data = data;
	v->as.text.length = (uint32_t)length;
	return v;
}

static inline struct value *record_word(struct record *r, const char *name, const char *word)
{
	return record_text(r, name, word, word ? strlen(word) : 0);
}

/* The time of a device's clock; null when it is not valid. */
static inline struct value *record_time(struct record *r, const char *name, const struct stamp *s)
{
	struct value *v = record_null(r, name);

	if (stamp_valid(s)) {
		v->kind = VALUE_TIME;
		v->as.time = *s;
	}
	return v;
}

static inline void record_list(struct record *r, const char *name)
{
	record_null(r, name)->kind = VALUE_LIST;
}

static inline void record_object(struct record *r, const char *name)
{
	record_null(r, name)->kind = VALUE_OBJECT;
}

static inline void record_end(struct record *r)
{
	record_null(r, NULL)->kind = VALUE_END;
}

/* n bytes in the record's store, which keeps them until record_begin(); NULL when memory is out. */
char *record_store(struct record *r, size_t n);

/* 2 * n capital hexadecimal digits in the record's store, no NUL; NULL when memory is out. */
const char *record_hex(struct record *r, const void *data, size_t n);

/* A copy in the record's store; NULL when memory is out. */
char *record_copy(struct record *r, const char *data, size_t length);

/* A text value made with printf, kept in the record's store. */
#if defined(__GNUC__)
__attribute__((format(printf, 3, 4)))
#endif
struct value *
record_printf(struct record *r, const char *name, const char *format, ...);

/* The first value of that name at the top level, or NULL. */
const struct value *record_find(const struct record *r, const char *name);

/* The time of reception; without one the meter's clock, if its offset is known; or INSTANT_NONE. */
instant record_instant(const struct record *r);

/* The value behind v and everything inside v. v must be one of r's. */
const struct value *value_next(const struct record *r, const struct value *v);

/* The number as a double; false for anything that is no number. */
bool value_number(const struct value *v, double *out);

#endif
