/*
 * What the verbs of `emtool balance` share: the options that shape a load balancer, and how its 

 * records are printed for people.
 */
#ifndef CMD_BALANCE_BALANCE_H
#define CMD_BALANCE_BALANCE_H

#include "balance/simulate.h"
#include "cmd/session/reading.h"

/* Second member of both option structs, after struct reading. */
struct balance_options {
	struct reading reading;
	const char *algorithm, *fuse;
	long phases;
	struct option_list set;
};

/* clang-format off */
#define BALANCE_DEFAULTS {.reading = READING_DEFAULTS, .algorithm = "threshold", .fuse = "25"}
/* clang-format on */

/* --algorithm --set --fuse --phases */
extern const struct option_row balance_options[];

extern const struct command balance_simulate_command, balance_run_command;

/* Applies the options to `settings`. EXIT_OK, or EXIT_USAGE after an error line. */
int balance_apply(const struct balance_options *options, enum balance_algorithm *algorithm,
                  struct balance_settings *settings, struct fuse *fuse);

/* One NAME=VALUE of --set, --compare or --sweep; `option` names it in messages. */
int balance_set(struct balance_settings *settings, const char *option, const char *text);

/* Applies --car NAME=VALUE,... to the car's settings. */
int balance_car(struct car_settings *car, const struct option_list *list);

/* One summary is a page, several are a table; each second of a trace is a line. */
format_function balance_text;

#endif
