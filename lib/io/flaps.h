/*
 * What is said of a connection that comes and goes. The first loss and the return from it are said at
 * once. More losses soon after are counted, and told together: a minute later, then after two, four,
 * ... minutes, up to an hour. A state that lasts is told before that. A pure function of times.
 */
#ifndef IO_FLAPS_H
#define IO_FLAPS_H

#include <stdbool.h>
#include <stdint.h>

/* Zeroed: connected, or not connected yet, and calm. Times are ms of one clock that begins above 0. */
struct flaps {
	bool away, told_away; /* as it is, and as it was last told */
	unsigned losses;      /* since the last line */
	int64_t changed;      /* when it came or went */
	int64_t lost;         /* the last loss, 0: none */
	int64_t told;         /* the last line */
	int64_t gap;          /* ms between two lines, 0: all is calm */
};

enum flap_line {
	FLAP_NOTHING,
	FLAP_CHANGE, /* say that it is lost, or back */
	FLAP_SUMMARY /* say how often it was lost, and how it is now */
};

/* It is lost, or an attempt failed; it is connected. What is to be said of it at once. */
enum flap_line flaps_lost(struct flaps *f, int64_t now);
enum flap_line flaps_back(struct flaps *f, int64_t now);

/* ms until flaps_late() has to be called, -1: it need not. */
int64_t flaps_wait(const struct flaps *f, int64_t now);

/*
 * What is to be said although nothing happened. For a summary: the losses and the minutes in which
 * they were.
 */
enum flap_line flaps_late(struct flaps *f, int64_t now, unsigned *losses, int64_t *minutes);

#endif
