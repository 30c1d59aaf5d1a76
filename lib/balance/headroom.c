#include "balance/headroom_private.h"

enum {
	UNUSED_AFTER = 10000, /* ms without current on a phase before it counts as unused */
	IDLE = 500,           /* mA: less is no charging current */
	RIDE_LEAK = 10,       /* each quiet ms gives back this part of a ms */
	STALE = 2000,         /* ms of lag of a telegram that is no reason to raise */
	RIDE_HARD = 4,        /* how much faster an overload is used up that a fuse can notice */
};

void headroom_start(struct headroom *h, const struct balance_settings *settings)
{
	h->limit = h->decided = h->used = h->room = 0;
	h->window.head = h->window.count = 0;
	quiet_start(&h->quiet);
	h->now = h->since = h->told = h->held = 0;
	h->ride = h->rides = 0;
	h->before = h->tried = h->tried_most = 0;
	h->tries = 0;
	h->tried_at = h->decided_at = 0;
	h->fits_since = h->raised = h->wary_until = NEVER;
	h->state = STATE_FALLBACK;
	h->reason = HEADROOM_NO_DATA;
	h->paused = true;
	h->seen = h->hot = h->resumed = false;
	house_load_start(&h->house, settings->phases, settings->phase_order);
	for (int i = 0; i < BALANCE_PHASES; i++) {
		h->currents[i] = 0;
		h->unused[i] = NEVER;
		fuse_wear_start(&h->wear[i]);
	}
}

void headroom_adopt(struct headroom *h, int64_t now, int32_t limit, const int32_t *car)
{
	h->limit = h->decided = limit;
	h->paused = false;
	house_load_start(&h->house, h->house.phases, h->house.order);
	house_load_limit(&h->house, now - h->held, limit, limit);
	for (int i = 0; i < BALANCE_PHASES; i++)
		h->unused[i] = car[i] < IDLE ? now - UNUSED_AFTER : NEVER;
}

void headroom_resume(struct headroom *h)
{
	h->resumed = true;
}

static bool is_unused(const struct headroom *h, int phase)
{
	return h->unused[phase] != NEVER && h->now - h->unused[phase] >= UNUSED_AFTER;
}

/* Learns which phases a charging car uses: the others do not limit it. Returns whether it learns. */
static bool learn(struct headroom *h, const int32_t *car)
{
	bool draws = car && car_charges(car), news = false;
	bool idle = car && !draws && car[0] < IDLE && car[1] < IDLE && car[2] < IDLE;

	for (int i = 0; (draws || idle) && i < BALANCE_PHASES; i++) {
		if (idle || car[i] >= IDLE)
			h->unused[i] = NEVER;
		else if (h->unused[i] == NEVER)
			h->unused[i] = h->now;
		news = news || (h->unused[i] != NEVER && !is_unused(h, i));
	}
	return news;
}

/* The current that fits for the car beside the house. */
static int32_t room(const struct headroom *h, const struct balance_settings *s,
                    const struct fuse *fuse)
{
	bool used[BALANCE_PHASES];

	for (int i = 0; i < BALANCE_PHASES; i++)
		used[i] = !is_unused(h, i);
	return fuse->rated - s->margin - house_load_worst(&h->house, used);
}

/* Whether the fastest fuse has used up a hundredth of its time to trip, on any phase. */
static bool worn(const struct headroom *h)
{
	for (int i = 0; i < BALANCE_PHASES; i++)
		if (fuse_wear_at(&h->wear[i], h->now / 1000) > FUSE_WEAR_ONE / 100)
			return true;
	return false;
}

/* `before`: the limit that is known to have fitted. */
static void lift(struct headroom *h, int32_t before, int32_t limit, enum headroom_reason reason)
{
	h->raised = h->now;
	h->before = before;
	h->limit = limit;
	headroom_conclude(h, STATE_LOWER, reason);
}

/* The car is stopped: restart when minimum and a bit more have fitted long enough. */
static void wait_for_room(struct headroom *h, const struct balance_settings *s)
{
	int32_t fitted = room_window_at(&h->window, 0)->room;

	if (h->fits_since == NEVER) {
		headroom_conclude(h, STATE_ALARM, HEADROOM_PAUSED);
		return;
	}
	headroom_conclude(h, STATE_LOWER, HEADROOM_WAITING);
	if (h->now - h->fits_since < headroom_ms(s->restart_wait))
		return;
	if (h->now - h->since < headroom_ms(s->quiet_wait) || fitted < s->min_current)
		fitted = s->min_current;
	h->paused = false;
	h->ride = 0;
	fitted = headroom_whole(fitted, h->most);
	lift(h, fitted - STEP, fitted, HEADROOM_RESTARTED);
}

