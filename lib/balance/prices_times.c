/* Times as price lists write them: ISO 8601, as in Germany or Britain, ranges, seconds since 1970. */
#include <string.h>

#include "balance/prices_reader.h"
#include "base/error.h"

enum { MINUTE = 60000, HOUR = 60 * MINUTE, DAY = 24 * HOUR /* ms */ };

static const char form[] = "is no time: 2026-12-01T00:00+01:00 or 01.12.2026 00:00 is expected";

struct price_scan {
	const char *at, *end;
};

static int digits(const struct price_scan *s)
{
	int n = 0;

	while (s->at + n < s->end && s->at[n] >= '0' && s->at[n] <= '9')
		n++;
	return n;
}

/* Exactly so many digits, at most `most`; -1: they are not there. */
static int number(struct price_scan *s, int width, int most)
{
	int n = 0;

	if (digits(s) < width)
		return -1;
	for (; width > 0; width--)
		n = n * 10 + (*s->at++ - '0');
	return n > most ? -1 : n;
}

static bool take(struct price_scan *s, char c)
{
	bool there = s->at < s->end && *s->at == c;

	s->at += there;
	return there;
}

static void blanks(struct price_scan *s)
{
	while (take(s, ' ') || take(s, '\t'))
		;
}

static bool take_word(struct price_scan *s, const char *word)
{
	size_t length = strlen(word);

	if ((size_t)(s->end - s->at) < length || memcmp(s->at, word, length) != 0)
		return false;
	s->at += length;
	return true;
}

/* 2026-12-01, 2026/12/01, 01.12.2026, 01/12/2026, 1.12.2026 */
static bool date(struct price_scan *s, struct stamp *out)
{
	int first = digits(s), year, month, day;
	char mark;

	if (first == 4) {
		year = number(s, 4, 9999);
		mark = s->at < s->end ? *s->at : '\0';
		if (!take(s, '-') && !take(s, '/'))
			return false;
		month = number(s, 2, 12);
		day = take(s, mark) ? number(s, 2, 31) : -1;
	} else {
		if (first < 1 || first > 2)
			return false;
		day = number(s, first, 31);
		mark = s->at < s->end ? *s->at : '\0';
		if (!take(s, '.') && !take(s, '/'))
			return false;
		first = digits(s);
		month = first < 1 || first > 2 ? -1 : number(s, first, 12);
		year = take(s, mark) ? number(s, 4, 9999) : -1;
	}
	if (year < 0 || month < 1 || day < 1)
		return false;
	*out = (struct stamp){.year = (int16_t)year, .month = (uint8_t)month, .day = (uint8_t)day};
	return true;
}

static void next_day(struct stamp *s)
{
	struct stamp next = stamp_at(stamp_instant(s) + DAY, 0);

	s->year = next.year;
	s->month = next.month;
	s->day = next.day;
}

/* HH:MM[:SS[.fff]]; 24:00 is the next day's 00:00. */
static bool clock(struct price_scan *s, struct stamp *out)
{
	int hour = digits(s) == 1 ? number(s, 1, 9) : number(s, 2, 24);
	int minute = take(s, ':') ? number(s, 2, 59) : -1;
	int second = take(s, ':') ? number(s, 2, 59) : 0;

	if (second >= 0 && take(s, '.'))
		s->at += digits(s);
	if (hour < 0 || minute < 0 || second < 0 || (hour == 24 && (minute || second)))
		return false;
	out->hour = (uint8_t)hour;
	out->minute = (uint8_t)minute;
	out->second = (uint8_t)second;
	if (hour == 24) {
		out->hour = 0;
		next_day(out);
	}
	return true;
}

/* Z, +01:00, +0100, +01, UTC, (CET), (CEST), or nothing */
static bool offset(struct price_scan *s, struct stamp *out)
{
	static const struct {
		const char *word;
		int16_t minutes;
	} words[] = {{"Z", 0},         {"UTC", 0},     {" UTC", 0},    {" (UTC)", 0},
	             {" (CEST)", 120}, {" (CET)", 60}, {" CEST", 120}, {" CET", 60}};
	bool negative = take(s, '-');
	int hours, minutes = 0;

	if (!negative && !take(s, '+')) {
		for (size_t i = 0; i < sizeof words / sizeof *words && !out->has_offset; i++) {
			out->has_offset = take_word(s, words[i].word);
			out->offset = words[i].minutes;
		}
		return true;
	}
	hours = number(s, 2, 14);
	if (take(s, ':') || digits(s))
		minutes = number(s, 2, 59);
	out->has_offset = true;
	out->offset = (int16_t)((hours * 60 + minutes) * (negative ? -1 : 1));
	return hours >= 0 && minutes >= 0;
}

