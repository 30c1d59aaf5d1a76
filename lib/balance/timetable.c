#include "balance/timetable.h"

#include <string.h>

#include "base/csv.h"
#include "base/error.h"

enum { MINUTE = 60000, HOUR = 60 * MINUTE /* ms */, EVERY_DAY = 0x7F };

/* The first two letters of a day in English, German and Dutch. */
static const struct {
	char word[3];
	uint8_t day;
} day_names[] = {{"mo", 0}, {"tu", 1}, {"we", 2}, {"th", 3}, {"fr", 4}, {"sa", 5},
                 {"su", 6}, {"di", 1}, {"mi", 2}, {"do", 3}, {"so", 6}, {"ma", 0},
                 {"wo", 2}, {"vr", 4}, {"za", 5}, {"zo", 6}};

static bool is_letter(char c)
{
	return (c | 32) >= 'a' && (c | 32) <= 'z';
}

/* The next word of the line, up to a blank; empty at its end. */
static struct csv_text next_word(struct csv_text *line)
{
	struct csv_text word;

	while (line->length && csv_is_blank(*line->data)) {
		line->data++;
		line->length--;
	}
	word = (struct csv_text){line->data, 0};
	while (word.length < line->length && !csv_is_blank(word.data[word.length]))
		word.length++;
	line->data += word.length;
	line->length -= word.length;
	return word;
}

/* Passes digits as a number; -1 when there are fewer than `least` or more than `most`. */
static int number(struct csv_text *text, size_t least, size_t most)
{
	size_t n = 0;
	int value = 0;

	while (n < text->length && text->data[n] >= '0' && text->data[n] <= '9' && n <= most)
		value = value * 10 + (text->data[n++] - '0');
	text->data += n;
	text->length -= n;
	return n < least || n > most ? -1 : value;
}

static bool take(struct csv_text *text, const char *word)
{
	size_t length = strlen(word);

	if (text->length < length || memcmp(text->data, word, length) != 0)
		return false;
	text->data += length;
	text->length -= length;
	return true;
}

/* Mo, Mon, Monday; -1: none */
static int weekday(struct csv_text *text)
{
	size_t n = 0;
	int day = -1;

	while (n < text->length && is_letter(text->data[n]))
		n++;
	for (size_t i = 0; n >= 2 && i < sizeof day_names / sizeof *day_names; i++)
		if ((text->data[0] | 32) == day_names[i].word[0] &&
		    (text->data[1] | 32) == day_names[i].word[1])
			day = day_names[i].day;
	text->data += n;
	text->length -= n;
	return day;
}

/* Mo-Fr,Su */
static bool weekdays(struct timetable_line *l, struct csv_text word)
{
	l->weekdays = 0;
	do {
		int first = weekday(&word), last = take(&word, "-") ? weekday(&word) : first;

		if (first < 0 || last < 0)
			return false;
		for (int day = first;; day = (day + 1) % 7) {
			l->weekdays |= (uint8_t)(1U << day);
			if (day == last)
				break;
		}
	} while (take(&word, ","));
	return word.length == 0;
}

static bool date(struct csv_text *word, struct stamp *s)
{
	int year = number(word, 4, 4), month, day;

	if (year < 0 || !take(word, "-") || (month = number(word, 2, 2)) < 0 || !take(word, "-") ||
	    (day = number(word, 2, 2)) < 0)
		return false;
	*s = (struct stamp){.year = (int16_t)year, .month = (uint8_t)month, .day = (uint8_t)day};
	return stamp_valid(s);
}

/* 2026-12-24, 2026-12-24..26, 2026-12-24..2027-01-06 */
static bool dates(struct timetable_line *l, struct csv_text word)
{
	struct stamp first, last;

	if (!date(&word, &first))
		return false;
	last = first;
	if (take(&word, "..")) {
		struct csv_text day = word;
		int n = number(&day, 1, 2);

		if (n > 0 && !day.length) {
			last.day = (uint8_t)n;
			word = day;
		} else if (!date(&word, &last)) {
			return false;
		}
	}
	l->first = days_from_civil(first.year, first.month, first.day);
	l->last = days_from_civil(last.year, last.month, last.day);
	return !word.length && stamp_valid(&last) && l->last >= l->first;
}

/* HH:MM as a minute of the day, 24:00 too; -1: none */
static int minute(struct csv_text *word)
{
	int hour = number(word, 1, 2), minutes = take(word, ":") ? number(word, 2, 2) : -1;

	if (hour < 0 || hour > 24 || minutes < 0 || minutes > 59 || (hour == 24 && minutes))
		return -1;
	return hour * 60 + minutes;
}

