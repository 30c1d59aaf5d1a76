/*
 * Rules of load balancing side by side: those of emtool, simple descriptions of others, and one that
 * knows the future. Each steers the same car in the same houses, second by second. What the rule that
 * knows all has above the fuse is the house alone.
 *
 *     compare_balance [FILE...]    also in recorded houses: CSV (time, three currents in A) or P1
 *
 * The others are described from their documentation, not run: evcc looks every 30 s, SmartEVSE takes a
 * quarter of the room each second, OpenEVSE smooths what it gives and pauses for 5 minutes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "balance/balancer.h"
#include "balance/car.h"
#include "balance/household.h"

enum {
	DAY = 86400,
	RATED = 25000,
	MOST = 16000,
	LEAST = 6000,
	LATE = 3,    /* s until the car follows a limit */
	AHEAD = 3,   /* s in which it comes down from any current */
	STARTS = 20, /* s more from an offer to the first current */
	QUARTER = 900,
	BEFORE = 900 /* s like the first one, which nobody is judged by */
};

struct house {
	char name[40];
	int32_t (*currents)[BALANCE_PHASES];
	int64_t seconds;
};

/* What a rule sees; only the one that knows everything looks at the house. */
struct view {
	const struct house *house;
	int64_t t;
	int32_t grid[BALANCE_PHASES];
	int32_t car[BALANCE_PHASES];
	int32_t limit; /* the last one */
};

static int32_t worst(const int32_t *currents)
{
	int32_t most = currents[0];

	for (int i = 1; i < BALANCE_PHASES; i++)
		most = currents[i] > most ? currents[i] : most;
	return most;
}

static int32_t least_of(int32_t a, int32_t b)
{
	return a < b ? a : b;
}

static int32_t whole(int32_t current)
{
	return current < 0 ? 0 : least_of(current, MOST) / 1000 * 1000;
}

/* 0 or at least the minimum. */
static int32_t offer(int32_t current)
{
	current = whole(current);
	return current < LEAST ? 0 : current;
}

/* What fits beside the house in that second; behind the end of the house as in its last one. */
static int32_t fits(const struct house *h, int64_t t)
{
	return RATED - worst(h->currents[t < h->seconds ? t : h->seconds - 1]);
}

/*
 * The most that never takes a phase above the fuse. A stopped car is offered the minimum as long before
 * it fits as the car takes to start.
 */
static int32_t knows_all(const struct view *v)
{
	int64_t follows = v->t + LATE;
	int32_t most = MOST;

	if (v->car[0] == 0)
		return fits(v->house, follows + STARTS) < LEAST ? 0 : LEAST;
	for (int i = 0; i < AHEAD; i++)
		most = least_of(most, fits(v->house, follows + i) + 8000 * i);
	return offer(most);
}

static int32_t like_evcc(const struct view *v)
{
	return v->t % 30 ? v->limit : offer(v->car[0] + RATED - worst(v->grid));
}

static int32_t like_smartevse(const struct view *v)
{
	static int32_t current, short_for, waits;
	int32_t room = RATED - worst(v->grid);

	if (v->t == 0)
		current = short_for = waits = 0;
	if (!v->limit) {
		waits = room >= LEAST ? waits + 1 : 0;
		current = LEAST;
		short_for = 0;
		return waits > 60 ? LEAST : 0;
	}
	current += room < 0 ? room : room / 4;
	short_for = current < LEAST ? short_for + 1 : 0;
	current = current < LEAST ? LEAST : least_of(current, MOST);
	waits = 0;
	return short_for > 10 ? 0 : current / 100 * 100;
}

static int32_t like_openevse(const struct view *v)
{
	static int32_t smooth;
	static int64_t paused;
	int32_t room = RATED - worst(v->grid) + v->car[0];

	if (v->t == 0)
		smooth = 0, paused = -300;
	smooth = room < smooth ? room : smooth + (room - smooth) / 60;
	if (v->limit && smooth < LEAST)
		paused = v->t;
	return v->t - paused < 300 ? 0 : offer(smooth);
}

static struct balancer balancer;

