/*
 * What the printing formats share: single values as text, colours, the clock.
 */
#ifndef OUTPUT_FORMAT_H
#define OUTPUT_FORMAT_H

#include "output/output.h"

/* One value for people: numbers as they are, texts escaped for a terminal, `-` for null. */
void text_value(struct text *out, const struct record *r, const struct value *v);

/* ANSI colours; nothing when the style has none. */
enum ink { INK_PLAIN, INK_DIM, INK_BOLD, INK_GREEN, INK_YELLOW, INK_RED, INK_CYAN };

void text_ink(struct text *out, const struct style *style, enum ink ink);

/* `12:30:01.234 ` in local time, when the style wants a clock and the record has a time. */
void text_clock(struct text *out, const struct style *style, const struct record *r);

#endif
