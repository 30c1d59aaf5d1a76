/*
 * Plays a simulated device turn by turn at the device's own pace, until it is done, a signal comes
 * or its time is over; into a file as fast as it goes.
 */
#ifndef SIM_PLAYER_H
#define SIM_PLAYER_H

#include "io/loop.h"
#include "sim/output.h"

struct player_events {
	/* Sends what is next; false: memory is out or the output failed, errno tells. */
	bool (*turn)(void *device, const struct sim_output *out);
	bool (*done)(const void *device); /* nothing is left to send */
	double (*pause)(void *device);    /* seconds from the last turn to the next */
	void (*wait)(void *device);       /* nobody listens; or NULL */
};

struct player {
	const struct player_events *events;
	void *device;
	struct loop *loop;
	const struct sim_output *output;
	bool endless;    /* no count: not for a file */
	double duration; /* s; 0: for ever */

	/* the player's own; must stay until loop_free() */
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
