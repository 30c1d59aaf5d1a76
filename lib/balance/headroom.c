#include "balance/headroom.h"

enum {
	STEP = 1000,       /* mA: a car notices no less */
	UNUSED_AFTER = 10, /* s without current on a phase before it counts as unused */
	DRAWS = 3000,      /* mA on some phase: the car is charging */
	IDLE = 500,        /* mA: less is no charging current */
	RIDE_LEAK = 1,     /* tenths of a second that each quiet second gives back */
	RIDE_HARD = 4,     /* how much faster an overload is used up that a fuse can notice */
};

void headroom_start(struct headroom *h)
{
	h->limit = h->used = h->room = h->age = h->ride = 0;
	h->head = h->count = 0;
	h->followed = HEADROOM_FOLLOW;
	h->now = h->since = 0;
	h->fits_since = -1;
	h->state = STATE_FALLBACK;
	h->reason = HEADROOM_NO_DATA;
	h->paused = true;
	h->seen = false;
	for (int i = 0; i < BALANCE_PHASES; i++) {
		h->currents[i] = 0;
		h->learned[i] = 0;
		fuse_wear_start(&h->wear[i]);
	}
	for (int i = 0; i < HEADROOM_FOLLOW; i++)
		h->follow[i] = 0;
}

/* Learns which phases a charging car uses: the others do not limit it. */
static bool learn(struct headroom *h, const int32_t *car)
{
	bool draws = car && (car[0] >= DRAWS || car[1] >= DRAWS || car[2] >= DRAWS), news = false;

	if (car && !draws && car[0] < IDLE && car[1] < IDLE && car[2] < IDLE) {
		for (int i = 0; i < BALANCE_PHASES; i++)
			h->learned[i] = 0;
		return false;
	}
	for (int i = 0; draws && i < BALANCE_PHASES; i++) {
		news = news || (car[i] < IDLE && h->learned[i] < UNUSED_AFTER);
		h->learned[i] = (uint8_t)(car[i] >= IDLE                 ? 0
		                          : h->learned[i] < UNUSED_AFTER ? h->learned[i] + 1
		                                                         : UNUSED_AFTER);
	}
	return news;
}

/* The assumed current of a car that nobody measures: the highest or lowest of the last limits. */
static int32_t supposed(const struct headroom *h, bool most)
{
	int32_t result = h->follow[0];

	for (int i = 1; i < HEADROOM_FOLLOW; i++)
		if (most ? h->follow[i] > result : h->follow[i] < result)
			result = h->follow[i];
	return result;
}

/* The current that fits for the car beside the house. */
static int32_t room(const struct headroom *h, const struct balance_settings *s,
                    const struct fuse *fuse, const int32_t *car, bool most)
{
	int32_t used = INT32_MIN, all = INT32_MIN, draws = car ? 0 : supposed(h, most);

	for (int i = 0; i < s->phases; i++) {
		int32_t rest = h->currents[i] - (car ? car[i] : draws);

		all = rest > all ? rest : all;
		if (h->learned[i] < UNUSED_AFTER && rest > used)
			used = rest;
	}
	/* The car charges, but on no phase that counts as used: then all phases limit it. */
	return fuse->rated - s->margin - (used == INT32_MIN ? all : used);
}

static void remember(struct headroom *h, int32_t value, int32_t quiet)
{
	uint32_t last;

	while (h->count && h->window[h->head].time < h->now - quiet) {
		h->head = (h->head + 1) % HEADROOM_WINDOW;
		h->count--;
	}
	while (h->count && h->window[(h->head + h->count - 1) % HEADROOM_WINDOW].room >= value)
		h->count--;
	last = (h->head + h->count++) % HEADROOM_WINDOW;
	h->window[last] = (struct headroom_point){h->now, value};
}

static int32_t whole(int32_t current, int32_t most)
{
	return current >= most ? most : current < 0 ? 0 : current / STEP * STEP;
}

/* Whether the fastest fuse has used up a twentieth of its time to trip, on any phase. */
static bool worn(const struct headroom *h)
{
	for (int i = 0; i < BALANCE_PHASES; i++)
		if (fuse_wear_at(&h->wear[i], h->now) > FUSE_WEAR_ONE / 20)
			return true;
	return false;
}

static void conclude(struct headroom *h, enum balance_state state, enum headroom_reason reason)
{
	h->state = (uint8_t)state;
	h->reason = (uint8_t)reason;
}

/* The car is stopped: restart when minimum and a bit more have fitted long enough. */
static void wait_for_room(struct headroom *h, const struct balance_settings *s, int32_t most)
{
	int32_t fitted = h->window[h->head].room;

	if (h->fits_since < 0) {
		conclude(h, STATE_ALARM, HEADROOM_PAUSED);
		return;
	}
	conclude(h, STATE_LOWER, HEADROOM_WAITING);
	if (h->now - h->fits_since < s->restart_wait)
		return;
	if (h->now - h->since < s->quiet_wait || fitted < s->min_current)
		fitted = s->min_current;
	h->limit = whole(fitted, most);
	h->paused = false;
	h->ride = 0;
	conclude(h, STATE_LOWER, HEADROOM_RESTARTED);
}

