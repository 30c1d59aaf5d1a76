/* Groups, numbers, units, times and texts of P1 lines. */
#include <string.h>

#include "base/bytes.h"
#include "base/hex.h"
#include "protocol/dsmr/parts.h"

bool next_group(struct span *rest, struct span *group)
{
	const uint8_t *end;

	if (rest->size < 2)
		return false;
	end = memchr(rest->data, ')', rest->size);
	if (!end)
		return false;
	group->data = rest->data + 1;
	group->size = (size_t)(end - group->data);
	rest->size -= group->size + 2;
	rest->data = end + 1;
	return true;
}

size_t count_groups(struct span groups)
{
	struct span group;
	size_t n = 0;

	while (next_group(&groups, &group))
		n++;
	return n;
}

static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}

static bool same_word(struct span text, const char *word)
{
	size_t i = 0;

	for (; i < text.size && word[i]; i++)
		if (lower(text.data[i]) != (uint8_t)word[i])
			return false;
	return i == text.size && !word[i];
}

/* Any case: meters write kvar, kVAr and kVar. */
bool read_unit(struct span text, const char **unit, int *shift)
{
	/* clang-format off */
	static const char *const words[][2] = {
		{"wh", "Wh"}, {"w", "W"}, {"v", "V"}, {"a", "A"}, {"var", "var"}, {"varh", "varh"},
		{"va", "VA"}, {"vah", "VAh"}, {"hz", "Hz"}, {"j", "J"}, {"m3", "m3"}, {"s", "s"}};
	/* clang-format on */

	*shift = 0;
	for (int prefixed = 0; prefixed < 2; prefixed++) {
		for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
			if (same_word(text, words[i][0])) {
				*unit = words[i][1];
				return true;
			}
		}
		if (!text.size)
			return false;
		*shift = lower(text.data[0]) == 'k'   ? 3
		         : lower(text.data[0]) == 'g' ? 9
		         : text.data[0] == 'M'        ? 6
		                                      : 0;
		if (!*shift)
			return false;
		text.data++;
		text.size--;
	}
	return false;
}

struct dsmr_reading read_number(struct span text)
{
	struct dsmr_reading reading = {0};
	size_t n = text.size && text.data[0] == '-', shift_at;
	int shift;

	while (n < text.size &&
	       (text.data[n] == '.' || (text.data[n] >= '0' && text.data[n] <= '9')))
		n++;
	if (n && text.data[text.data[0] == '-' ? 1 : 0] == '.')
		return reading;
	if (decimal_parse(&reading.value, (const char *)text.data, n))
		return reading;
	if (n == text.size) {
		reading.valid = true;
		return reading;
	}
	shift_at = n + (text.data[n] == '*');
	text = (struct span){text.data + shift_at, text.size - shift_at};
	if (!text.size)
		reading.valid = true;
	else if (read_unit(text, &reading.unit, &shift)) {
		reading.value = decimal_shift(reading.value, shift);
		reading.valid = true;
	}
	return reading;
}

static int two(const uint8_t *p)
{
	unsigned high = (unsigned)p[0] - '0', low = (unsigned)p[1] - '0';

	return high > 9 || low > 9 ? 255 : (int)(high * 10 + low);
}

/* Year (2), month, day, weekday, hour, minute, second, hundredths, minutes west (2), status. */
static struct stamp read_octets(struct span text)
{
	struct stamp bad = {0}, s = {0};
	uint8_t b[12];
	int west;

	if (hex_read(b, sizeof b, (const char *)text.data, text.size))
		return bad;
	west = (int16_t)load_be16(b + 9);
	s.year = (int16_t)load_be16(b);
	s.month = b[2];
	s.day = b[3];
	s.hour = b[5];
	s.minute = b[6];
	s.second = b[7];
	s.has_offset = west != INT16_MIN; /* 8000: not specified */
	s.offset = (int16_t)(s.has_offset ? -west : 0);
	return s;
}

struct stamp read_stamp(struct span text)
{
	struct stamp s = {0};
	const uint8_t *p = text.data;
	uint8_t flag = text.size == 13 ? p[12] : 0;

	if (text.size == 24)
		return read_octets(text);
	if ((text.size != 12 && text.size != 13) || (flag && flag != 'S' && flag != 'W'))
		return s; /* month 0 is not valid */
	s.year = (int16_t)(2000 + two(p));
	s.month = (uint8_t)two(p + 2);
	s.day = (uint8_t)two(p + 4);
	s.hour = (uint8_t)two(p + 6);
	s.minute = (uint8_t)two(p + 8);
	s.second = (uint8_t)two(p + 10);
	s.has_offset = flag != 0;
	s.offset = flag == 'S' ? 120 : flag ? 60 : 0;
	if (s.year > 2099)
		s.month = 0;
	return s;
}

bool never_read(struct span text)
{
	static const char *const marks[] = {"632525", "70010101", "00010101"};

	for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
		if (text.size >= strlen(marks[i]) && !memcmp(text.data, marks[i], strlen(marks[i])))
			return true;
	return false;
}

static void put_text(struct record *r, struct value *v, const char *data, size_t size)
{
	(void)r;
	v->kind = VALUE_TEXT;
	v->as.text.data = data;
	v->as.text.length = (uint32_t)size;
}

/* Bytes as they are; from 80 on as the code points of their values. */
static void put_latin1(struct record *r, size_t index, struct span text)
{
	size_t high = 0, n = 0;
	char *copy;

	for (size_t i = 0; i < text.size; i++)
		high += text.data[i] >> 7;
	if (!high) {
		put_text(r, &r->values[index], (const char *)text.data, text.size);
		return;
	}
	copy = record_store(r, text.size + high);
	for (size_t i = 0; copy && i < text.size; i++) {
		if (text.data[i] >= 0x80) {
			copy[n++] = (char)(0xC0 | text.data[i] >> 6);
			copy[n++] = (char)(0x80 | (text.data[i] & 0x3F));
		} else {
			copy[n++] = (char)text.data[i];
		}
	}
	if (copy)
		put_text(r, &r->values[index], copy, n);
}

size_t decode_text(uint8_t *out, struct span text)
{
	if (text.size % 2)
		return 0;
	for (size_t i = 0; i < text.size; i += 2) {
		int high = hex_digit(text.data[i]), low = hex_digit(text.data[i + 1]);

		if (high < 2 || high > 7 || low < 0 || (high == 7 && low == 15))
			return 0;
		out[i / 2] = (uint8_t)(high << 4 | low);
	}
	return text.size / 2;
}

/* False when the text is not the hexadecimal form of printable ASCII. */
static bool put_decoded(struct record *r, size_t index, struct span text)
{
	char *copy = text.size ? record_store(r, text.size / 2 + 1) : NULL;
	size_t size = copy ? decode_text((uint8_t *)copy, text) : 0;

	if (size)
		put_text(r, &r->values[index], copy, size);
	return size > 0;
}

void set_text(struct record *r, size_t index, struct span text, bool decode)
{
	if (index < r->count && !(decode && put_decoded(r, index, text)))
		put_latin1(r, index, text);
}

void add_text(struct record *r, const char *name, struct span text)
{
	record_null(r, name);
	if (text.size)
		set_text(r, r->count - 1, text, true);
}
