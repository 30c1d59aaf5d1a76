#include "cmd/balance/lanes.h"

#include <unistd.h>

#include "io/thread.h"

enum { WORTH = 16 }; /* sets that are worth a thread */

/* Every `step`th set, from the one numbered `first`. */
struct lane {
	const struct balance_lanes *lanes;
	size_t first, step;
	pthread_t thread;
};

static void *take(void *argument)
{
	const struct lane *lane = argument;
	const struct balance_lanes *all = lane->lanes;

	for (size_t i = lane->first; i < all->sets->count; i += lane->step)
		for (size_t n = 0; n < all->count; n++)
			simulation_run(&all->sets->items[i]->sim, &all->runs[n]);
	return NULL;
}

static size_t lanes_for(const struct balance_lanes *l)
{
	long cores = l->traced || l->sets->count < WORTH ? 1 : sysconf(_SC_NPROCESSORS_ONLN);

	return cores < 1 ? 1 : cores > LANES_MOST ? LANES_MOST : (size_t)cores;
}

/* A lane that gets no thread is taken by this one. */
static void take_all(struct balance_lanes *l)
{
	struct lane lanes[LANES_MOST];
	size_t step = lanes_for(l);
	bool started[LANES_MOST];

	for (size_t i = 0; i < step; i++) {
		lanes[i] = (struct lane){.lanes = l, .first = i, .step = step};
		started[i] = i && thread_start(&lanes[i].thread, take, &lanes[i]) == 0;
	}
	for (size_t i = 0; i < step; i++)
		if (!started[i])
			take(&lanes[i]);
	for (size_t i = 0; i < step; i++)
		if (started[i])
			pthread_join(lanes[i].thread, NULL);
	l->count = 0;
}

void balance_lanes_feed(void *lanes, const struct simulation_run *run)
{
	struct balance_lanes *l = lanes;

	l->runs[l->count++] = *run;
	if (l->count == LANES_RUNS || l->traced)
		take_all(l);
}

void balance_lanes_finish(struct balance_lanes *lanes)
{
	take_all(lanes);
	for (size_t i = 0; i < lanes->sets->count; i++)
		simulation_finish(&lanes->sets->items[i]->sim);
}
