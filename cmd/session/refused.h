/*
 * How commands report rejected input: a line for the first of a kind; further ones are counted and
 * printed only with -v. A bad cable must not fill a log.
 */
#ifndef CMD_SESSION_REFUSED_H
#define CMD_SESSION_REFUSED_H

#include <stdbool.h>
#include <stdint.h>

#include "stream/refusal.h"

struct refused {
	uint64_t said[REFUSALS];
};

/* `source` names the peer, NULL when there is only one; `keys`: there is at least one key. */
void say_refused(struct refused *r, const char *source, enum refusal refusal, const char *text,
                 bool keys);

#endif
