#include "balance/fuse.h"

#include <math.h>
#include <string.h>

#include "base/decimal.h"
#include "base/error.h"

enum { COOLING = 600 }; /* s */

#define INSTANT_TRIP 0.01 /* s, half a period: the least that counts */

const char *const fuse_verdict_names[] = {"cannot_trip", "may_trip", "must_trip"};

/*
 * Gates of IEC 60269-1 for gG: melts not before 10 s / within 5 s / not before 0.1 s / within 0.1
 * s, in A.
 */
static const struct gate {
	int rated, least_10s, most_5s, least_100ms, most_100ms;
} gates[] = {
	{16, 33, 65, 85, 150},       {20, 42, 85, 110, 200},      {25, 52, 110, 150, 260},
	{32, 75, 150, 200, 350},     {40, 95, 190, 260, 450},     {50, 125, 250, 350, 610},
	{63, 160, 320, 450, 820},    {80, 215, 425, 610, 1100},   {100, 290, 580, 820, 1450},
	{125, 355, 715, 1100, 1910}, {160, 460, 950, 1450, 2590},
};

static void point(struct fuse_curve *c, double current, double seconds)
{
	c->points[c->count++] = (struct fuse_point){current, seconds};
}

/* IEC 60898-1: 1.13 and 1.45 In for 1 h (2 h above 63 A), 2.55 In in 1..60 s (120 s above 32 A). */
static void breaker(struct fuse_curve *fast, struct fuse_curve *slow, enum fuse_kind kind,
                    double rated)
{
	static const double least[] = {[FUSE_B] = 3, [FUSE_C] = 5, [FUSE_D] = 10};
	static const double most[] = {[FUSE_B] = 5, [FUSE_C] = 10, [FUSE_D] = 20};
	double hours = rated > 63 ? 2 : 1;

	point(fast, 1.13, 3600 * hours);
	point(fast, 2.55, 1);
	point(fast, least[kind], 0.1);
	point(fast, least[kind] * 1.001, INSTANT_TRIP);
	point(slow, 1.45, 3600 * hours);
	point(slow, 2.55, rated > 32 ? 120 : 60);
	point(slow, most[kind], 0.1);
}

/* IEC 60269-1: conventional currents 1.25 and 1.6 In for 1, 2, 3 or 4 h, then the gates. */
static void melting(struct fuse_curve *fast, struct fuse_curve *slow, double rated)
{
	double hours = rated <= 63 ? 1 : rated <= 160 ? 2 : rated <= 400 ? 3 : 4;
	const struct gate *g = gates;

	for (size_t i = 0; i < sizeof gates / sizeof *gates; i++)
		if (fabs(gates[i].rated - rated) < fabs(g->rated - rated))
			g = &gates[i];
	point(fast, 1.25, 3600 * hours);
	point(fast, (double)g->least_10s / g->rated, 10);
	point(fast, (double)g->least_100ms / g->rated, 0.1);
	point(fast, 2.0 * g->least_100ms / g->rated, INSTANT_TRIP);
	point(slow, 1.6, 3600 * hours);
	point(slow, (double)g->most_5s / g->rated, 5);
	point(slow, (double)g->most_100ms / g->rated, 0.1);
}

/* s at a multiple of the rated current; constant behind the last point. */
static double on_curve(const struct fuse_curve *c, double multiple)
{
	const struct fuse_point *p = c->points;

	if (multiple < p[0].current)
		return INFINITY;
	for (int i = 1; i < c->count; i++) {
		double share;

		if (multiple >= p[i].current)
			continue;
		share = log(multiple / p[i - 1].current) / log(p[i].current / p[i - 1].current);
		return p[i - 1].seconds * pow(p[i].seconds / p[i - 1].seconds, share);
	}
	return p[c->count - 1].seconds;
}

double fuse_seconds(const struct fuse *f, bool slow, int32_t current)
{
	double multiple = fabs((double)current) / f->rated;
	double result = slow ? 0 : INFINITY;

	for (int i = 0; i < f->curves; i++) {
		double seconds = on_curve(slow ? &f->slow[i] : &f->fast[i], multiple);

		result = slow ? fmax(result, seconds) : fmin(result, seconds);
	}
	return result;
}