/*
 * Not even the minimum fits: hold it for the ride time, then pause. A car that was told to stop, for
 * another reason than the fuse, has nothing to hold.
 */
static void ride(struct headroom *h, const struct balance_settings *s, const struct fuse *fuse,
                 int64_t elapsed)
{
	int32_t weight = h->used >= fuse->fast_from ? RIDE_HARD : 1;

	h->limit = s->min_current;
	if (h->room + s->margin < s->min_current ||
	    headroom_meter_room(h, fuse, 1) < s->min_current) {
		h->ride += weight * elapsed;
		h->rides = weight * 1000;
	}
	headroom_conclude(h, STATE_ALARM, HEADROOM_RIDING);
	if (h->decided && h->ride <= headroom_ms(s->ride_wait) && !worn(h))
		return;
	h->limit = 0;
	h->paused = true;
	h->fits_since = NEVER;
	headroom_conclude(h, STATE_ALARM, HEADROOM_PAUSED);
}

/* Remembers a limit that did not last, so that noise at its edge moves it once a minute at most. */
static void lower(struct headroom *h, int32_t limit)
{
	if (h->raised != NEVER && h->now - h->raised < WARY && limit >= h->before - STEP)
		headroom_refute(h,
		                h->limit - limit <= 2 * STEP ? limit : (h->limit - 1) / STEP * STEP,
		                WARY);
	h->limit = limit;
	headroom_conclude(h, STATE_UPPER, HEADROOM_LOWERED);
}

/* What has fitted for the quiet time, less than what was tried in vain a moment ago. */
static int32_t lasting(const struct headroom *h, const struct balance_settings *s)
{
	int64_t until;
	int32_t room = room_window_least(&h->window, headroom_quiet_since(h, s), &until);
	int32_t fitted = headroom_whole(room, h->most);
	bool wary = h->now < h->wary_until;

	return wary && fitted > h->tried && fitted < h->tried_most + STEP ? h->tried : fitted;
}

static void follow_room(struct headroom *h, const struct balance_settings *s,
                        const struct fuse *fuse, int64_t elapsed)
{
	int32_t fits = headroom_whole(h->room, h->most), fitted;

	if (headroom_least(h->room, headroom_meter_room(h, fuse, 1)) < s->min_current) {
		ride(h, s, fuse, elapsed);
		return;
	}
	h->ride = h->ride > elapsed / RIDE_LEAK ? h->ride - elapsed / RIDE_LEAK : 0;
	h->rides = -1000 / RIDE_LEAK;
	fitted = fits > h->limit ? lasting(h, s) : fits;
	if (fits < h->limit) {
		lower(h, fits);
	} else if (fitted > h->limit && h->now - h->since >= headroom_ms(s->quiet_wait)) {
		lift(h, h->limit, fitted, HEADROOM_RAISED);
	} else if (fits > h->limit) {
		headroom_conclude(h, STATE_LOWER, HEADROOM_WAITING);
	} else {
		headroom_conclude(h, STATE_NORMAL, HEADROOM_HELD);
	}
}

/* Since when there has been room for a restart. After the user's own pause the minimum suffices. */
static void judge_restart(struct headroom *h, const struct balance_settings *s,
                          const struct fuse *fuse)
{
	int32_t needed = s->min_current + (h->resumed ? 0 : s->restart_room);

	if (h->room < needed || headroom_excess(h, fuse))
		h->fits_since = NEVER;
	else if (h->resumed)
		h->fits_since = h->now - headroom_ms(s->restart_wait);
	else if (h->fits_since == NEVER)
		h->fits_since = h->now;
	h->resumed = false;
}

static void decide(struct headroom *h, const struct balance_settings *s, const struct fuse *fuse,
                   int64_t elapsed)
{
	int32_t before = h->limit;

	h->rides = 0;
	h->room = room(h, s, fuse);
	room_window_add(&h->window, h->now,
	                headroom_least(h->room, headroom_meter_room(h, fuse, 1)),
	                h->now - headroom_ms(s->quiet_wait));
	judge_restart(h, s, fuse);
	if (h->most < s->min_current)
		headroom_conclude(h, STATE_NORMAL, HEADROOM_CAPPED);
	else if (h->paused)
		wait_for_room(h, s);
	else
		follow_room(h, s, fuse, elapsed);
	headroom_obey_meter(h, s, fuse);
	headroom_count_tries(h, fuse, before);
	if (h->limit > before)
		quiet_raised(&h->quiet);
	if (h->limit < before && h->raised != NEVER)
		quiet_lowered(&h->quiet, headroom_ms(s->quiet_wait), h->now - h->raised,
		              headroom_excess(h, fuse));
}