/* 22:00-06:00 */
static bool times(struct timetable_line *l, struct csv_text word)
{
	int from = minute(&word), to = take(&word, "-") ? minute(&word) : -1;

	if (from < 0 || to < 0 || word.length || from == ZONE_DAY)
		return false;
	l->from = (int16_t)from;
	l->to = (int16_t)(to > from ? to : to + ZONE_DAY);
	return true;
}

/* 16, 16A, 7.5 */
static bool limit(struct timetable_line *l, struct csv_text word)
{
	struct decimal d;
	int64_t n;

	if (word.length && (word.data[word.length - 1] | 32) == 'a')
		word.length--;
	if (decimal_parse(&d, word.data, word.length) || decimal_scaled(d, -3, &n) || n < 0 ||
	    n > TIMETABLE_MOST)
		return false;
	l->limit = (int32_t)n;
	return true;
}

/* NULL, or what is expected. */
static const char *parse_line(struct timetable_line *l, struct csv_text line)
{
	struct csv_text word = next_word(&line);

	*l = (struct timetable_line){.first = 1, .weekdays = EVERY_DAY};
	if (word.length && is_letter(*word.data)) {
		if (!weekdays(l, word))
			return "days as Mo-Fr or Sa,Su are expected";
		word = next_word(&line);
	} else if (word.length > 4 && word.data[4] == '-') {
		if (!dates(l, word))
			return "a date as 2026-12-24, or two as 2026-12-24..2027-01-06, are "
			       "expected";
		word = next_word(&line);
	}
	if (!times(l, word))
		return "times as 22:00-06:00 are expected";
	if (!limit(l, next_word(&line)))
		return "a limit of 0 to 1000 A is expected behind the times";
	word = next_word(&line);
	return word.length && *word.data != '#' ? "nothing is expected behind the limit" : NULL;
}

int timetable_parse(struct timetable *t, const char *text, size_t length, unsigned *line,
                    const char **wrong)
{
	struct csv_lines lines;
	struct csv_text found;

	if (length >= 3 && !memcmp(text, "\xEF\xBB\xBF", 3)) {
		text += 3;
		length -= 3;
	}
	lines = csv_lines(text, length);
	t->count = 0;
	while (csv_line(&lines, &found)) {
		struct csv_text rest = found, word = next_word(&rest);

		if (*word.data == '#')
			continue;
		*line = lines.number;
		*wrong = t->count == TIMETABLE_LINES ? "more than 200 lines"
		                                     : parse_line(&t->lines[t->count], found);
		if (*wrong)
			return EM_SYNTAX;
		t->count++;
	}
	return 0;
}

/* Whether the line begins on that day (days since 1970). */
static bool begins_on(const struct timetable_line *l, int64_t day)
{
	int64_t since_monday = ((day + 3) % 7 + 7) % 7; /* 1970-01-01 was a Thursday */

	if (l->first <= l->last && (day < l->first || day > l->last))
		return false;
	return l->weekdays & 1U << since_monday;
}

/* When the clocks change within some hours, the answer holds for the rest of the minute only. */
static instant next_change(const struct timetable *t, const struct zone *zone, instant now)
{
	instant next = zone_next(zone, now, 0);

	if (zone_offset(zone, now - 3 * HOUR) != zone_offset(zone, now + 3 * HOUR))
		return now - now % MINUTE + MINUTE;
	for (size_t i = 0; i < t->count; i++) {
		instant from = zone_next(zone, now, t->lines[i].from);
		instant to = zone_next(zone, now, t->lines[i].to % ZONE_DAY);

		next = from < next ? from : next;
		next = to < next ? to : next;
	}
	return next;
}

int32_t timetable_at(const struct timetable *t, const struct zone *zone, instant now,
                     instant *until)
{
	struct stamp s = zone_stamp(zone, now);
	int64_t day = days_from_civil(s.year, s.month, s.day);
	int clock = s.hour * 60 + s.minute;
	int32_t most = CURRENT_NONE;

	for (size_t i = 0; i < t->count; i++) {
		const struct timetable_line *l = &t->lines[i];
		bool today = begins_on(l, day) && clock >= l->from && clock < l->to;
		bool yesterday = begins_on(l, day - 1) && clock < l->to - ZONE_DAY;

		if (today || yesterday)
			most = l->limit;
	}
	*until = next_change(t, zone, now);
	return most;
}