static int32_t of_emtool(const struct view *v, enum balance_algorithm algorithm)
{
	const struct balance_settings settings = balance_defaults();
	struct fuse fuse;

	if (v->t == 0) {
		fuse_init(&fuse, FUSE_ANY, RATED);
		balancer_start(&balancer, algorithm, &settings, &fuse, false);
	}
	balancer_tick(&balancer, v->grid, v->car);
	return balancer.limit;
}

static int32_t headroom(const struct view *v)
{
	return of_emtool(v, ALGORITHM_HEADROOM);
}

static int32_t threshold(const struct view *v)
{
	return of_emtool(v, ALGORITHM_THRESHOLD);
}

static const struct rule {
	const char *name;
	int32_t (*decide)(const struct view *view);
} rules[] = {{"all-knowing", knows_all},         {"headroom", headroom},
             {"threshold", threshold},           {"evcc-like", like_evcc},
             {"SmartEVSE-like", like_smartevse}, {"OpenEVSE-like", like_openevse}};

enum { RULES = sizeof rules / sizeof *rules };

struct result {
	int64_t energy, over, changes, pauses, quarter, peak; /* mJ, s, mJ in a quarter */
	struct fuse_wear wear[BALANCE_PHASES];
};

static void count(struct result *r, const struct fuse *fuse, const struct view *v)
{
	if (v->t < BEFORE)
		return;
	r->over += worst(v->grid) > RATED;
	for (int i = 0; i < BALANCE_PHASES; i++) {
		fuse_wear_run(fuse, &r->wear[i], v->t, v->grid[i], 1);
		r->quarter += (int64_t)v->grid[i] * CAR_VOLTAGE;
	}
	if (v->t % QUARTER == QUARTER - 1) {
		r->peak = r->quarter > r->peak ? r->quarter : r->peak;
		r->quarter = 0;
	}
}

static void live(const struct house *h, const struct rule *rule, struct result *r)
{
	const struct car_settings settings = car_defaults();
	struct view v = {.house = h};
	struct fuse fuse;
	struct car car;

	memset(r, 0, sizeof *r);
	fuse_init(&fuse, FUSE_ANY, RATED);
	for (int i = 0; i < BALANCE_PHASES; i++)
		fuse_wear_start(&r->wear[i]);
	car_start(&car);
	for (; v.t < h->seconds; v.t++) {
		int32_t limit;

		if (v.t == BEFORE) {
			car.energy = r->changes = 0;
			car.pauses = 0;
		}
		car_tick(&car, &settings, v.limit);
		for (int i = 0; i < BALANCE_PHASES; i++) {
			v.car[i] = car_phase(&car, &settings, i);
			v.grid[i] = h->currents[v.t][i] + v.car[i];
		}
		count(r, &fuse, &v);
		limit = rule->decide(&v);
		r->changes += limit != v.limit;
		v.limit = limit;
	}
	r->energy = car.energy;
	r->pauses = car.pauses;
}

static double wear(const struct result *r)
{
	int64_t most = 0;

	for (int i = 0; i < BALANCE_PHASES; i++)
		most = r->wear[i].fast.peak > most ? r->wear[i].fast.peak : most;
	return (double)most / (double)FUSE_WEAR_ONE;
}

static void compare(const struct house *h)
{
	struct result best, r;

	printf("%-26s  %8s %6s %6s %6s %6s %9s %7s\n", h->name, "kWh", "%", "pauses", "over s",
	       "wear", "changes", "peak kW");
	for (int i = 0; i < RULES; i++) {
		live(h, &rules[i], &r);
		if (i == 0)
			best = r;
		printf("  %-24s  %8.2f %6.1f %6lld %6lld %6.3f %9lld %7.2f\n", rules[i].name,
		       (double)r.energy / 3.6e9, 100.0 * (double)r.energy / (double)best.energy,
		       (long long)r.pauses, (long long)r.over, wear(&r), (long long)r.changes,
		       (double)r.peak / QUARTER / 1e6);
	}
}