int fuse_init(struct fuse *f, enum fuse_kind kind, int32_t rated)
{
	double fast = INFINITY, slow = 0;

	if (rated < 1000 || rated > 1000000)
		return EM_RANGE;
	*f = (struct fuse){.rated = rated, .kind = kind};
	for (enum fuse_kind k = FUSE_GG; k <= FUSE_D; k++) {
		int i = f->curves;

		if (kind != FUSE_ANY && kind != k)
			continue;
		if (k == FUSE_GG)
			melting(&f->fast[i], &f->slow[i], rated / 1000.0);
		else
			breaker(&f->fast[i], &f->slow[i], k, rated / 1000.0);
		fast = fmin(fast, f->fast[i].points[0].current);
		slow = fmax(slow, f->slow[i].points[0].current);
		f->curves++;
	}
	f->fast_from = (int32_t)ceil(fast * rated);
	f->slow_from = (int32_t)ceil(slow * rated);
	return 0;
}

int fuse_parse(struct fuse *f, const char *text)
{
	static const struct {
		const char *prefix;
		enum fuse_kind kind;
	} kinds[] = {{"gG", FUSE_GG}, {"B", FUSE_B}, {"C", FUSE_C}, {"D", FUSE_D}};
	enum fuse_kind kind = FUSE_ANY;
	struct decimal rated;
	int64_t n;
	int error;

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		size_t length = strlen(kinds[i].prefix);

		if (strncmp(text, kinds[i].prefix, length) == 0) {
			kind = kinds[i].kind;
			text += length;
			break;
		}
	}
	error = decimal_parse(&rated, text, strlen(text));
	if (!error)
		error = decimal_scaled(rated, -3, &n);
	if (error)
		return error;
	return n < 1000 || n > 1000000 ? EM_RANGE : fuse_init(f, kind, (int32_t)n);
}

void fuse_wear_start(struct fuse_wear *w)
{
	*w = (struct fuse_wear){.fast.tripped = -1, .slow.tripped = -1};
}

static int64_t cooled(const struct fuse_end *e, int64_t now)
{
	if (now <= e->hot || !e->wear)
		return e->wear;
	return (int64_t)((double)e->wear * exp(-(double)(now - e->hot) / COOLING));
}

static void add(struct fuse_end *e, int64_t now, int64_t seconds)
{
	int64_t wear = cooled(e, now), most = INT64_MAX / 4;
	int64_t room = FUSE_WEAR_ONE - wear;

	if (e->tripped < 0 && seconds >= (room + e->rate - 1) / e->rate)
		e->tripped = now + (room > 0 ? (room + e->rate - 1) / e->rate - 1 : 0);
	wear = e->rate >= (most - wear) / seconds ? most : wear + e->rate * seconds;
	e->wear = wear > 1000 * FUSE_WEAR_ONE ? 1000 * FUSE_WEAR_ONE : wear;
	e->peak = e->wear > e->peak ? e->wear : e->peak;
	e->hot = now + seconds;
}

static int64_t rate(const struct fuse *f, bool slow, int32_t current)
{
	return llround((double)FUSE_WEAR_ONE / fuse_seconds(f, slow, current));
}

void fuse_wear_add(const struct fuse *f, struct fuse_wear *w, int64_t now, int32_t current,
                   int64_t seconds)
{
	int32_t magnitude = current < 0 ? -current : current;

	if (magnitude < f->fast_from || seconds <= 0)
		return;
	if (magnitude != w->fast.current) {
		w->fast.current = magnitude;
		w->fast.rate = rate(f, false, magnitude);
		w->slow.rate = magnitude >= f->slow_from ? rate(f, true, magnitude) : 0;
	}
	add(&w->fast, now, seconds);
	if (w->slow.rate)
		add(&w->slow, now, seconds);
}

int64_t fuse_wear_at(const struct fuse_wear *w, int64_t now)
{
	return cooled(&w->fast, now);
}

enum fuse_verdict fuse_verdict(const struct fuse_wear *w)
{
	return w->slow.tripped >= 0   ? FUSE_MUST_TRIP
	       : w->fast.tripped >= 0 ? FUSE_MAY_TRIP
	                              : FUSE_CANNOT_TRIP;
}
