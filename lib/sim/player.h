/*
 * Runs a simulated device turn by turn at the device's interval, until it is done, a signal comes
 * or the duration ends. A file gets the turns without pauses.
 */
#ifndef SIM_PLAYER_H
#define SIM_PLAYER_H

#include "io/loop.h"
#include "sim/output.h"

struct player_events {
	/* Sends the next data; false with errno when out of memory or the output failed. */
	bool (*turn)(void *device, const struct sim_output *out);
	bool (*done)(const void *device); /* whether nothing is left to send */
	double (*pause)(void *device);    /* seconds from the last turn to the next */
	void (*wait)(void *device);       /* there is no receiver; or NULL */
};

struct player {
	const struct player_events *events;
	void *device;
	struct loop *loop;
	const struct sim_output *output;
	bool endless;    /* no count: cannot go to a file */
	double duration; /* s; 0: no end */

	/* internal; must live until loop_free() */
	uv_timer_t timer;
	double due; /* s of the loop's clock */
	int error, reason;
};

/*
 * Runs until the end: 0, EM_SYSTEM with errno when a turn failed, EM_RANGE when an endless device
 * would fill a file.
 */
int player_run(struct player *player);

#endif
