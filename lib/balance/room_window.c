#include "balance/room_window.h"

void room_window_add(struct room_window *w, int64_t now, int32_t room, int64_t oldest)
{
	while (w->count && room_window_at(w, 0)->time < oldest) {
		w->head = (w->head + 1) % ROOM_WINDOW;
		w->count--;
	}
	while (w->count && room_window_at(w, w->count - 1)->room >= room)
		w->count--;
	if (w->count == ROOM_WINDOW)
		return;
	*room_window_at(w, w->count++) = (struct room_point){now, room};
}

int32_t room_window_least(const struct room_window *w, int64_t from, int64_t *until)
{
	uint32_t first = 0, last = w->count ? w->count - 1 : 0;
	const struct room_point *point;

	while (first < last) {
		uint32_t middle = (first + last) / 2;

		if (w->points[(w->head + middle) % ROOM_WINDOW].time >= from)
			last = middle;
		else
			first = middle + 1;
	}
	point = &w->points[(w->head + first) % ROOM_WINDOW];
	*until = first + 1 < w->count ? point->time : INT64_MAX;
	return point->room;
}

void room_window_hold(struct room_window *w, int64_t before, int64_t now)
{
	struct room_point *last = room_window_at(w, w->count - 1);

	if (w->count && last->time == before)
		last->time = now;
}
