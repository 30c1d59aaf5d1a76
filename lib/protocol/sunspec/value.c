#include "protocol/sunspec/value.h"

#include <math.h>
#include <stdio.h>

#include "base/text.h"

enum { STRING_BYTES = 2 * UINT8_MAX };

static uint64_t bits_of(const uint16_t *words, unsigned size)
{
	uint64_t bits = 0;

	for (unsigned i = 0; i < size; i++)
		bits = bits << 16 | words[i];
	return bits;
}

bool point_integer(const struct sunspec_point *point, const uint16_t *words, struct decimal *out)
{
	unsigned size = sunspec_type_size((enum sunspec_type)point->type), width = 16 * size;
	uint64_t bits, top, all;

	if (size < 1 || size > 4)
		return false;
	bits = bits_of(words, size);
	top = (uint64_t)1 << (width - 1);
	all = top | (top - 1);
	switch (point->type) {
	case SUNSPEC_INT16:
	case SUNSPEC_INT32:
	case SUNSPEC_INT64:
	case SUNSPEC_SUNSSF:
		*out = decimal_u64(bits & top ? (all - bits + 1) & all : bits, 0);
		out->negative = (bits & top) != 0;
		return bits != top;
	case SUNSPEC_ACC16:
	case SUNSPEC_ACC32:
	case SUNSPEC_ACC64: *out = decimal_u64(bits, 0); return bits != 0;
	case SUNSPEC_UINT16:
	case SUNSPEC_UINT32:
	case SUNSPEC_UINT64:
	case SUNSPEC_ENUM16:
	case SUNSPEC_ENUM32:
	case SUNSPEC_BITFIELD16:
	case SUNSPEC_BITFIELD32:
	case SUNSPEC_BITFIELD64:
	case SUNSPEC_COUNT: *out = decimal_u64(bits, 0); return bits != all;
	default: return false;
	}
}

static void put_float(struct value *v, const struct sunspec_point *point, const uint16_t *words)
{
	uint32_t bits32 = (uint32_t)bits_of(words, 2);
	uint64_t bits64;
	float f;
	double d;

	if (point->type == SUNSPEC_FLOAT32) {
		memcpy(&f, &bits32, sizeof f);
		if (!isfinite(f))
			return;
		v->kind = VALUE_FLOAT32;
		v->as.f32 = f;
		return;
	}
	bits64 = bits_of(words, 4);
	memcpy(&d, &bits64, sizeof d);
	if (!isfinite(d))
		return;
	v->kind = VALUE_FLOAT64;
	v->as.f64 = d;
}

static void set_text(struct record *r, struct value *v, const char *text, size_t length)
{
	const char *copy = record_copy(r, text, length);

	if (!copy)
		return;
	v->kind = VALUE_TEXT;
	v->as.text.data = copy;
	v->as.text.length = (uint32_t)length;
}

static bool is_utf8(const char *text, size_t length)
{
	size_t n = 1;

	for (size_t at = 0; n && at < length; at += n)
		n = utf8_length(text + at, length - at);
	return n != 0;
}

/* Up to the first NUL; all NUL means not implemented; text that is not UTF-8 is read as Latin-1. */
static void put_string(struct record *r, struct value *v, const uint16_t *words, unsigned size)
{
	char bytes[STRING_BYTES], utf8[2 * STRING_BYTES];
	size_t length = 0, n = 0;
	bool any = false;

	for (unsigned i = 0; i < size; i++) {
		bytes[2 * i] = (char)(words[i] >> 8);
		bytes[2 * i + 1] = (char)(words[i] & 0xFF);
		any = any || words[i];
	}
	if (!any)
		return;
	while (length < 2 * size && bytes[length])
		length++;
	if (is_utf8(bytes, length)) {
		set_text(r, v, bytes, length);
		return;
	}
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)bytes[i];

		if (c < 0x80) {
			utf8[n++] = (char)c;
		} else {
			utf8[n++] = (char)(0xC0 | c >> 6);
			utf8[n++] = (char)(0x80 | (c & 0x3F));
		}
	}
	set_text(r, v, utf8, n);
}

static void put_ipv4(struct record *r, struct value *v, const uint16_t *words)
{
	char text[20];
	int n;

	if (!words[0] && !words[1])
		return;
	n = snprintf(text, sizeof text, "%u.%u.%u.%u", (unsigned)words[0] >> 8, words[0] & 0xFFu,
	             (unsigned)words[1] >> 8, words[1] & 0xFFu);
	set_text(r, v, text, (size_t)n);
}

/* RFC 5952: lower case, the longest run of two or more zero groups as `::`, the first of equals. */
static void put_ipv6(struct record *r, struct value *v, const uint16_t *words)
{
	unsigned best = 8, best_length = 1, n = 0;
	char text[48];

	for (unsigned i = 0; i < 8; i++) {
		unsigned run = 0;

		while (i + run < 8 && !words[i + run])
			run++;
		if (run > best_length) {
			best = i;
			best_length = run;
		}
	}
	if (best_length == 8)
		return;
	for (unsigned i = 0; i < 8; i++) {
		if (i == best) {
			text[n++] = ':';
			i += best_length - 1;
			if (i == 7)
				text[n++] = ':';
			continue;
		}
		n += (unsigned)snprintf(text + n, sizeof text - n, "%s%x", i ? ":" : "", words[i]);
	}
	set_text(r, v, text, n);
}

/* Four registers, the first two bytes are not part of it. */
static void put_eui48(struct record *r, struct value *v, const uint16_t *words)
{
	char text[20];
	int n;

	if (words[1] == 0xFFFF && words[2] == 0xFFFF && words[3] == 0xFFFF)
		return;
	n = snprintf(text, sizeof text, "%02x:%02x:%02x:%02x:%02x:%02x", (unsigned)words[1] >> 8,
	             words[1] & 0xFFu, (unsigned)words[2] >> 8, words[2] & 0xFFu,
	             (unsigned)words[3] >> 8, words[3] & 0xFFu);
	set_text(r, v, text, (size_t)n);
}

void point_other(struct record *r, struct value *v, const struct sunspec_point *point,
                 const uint16_t *words)
{
	switch (point->type) {
	case SUNSPEC_STRING: put_string(r, v, words, point->size); return;
	case SUNSPEC_FLOAT32:
	case SUNSPEC_FLOAT64: put_float(v, point, words); return;
	case SUNSPEC_IPADDR: put_ipv4(r, v, words); return;
	case SUNSPEC_IPV6ADDR: put_ipv6(r, v, words); return;
	case SUNSPEC_EUI48: put_eui48(r, v, words); return;
	default: return;
	}
}
