/*
 * Parameter sets of `balance simulate`: one simulation each, all fed with the same house. --compare
 * names sets one by one, --sweep makes a grid of them. The list owns its simulations and names.
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
	struct session *session; /* for --trace, or NULL */
	bool front;              /* nothing else is better in every respect */
};

struct balance_sets {
	struct balance_set **items;
	size_t count;
	struct simulation_settings base;
};

/* Makes the sets: EXIT_OK, EXIT_USAGE or EXIT_LOCAL with the error said. */
int balance_sets_make(struct balance_sets *sets, const struct option_list *compare,
                      const struct option_list *sweep);

/* Orders them, best first: verdict, front, energy; and marks the front. */
void balance_sets_rank(struct balance_sets *sets);

void balance_sets_free(struct balance_sets *sets);

#endif
