#include "balance/house_power.h"

#include <stdlib.h>

enum {
	SETTLES = 6000,   /* ms after which meter and charger tell the same of a steady car */
	MOVES = 700,      /* mA */
	PATIENCE = 30000, /* ms without a steady car after which all telegrams count */
	IDLE = 500,       /* mA: less is no charging current */
	PLENTY = 1000000, /* mA: more than any limit */
};

void house_power_start(struct house_power *h, int32_t phases)
{
	*h = (struct house_power){.moved = INT64_MIN};
	for (int i = 0; i < BALANCE_PHASES; i++)
		h->used[i] = i < phases;
}

static void look_at_car(struct house_power *h, int64_t now, const int32_t *car)
{
	bool moved = false;

	for (int i = 0; i < BALANCE_PHASES; i++)
		moved = moved || abs(car[i] - h->anchor[i]) > MOVES;
	for (int i = 0; i < BALANCE_PHASES && (moved || !h->running); i++)
		h->anchor[i] = car[i];
	if (moved && h->running)
		h->moved = now;
	for (int i = 0; i < BALANCE_PHASES && car_charges(car); i++)
		h->used[i] = car[i] >= IDLE;
}

static bool is_settled(const struct house_power *h, int64_t now)
{
	return h->moved == INT64_MIN || now - h->moved >= SETTLES;
}

static void add(struct house_power_sums *sums, const struct house_power_sums *more, int64_t times)
{
	sums->count += times;
	sums->power += more->power * times;
	for (int i = 0; i < BALANCE_PHASES; i++) {
		sums->grid[i] += more->grid[i] * times;
		sums->car[i] += more->car[i] * times;
	}
}

static void take(struct house_power *h, const struct house_power_sums *sums)
{
	int64_t car = 0;

	for (int i = 0; i < BALANCE_PHASES; i++) {
		h->grid[i] = (int32_t)(sums->grid[i] / sums->count);
		h->car[i] = (int32_t)(sums->car[i] / sums->count);
		car += sums->car[i];
	}
	h->power = (sums->power - car * MAINS_VOLTAGE) / sums->count;
	h->known = true;
}

/* The first telegram is a window of its own: the car has not moved for all that is known. */
static bool ends(const struct house_power *h, int64_t now)
{
	return !h->known || now - h->began >= HOUSE_POWER_WINDOW;
}

bool house_power_add(struct house_power *h, int64_t now, int64_t power,
                     const int32_t grid[BALANCE_PHASES], const int32_t car[BALANCE_PHASES])
{
	bool ended = ends(h, now), late = h->running && now - h->began >= PATIENCE;

	look_at_car(h, now, car);
	if (!h->running)
		h->began = now;
	h->running = true;
	h->last = (struct house_power_sums){.power = power};
	for (int i = 0; i < BALANCE_PHASES; i++) {
		h->last.grid[i] = grid[i];
		h->last.car[i] = car[i];
	}
	h->counts = is_settled(h, now);
	add(&h->all, &h->last, 1);
	if (h->counts)
		add(&h->settled, &h->last, 1);
	if (!ended || (!h->settled.count && !late))
		return false;
	take(h, h->settled.count ? &h->settled : &h->all);
	h->settled = h->all = (struct house_power_sums){0};
	h->began = now;
	return true;
}

int64_t house_power_unchanged(const struct house_power *h, int64_t now)
{
	int64_t next = h->began + HOUSE_POWER_WINDOW;

	if (!h->running || !h->known)
		return 0;
	if (!is_settled(h, now) && h->moved + SETTLES < next)
		next = h->moved + SETTLES;
	return next > now ? (next - now - 1) / 1000 : 0;
}

void house_power_hold(struct house_power *h, int64_t seconds)
{
	add(&h->all, &h->last, seconds);
	if (h->counts)
		add(&h->settled, &h->last, seconds);
}

int house_power_phases(const struct house_power *h)
{
	int phases = h->used[0] + h->used[1] + h->used[2];

	return phases ? phases : BALANCE_PHASES;
}

int32_t house_power_current(const struct house_power *h, int64_t power)
{
	int64_t current = power / (MAINS_VOLTAGE * house_power_phases(h));

	return current < -PLENTY ? -PLENTY : current > PLENTY ? PLENTY : (int32_t)current;
}
