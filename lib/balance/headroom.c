#include "balance/headroom.h"

enum {
	STEP = 1000,          /* mA: a car notices no less */
	UNUSED_AFTER = 10000, /* ms without current on a phase before it counts as unused */
	IDLE = 500,           /* mA: less is no charging current */
	RIDE_LEAK = 10,       /* each quiet ms gives back this part of a ms */
	WARY = 60000,         /* ms in which a raise that did not last is not tried again */
	STALE = 2000,         /* ms of lag of a telegram that is no reason to raise */
	TRY = 4000,      /* ms in which a car has followed a lower limit, and a telegram shows it */
	TRIES = 5,       /* the fifth one takes 31 A and more together */
	APPLIES = 10000, /* ms in which a charger has applied a lower limit */
	LEARNS = 10000,  /* ms in which readings of the car tell what the house draws */
	RIDE_HARD = 4,   /* how much faster an overload is used up that a fuse can notice */
};

#define NEVER INT64_MIN

static int32_t least_of(int32_t a, int32_t b)
{
	return a < b ? a : b;
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

void headroom_start(struct headroom *h, const struct balance_settings *settings)
{
	h->limit = h->used = h->room = 0;
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
	h->limit = limit;
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

/* The highest current above the fuse on any phase, 0: none. */
static int32_t excess(const struct headroom *h, const struct fuse *fuse)
{
	return h->used > fuse->rated ? h->used - fuse->rated : 0;
}

/*
 * What a phase is above the fuse, that many times, the car has to draw less than it can have drawn
 * in that telegram. INT32_MAX: no phase is above the fuse.
 */
static int32_t meter_room(const struct headroom *h, const struct fuse *fuse, int32_t times)
{
	int32_t over = excess(h, fuse) * times;

	return over && !h->paused ? house_load_car_most(&h->house, h->now - h->held) - over
	                          : INT32_MAX;
}

static int64_t ms(int64_t seconds)
{
	return seconds * 1000;
}

static int32_t whole(int32_t current, int32_t most)
{
	return current >= most ? most : current < 0 ? 0 : current / STEP * STEP;
}

/* Whether the fastest fuse has used up a hundredth of its time to trip, on any phase. */
static bool worn(const struct headroom *h)
{
	for (int i = 0; i < BALANCE_PHASES; i++)
		if (fuse_wear_at(&h->wear[i], h->now / 1000) > FUSE_WEAR_ONE / 100)
			return true;
	return false;
}

static void conclude(struct headroom *h, enum balance_state state, enum headroom_reason reason)
{
	h->state = (uint8_t)state;
	h->reason = (uint8_t)reason;
}

/* `before`: the limit that is known to have fitted. */
static void lift(struct headroom *h, int32_t before, int32_t limit, enum headroom_reason reason)
{
	h->raised = h->now;
	h->before = before;
	h->limit = limit;
	conclude(h, STATE_LOWER, reason);
}

/* The car is stopped: restart when minimum and a bit more have fitted long enough. */
static void wait_for_room(struct headroom *h, const struct balance_settings *s)
{
	int32_t fitted = room_window_at(&h->window, 0)->room;

	if (h->fits_since == NEVER) {
		conclude(h, STATE_ALARM, HEADROOM_PAUSED);
		return;
	}
	conclude(h, STATE_LOWER, HEADROOM_WAITING);
	if (h->now - h->fits_since < ms(s->restart_wait))
		return;
	if (h->now - h->since < ms(s->quiet_wait) || fitted < s->min_current)
		fitted = s->min_current;
	h->paused = false;
	h->ride = 0;
	fitted = whole(fitted, h->most);
	lift(h, fitted - STEP, fitted, HEADROOM_RESTARTED);
}

/* Not even the minimum fits: hold it for the ride time, then pause. */
static void ride(struct headroom *h, const struct balance_settings *s, const struct fuse *fuse,
                 int64_t elapsed)
{
	int32_t weight = h->used >= fuse->fast_from ? RIDE_HARD : 1;

	h->limit = s->min_current;
	if (h->room + s->margin < s->min_current || meter_room(h, fuse, 1) < s->min_current) {
		h->ride += weight * elapsed;
		h->rides = weight * 1000;
	}
	conclude(h, STATE_ALARM, HEADROOM_RIDING);
	if (h->ride <= ms(s->ride_wait) && !worn(h))
		return;
	h->limit = 0;
	h->paused = true;
	h->fits_since = NEVER;
	conclude(h, STATE_ALARM, HEADROOM_PAUSED);
}

/* Limits above that one up to the present one are not tried again for a while. */
static void refute(struct headroom *h, int32_t limit, int64_t duration)
{
	h->wary_until = h->now + duration;
	h->tried = limit;
	h->tried_most = h->limit;
}

/* Remembers a limit that did not last, so that noise at its edge moves it once a minute at most. */
static void lower(struct headroom *h, int32_t limit)
{
	if (h->raised != NEVER && h->now - h->raised < WARY && limit >= h->before - STEP)
		refute(h, h->limit - limit <= 2 * STEP ? limit : (h->limit - 1) / STEP * STEP,
		       WARY);
	h->limit = limit;
	conclude(h, STATE_UPPER, HEADROOM_LOWERED);
}

static int64_t quiet_since(const struct headroom *h, const struct balance_settings *s)
{
	return h->now - quiet_time(&h->quiet, ms(s->quiet_wait), &h->house.grid);
}

/* What has fitted for the quiet time, less than what was tried in vain a moment ago. */
static int32_t lasting(const struct headroom *h, const struct balance_settings *s)
{
	int64_t until;
	int32_t room = room_window_least(&h->window, quiet_since(h, s), &until);
	int32_t fitted = whole(room, h->most);
	bool wary = h->now < h->wary_until;

	return wary && fitted > h->tried && fitted < h->tried_most + STEP ? h->tried : fitted;
}

static void follow_room(struct headroom *h, const struct balance_settings *s,
                        const struct fuse *fuse, int64_t elapsed)
{
	int32_t fitted = lasting(h, s), fits = whole(h->room, h->most);

	if (least_of(h->room, meter_room(h, fuse, 1)) < s->min_current) {
		ride(h, s, fuse, elapsed);
		return;
	}
	h->ride = h->ride > elapsed / RIDE_LEAK ? h->ride - elapsed / RIDE_LEAK : 0;
	h->rides = -1000 / RIDE_LEAK;
	if (fits < h->limit) {
		lower(h, fits);
	} else if (fitted > h->limit && h->now - h->since >= ms(s->quiet_wait)) {
		lift(h, h->limit, fitted, HEADROOM_RAISED);
	} else if (fits > h->limit) {
		conclude(h, STATE_LOWER, HEADROOM_WAITING);
	} else {
		conclude(h, STATE_NORMAL, HEADROOM_HELD);
	}
}

/*
 * A try is a lower limit for a car whose currents are not known, or not how late they are. It may draw
 * far less than its limit, so that the excess stays: the next try, when the car had time to follow,
 * takes twice as much.
 */
static void count_tries(struct headroom *h, const struct fuse *fuse, int32_t before)
{
	if (!excess(h, fuse) || house_load_learnt(&h->house)) {
		h->tries = 0;
	} else if (h->limit < before && (!h->tries || h->now - h->tried_at >= TRY)) {
		h->tries++;
		h->tried_at = h->decided_at = h->now;
	}
}

/* A try begins when the charger applies it. One that never does gets no more time. */
static void wait_for_charger(struct headroom *h, int32_t in_force)
{
	if (h->tries && in_force > h->limit && h->now - h->decided_at < APPLIES)
		h->tried_at = h->now;
}

/*
 * Believes the meter alone, down to the minimum, which may be ridden out. What it refutes although the
 * house seems to leave room is not tried again soon.
 */
static void obey_meter(struct headroom *h, const struct balance_settings *s,
                       const struct fuse *fuse)
{
	int32_t times = 1 << (h->tries > TRIES ? TRIES : h->tries), rest;

	if (h->tries && h->now - h->tried_at < TRY)
		times /= 2;
	rest = whole(meter_room(h, fuse, times), h->most);
	rest = rest < s->min_current ? s->min_current : rest;
	if (h->paused || !excess(h, fuse) || rest >= h->limit)
		return;
	refute(h, rest, house_load_sees(&h->house) ? LEARNS : WARY);
	h->limit = rest;
	conclude(h, STATE_UPPER, HEADROOM_LOWERED);
}

/* Since when there has been room for a restart. After the user's own pause the minimum suffices. */
static void judge_restart(struct headroom *h, const struct balance_settings *s,
                          const struct fuse *fuse)
{
	int32_t needed = s->min_current + (h->resumed ? 0 : s->restart_room);

	if (h->room < needed || excess(h, fuse))
		h->fits_since = NEVER;
	else if (h->resumed)
		h->fits_since = h->now - ms(s->restart_wait);
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
	room_window_add(&h->window, h->now, least_of(h->room, meter_room(h, fuse, 1)),
	                h->now - ms(s->quiet_wait));
	judge_restart(h, s, fuse);
	if (h->most < s->min_current)
		conclude(h, STATE_NORMAL, HEADROOM_CAPPED);
	else if (h->paused)
		wait_for_room(h, s);
	else
		follow_room(h, s, fuse, elapsed);
	obey_meter(h, s, fuse);
	count_tries(h, fuse, before);
	if (h->limit > before)
		quiet_raised(&h->quiet);
	if (h->limit < before)
		quiet_lowered(&h->quiet, ms(s->quiet_wait), h->now - h->raised, excess(h, fuse));
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
	return h->now - h->told >= ms(s->fallback_wait);
}

static void no_data(struct headroom *h, const struct balance_settings *s)
{
	conclude(h, STATE_FALLBACK, HEADROOM_NO_DATA);
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
	int32_t in_force = in->in_force == CURRENT_NONE ? h->limit : in->in_force;
	int32_t decided = h->limit;

	h->now = in->now;
	h->most = least_of(balance_override(s), fuse->rated);
	if (in->most != CURRENT_NONE)
		h->most = least_of(h->most, in->most);
	if (in->alone)
		decided = in_force = 0;
	wait_for_charger(h, in_force);
	house_load_limit(&h->house, h->now - h->held, decided < s->min_current ? 0 : decided,
	                 in_force < s->min_current ? 0 : in_force);
	house_load_car(&h->house, in->car_time - h->held, in->alone ? NULL : in->car);
}

/* The next time at which the clock alone can change something, INT64_MAX: never. */
static int64_t deadline(const struct headroom *h, const struct balance_settings *s)
{
	int64_t quiet = ms(s->quiet_wait), next = INT64_MAX, until;

	if (h->paused)
		return h->fits_since == NEVER ? INT64_MAX : h->fits_since + ms(s->restart_wait);
	if (h->rides > 0)
		next = h->now + (ms(s->ride_wait) - h->ride) / h->rides * 1000 + 1;
	if (h->limit >= h->most) /* it cannot rise */
		return next;
	room_window_least(&h->window, quiet_since(h, s), &until);
	if (until != INT64_MAX)
		next = earlier(next, until + h->now - quiet_since(h, s) + 1);
	if (quiet_settles(&h->quiet, quiet, &h->house.grid))
		return h->now;
	if (h->now < h->since + quiet)
		next = earlier(next, h->since + quiet);
	if (h->now < h->wary_until)
		next = earlier(next, h->wary_until);
	return next;
}

/* What was the same in the step before does not change until the clock does it. */
static int64_t unchanged_for(const struct headroom *h, const struct balance_settings *s)
{
	int64_t next = deadline(h, s);

	return next == INT64_MAX ? INT64_MAX : next > h->now ? (next - h->now - 1) / 1000 : 0;
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
	if (news || !told || h->limit != limit || h->paused != paused || h->state != state ||
	    h->reason != reason || h->hot || !house_load_steady(&h->house))
		return 0;
	return unchanged_for(h, s);
}

void headroom_hold(struct headroom *h, int64_t seconds)
{
	room_window_hold(&h->window, h->now, h->now + ms(seconds));
	h->held += ms(seconds);
	h->now += ms(seconds);
	h->ride += h->rides * seconds;
	h->ride = h->ride > 0 ? h->ride : 0;
	h->told += ms(seconds);
}

int32_t headroom_age(const struct headroom *h)
{
	return (int32_t)((h->now - h->told) / 1000);
}
