#include "balance/household.h"

#include <math.h>
#include <string.h>

#include "base/decimal.h"
#include "base/error.h"

enum { DAY = 86400, VOLTAGE = 230, THREE_PHASES = 5000 /* W of panels */ };

/*
 * How an appliance behaves: sessions in a window of the day, and its duty cycle within a session.
 */
static const struct habit {
	int16_t l1, l2, l3;                             /* W */
	int32_t from, to;                               /* s of the day in which sessions begin */
	int16_t percent;                                /* chance of each session */
	int16_t sessions;                               /* a day at most */
	int32_t shortest, longest;                      /* s of a session */
	int16_t on_least, on_most, off_least, off_most; /* s; off_most 0: always on */
} habits[] = {
	/* induction hob, two plates on two phases, breakfast and supper */
	{1800, 0, 0, 61200, 68400, 90, 1, 900, 2700, 8, 20, 6, 14},
	{0, 1800, 0, 61800, 68400, 60, 1, 600, 1800, 8, 20, 6, 14},
	{1200, 0, 0, 25200, 30600, 50, 1, 300, 900, 8, 20, 6, 14},
	/* oven */
	{0, 0, 2500, 60300, 67500, 45, 1, 2400, 4500, 180, 240, 90, 150},
	/* kettle, coffee */
	{0, 0, 2200, 23400, 79200, 70, 5, 100, 200, 0, 0, 0, 0},
	/* microwave */
	{0, 1300, 0, 41400, 75600, 60, 3, 90, 360, 0, 0, 0, 0},
	/* dish washer: heats twice */
	{2000, 0, 0, 68400, 77400, 70, 1, 5400, 6000, 900, 1100, 1800, 2200},
	/* washing machine */
	{0, 0, 2000, 28800, 64800, 55, 1, 4500, 6300, 800, 1000, 2400, 3000},
	/* dryer */
	{0, 2300, 0, 36000, 72000, 45, 1, 4200, 6600, 240, 420, 60, 120},
	/* vacuum cleaner, iron, hair dryer */
	{0, 0, 1200, 32400, 57600, 30, 1, 600, 1800, 0, 0, 0, 0},
	{0, 1800, 0, 50400, 72000, 25, 1, 900, 2700, 15, 40, 30, 90},
	{1600, 0, 0, 24000, 28800, 60, 2, 180, 420, 0, 0, 0, 0},
	/* fridge, freezer: all day */
	{90, 0, 0, 0, 60, 100, 1, DAY, DAY, 700, 1100, 1500, 2400},
	{0, 110, 0, 0, 60, 100, 1, DAY, DAY, 800, 1200, 2000, 3000},
	/* light and television in the evening, computers by day */
	{150, 60, 90, 61200, 66600, 100, 1, 12600, 20000, 0, 0, 0, 0},
	{0, 180, 0, 28800, 36000, 70, 1, 14400, 30000, 0, 0, 0, 0},
	/* ventilation, standby, router */
	{45, 70, 60, 0, 1, 100, 1, DAY, DAY, 0, 0, 0, 0},
};

enum { HABITS = sizeof habits / sizeof *habits, HEAT_PUMP = HABITS, HOT_WATER, BASE, SUN };

static int32_t between(struct random *random, int32_t least, int32_t most)
{
	return least + (int32_t)random_below(random, (size_t)most - (size_t)least + 1);
}

/* 0 in midwinter, 1 in midsummer */
static double summer(const struct household *h)
{
	int64_t whole = h->now / DAY;
	double day = h->settings.day + (double)whole;

	return 0.5 - 0.5 * cos((day + 10) * 2 * 3.14159265358979 / 365);
}

static void set_power(struct appliance *a, int32_t l1, int32_t l2, int32_t l3)
{
	a->power[0] = l1;
	a->power[1] = l2;
	a->power[2] = l3;
}

/* Draws whether and when the next session begins: today's remaining ones, or tomorrow's first. */
static void plan(struct appliance *a, const struct habit *habit, int64_t now)
{
	a->running = false;
	set_power(a, 0, 0, 0);
	for (;;) {
		int32_t part = (habit->to - habit->from) / habit->sessions;
		int64_t begin;

		if (a->session >= habit->sessions) {
			a->session = 0;
			a->day++;
		}
		begin = (int64_t)a->day * DAY + habit->from + (int64_t)part * a->session++ +
		        between(&a->random, 0, part > 0 ? part - 1 : 0);
		if (between(&a->random, 1, 100) > habit->percent || begin < now)
			continue;
		a->next = begin;
		return;
	}
}

static void switch_habit(struct appliance *a, const struct habit *habit, int64_t now)
{
	if (!a->running) {
		a->running = true;
		a->on = false;
		a->ends = now + between(&a->random, habit->shortest, habit->longest);
	} else if (now >= a->ends) {
		plan(a, habit, now);
		return;
	}
	a->on = !a->on;
	if (a->on)
		set_power(a, habit->l1, habit->l2, habit->l3);
	else
		set_power(a, 0, 0, 0);
	a->next = habit->off_most == 0
	                  ? a->ends
	                  : now + (a->on ? between(&a->random, habit->on_least, habit->on_most)
	                                 : between(&a->random, habit->off_least, habit->off_most));
	a->next = a->next < a->ends ? a->next : a->ends;
}

