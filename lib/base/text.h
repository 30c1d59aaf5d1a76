/*
 * A text that grows while outputs append to it. The owner zero-initialises it and calls
 * text_free(). When memory is out, `failed` is set and later additions are dropped; the owner tests
 * it once.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/decimal.h"
#include "base/stamp.h"

#define FLOAT_TEXT 32 /* bytes that the longest float needs, with its NUL */

struct text {
	char *data; /* not NUL-terminated unless text_string() was called */
	size_t length, capacity;
	bool failed;
	bool fixed; /* data belongs to the owner and does not grow, see text_within() */
};

/* A text in memory of the owner, for messages that must not allocate. */
static inline struct text text_within(char *data, size_t capacity)
{
	return (struct text){.data = data, .capacity = capacity, .fixed = true};
}

/* Room for n more bytes at data + length; false when memory is out. */
bool text_grow(struct text *t, size_t n);

static inline bool text_room(struct text *t, size_t n)
{
	return t->capacity - t->length >= n || text_grow(t, n);
}

static inline void text_add(struct text *t, const char *data, size_t n)
{
	if (!n || !text_room(t, n) ||
	    !t->data) /* data is never NULL here; this tells static analysers */
		return;
	memcpy(t->data + t->length, data, n);
	t->length += n;
}

static inline void text_char(struct text *t, char c)
{
	if (text_room(t, 1))
		t->data[t->length++] = c;
}

static inline void text_puts(struct text *t, const char *s)
{
	text_add(t, s, strlen(s));
}

/* n spaces, or any other character */
void text_fill(struct text *t, char c, size_t n);

#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
void text_printf(struct text *t, const char *format, ...);

/* The bytes as 2 * n capital hexadecimal digits */
void text_hex(struct text *t, const void *data, size_t n);

void text_decimal(struct text *t, struct decimal d);

/* As float32_format() and float64_format() below write them */
void text_float32(struct text *t, float f);
void text_float64(struct text *t, double d);

/* RFC 3339, as stamp_format() and instant_format() write it */
void text_stamp(struct text *t, const struct stamp *s);
void text_instant(struct text *t, instant time);

/* NUL-terminates and returns the text, "" when memory ran out; valid until the next addition. */
const char *text_string(struct text *t);

void text_free(struct text *t);

/*
 * Bytes as printable UTF-8 for people: control characters, invisible characters and bytes that are
 * not UTF-8 are written as \xNN.
 */
void text_printable(struct text *t, const char *data, size_t n);

/*
 * A JSON string in quotes; a byte that is not part of UTF-8 becomes the code point of its value.
 * Control characters and invisible characters are written as \uNNNN.
 */
void text_json(struct text *t, const char *data, size_t n);

/*
 * The name of a member: a JSON string with a colon behind it, and a comma before it unless `first`.
 */
void text_json_name(struct text *t, bool first, const char *name, size_t n);

/* Length of the UTF-8 sequence at data, 0 if it is not well-formed (RFC 3629). */
size_t utf8_length(const char *data, size_t n);

/*
 * Whether a well-formed sequence is an invisible character: a C1 control, a mark that changes the
 * direction of writing, a line separator, a space without width, a tag or a code point that is no
 * character.
 */
bool utf8_unseen(const char *data, size_t length);

/* The columns that a text takes on a terminal: one for each code point. */
size_t text_columns(const char *data, size_t n);

/*
 * The shortest text that reads back as the same value of the same width. Whole numbers end in `.0`,
 * numbers below 1e-4 and from 1e16 on have an exponent, and -0.0 keeps its sign. Returns the
 * length. NaN and infinity are not allowed.
 */
size_t float32_format(char out[FLOAT_TEXT], float f);
size_t float64_format(char out[FLOAT_TEXT], double d);

#endif
