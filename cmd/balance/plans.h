/*
 * Plans of `balance run` and `balance simulate`: --plan, --price with --until and --energy, --zone.
 * It reads the files and owns what they say; `run` reads them again when they change.
 */
#ifndef CMD_BALANCE_PLANS_H
#define CMD_BALANCE_PLANS_H

#include <sys/types.h>

#include "balance/plan.h"
#include "cmd/session/options.h"
#include "io/job.h"

struct plan_options {
	const char *plan, *price, *until, *zone;
	double energy; /* kWh */
};

/* Rows for a struct that has plan_options as member `member`. */
extern const struct option_row plan_options[];

struct plans {
	const struct plan_options *options;
	struct plan_settings settings; /* for the ceiling */
	struct timetable table;
	struct prices prices;
};

/* Whether there is a plan at all. */
static inline bool plans_any(const struct plan_options *o)
{
	return o->plan || o->price;
}

/*
 * Judges the options and reads the files. EXIT_OK, or EXIT_USAGE or EXIT_LOCAL after an error line.
 * plans_close() in any case.
 */
int plans_open(struct plans *p, const struct plan_options *o);
void plans_close(struct plans *p);

/* Warns when the prices do not cover the time from `begin` to `end`. */
void plans_cover(const struct plans *p, instant begin, instant end);

/* The plans of a controller that runs for months; zero-initialised. */
struct plans_watch {
	struct plans *plans;
	uv_timer_t timer;
	struct job job;
	bool reading;      /* the job runs */
	bool open;         /* the timer exists */
	bool failed;       /* that was said */
	struct plan_file { /* as the files were when they were read last */
		dev_t device;
		ino_t inode;
		off_t size;
		struct timespec changed;
	} files[2];
	struct plans fresh; /* what the job reads */
	char message[256];  /* of the job */
};

/* Looks at the files every ten seconds. */
void plans_watch_start(struct plans_watch *w, struct plans *plans, uv_loop_t *loop);
void plans_watch_end(struct plans_watch *w);

#endif