/* Longer runs and shorter pauses in winter. */
static void switch_heat_pump(const struct household *h, struct appliance *a, bool water)
{
	int32_t share = h->settings.heat_pump / BALANCE_PHASES;
	double cold = 1 - summer(h);

	a->on = !a->on;
	if (a->on)
		set_power(a, share, share, share);
	else
		set_power(a, 0, 0, 0);
	if (water)
		a->next = h->now + (a->on ? between(&a->random, 1500, 2700)
		                          : between(&a->random, 30000, 50000));
	else
		a->next = h->now +
		          (a->on ? between(&a->random, 900, 900 + (int32_t)(3600 * cold))
		                 : between(&a->random, 1200, 1800 + (int32_t)(9000 * (1 - cold))));
}

/* What is always there: a few small things that come and go. */
static void switch_base(const struct household *h, struct appliance *a)
{
	/* one after the other: the order of arguments is the compiler's choice */
	a->next = h->now + between(&a->random, 40, 400);
	a->power[0] = between(&a->random, 30, 290);
	a->power[1] = between(&a->random, 20, 220);
	a->power[2] = between(&a->random, 30, 330);
}

/* Panels under a sky with clouds: minutes of sun, minutes of cloud, and flicker between. */
static void switch_sun(const struct household *h, struct appliance *a)
{
	int32_t second = (int32_t)(h->now % DAY), noon = 47400;
	double half = 3600 * (4 + 4.2 * summer(h)), hour = fabs((double)(second - noon)) / half;
	double sky, watts;

	if (hour >= 1) {
		set_power(a, 0, 0, 0);
		a->next = h->now + between(&a->random, 200, 400);
		return;
	}
	sky = between(&a->random, 1, 100) > 35 ? between(&a->random, 80, 100)
	                                       : between(&a->random, 12, 60);
	watts = h->settings.pv * (0.45 + 0.5 * summer(h)) * pow(cos(hour * 1.5707963267949), 1.3) *
	        sky / 100;
	a->next = h->now + (between(&a->random, 1, 4) == 1 ? between(&a->random, 4, 25)
	                                                   : between(&a->random, 40, 300));
	if (h->settings.pv >= THREE_PHASES)
		set_power(a, -(int32_t)(watts / 3), -(int32_t)(watts / 3), -(int32_t)(watts / 3));
	else
		set_power(a, -(int32_t)watts, 0, 0);
}

static void switch_over(struct household *h, int i)
{
	struct appliance *a = &h->appliances[i];

	if (i < HABITS)
		switch_habit(a, &habits[i], h->now);
	else if (i == HEAT_PUMP || i == HOT_WATER)
		switch_heat_pump(h, a, i == HOT_WATER);
	else if (i == BASE)
		switch_base(h, a);
	else
		switch_sun(h, a);
}

void household_start(struct household *h, const struct household_settings *s)
{
	*h = (struct household){.settings = *s, .end = (int64_t)s->days * DAY, .count = SUN + 1};
	for (int i = 0; i < h->count; i++) {
		struct appliance *a = &h->appliances[i];

		a->random.state = s->seed * UINT64_C(0xD1342543DE82EF95) +
		                  (uint64_t)i * RANDOM_STEP;
		random_next(&a->random);
		if (i < HABITS)
			plan(a, &habits[i], 0);
		else if (i == HEAT_PUMP || i == HOT_WATER)
			a->next = s->heat_pump
			                  ? between(&a->random, 0, i == HOT_WATER ? 20000 : 2000)
			                  : INT64_MAX;
		else if (i == SUN && !s->pv)
			a->next = INT64_MAX;
	}
}

int64_t household_next(struct household *h, int32_t currents[BALANCE_PHASES])
{
	int64_t begin = h->now, next = h->end;
	int32_t power[BALANCE_PHASES] = {0};

	if (begin >= h->end)
		return 0;
	for (int i = 0; i < h->count; i++) {
		struct appliance *a = &h->appliances[i];

		while (a->next <= begin)
			switch_over(h, i);
		next = a->next < next ? a->next : next;
		for (int p = 0; p < BALANCE_PHASES; p++)
			power[p] += a->power[p];
	}
	for (int p = 0; p < BALANCE_PHASES; p++)
		currents[p] = power[p] * 100 / VOLTAGE * 10; /* 0.01 A */
	h->now = next;
	return next - begin;
}

int32_t household_sun(const struct household *h)
{
	const int32_t *power = h->appliances[SUN].power;

	return -(power[0] + power[1] + power[2]);
}

int household_sun_phases(const struct household *h)
{
	return h->settings.pv >= THREE_PHASES ? BALANCE_PHASES : 1;
}

int household_parse(struct household_settings *s, const char *text)
{
	*s = (struct household_settings){.seed = 1, .days = 1, .day = 80};
	while (*text) {
		size_t length = strcspn(text, ","), name = strcspn(text, "=,");
		struct decimal value;
		int64_t n, watts;

		if (name == length || decimal_parse(&value, text + name + 1, length - name - 1) ||
		    decimal_scaled(value, 0, &n) || decimal_scaled(value, -3, &watts))
			return EM_SYNTAX;
		if (n < 0 || watts < 0)
			return EM_RANGE;
		if (name == 4 && memcmp(text, "seed", 4) == 0)
			s->seed = (uint64_t)n;
		else if (name == 4 && memcmp(text, "days", 4) == 0 && n >= 1 && n <= 3660)
			s->days = (int32_t)n;
		else if (name == 3 && memcmp(text, "day", 3) == 0 && n >= 1 && n <= 365)
			s->day = (int32_t)n;
		else if (name == 2 && memcmp(text, "pv", 2) == 0 && watts <= 50000)
			s->pv = (int32_t)watts;
		else if (name == 8 && memcmp(text, "heatpump", 8) == 0 && watts <= 20000)
			s->heat_pump = (int32_t)watts;
		else
			return EM_UNKNOWN;
		text += length + (text[length] == ',');
	}
	return 0;
}
