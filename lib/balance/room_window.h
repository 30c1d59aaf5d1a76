/*
 * The room of the last telegrams, kept so that the least one of any last stretch of time is found at
 * once: an older room that is not smaller than a newer one never counts again. So times rise, and
 * rooms rise. Times are ms of one clock, rooms mA.
 */
#ifndef BALANCE_ROOM_WINDOW_H
#define BALANCE_ROOM_WINDOW_H

#include <stdint.h>

enum { ROOM_WINDOW = 4096 }; /* more telegrams than come in the longest wait; a power of 2 */

struct room_point {
	int64_t time;
	int32_t room;
};

struct room_window {
	uint32_t head, count;
	struct room_point points[ROOM_WINDOW];
};

static inline struct room_point *room_window_at(struct room_window *w, uint32_t index)
{
	return &w->points[(w->head + index) % ROOM_WINDOW];
}

/*
 * Adds the room at `now`, which is the latest, and forgets what is older than `oldest`. When the
 * window is full the newest rooms, which are the greatest, are left out.
 */
void room_window_add(struct room_window *w, int64_t now, int32_t room, int64_t oldest);

/*
 * The least room from that time on, nothing of use while the window is empty. *until: the time of the
 * point that says so, INT64_MAX if it is the last one. As soon as that point is too old, more fits.
 */
int32_t room_window_least(const struct room_window *w, int64_t from, int64_t *until);

/* The last room has been the same up to now, which was `before`. */
void room_window_hold(struct room_window *w, int64_t before, int64_t now);

#endif
