/*
 * The output of a simulated device: its line (sim/line.h), a topic (sim/topic.h), or the memory of
 * a test. The module that opens it owns it.
 */
#ifndef SIM_OUTPUT_H
#define SIM_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

struct sim_output {
	void *context;
	/* Sends to all receivers; false with errno on failure. */
	bool (*write)(void *context, const void *data, size_t size);
	bool (*ready)(void *context); /* whether there is a receiver; NULL: always */
	bool file;                    /* accepts bytes at any speed, without pauses */
	bool messages;                /* each write is a message: a whole push, not a frame */
};

static inline bool sim_write(const struct sim_output *out, const void *data, size_t size)
{
	return out->write(out->context, data, size);
}

#endif
