/*
 * Plays a simulated device to the line or topic that the user chose, and prints what failed.
 */
#ifndef CMD_SIM_PLAY_H
#define CMD_SIM_PLAY_H

#include "cmd/sim/line.h"
#include "sim/player.h"

struct play {
	const struct player_events *events;
	void *device;
	bool endless;    /* no --count */
	double duration; /* s; 0: no end */
	/* Called when the line is open, with the exit code, and at the end; or NULL. */
	int (*begin)(void *context, struct loop *loop);
	void (*end)(void *context);
	void *context;
};

/* Both run until the device is done or a signal comes, and return the exit code. */
int play_on_line(const struct play *play, const struct sim_line_options *line);
int play_to_topic(const struct play *play, const char *url, const char *payload);

#endif
