/*
 * The closed loop: a house as runs of constant currents, a meter that may lose telegrams, a load
 * balancer, a charger with a car, and a fuse that wears. A simulation has one set of parameters;
 * several can take the same runs side by side. It allocates nothing and depends on its input only:
 * the same runs give the same result, however they are cut.
 *
 * Order of a second: the car follows the limit of the second before, the meter measures house and
 * car, the balancer decides. In an open loop the data already contain the car. A limit that another
 * master or a restart of the charger has set is read in the first exchange after it and replaced in
 * the second one, as `balance run` does.
 */
#ifndef BALANCE_SIMULATE_H
#define BALANCE_SIMULATE_H

#include <stdbool.h>
#include <stdint.h>

#include "balance/balancer.h"
#include "balance/cost.h"
#include "balance/days.h"
#include "balance/faults.h"
#include "balance/fuse.h"
#include "balance/garage.h"
#include "base/random.h"

struct simulation_settings {
	enum balance_algorithm algorithm;
	struct balance_settings balance;
	struct fuse fuse;
	union {
		struct car_settings car; /* the first one */
		struct car_settings cars[GARAGE_CARS];
	};
	int more_cars; /* that share the charger, 0..GARAGE_CARS - 1 */
	struct simulation_faults faults;
	bool open_loop;
	bool quirks;
	bool blind;   /* the car's currents are not measured */
	bool strides; /* the observer takes many seconds at once, see struct simulation_tick */
	const struct plan_settings *plan; /* NULL: none */
};

/* A piece of input: the same for `seconds` seconds. */
struct simulation_run {
	int32_t currents[BALANCE_PHASES]; /* mA, CURRENT_NONE where unknown; negative: export */
	int32_t override_limit;           /* mA written in the first second, CURRENT_NONE: none */
	bool telegram;                    /* the meter told it */
	int64_t seconds;
	instant clock; /* of its first second; 0: goes on from the run before, at first from 0 */
	int32_t zone;  /* minutes of local time east of UTC */
};

struct simulation_totals {
	int64_t seconds;
	int64_t seconds_over;  /* with a phase above the fuse */
	int64_t over;          /* mA s above the fuse, highest phase */
	int64_t below_minimum; /* s with a limit above 0 below the car's minimum */
	int64_t setpoint_changes;
	int64_t overloads;        /* events */
	int64_t longest_overload; /* s */
	int64_t charging;         /* s with current to the car */
	int64_t solar;            /* mJ that the car took from export */
	int64_t quarter_peak;     /* mJ of import in the highest quarter of an hour */
	int64_t unbalance;        /* mA s between the highest and the lowest phase */
	struct cost cost;         /* of the car's energy, by the plan's prices */
	int64_t state_seconds[STATES];
	int32_t max_current; /* mA */
	int32_t max_phase;   /* 0..2 */
};

/* What a second looked like, and those after it that were the same; borrowed for the call. */
struct simulation_tick {
	int64_t t;
	int64_t seconds; /* 1, unless the settings allow strides */
	const struct balancer *balancer;
	const int32_t *house; /* mA per phase */
	const int32_t *car;   /* mA per phase */
	bool closed;
};

typedef void simulation_observer(void *context, const struct simulation_tick *tick);

struct simulation {
	struct simulation_settings settings;
	struct balancer balancer;
	struct car car; /* at the charger; its sums are those of all cars */
	struct garage garage;
	struct days days;
	int64_t midnight; /* s from 1970, local time, to second 0; who changes it sets event = now */
	int64_t event;    /* second in which a car comes or goes next, or a day begins */
	bool faulty;      /* meter or charger are not as they should be */
	bool strides;     /* seconds that change nothing need not be taken one by one */
	bool uses[BALANCE_PHASES]; /* phases of the charger that the car uses */
	int order[BALANCE_PHASES]; /* their grid phases */
	struct fuse_wear wear[BALANCE_PHASES];
	struct simulation_totals totals;
	int64_t now;
	int32_t house[BALANCE_PHASES];
	int32_t shown[BALANCE_PHASES]; /* what the meter printed last */
	int32_t told[BALANCE_PHASES];  /* what the charger told of the car last */
	int32_t totals_before[FAULT_LAG_MOST + 1][BALANCE_PHASES]; /* rings of the last seconds */
	int32_t cars_before[FAULT_LAG_MOST + 1][BALANCE_PHASES];
	instant clock; /* of second `now` */
	int32_t zone;
	int64_t begin;
	int32_t set_point; /* mA that the charger applies */
	int foreign;       /* s until a limit that is not ours has been replaced */
	bool disarmed;     /* the charger has lost its time-out */
	int64_t unheard;   /* s since it heard something */
	int64_t overload;  /* s of the running overload */
	int64_t quarter;   /* mJ of import in this quarter of an hour */
	int64_t quarter_ends;
	struct random random;
	simulation_observer *observer;
	void *context;
};

/*
 * observer may be NULL. Without one, or when it takes strides, seconds that only repeat the last one
 * are taken at once.
 */
void simulation_start(struct simulation *s, const struct simulation_settings *settings,
                      int64_t begin, simulation_observer *observer, void *context);

/* Calls `told` at the end of each day. Before the first run. */
void simulation_each_day(struct simulation *s, simulation_day_end *told, void *context);

void simulation_run(struct simulation *s, const struct simulation_run *run);

/* s since midnight, local time, in second `now` of the simulation */
int32_t simulation_time_of_day(const struct simulation *s, int64_t now);

/* Ends a running overload, quarter and day. */
void simulation_finish(struct simulation *s);

/* The phase (0..2) with the highest peak of fast wear, and the worst verdict of all phases. */
int simulation_worn_phase(const struct simulation *s);
enum fuse_verdict simulation_verdict(const struct simulation *s);

#endif
