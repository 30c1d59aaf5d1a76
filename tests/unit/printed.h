/*
 * What tests of decoders share: bytes from hexadecimal digits, and records as the JSON that users
 * see. The text of printed() lives until the next call. Include after cmocka.h.
 */
#ifndef TESTS_PRINTED_H
#define TESTS_PRINTED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output/output.h"

/* Blanks between the digits are skipped. Returns the number of bytes. */
static inline size_t hex_bytes(uint8_t *out, size_t room, const char *hex)
{
	size_t n = 0;

	for (; *hex; hex++) {
		char digits[3] = {hex[0], hex[1], 0}, *end;

		if (*hex == ' ')
			continue;
		assert_true(n < room);
		out[n++] = (uint8_t)strtoul(digits, &end, 16);
		assert_ptr_equal(end, digits + 2);
		hex++;
	}
	return n;
}

/* The record as a line of JSON, without the line's end. */
static inline const char *printed(const struct record *r)
{
	static char line[16384];
	struct format_state state = {0};
	struct text out = {0};

	assert_false(r->failed);
	format_json(&out, &state, r);
	assert_false(out.failed);
	snprintf(line, sizeof line, "%.*s", (int)(out.length - 1), out.data);
	text_free(&out);
	return line;
}

/* Fails unless the record's JSON contains the part. */
static inline void has(const struct record *r, const char *part)
{
	if (!strstr(printed(r), part))
		fail_msg("%s\n  not in %s", part, printed(r));
}

#endif