/* Keeps the limit within its bounds: 0, or between the minimum and the maximum. */
static void bound(struct headroom *h, const struct balance_settings *s)
{
	if (h->limit > h->most)
		h->limit = h->most;
	if (h->limit < s->min_current) {
		h->limit = 0;
		h->paused = true;
	}
}

static bool is_old(const struct headroom *h, const struct balance_settings *s)
{
	return h->now - h->told >= headroom_ms(s->fallback_wait);
}

static void no_data(struct headroom *h, const struct balance_settings *s)
{
	headroom_conclude(h, STATE_FALLBACK, HEADROOM_NO_DATA);
	h->window.count = 0;
	h->fits_since = NEVER;
	if (is_old(h, s)) {
		h->limit = s->fallback_limit;
		h->paused = h->limit < s->min_current;
	}
}

/* Whether the currents wear a fuse of the fastest kind, on any phase. */
static bool heats(const struct headroom *h, const struct fuse *fuse)
{
	int32_t from = fuse->fast_from;

	for (int i = 0; i < BALANCE_PHASES; i++)
		if (h->currents[i] >= from || h->currents[i] <= -from)
			return true;
	return false;
}

/* Takes the currents of a telegram; returns the time that it stands for. */
static int64_t take(struct headroom *h, const struct balance_settings *s, const struct fuse *fuse,
                    const struct balance_input *in)
{
	int64_t before = h->seen ? h->told : h->now - 1000;

	if (!h->seen || is_old(h, s) || in->lag > STALE) {
		h->since = h->now;
		h->fits_since = NEVER;
	}
	if (!h->seen || h->now - in->lag > h->told)
		h->told = h->now - in->lag;
	h->seen = true;
	h->used = INT32_MIN;
	for (int i = 0; i < BALANCE_PHASES; i++) {
		if (in->currents[i] != CURRENT_NONE)
			h->currents[i] = in->currents[i];
		if (i < s->phases && h->currents[i] > h->used)
			h->used = h->currents[i];
	}
	h->hot = heats(h, fuse);
	for (int i = 0; h->hot && i < BALANCE_PHASES; i++)
		fuse_wear_run(fuse, &h->wear[i], before / 1000, h->currents[i],
		              h->told / 1000 - before / 1000);
	house_load_grid(&h->house, h->told - h->held, h->currents);
	return h->told > before ? h->told - before : 0;
}

static bool tells(const int32_t *currents)
{
	return currents && (currents[0] != CURRENT_NONE || currents[1] != CURRENT_NONE ||
	                    currents[2] != CURRENT_NONE);
}

static void observe(struct headroom *h, const struct balance_settings *s, const struct fuse *fuse,
                    const struct balance_input *in)
{
	int32_t in_force = in->in_force == CURRENT_NONE ? h->decided : in->in_force;
	int32_t decided = h->decided;

	h->now = in->now;
	h->most = headroom_least(balance_override(s), fuse->rated);
	if (in->most != CURRENT_NONE)
		h->most = headroom_least(h->most, in->most);
	if (in->alone)
		decided = in_force = 0;
	headroom_wait_for_charger(h, in_force);
	house_load_limit(&h->house, h->now - h->held, decided < s->min_current ? 0 : decided,
	                 in_force < s->min_current ? 0 : in_force);
	house_load_car(&h->house, in->car_time - h->held, in->alone ? NULL : in->car);
}

int64_t headroom_step(struct headroom *h, const struct balance_settings *s, const struct fuse *fuse,
                      const struct balance_input *in)
{
	int32_t limit = h->limit;
	uint8_t state = h->state, reason = h->reason;
	bool told = tells(in->currents), paused = h->paused, news;

	observe(h, s, fuse, in);
	news = learn(h, in->car);
	if (told)
		decide(h, s, fuse, take(h, s, fuse, in));
	if ((!told && !h->seen) || is_old(h, s))
		no_data(h, s);
	bound(h, s);
	h->decided = h->limit;
	if (news || !told || h->limit != limit || h->paused != paused || h->state != state ||
	    h->reason != reason || h->hot || !house_load_steady(&h->house))
		return 0;
	return headroom_unchanged_for(h, s);
}

int32_t headroom_age(const struct headroom *h)
{
	return (int32_t)((h->now - h->told) / 1000);
}
