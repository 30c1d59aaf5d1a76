/*
 * What the passive framer decides at a byte, apart from what it does then. Internal to rtu.c.
 */
#ifndef FRAME_RTU_DECIDE_H
#define FRAME_RTU_DECIDE_H

#include "frame/rtu.h"

enum rtu_step { STEP_FRAME, STEP_SKIP, STEP_WAIT };

/* What has been decided: a frame of `length` bytes, or as many bytes to skip. */
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
 * Decides at p, n bytes before the end of what is known; `final`: no more will come. Linear: at most
 * a few times RTU_FRAME_MAX bytes are looked at.
 */
struct rtu_decision rtu_decide(const struct rtu *rtu, const uint8_t *p, size_t n, bool final);

/* Whether a frame begins at p that is whole, has a good CRC, and a structure that rules out chance. */
bool rtu_strong_frame(const uint8_t *p, size_t n);

#endif
