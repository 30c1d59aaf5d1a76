/*
 * One table on a terminal that is drawn again as values come: aligned, with unit, age and a small
 * graph of the latest values; values that are overdue are dimmed. It follows the terminal's size.
 *
 * The table stands in the normal screen, nothing is switched on that would have to be switched off:
 * whatever ends the program leaves a sane terminal with the last values in sight.
 */
#ifndef OUT_LIVE_H
#define OUT_LIVE_H

#include "out/output.h"

/* `fd` is a terminal. NULL when memory or threads are out. */
struct output *output_live(int fd, const char *name, const struct style *style);

#endif
