/*
 * Numbers, times and names as people read them: thousands in groups, hours as hours. A page gets
 * spaces that do not break a line, a terminal gets plain ones. Nothing here allocates but the text.
 */
#ifndef BALANCE_FIGURES_H
#define BALANCE_FIGURES_H

#include <stdint.h>

#include "base/text.h"

enum figures_reader { FIGURES_PAGE, FIGURES_TERMINAL };

/* "94 038.9": groups of three from 10 000 on; a dash when it is not a number */
void figures_number(struct text *out, enum figures_reader reader, double value, int decimals);

/* A number with its unit behind a space */
void figures_unit(struct text *out, enum figures_reader reader, double value, int decimals,
                  const char *unit);

/* "45 s", "4 min 5 s", "3 h 20 min", "365 days", "3 days 4 h" */
void figures_span(struct text *out, enum figures_reader reader, int64_t seconds);

/* mJ as kWh with one decimal */
void figures_energy(struct text *out, enum figures_reader reader, int64_t millijoules);

/*
 * A name from outside as text of HTML and SVG: & < > and quotes are escaped, and what is invisible
 * or no UTF-8 becomes U+FFFD.
 */
void figures_name(struct text *out, const char *s);

#endif
