#include "balance/figures.h"

#include <math.h>
#include <stdio.h>

/* Between groups of digits, and before a unit: narrow and plain spaces that break no line. */
static const char *const group[] = {"\xE2\x80\xAF", " "};
static const char *const gap[] = {"\xC2\xA0", " "};

void figures_number(struct text *out, enum figures_reader reader, double value, int decimals)
{
	char digits[48];
	const char *p = digits;
	size_t whole;

	if (!isfinite(value) || fabs(value) >= 1e30) {
		text_puts(out, "\xE2\x80\x93");
		return;
	}
	snprintf(digits, sizeof digits, "%.*f", decimals, value);
	if (*p == '-') {
		if (strspn(p + 1, "0.") < strlen(p + 1))
			text_puts(out, reader == FIGURES_PAGE ? "\xE2\x88\x92" : "-");
		p++;
	}
	whole = strcspn(p, ".");
	for (size_t i = 0; i < whole; i++) {
		if (i && whole > 4 && (whole - i) % 3 == 0)
			text_puts(out, group[reader]);
		text_char(out, p[i]);
	}
	text_puts(out, p + whole);
}

void figures_unit(struct text *out, enum figures_reader reader, double value, int decimals,
                  const char *unit)
{
	figures_number(out, reader, value, decimals);
	text_puts(out, gap[reader]);
	text_puts(out, unit);
}

/* The larger unit, and the smaller one when there is some of it. */
static void two(struct text *out, enum figures_reader reader, int64_t larger, const char *name,
                int64_t smaller, const char *small_name)
{
	figures_unit(out, reader, (double)larger, 0, name);
	if (!smaller)
		return;
	text_puts(out, gap[reader]);
	figures_unit(out, reader, (double)smaller, 0, small_name);
}

void figures_span(struct text *out, enum figures_reader reader, int64_t seconds)
{
	int64_t minutes = (seconds + 30) / 60, hours = (seconds + 1800) / 3600;

	if (seconds < 60)
		figures_unit(out, reader, (double)seconds, 0, "s");
	else if (seconds < 3600)
		two(out, reader, seconds / 60, "min", seconds % 60, "s");
	else if (minutes < 48 * 60)
		two(out, reader, minutes / 60, "h", minutes % 60, "min");
	else
		two(out, reader, hours / 24, "days", hours % 24, "h");
}

void figures_energy(struct text *out, enum figures_reader reader, int64_t millijoules)
{
	figures_unit(out, reader, (double)millijoules / 3.6e9, 1, "kWh");
}

static const char *entity(char c)
{
	switch (c) {
	case '&': return "&amp;";
	case '<': return "&lt;";
	case '>': return "&gt;";
	case '"': return "&quot;";
	case '\'': return "&#39;";
	default: return NULL;
	}
}

void figures_name(struct text *out, const char *s)
{
	size_t left = strlen(s);

	while (left) {
		size_t length = utf8_length(s, left);
		bool seen = length && (unsigned char)*s >= 0x20 && *s != 0x7F &&
		            !utf8_unseen(s, length);

		if (!seen)
			text_puts(out, "\xEF\xBF\xBD");
		else if (entity(*s))
			text_puts(out, entity(*s));
		else
			text_add(out, s, length);
		length = length ? length : 1;
		s += length;
		left -= length;
	}
}
