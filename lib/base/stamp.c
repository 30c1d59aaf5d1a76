#include "base/stamp.h"

#include <stdio.h>
#include <string.h>

static bool leap(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

bool stamp_valid(const struct stamp *s)
{
	static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	if (s->year < 0 || s->year > 9999 || s->month < 1 || s->month > 12 || s->day < 1)
		return false;
	if (s->day > days[s->month - 1] + (s->month == 2 && leap(s->year)))
		return false;
	if (s->hour > 23 || s->minute > 59 || s->second > 59)
		return false;
	return !s->has_offset || (s->offset >= -840 && s->offset <= 840);
}

/* Howard Hinnant's algorithm: years begin in March, so that the leap day is the last day. */
int64_t days_from_civil(int year, unsigned month, unsigned day)
{
	int64_t y = month <= 2 ? (int64_t)year - 1 : year;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t of_era = y - era * 400;
	int64_t of_year = (153 * (int64_t)(month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static void civil_from_days(int64_t days, struct stamp *s)
{
	int64_t z = days + 719468;
	int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	int64_t of_era = z - era * 146097;
	int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
	int64_t month = (5 * of_year + 2) / 153;

	s->day = (uint8_t)(of_year - (153 * month + 2) / 5 + 1);
	s->month = (uint8_t)(month < 10 ? month + 3 : month - 9);
	s->year = (int16_t)(year + era * 400 + (s->month <= 2));
}

instant stamp_instant(const struct stamp *s)
{
	int64_t minutes = days_from_civil(s->year, s->month, s->day) * 1440 + s->hour * 60 +
	                  s->minute;

	if (s->has_offset)
		minutes -= s->offset;
	return (minutes * 60 + s->second) * 1000;
}

static int64_t floor_divide(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

struct stamp stamp_at(instant t, int offset)
{
	int64_t seconds = floor_divide(t, 1000) + (int64_t)offset * 60;
	int64_t days = floor_divide(seconds, 86400);
	int64_t rest = seconds - days * 86400;
	struct stamp s = {.has_offset = true, .offset = (int16_t)offset};

	civil_from_days(days, &s);
	s.hour = (uint8_t)(rest / 3600);
	s.minute = (uint8_t)(rest / 60 % 60);
	s.second = (uint8_t)(rest % 60);
	return s;
}

static char *put_digits(char *out, unsigned n, unsigned width)
{
	for (unsigned i = width; i-- > 0; n /= 10)
		out[i] = (char)('0' + n % 10);
	return out + width;
}

/* YYYY-MM-DDThh:mm:ss */
static char *put_civil(char *p, const struct stamp *s)
{
	p = put_digits(p, (unsigned)s->year, 4);
	*p++ = '-';
	p = put_digits(p, s->month, 2);
	*p++ = '-';
	p = put_digits(p, s->day, 2);
	*p++ = 'T';
	p = put_digits(p, s->hour, 2);
	*p++ = ':';
	p = put_digits(p, s->minute, 2);
	*p++ = ':';
	return put_digits(p, s->second, 2);
}

size_t stamp_format(char out[STAMP_TEXT], const struct stamp *s)
{
	char *p = put_civil(out, s);

	if (s->has_offset) {
		unsigned offset = (unsigned)(s->offset < 0 ? -s->offset : s->offset);

		*p++ = s->offset < 0 ? '-' : '+';
		p = put_digits(p, offset / 60, 2);
		*p++ = ':';
		p = put_digits(p, offset % 60, 2);
	}
	*p = '\0';
	return (size_t)(p - out);
}

size_t instant_format(char out[STAMP_TEXT], instant t)
{
	struct stamp s = stamp_at(t, 0);
	char *p = put_civil(out, &s);

	*p++ = '.';
	p = put_digits(p, (unsigned)((t % 1000 + 1000) % 1000), 3);
	memcpy(p, "Z", 2);
	return (size_t)(p - out) + 1;
}

/* Z, +01:00, or nothing; false for anything else. */
static bool parse_offset(struct stamp *s, const char *text)
{
	unsigned hours, minutes;
	char sign[2], end;

	s->has_offset = *text != '\0';
	if (!strcmp(text, "") || !strcmp(text, "Z"))
		return true;
	if (sscanf(text, "%1[+-]%2u:%2u%c", sign, &hours, &minutes, &end) != 3)
		return false;
	s->offset = (int16_t)(hours * 60 + minutes);
	s->offset = (int16_t)(*sign == '-' ? -s->offset : s->offset);
	return minutes < 60;
}

bool stamp_parse(struct stamp *s, const char *text)
{
	unsigned year, month, day, hour, minute, second;
	int used = 0;

	*s = (struct stamp){0};
	if (sscanf(text, "%4u-%2u-%2u%*1[T ]%2u:%2u:%2u%n", &year, &month, &day, &hour, &minute,
	           &second, &used) != 6 ||
	    !used)
		return false;
	s->year = (int16_t)year;
	s->month = (uint8_t)month;
	s->day = (uint8_t)day;
	s->hour = (uint8_t)hour;
	s->minute = (uint8_t)minute;
	s->second = (uint8_t)second;
	text += used;
	if (*text == '.')
		text += 1 + strspn(text + 1, "0123456789");
	return parse_offset(s, text) && stamp_valid(s);
}
