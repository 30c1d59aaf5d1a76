/*
 * How commands tell of what a stream refuses: one line for the first of a kind, the others are counted
 * and told with -v only. A bad cable must not fill a log.
 */
#ifndef CMD_SESSION_REFUSED_H
#define CMD_SESSION_REFUSED_H

#include <stdbool.h>
#include <stdint.h>

#include "stream/refusal.h"

struct refused {
	uint64_t said[REFUSALS];
};

/* `source` names the peer, or is NULL when there is only one; `keys`: whether any key is known. */
void say_refused(struct refused *r, const char *source, enum refusal refusal, const char *text,
                 bool keys);

#endif