/* Not even the minimum fits: hold it for the ride time, then pause. */
static void ride(struct headroom *h, const struct balance_settings *s, const struct fuse *fuse,
                 int32_t elapsed)
{
	int32_t weight = h->used >= fuse->fast_from ? RIDE_HARD : 1;

	h->limit = s->min_current;
	h->ride += h->room + s->margin < s->min_current ? 10 * weight * elapsed : 0;
	conclude(h, STATE_ALARM, HEADROOM_RIDING);
	if (h->ride <= 10 * s->ride_wait && !worn(h))
		return;
	h->limit = 0;
	h->paused = true;
	h->fits_since = -1;
	conclude(h, STATE_ALARM, HEADROOM_PAUSED);
}

static void follow_room(struct headroom *h, const struct balance_settings *s,
                        const struct fuse *fuse, int32_t most, int32_t now_fits, int32_t elapsed)
{
	int32_t fitted = whole(h->window[h->head].room, most), fits = whole(now_fits, most);

	if (now_fits < s->min_current) {
		ride(h, s, fuse, elapsed);
		return;
	}
	h->ride = h->ride > RIDE_LEAK * elapsed ? h->ride - RIDE_LEAK * elapsed : 0;
	if (fits < h->limit) {
		h->limit = fits;
		conclude(h, STATE_UPPER, HEADROOM_LOWERED);
	} else if (fitted > h->limit && h->now - h->since >= s->quiet_wait) {
		h->limit = fitted;
		conclude(h, STATE_LOWER, HEADROOM_RAISED);
	} else if (fits > h->limit) {
		conclude(h, STATE_LOWER, HEADROOM_WAITING);
	} else {
		conclude(h, STATE_NORMAL, HEADROOM_HELD);
	}
}

static void decide(struct headroom *h, const struct balance_settings *s, const struct fuse *fuse,
                   const int32_t *car, int32_t elapsed)
{
	int32_t most = balance_override(s), lower = room(h, s, fuse, car, true);

	h->room = car ? lower : room(h, s, fuse, car, false);
	remember(h, h->room, s->quiet_wait);
	if (h->room < s->min_current + s->restart_room)
		h->fits_since = -1;
	else if (h->fits_since < 0)
		h->fits_since = h->now;
	if (most < s->min_current)
		conclude(h, STATE_NORMAL, HEADROOM_CAPPED);
	else if (h->paused)
		wait_for_room(h, s, most);
	else
		follow_room(h, s, fuse, most, lower, elapsed);
}

/* Keeps the limit within its bounds: 0, or between the minimum and the maximum. */
static void bound(struct headroom *h, const struct balance_settings *s)
{
	int32_t most = balance_override(s);

	if (h->limit > most)
		h->limit = most;
	if (h->limit < s->min_current) {
		h->limit = 0;
		h->paused = true;
	}
	if (h->limit != h->follow[0])
		h->followed = 0;
	if (h->followed == HEADROOM_FOLLOW)
		return;
	h->followed++;
	for (int i = HEADROOM_FOLLOW - 1; i > 0; i--)
		h->follow[i] = h->follow[i - 1];
	h->follow[0] = h->limit;
}

static void no_data(struct headroom *h, const struct balance_settings *s)
{
	conclude(h, STATE_FALLBACK, HEADROOM_NO_DATA);
	h->count = 0;
	h->fits_since = -1;
	if (h->age >= s->fallback_wait) {
		h->limit = s->fallback_limit;
		h->paused = h->limit < s->min_current;
	}
}

static int32_t take(struct headroom *h, const struct balance_settings *s, const struct fuse *fuse,
                    const int32_t *currents)
{
	int32_t elapsed = h->age + 1;

	if (!h->seen || h->age >= s->fallback_wait)
		h->since = h->now;
	if (!h->seen)
		elapsed = 1;
	h->age = 0;
	h->seen = true;
	h->used = INT32_MIN;
	for (int i = 0; i < BALANCE_PHASES; i++) {
		h->currents[i] = currents[i] == CURRENT_NONE ? h->currents[i] : currents[i];
		if (i < s->phases && h->currents[i] > h->used)
			h->used = h->currents[i];
		fuse_wear_run(fuse, &h->wear[i], h->now, h->currents[i], elapsed);
	}
	return elapsed;
}

bool headroom_tick(struct headroom *h, const struct balance_settings *s, const struct fuse *fuse,
                   const int32_t *currents, const int32_t *car)
{
	int32_t limit = h->limit, used = h->used;
	uint8_t state = h->state, reason = h->reason;
	bool told = currents && (currents[0] != CURRENT_NONE || currents[1] != CURRENT_NONE ||
	                         currents[2] != CURRENT_NONE);
	bool news = learn(h, car);

	if (told) {
		decide(h, s, fuse, car, take(h, s, fuse, currents));
	} else {
		h->age += h->age < INT32_MAX;
		if (!h->seen || h->age >= s->fallback_wait)
			no_data(h, s);
	}
	bound(h, s);
	h->now++;
	return news || !told || h->limit != limit || h->used != used || h->state != state ||
	       h->reason != reason || h->ride || h->used >= fuse->fast_from ||
	       (h->paused && h->fits_since >= 0) || h->followed < HEADROOM_FOLLOW ||
	       /* at its maximum the limit cannot rise when the window moves on */
	       (h->limit < balance_override(s) &&
	        (h->count != 1 || h->now - h->since <= s->quiet_wait));
}

void headroom_hold(struct headroom *h, int64_t ticks)
{
	h->window[(h->head + h->count - 1) % HEADROOM_WINDOW].time += ticks;
	h->now += ticks;
}
