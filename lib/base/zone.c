#include "base/zone.h"

#include <string.h>

#include "base/error.h"

enum { MINUTE = 60000 /* ms */, HOURS_MOST = 167 /* of a change, RFC 8536 */ };

struct rule {
	const char *at, *end;
	bool bad;
};

static bool take(struct rule *r, char c)
{
	bool there = r->at < r->end && *r->at == c;

	r->at += there;
	return there;
}

static bool digit(const struct rule *r)
{
	return r->at < r->end && *r->at >= '0' && *r->at <= '9';
}

/* A number of at most `width` digits, up to `most`. */
static int number(struct rule *r, int width, int most)
{
	int n = 0;

	if (!digit(r))
		r->bad = true;
	for (; width > 0 && digit(r); width--)
		n = n * 10 + (*r->at++ - '0');
	r->bad = r->bad || n > most;
	return n;
}

/* [+-]hh[:mm[:ss]] or hhmm in minutes; seconds must be 0. */
static int clock(struct rule *r, int hours)
{
	bool negative = take(r, '-');
	int minutes;

	if (!negative)
		take(r, '+');
	minutes = 60 * number(r, hours > 99 ? 3 : 2, hours);
	if (take(r, ':') || (hours <= 99 && digit(r)))
		minutes += number(r, 2, 59);
	if (take(r, ':'))
		number(r, 2, 0);
	return negative ? -minutes : minutes;
}

/* CET, <+03>: three letters or more. */
static void name(struct rule *r)
{
	bool quoted = take(r, '<');
	size_t n = 0;

	while (r->at < r->end && (((*r->at | 32) >= 'a' && (*r->at | 32) <= 'z') ||
	                          (quoted && (digit(r) || *r->at == '+' || *r->at == '-')))) {
		r->at++;
		n++;
	}
	if (n < 3 || (quoted && !take(r, '>')))
		r->bad = true;
}

static struct zone_change change(struct rule *r)
{
	struct zone_change c = {.kind = 'D', .minute = 120};

	if (!take(r, ','))
		r->bad = true;
	if (take(r, 'M')) {
		c.kind = 'M';
		c.month = (uint8_t)number(r, 2, 12);
		r->bad = r->bad || !take(r, '.') || !c.month;
		c.week = (uint8_t)number(r, 1, 5);
		r->bad = r->bad || !take(r, '.') || !c.week;
		c.day = (uint8_t)number(r, 1, 6);
	} else if (take(r, 'J')) {
		c.kind = 'J';
		c.of = (uint16_t)number(r, 3, 365);
		r->bad = r->bad || !c.of;
	} else {
		c.of = (uint16_t)number(r, 3, 365);
	}
	if (take(r, '/'))
		c.minute = (int16_t)clock(r, HOURS_MOST);
	return c;
}

static int parse_rule(struct zone *z, const char *text, size_t length)
{
	struct rule r = {text, text + length, false};

	name(&r);
	z->standard = (int16_t)-clock(&r, 24);
	if (r.at < r.end && !r.bad) {
		z->changes = true;
		z->summer = (int16_t)(z->standard + 60);
		name(&r);
		if (r.at < r.end && *r.at != ',')
			z->summer = (int16_t)-clock(&r, 24);
		z->begin = change(&r);
		z->end = change(&r);
	}
	return r.bad || r.at != r.end ? EM_SYNTAX : 0;
}

int zone_parse(struct zone *z, const char *text, size_t length)
{
	struct rule r = {text, text + length, false};
	struct zone out = {0};
	int error = 0;

	if ((length == 1 && *text == 'Z') || (length == 3 && !memcmp(text, "UTC", 3))) {
		*z = out;
		return 0;
	}
	if (length && (*text == '+' || *text == '-')) {
		out.standard = (int16_t)clock(&r, 14);
		error = r.bad || r.at != r.end ? EM_SYNTAX : 0;
	} else {
		error = parse_rule(&out, text, length);
	}
	if (!error)
		*z = out;
	return error;
}

