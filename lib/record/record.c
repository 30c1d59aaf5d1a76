#include "record/record.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/hex.h"

struct record_chunk {
	struct record_chunk *older;
	size_t size;
	char data[];
};

enum { FIRST_VALUES = 64, FIRST_CHUNK = 4096 };

/*
 * Keeps only the newest chunk, which is the largest: the next record probably fits into it.
 * `values` is never NULL afterwards, so that pointer arithmetic is valid in a record without
 * values, too.
 */
void record_begin(struct record *r, const char *type)
{
	if (r->chunk) {
		while (r->chunk->older) {
			struct record_chunk *older = r->chunk->older;

			r->chunk->older = older->older;
			free(older);
		}
	}
	r->used = 0;
	r->count = 0;
	r->failed = false;
	r->type = type;
	r->time = INSTANT_NONE;
	r->source = NULL;
	if (!r->values)
		record_grow(r);
}

void record_free(struct record *r)
{
	while (r->chunk) {
		struct record_chunk *older = r->chunk->older;

		free(r->chunk);
		r->chunk = older;
	}
	free(r->values);
	*r = (struct record){0};
}

bool record_grow(struct record *r)
{
	size_t capacity = r->capacity ? r->capacity * 2 : FIRST_VALUES;
	struct value *values = NULL;

	if (capacity <= SIZE_MAX / sizeof *values)
		values = realloc(r->values, capacity * sizeof *values);
	if (!values) {
		r->failed = true;
		return false;
	}
	r->values = values;
	r->capacity = capacity;
	return true;
}

char *record_store(struct record *r, size_t n)
{
	struct record_chunk *chunk = r->chunk;
	size_t size;

	if (chunk && chunk->size - r->used >= n) {
		r->used += n;
		return chunk->data + r->used - n;
	}
	size = chunk ? chunk->size * 2 : FIRST_CHUNK;
	if (size < n)
		size = n;
	chunk = malloc(sizeof *chunk + size);
	if (!chunk) {
		r->failed = true;
		return NULL;
	}
	chunk->older = r->chunk;
	chunk->size = size;
	r->chunk = chunk;
	r->used = n;
	return chunk->data;
}

char *record_copy(struct record *r, const char *data, size_t length)
{
	char *copy = record_store(r, length + 1);

	if (!copy)
		return NULL;
	if (length)
		memcpy(copy, data, length);
	copy[length] = '\0';
	return copy;
}

const char *record_hex(struct record *r, const void *data, size_t n)
{
	char *digits = record_store(r, 2 * n);

	if (digits)
		hex_write(digits, data, n);
	return digits;
}

struct value *record_printf(struct record *r, const char *name, const char *format, ...)
{
	va_list arguments;
	char *data;
	int n;

	va_start(arguments, format);
	n = vsnprintf(NULL, 0, format, arguments);
	va_end(arguments);
	data = n < 0 ? NULL : record_store(r, (size_t)n + 1);
	if (!data)
		return record_null(r, name);
	va_start(arguments, format);
	vsnprintf(data, (size_t)n + 1, format, arguments);
	va_end(arguments);
	return record_text(r, name, data, (size_t)n);
}

instant record_instant(const struct record *r)
{
	const struct value *meter = r->time == INSTANT_NONE ? record_find(r, "meter_time") : NULL;

	return meter && meter->kind == VALUE_TIME && meter->as.time.has_offset
	               ? stamp_instant(&meter->as.time)
	               : r->time;
}

const struct value *value_next(const struct record *r, const struct value *v)
{
	const struct value *end = r->values + r->count;
	size_t depth = 0;

	for (; v < end; v++) {
		if (v->kind == VALUE_LIST || v->kind == VALUE_OBJECT)
			depth++;
		else if (v->kind == VALUE_END && depth)
			depth--;
		if (depth == 0)
			return v + 1;
	}
	return end;
}

const struct value *record_find(const struct record *r, const char *name)
{
	size_t length = strlen(name);

	for (const struct value *v = r->values; v && v < r->values + r->count; v = value_next(r, v))
		if (v->name && v->name_length == length && !memcmp(v->name, name, length))
			return v;
	return NULL;
}

bool value_number(const struct value *v, double *out)
{
	switch (v->kind) {
	case VALUE_DECIMAL: *out = decimal_double(v->as.decimal); return true;
	case VALUE_FLOAT32: *out = (double)v->as.f32; return isfinite(*out);
	case VALUE_FLOAT64: *out = v->as.f64; return isfinite(*out);
	default: return false;
	}
}
