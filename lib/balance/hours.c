#include "balance/hours.h"

#include <string.h>

#include "base/error.h"

enum { HOUR = 3600, MINUTE = 60 };

/* s from second `from` of the day to the next second `to` of a day, 0..86399 */
static int32_t until(int32_t from, int32_t to)
{
	return (to - from + HOURS_DAY) % HOURS_DAY;
}

/* One or two digits. */
static bool number(const char **p, const char *end, int32_t *out)
{
	const char *begin = *p;

	*out = 0;
	for (; *p < end && **p >= '0' && **p <= '9' && *p - begin < 2; (*p)++)
		*out = *out * 10 + (**p - '0');
	return *p > begin;
}

/* H, HH or HH:MM, at most 24:00 */
static int moment(const char **p, const char *end, int32_t *out)
{
	int32_t hour, minute = 0;

	if (!number(p, end, &hour))
		return EM_SYNTAX;
	if (*p < end && **p == ':') {
		(*p)++;
		if (!number(p, end, &minute))
			return EM_SYNTAX;
	}
	*out = hour * HOUR + minute * MINUTE;
	return minute > 59 || *out > HOURS_DAY ? EM_RANGE : 0;
}

static int window(const char **p, const char *end, struct hours_window *out)
{
	int32_t from, to;
	int error = moment(p, end, &from);

	if (error)
		return error;
	if (*p == end || *(*p)++ != '-')
		return EM_SYNTAX;
	error = moment(p, end, &to);
	if (error)
		return error;
	if (from == to)
		return EM_RANGE;
	out->from = from % HOURS_DAY;
	out->length = until(out->from, to % HOURS_DAY);
	if (!out->length)
		out->length = HOURS_DAY; /* 0-24 */
	return 0;
}

static bool apart(const struct hours *h)
{
	for (int i = 0; i < h->count; i++)
		for (int k = 0; k < h->count; k++)
			if (i != k &&
			    until(h->windows[i].from, h->windows[k].from) <= h->windows[i].length)
				return false;
	return true;
}

int hours_time(const char *text, size_t length, int32_t *out)
{
	const char *p = text;
	int error = moment(&p, text + length, out);

	return error ? error : p < text + length ? EM_SYNTAX : 0;
}

int hours_parse(struct hours *h, const char *text, size_t length)
{
	const char *end = text + length;
	struct hours read = {0};

	for (const char *p = text;; p++) {
		int error = read.count < HOURS_WINDOWS
		                    ? window(&p, end, &read.windows[read.count++])
		                    : EM_RANGE;

		if (error)
			return error;
		if (p == end)
			break;
		if (*p != '+')
			return EM_SYNTAX;
	}
	if (!apart(&read))
		return EM_RANGE;
	*h = read;
	return 0;
}

bool hours_within(const struct hours *h, int32_t at, int32_t *lasts)
{
	*lasts = INT32_MAX;
	for (int i = 0; i < h->count; i++) {
		const struct hours_window *w = &h->windows[i];
		int32_t since = until(w->from, at), begins = HOURS_DAY - since;

		if (w->length == HOURS_DAY)
			return true;
		if (since < w->length) {
			*lasts = w->length - since;
			return true;
		}
		*lasts = begins < *lasts ? begins : *lasts;
	}
	return h->count == 0;
}

int32_t hours_gap(const struct hours *h, int32_t at)
{
	const struct hours_window *held = NULL;
	int32_t least = HOURS_DAY;

	for (int i = 0; i < h->count && !held; i++)
		if (until(h->windows[i].from, at) < h->windows[i].length)
			held = &h->windows[i];
	for (int i = 0; held && i < h->count; i++) {
		int32_t end = (h->windows[i].from + h->windows[i].length) % HOURS_DAY;
		int32_t gap = until(end, held->from);

		least = gap < least ? gap : least;
	}
	return held ? least : 0;
}

int32_t hours_outside(const struct hours *h)
{
	int32_t within = h->count ? 0 : HOURS_DAY;

	for (int i = 0; i < h->count; i++)
		within += h->windows[i].length;
	return HOURS_DAY - within;
}
