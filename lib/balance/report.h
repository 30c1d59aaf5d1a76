/*
 * The sections of the page that report_html() writes. Only the report's own files include this
 * header.
 */
#ifndef BALANCE_REPORT_H
#define BALANCE_REPORT_H

#include "balance/plot.h"

struct report {
	struct text *out;
	const struct plot_set *sets;
	size_t count;
};

enum { REPORT_COLUMNS = 6 /* sets beside each other in the table of settings */ };

extern const char report_style[], report_narrow_style[];

/* The answer in a sentence or two, as a paragraph. */
void report_answer(const struct report *r);

/* The figures of the only set, as a list of terms. */
void report_figures(const struct report *r);

/* A row per set. */
void report_comparison(const struct report *r);

/* The settings that the algorithms use, those that were changed first. */
void report_settings(const struct report *r);

/* Which cars were simulated, and with which faults. */
void report_car(const struct report *r);

/* The bars of a picture as a table: a row per day, month or four weeks. */
void report_days(struct text *out, const struct plot_set *set);

/* `<td data-l="LABEL" role="cell">`, with a class unless it is NULL; the caller closes it. */
void report_cell(struct text *out, const char *label, const char *class);

/* The name of a set, escaped; a line may break behind its commas. */
void report_name(struct text *out, const struct plot_set *set);

#endif
