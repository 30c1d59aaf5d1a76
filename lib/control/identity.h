/*
 * Which meter a telegram is of. A converter may merge the lines of two meters, or a neighbour's
 * telegrams may come in; the currents of another house say nothing about this fuse. The first meter
 * is held on to. One that came while that one was there stays another one for ever; one that came
 * only after it had been gone for `wait` ms, 15 s at least, has taken its place: meters are
 * exchanged while the house is dark, and two meters that were on the line together are none that was
 * exchanged. With four others, every further one is another one, too, and not told as new.
 */
#ifndef CONTROL_IDENTITY_H
#define CONTROL_IDENTITY_H

#include <stdbool.h>
#include <stdint.h>

enum {
	IDENTITY_TEXT = 48,
	IDENTITY_OTHERS = 4,
	IDENTITY_LEAST = 15000 /* ms: some send each 10 s */
};

enum identity_verdict {
	IDENTITY_OURS,
	IDENTITY_TAKEN,    /* ours from now on: it was exchanged */
	IDENTITY_OTHER,    /* not to be used */
	IDENTITY_OTHER_NEW /* not to be used, and the first one of that meter */
};

struct identity {
	char held[IDENTITY_TEXT]; /* "" before the first telegram */
	int64_t heard;            /* when it came last */
	char others[IDENTITY_OTHERS][IDENTITY_TEXT];
	unsigned sure;    /* so many of them came while ours was there */
	unsigned count;   /* the rest came since then: one of these may be the new one */
	uint64_t ignored; /* telegrams of other meters */
};

void identity_start(struct identity *i);

/* Takes a telegram's identifier, "" when it tells none: then it is ours. */
enum identity_verdict identity_look(struct identity *i, int64_t now, const char *id, int64_t wait);

#endif
