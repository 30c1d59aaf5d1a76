/*
 * What currents do to a fuse or circuit breaker. The standards (IEC 60898-1 for circuit breakers,
 * IEC 60269-1 for gG fuses) leave a band: between the fastest and the slowest device that they
 * permit. Wear is the share of the time to trip that has been used up, kept for both ends of the
 * band. When the fast wear never reaches 1 no legal device trips; when the slow wear does, every
 * one has.
 *
 * Times between the points of the standards are interpolated on logarithmic scales. Below the first
 * point of a curve a device cools, with a time constant of 600 s (an assumption).
 */
#ifndef BALANCE_FUSE_H
#define BALANCE_FUSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum fuse_kind { FUSE_ANY, FUSE_GG, FUSE_B, FUSE_C, FUSE_D };

enum fuse_verdict { FUSE_CANNOT_TRIP, FUSE_MAY_TRIP, FUSE_MUST_TRIP };
extern const char *const fuse_verdict_names[]; /* "cannot_trip", "may_trip", "must_trip" */

#define FUSE_WEAR_ONE INT64_C(1000000000000) /* wear 1: the time to trip is used up */

struct fuse_point {
	double current; /* multiples of the rated current */
	double seconds; /* to trip */
};

struct fuse_curve {
	struct fuse_point points[6];
	int count;
};

struct fuse {
	int32_t rated; /* mA */
	enum fuse_kind kind;
	struct fuse_curve fast[4], slow[4]; /* one per kind that counts */
	int curves;
	int32_t fast_from, slow_from; /* mA at which each band begins to wear */
};

/* One end of the band. */
struct fuse_end {
	int64_t wear; /* in FUSE_WEAR_ONE */
	int64_t peak;
	int64_t hot;     /* the second after the last one with wear */
	int64_t tripped; /* second in which wear reached 1, -1 if it did not */
	int32_t current; /* mA of the rate below, to save computing it again */
	int64_t rate;    /* wear per second at that current */
};

struct fuse_wear {
	struct fuse_end fast, slow;
};

/* rated in mA, 1000..1000000; EM_RANGE otherwise. */
int fuse_init(struct fuse *f, enum fuse_kind kind, int32_t rated);

/* Reads `25`, `B16`, `C25`, `D32`, `gG35`. EM_SYNTAX, EM_RANGE. */
int fuse_parse(struct fuse *f, const char *text);

/*
 * Time to trip in s of the fastest or slowest device at a current in mA; infinity below the first
 * point.
 */
double fuse_seconds(const struct fuse *f, bool slow, int32_t current);

void fuse_wear_start(struct fuse_wear *w);

void fuse_wear_add(const struct fuse *f, struct fuse_wear *w, int64_t now, int32_t current,
                   int64_t seconds);

/* `seconds` s at a constant current (mA, sign ignored), beginning at second `now`. */
static inline void fuse_wear_run(const struct fuse *f, struct fuse_wear *w, int64_t now,
                                 int32_t current, int64_t seconds)
{
	if (current >= f->fast_from || current <= -f->fast_from)
		fuse_wear_add(f, w, now, current, seconds);
}

/* Wear of the fast end at second `now`, after cooling. */
int64_t fuse_wear_at(const struct fuse_wear *w, int64_t now);

enum fuse_verdict fuse_verdict(const struct fuse_wear *w);

#endif
