/* The decision of the passive framer at a byte; rtu.c acts on it. Internal to rtu.c. */
#ifndef FRAME_RTU_DECIDE_H
#define FRAME_RTU_DECIDE_H

#include "frame/rtu.h"

enum rtu_step { STEP_FRAME, STEP_SKIP, STEP_WAIT };

/* A decision: a frame of `length` bytes, or `length` bytes to skip. */
struct rtu_decision {
	enum rtu_step step;
	size_t length;
	enum frame_kind kind;
	int request; /* index in outstanding that it answers, -1: none */
};

/* Outstanding requests by age, 0 the newest */
static inline const struct rtu_request *rtu_outstanding(const struct rtu *rtu, unsigned age)
{
	return &rtu->outstanding[(rtu->newest + age) % RTU_OUTSTANDING];
}

/*
 * Decides at p, where n bytes are available; `final`: no more will arrive. Reads at most a few
 * times RTU_FRAME_MAX bytes.
 */
struct rtu_decision rtu_decide(const struct rtu *rtu, const uint8_t *p, size_t n, bool final);

/* Whether a whole frame with a good CRC and a strong structure (adu_shape) begins at p. */
bool rtu_strong_frame(const uint8_t *p, size_t n);

#endif
