/*
 * Parameter sets of `balance simulate`. Each has a simulation, and all simulations get the same
 * house.
 * --compare names sets one by one, --sweep makes a grid. The list owns its simulations and names.
 */
#ifndef CMD_BALANCE_SETS_H
#define CMD_BALANCE_SETS_H

#include "balance/series.h"
#include "cmd/balance/balance.h"

enum { SETS_LIMIT = 1000, SETS_PICTURES = 6 };

struct balance_set {
	char *name; /* NULL when there is only one */
	struct simulation sim;
	struct series *series;   /* for pictures, or NULL */
	struct session *session; /* for records while it runs */
	bool trace;              /* print each second */
	bool front;              /* no other set is better in every respect */
};

struct balance_sets {
	struct balance_set **items;
	size_t count;
	struct simulation_settings base; /* all but the balancer's settings */
	const struct balance_options *options;
	size_t contradictory; /* corners of a sweep that were left out */
};

/*
 * Makes the sets of `base` and `options`, each judged by its own algorithm: EXIT_OK, or EXIT_USAGE
 * or EXIT_LOCAL after an error line.
 */
int balance_sets_make(struct balance_sets *sets, const struct option_list *compare,
                      const struct option_list *sweep);

/* Marks the front and sorts the sets by verdict, front and energy, best first. */
void balance_sets_rank(struct balance_sets *sets);

void balance_sets_free(struct balance_sets *sets);

#endif
