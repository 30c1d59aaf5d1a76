#include "balance/headroom_private.h"

enum {
	TRY = 4000,      /* ms in which a car has followed a lower limit, and a telegram shows it */
	TRIES = 5,       /* the fifth one takes 31 A and more together */
	APPLIES = 10000, /* ms in which a charger has applied a lower limit */
	LEARNS = 10000,  /* ms in which readings of the car tell what the house draws */
};

void headroom_count_tries(struct headroom *h, const struct fuse *fuse, int32_t before)
{
	if (!headroom_excess(h, fuse) || house_load_learnt(&h->house)) {
		h->tries = 0;
	} else if (h->limit < before && (!h->tries || h->now - h->tried_at >= TRY)) {
		h->tries++;
		h->tried_at = h->decided_at = h->now;
	}
}

void headroom_wait_for_charger(struct headroom *h, int32_t in_force)
{
	if (h->tries && in_force > h->limit && h->now - h->decided_at < APPLIES)
		h->tried_at = h->now;
}

void headroom_obey_meter(struct headroom *h, const struct balance_settings *s,
                         const struct fuse *fuse)
{
	int32_t times = 1 << (h->tries > TRIES ? TRIES : h->tries), rest;

	if (h->paused || !headroom_excess(h, fuse))
		return;
	if (h->tries && h->now - h->tried_at < TRY)
		times /= 2;
	rest = headroom_whole(headroom_meter_room(h, fuse, times), h->most);
	rest = rest < s->min_current ? s->min_current : rest;
	if (rest >= h->limit)
		return;
	headroom_refute(h, rest, house_load_sees(&h->house) ? LEARNS : WARY);
	h->limit = rest;
	headroom_conclude(h, STATE_UPPER, HEADROOM_LOWERED);
}
