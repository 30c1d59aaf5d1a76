/*
 * Plays a simulated device onto the line or the topic that the user chose, and says what failed.
 */
#ifndef CMD_SIM_PLAY_H
#define CMD_SIM_PLAY_H

#include "cmd/sim/line.h"
#include "sim/player.h"

struct play {
	const struct player_events *events;
	void *device;
	bool endless;    /* no --count */
	double duration; /* s; 0: for ever */
};

/* Both run until the end; the exit code, that of the signal which ended it too. */
int play_on_line(const struct play *play, const struct sim_line_options *line);
int play_to_topic(const struct play *play, const char *url, const char *payload);

#endif
