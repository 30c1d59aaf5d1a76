/*
 * What the verbs of `emtool balance` share: the options that shape a load balancer, and how its
 * records are printed for people.
 */
#ifndef CMD_BALANCE_BALANCE_H
#define CMD_BALANCE_BALANCE_H

#include "balance/simulate.h"
#include "cmd/balance/plans.h"
#include "cmd/session/reading.h"

enum { BALANCE_GIVEN = 160 };

/* Second member of both option structs, after struct reading. */
struct balance_options {
	struct reading reading;
	const char *algorithm; /* NULL: headroom */
	const char *fuse, *phase_order;
	double power_factor; /* of a meter that tells powers alone */
	const char *solar, *peak, *peak_minutes, *dim, *unbalance, *override_limit;
	long phases;
	struct option_list set;
	struct plan_options plans;
};

/* clang-format off */
#define BALANCE_DEFAULTS {.reading = READING_DEFAULTS, .fuse = "25", .power_factor = 0.95}
/* clang-format on */

/* --algorithm --set --fuse --phases --phase-order --solar --peak ... */
extern const struct option_row balance_options[];

/* What Tab offers: settings, sets for --compare, properties of the car, faults. */
offer_function balance_offer_settings, balance_offer_sets, balance_offer_car, balance_offer_faults;

extern const struct command balance_simulate_command, balance_run_command;

/*
 * Setting number n as NAME=VALUE, those of options of their own (--solar, --peak) and then those of
 * --set; *option names the option. false after the last.
 */
bool balance_given(const struct balance_options *options, size_t n, const char **option,
                   char text[BALANCE_GIVEN]);

/* Reads --fuse. EXIT_OK, or EXIT_USAGE after an error line, as the functions below. */
int balance_fuse(const struct balance_options *options, struct fuse *fuse);

/* The algorithm that was chosen: headroom, unless --algorithm names another. */
enum balance_algorithm balance_algorithm(const struct balance_options *options);

/* The rules of an algorithm behind a fuse of `rated` mA; 0: the firmware's rules. */
struct balance_rules balance_rules_of(enum balance_algorithm algorithm, int32_t rated);

/*
 * The settings of one algorithm: its defaults, and those of --phases, --phase-order and --set that
 * it uses. What --set says to other algorithms is left to balance_shared().
 */
int balance_settings_for(const struct balance_options *options, const struct balance_rules *rules,
                         struct balance_settings *settings);

/* One NAME=VALUE of --set, --compare or --sweep; `option` names it in messages. */
int balance_set(struct balance_settings *settings, const struct balance_rules *rules,
                const char *option, const char *text);

/* Refuses a --set that none of these rules' algorithms uses, and says what the fuse clips. */
int balance_shared(const struct balance_options *options, const struct balance_rules *rules,
                   size_t count);

/* Refuses settings that contradict each other. `name` is the set's, or NULL. */
int balance_agree(const struct balance_settings *settings, const struct balance_rules *rules,
                  const char *name);

/* Applies --car NAME=VALUE,... to the settings of the only car. */
int balance_car(struct car_settings *car, const struct option_list *list);

/* Applies --car [N:]NAME=VALUE,... to GARAGE_CARS cars; *more: how many there are beside the first. */
int balance_cars(struct car_settings *cars, int *more, const struct option_list *list);

/* One summary is a page, several are a table; each second of a trace is a line. */
format_function balance_text;

#endif
