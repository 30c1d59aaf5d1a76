/*
 * Plays a simulated device onto its line, turn by turn at the device's own pace, until it is done, a
 * signal comes or its time is over; into a file as fast as it goes. Made for `emtool sim`.
 */
#ifndef CMD_SIM_PLAYER_H
#define CMD_SIM_PLAYER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/random.h"
#include "cmd/session/line.h"

struct player_events {
	bool (*turn)(void *device);       /* sends what is next; false: the output failed */
	bool (*done)(const void *device); /* nothing is left to send */
	double (*pause)(void *device);    /* seconds from the last turn to the next */
	void (*wait)(void *device);       /* nobody listens; or NULL */
};

struct player {
	const struct player_events *events;
	void *device;
	struct loop *loop;
	struct line *line; /* NULL: the device has another way out */
	bool endless;      /* no count: not for a file */
	double duration;   /* s; 0: for ever */

	/* the player's own; must stay until loop_free() */
	uv_timer_t timer;
	double due; /* s of the loop's clock */
	int status;
};

/* Runs until the end and says what failed; an exit code, that of the signal which ended it too. */
int player_run(struct player *player);

/* Whether a fault of that probability happens now. */
bool chance(struct random *random, double share);

/* Turns one bit of data[0..size) with that probability. */
void spoil(struct random *random, double share, void *data, size_t size);

#endif
