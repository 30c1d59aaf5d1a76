#include "balance/headroom_private.h"

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* The next time at which the clock alone can change something, INT64_MAX: never. */
static int64_t deadline(const struct headroom *h, const struct balance_settings *s)
{
	int64_t quiet = headroom_ms(s->quiet_wait), next = INT64_MAX, since, until;

	if (h->paused)
		return h->fits_since == NEVER ? INT64_MAX
		                              : h->fits_since + headroom_ms(s->restart_wait);
	if (h->rides > 0)
		next = h->now + (headroom_ms(s->ride_wait) - h->ride) / h->rides * 1000 + 1;
	if (!h->tries && headroom_whole(h->room, h->most) <= h->limit) /* it cannot rise */
		return next;
	if (quiet_settles(&h->quiet, quiet, &h->house.grid))
		return h->now;
	since = headroom_quiet_since(h, s);
	room_window_least(&h->window, since, &until);
	if (until != INT64_MAX)
		next = earlier(next, until + h->now - since + 1);
	if (h->now < h->since + quiet)
		next = earlier(next, h->since + quiet);
	if (h->now < h->wary_until)
		next = earlier(next, h->wary_until);
	return next;
}

int64_t headroom_unchanged_for(const struct headroom *h, const struct balance_settings *s)
{
	int64_t next = deadline(h, s);

	return next == INT64_MAX ? INT64_MAX : next > h->now ? (next - h->now - 1) / 1000 : 0;
}

void headroom_hold(struct headroom *h, int64_t seconds)
{
	room_window_hold(&h->window, h->now, h->now + headroom_ms(seconds));
	h->held += headroom_ms(seconds);
	h->now += headroom_ms(seconds);
	h->ride += h->rides * seconds;
	h->ride = h->ride > 0 ? h->ride : 0;
	h->told += headroom_ms(seconds);
}
