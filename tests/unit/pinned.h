/*
 * Streams and records from a seed, and a hash of all that comes out of them: it stays the same until
 * somebody changes what users see. A test that fails prints the new hash; put it in when the change is
 * meant.
 */
#ifndef TESTS_UNIT_PINNED_H
#define TESTS_UNIT_PINNED_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static uint64_t pinned_seed, pinned_hash;
static unsigned pinned_lines;

static inline void pinned_begin(uint64_t seed)
{
	pinned_seed = seed;
	pinned_hash = 14695981039346656037u;
	pinned_lines = 0;
}

/* The same numbers on every machine: 0..limit-1. */
static inline unsigned dice(unsigned limit)
{
	pinned_seed = pinned_seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(pinned_seed >> 33) % limit;
}

static inline void pinned_add(const void *data, size_t size)
{
	const unsigned char *bytes = data;

	if (getenv("PINNED_SHOW"))
		fwrite(data, 1, size, stderr);
	for (size_t i = 0; i < size; i++)
		pinned_hash = (pinned_hash ^ bytes[i]) * 1099511628211u;
}

/* Adds a line in the way of printf. */
__attribute__((format(printf, 1, 2))) static inline void pinned_line(const char *format, ...)
{
	char line[1024];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(line, sizeof line, format, arguments);
	va_end(arguments);
	pinned_add(line, strlen(line));
	pinned_add("\n", 1);
	pinned_lines++;
}

/* How many lines, and their hash. Environment PINNED_SHOW=1 prints the lines. */
static inline void pinned_end(unsigned lines, uint64_t hash)
{
	if (pinned_lines != lines || pinned_hash != hash)
		fail_msg("%u lines, hash 0x%016llX", pinned_lines, (unsigned long long)pinned_hash);
}

/* Damages a byte or two, doubles a piece or takes one away. Returns the new size. */
static inline size_t pinned_damage(uint8_t *data, size_t size, size_t room)
{
	size_t at = size ? dice((unsigned)size) : 0, n = 1 + dice(12);

	switch (size ? dice(6) : 5) {
	case 0: data[at] ^= (uint8_t)(1 << dice(8)); return size;
	case 1: data[at] = (uint8_t)dice(256); return size;
	case 2: return at;
	case 3:
		n = n < size - at ? n : size - at;
		memmove(data + at, data + at + n, size - at - n);
		return size - n;
	case 4:
		n = n < size - at ? n : size - at;
		if (size + n > room)
			return size;
		memmove(data + at + n, data + at, size - at);
		return size + n;
	default: return size;
	}
}

#endif