/* The rest of a time behind its date. */
static bool behind_date(struct price_scan *s, struct stamp *out)
{
	if (s->at < s->end && (*s->at == 'T' || *s->at == ' ') && s->at + 1 < s->end &&
	    s->at[1] >= '0' && s->at[1] <= '9') {
		s->at++;
		if (!clock(s, out) || !offset(s, out))
			return false;
	}
	return stamp_valid(out);
}

/* Seconds or milliseconds since 1970: ten digits or more. */
static bool epoch(struct price_scan *s, struct stamp *out)
{
	int64_t n = 0;
	int length = digits(s);

	if (length < 9 || length > 13 || s->at + length != s->end)
		return false;
	while (s->at < s->end)
		n = n * 10 + (*s->at++ - '0');
	*out = stamp_at(length > 11 ? n : n * 1000, 0);
	return true;
}

/* The instant; an hour that comes twice is the second one when the list was there before. */
static instant instant_of(const struct prices_reader *r, const struct stamp *s)
{
	instant first = zone_instant(r->zone, s, false);

	if (s->has_offset)
		return first;
	if (!zone_exists(r->zone, s))
		return INSTANT_NONE;
	if (r->last != INSTANT_NONE && first <= r->last && r->last - first < 3 * HOUR) {
		instant second = zone_instant(r->zone, s, true);

		return second > r->last ? second : first;
	}
	return first;
}

/* An end without offset is as far from the start as it is written, and never beyond the clocks. */
static void set_end(const struct prices_reader *r, struct price_span *span, const struct stamp *s)
{
	instant end = zone_instant(r->zone, s, false), told;

	if (!s->has_offset && !span->begin.has_offset && span->start != INSTANT_NONE) {
		told = span->start + (stamp_instant(s) - stamp_instant(&span->begin));
		end = told < end || end <= span->start ? told : end;
	}
	span->end = end;
}

/* The second time of a range; it may leave the date out. */
static bool range_end(const struct prices_reader *r, struct price_scan *s, struct price_span *span)
{
	struct stamp to = span->begin;
	struct price_scan dated = *s;

	if (date(&dated, &to)) {
		*s = dated;
		to.has_offset = false;
		if (!behind_date(s, &to))
			return false;
	} else {
		if (!clock(s, &to) || !offset(s, &to))
			return false;
		if (stamp_instant(&to) <= stamp_instant(&span->begin))
			next_day(&to);
	}
	set_end(r, span, &to);
	return true;
}

int price_times(struct prices_reader *r, struct csv_text text, struct price_span *span)
{
	struct price_scan s = {text.data, text.data + text.length};

	span->end = INSTANT_NONE;
	if (epoch(&s, &span->begin)) {
		span->start = stamp_instant(&span->begin);
		return 0;
	}
	if (!date(&s, &span->begin) || !behind_date(&s, &span->begin))
		return price_fault(r, text, form);
	span->start = instant_of(r, &span->begin);
	blanks(&s);
	if (take(&s, '-') || take(&s, '/') || take_word(&s, "\xE2\x80\x93")) {
		blanks(&s);
		if (!range_end(r, &s, span))
			return price_fault(r, text, form);
		blanks(&s);
	}
	return s.at == s.end ? 0 : price_fault(r, text, form);
}

bool price_only_clock(struct csv_text text)
{
	struct price_scan s = {text.data, text.data + text.length};
	struct stamp out = {.year = 2000, .month = 1, .day = 1};

	return clock(&s, &out) && s.at == s.end;
}

int price_end_time(struct prices_reader *r, struct csv_text text, struct price_span *span)
{
	struct price_scan s = {text.data, text.data + text.length};
	struct stamp to = span->begin;

	if (epoch(&s, &to)) {
		span->end = stamp_instant(&to);
		return 0;
	}
	if (!range_end(r, &s, span))
		return price_fault(r, text, form);
	return s.at == s.end ? 0 : price_fault(r, text, form);
}