int zone_parse_file(struct zone *z, const char *data, size_t size)
{
	size_t begin;

	if (size < 44 || memcmp(data, "TZif", 4) != 0 || data[4] < '2' || data[size - 1] != '\n')
		return EM_SYNTAX;
	for (begin = size - 1; begin > 0 && data[begin - 1] != '\n';)
		begin--;
	return zone_parse(z, data + begin, size - 1 - begin);
}

static bool leap(int year)
{
	return days_from_civil(year, 3, 1) - days_from_civil(year, 2, 28) == 2;
}

/* 0: Sunday; 1970-01-01 was a Thursday. */
static int weekday(int64_t day)
{
	return (int)(((day + 4) % 7 + 7) % 7);
}

/* The minute since 1970, in civil time, of a change in that year. */
static int64_t change_minute(const struct zone_change *c, int year)
{
	int64_t day;

	if (c->kind == 'M') {
		int next = c->month == 12 ? year + 1 : year;
		int64_t stop = days_from_civil(next, c->month % 12 + 1U, 1);
		int64_t first = days_from_civil(year, c->month, 1);

		day = first + (c->day + 7 - weekday(first)) % 7 + 7 * (c->week - 1);
		while (day >= stop)
			day -= 7;
	} else if (c->kind == 'J') {
		day = days_from_civil(year, 1, 1) + c->of - 1 + (leap(year) && c->of > 59);
	} else {
		day = days_from_civil(year, 1, 1) + c->of;
	}
	return day * ZONE_DAY + c->minute;
}

int zone_offset(const struct zone *z, instant t)
{
	struct stamp civil;
	instant begin, end;

	if (!z->changes)
		return z->standard;
	civil = stamp_at(t, z->standard);
	begin = (change_minute(&z->begin, civil.year) - z->standard) * MINUTE;
	end = (change_minute(&z->end, civil.year) - z->summer) * MINUTE;
	if (begin < end)
		return t >= begin && t < end ? z->summer : z->standard;
	return t >= end && t < begin ? z->standard : z->summer;
}

struct stamp zone_stamp(const struct zone *z, instant t)
{
	return stamp_at(t, zone_offset(z, t));
}

/* The instant of a civil time if that offset holds. */
static instant with_offset(struct stamp s, int offset)
{
	s.has_offset = true;
	s.offset = (int16_t)offset;
	return stamp_instant(&s);
}

instant zone_instant(const struct zone *z, const struct stamp *s, bool second)
{
	int more = z->summer > z->standard ? z->summer : z->standard;
	int less = z->summer > z->standard ? z->standard : z->summer;
	instant first, last;

	if (s->has_offset)
		return stamp_instant(s);
	if (!z->changes)
		return with_offset(*s, z->standard);
	first = with_offset(*s, more);
	last = with_offset(*s, less);
	if (zone_offset(z, first) != more)
		return last;
	return second && zone_offset(z, last) == less ? last : first;
}

bool zone_exists(const struct zone *z, const struct stamp *s)
{
	struct stamp shown = zone_stamp(z, zone_instant(z, s, false));

	return s->has_offset || (shown.hour == s->hour && shown.minute == s->minute);
}

instant zone_next(const struct zone *z, instant t, int minute)
{
	struct stamp day = zone_stamp(z, t);
	instant next = t;

	for (int i = 0; i < 3 && next <= t; i++) {
		struct stamp s = stamp_at(stamp_instant(&(struct stamp){.year = day.year,
		                                                        .month = day.month,
		                                                        .day = day.day}) +
		                                  (instant)i * ZONE_DAY * MINUTE,
		                          0);

		s.has_offset = false;
		s.hour = (uint8_t)(minute / 60);
		s.minute = (uint8_t)(minute % 60);
		next = zone_instant(z, &s, false);
	}
	return next;
}
