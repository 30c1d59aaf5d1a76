/* The meter at the main fuse, as the verbs of `emtool balance` name it and speak of it. */
#ifndef CMD_BALANCE_GRID_H
#define CMD_BALANCE_GRID_H

#include "cmd/balance/balance.h"
#include "control/grid_meter.h"

/* Reads --p1 SOURCE or --grid [KIND:]SOURCE. EXIT_OK, or EXIT_USAGE after an error line. */
int balance_grid(struct grid_source *out, const char *p1, const char *grid);

/*
 * Whether two requesters would speak on the serial line, or through the converter, that the meter
 * and the charger with this URL are on.
 */
bool balance_grid_clashes(const struct grid_source *grid, const char *charger);

/* --power-factor, for readings of a house with *phases (borrowed). */
struct grid_rules balance_grid_rules(const struct balance_options *options, const int32_t *phases);

/* Says once how currents were made that the meter does not tell; *said keeps what was said. */
void balance_say_estimates(const char *source, unsigned estimated, double power_factor,
                           unsigned *said);

/* What Tab offers for --grid: kinds and schemes. */
offer_function balance_offer_grid;

#endif