static void append(struct house *h, const int32_t *currents, int64_t seconds)
{
	for (seconds += h->seconds ? 0 : BEFORE; seconds > 0; seconds--) {
		if ((h->seconds & (h->seconds - 1)) == 0)
			h->currents = realloc(h->currents,
			                      (size_t)(h->seconds ? h->seconds * 2 : 1) *
			                              sizeof *h->currents);
		if (!h->currents)
			abort();
		memcpy(h->currents[h->seconds++], currents, sizeof *h->currents);
	}
}

static void synthetic(const char *words)
{
	struct household_settings settings;
	struct household household;
	struct house h = {0};
	int32_t currents[BALANCE_PHASES];
	int64_t seconds;

	snprintf(h.name, sizeof h.name, "%s", words);
	household_parse(&settings, words);
	household_start(&household, &settings);
	while ((seconds = household_next(&household, currents)))
		append(&h, currents, seconds);
	compare(&h);
	free(h.currents);
}

/* Something that switches on and off all the time. */
struct cycle {
	int phase, current, on_least, on_most, off_least, off_most;
};

/* Three hours of cooking: base load, and cycles of a hob and an oven. */
static void cyclic(const char *name, int32_t base, const struct cycle *cycles, int count)
{
	struct random random = random_seed(5);
	struct house h = {0};
	int64_t next[4] = {0};
	bool on[4] = {false};

	snprintf(h.name, sizeof h.name, "%s", name);
	for (int64_t t = 0; t < 10800; t++) {
		int32_t currents[] = {base, base, base};

		for (int i = 0; i < count; i++) {
			const struct cycle *c = &cycles[i];
			int least = on[i] ? c->off_least : c->on_least;
			int most = on[i] ? c->off_most : c->on_most;

			if (t >= next[i]) {
				on[i] = !on[i];
				next[i] = t + least +
				          (int64_t)random_below(&random,
				                                (size_t)(most - least + 1));
			}
			currents[c->phase] += on[i] ? c->current : 0;
		}
		append(&h, currents, 1);
	}
	compare(&h);
	free(h.currents);
}

/* A line of CSV, or the line of a telegram that tells phase n's current. */
static bool take_line(const char *line, double *amps)
{
	double t;

	if (sscanf(line, "%lf,%lf,%lf,%lf", &t, &amps[0], &amps[1], &amps[2]) == 4)
		return true;
	return sscanf(line, "1-0:31.7.0(%lf*A)", &amps[0]) != 1 &&
	       sscanf(line, "1-0:51.7.0(%lf*A)", &amps[1]) != 1 &&
	       sscanf(line, "1-0:71.7.0(%lf*A)", &amps[2]) == 1;
}

static int recorded(const char *path)
{
	FILE *file = fopen(path, "r");
	const char *name = strrchr(path, '/');
	struct house h = {0};
	double amps[BALANCE_PHASES] = {0};
	char line[1200];

	if (!file) {
		perror(path);
		return 1;
	}
	snprintf(h.name, sizeof h.name, "%.26s", name ? name + 1 : path);
	while (fgets(line, sizeof line, file)) {
		if (take_line(line, amps)) {
			const int32_t currents[] = {(int32_t)(amps[0] * 1000),
			                            (int32_t)(amps[1] * 1000),
			                            (int32_t)(amps[2] * 1000)};

			append(&h, currents, 1);
		}
	}
	fclose(file);
	if (h.seconds)
		compare(&h);
	free(h.currents);
	return 0;
}

int main(int count, char **arguments)
{
	static const char *const houses[] = {
		"seed=21,days=3",
		"seed=22,days=3,pv=4",
		"seed=23,days=3,heatpump=6,day=20",
		"seed=24,days=3,heatpump=3,pv=8",
		"seed=25,days=3,day=350",
	};
	static const struct cycle cooking[] = {
		{0, 7800, 8, 20, 6, 14}, {1, 10800, 200, 280, 100, 140}, {2, 7800, 8, 20, 6, 14}};
	int status = 0;

	for (size_t i = 0; i < sizeof houses / sizeof *houses; i++)
		synthetic(houses[i]);
	cyclic("hob", 6000, cooking, 1);
	cyclic("oven", 4000, cooking + 1, 1);
	cyclic("hob and oven", 4000, cooking, 3);
	for (int i = 1; i < count; i++)
		status |= recorded(arguments[i]);
	return status;
}
