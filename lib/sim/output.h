/*
 * Where a simulated device sends to: its line (sim/line.h), a topic (sim/topic.h), or a test's own
 * memory. Whoever opens it owns it.
 */
#ifndef SIM_OUTPUT_H
#define SIM_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

struct sim_output {
	void *context;
	/* Sends to all receivers; false when it failed, errno tells why. */
	bool (*write)(void *context, const void *data, size_t size);
	bool (*ready)(void *context); /* whether somebody receives; NULL: always */
	bool file;                    /* takes bytes as fast as they are made, without pauses */
	bool messages;                /* each write is a message: a whole push, not a frame */
};

static inline bool sim_write(const struct sim_output *out, const void *data, size_t size)
{
	return out->write(out->context, data, size);
}

#endif
