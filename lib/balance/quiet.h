/*
 * How long a higher limit must have fitted before it is given: the quiet time. It follows what recent
 * raises were worth. One that was taken back within a minute, with a phase above the fuse, makes it as
 * long as the setting quiet_wait; each one that lasted longer halves it. It is never below 15 s or an
 * eighth of quiet_wait, whichever is longer, nor below the time of the last five telegrams: a slow meter
 * shows less of what happens in between. Times are ms.
 */
#ifndef BALANCE_QUIET_H
#define BALANCE_QUIET_H

#include <stdbool.h>
#include <stdint.h>

#include "balance/history.h"

struct quiet {
	int64_t learnt; /* 0: nothing yet */
	bool open;      /* the last raise has not been judged */
};

void quiet_start(struct quiet *q);

/* The quiet time now; `most`: the setting. */
int64_t quiet_time(const struct quiet *q, int64_t most, const struct history *telegrams);

/* Whether it may become shorter by itself, as old telegrams are forgotten. */
bool quiet_settles(const struct quiet *q, int64_t most, const struct history *telegrams);

/* The limit was raised. */
void quiet_raised(struct quiet *q);

/* The limit was lowered, so long after it was raised. `excess`: a phase is above the fuse. */
void quiet_lowered(struct quiet *q, int64_t most, int64_t lasted, bool excess);

#endif
