/*
 * Random worlds around lib/control: a house on three phases, a car, a charger, a meter and a program
 * that steps the controller, in virtual time and without sockets. Currents are mA, times ms from the
 * start of the world. All is drawn from a seed: the same seed gives the same world. The judge knows the
 * true currents and judges those, not what the controller believes.
 */
#ifndef WORLDS_H
#define WORLDS_H

#include <stdarg.h>

#include "base/random.h"
#include "control/controller.h"

enum {
	STEP = 50,       /* ms between two true values */
	LENGTH = 600000, /* ms of a world */
	STEPS = LENGTH / STEP,
	EVENTS = 4,       /* faults in one world at most */
	DELAYS = 64,      /* steps that an offer takes to the car at most */
	QUEUE = 128,      /* telegrams, or set-points, under way at most */
	LEAST = 6000,     /* mA below which no car charges */
	PATIENCE = 3000,  /* ms for which a meter's clock may be wrong before its data are none */
	TURN = 1000,      /* ms between two steps of the controller without a telegram */
	ORIGIN = 7000000, /* ms on the controller's clock at the start */
};

enum fault_kind {
#define FAULT(name, ...) FAULT_##name,
#include "faults.def"
#undef FAULT
	FAULTS
};

enum fault_shape { ALWAYS, WINDOW };
enum fault_blind { HONEST, GONE, LIES };

struct fault_row {
	const char *name, *text;
	int number;
	enum fault_shape shape;
	enum fault_blind blind;
};

extern const struct fault_row fault_rows[FAULTS];

struct fault_event {
	enum fault_kind kind;
	int64_t from, to; /* ms; 0 and LENGTH for a fault that is always there */
	int32_t value;    /* what the kind needs: mA, %, a phase */
};

/* What is drawn. */
struct world_plan {
	uint64_t seed;
	struct controller_options options;
	struct fault_event events[EVENTS];
	int count;

	int32_t noise;               /* mA, each second anew */
	int64_t gap_least, gap_most; /* ms between changes of the house */
	int64_t first_change;
	bool solar;

	int32_t car_phases, car_most, car_up, car_down; /* mA, mA/s */
	int64_t car_dead, car_restart, car_full;        /* ms */
	int32_t car_starts;                             /* mA at the start */

	int order[BALANCE_PHASES]; /* grid phase (0..2) of the charger's L1, L2, L3 */
	int32_t maximum, start_limit;
	int64_t apply_after, car_late, exchange_least, exchange_most;

	int64_t interval, lag;
	int32_t resolution;
	int64_t unit;  /* mWh: the last digit of its energy registers, 0: it tells none */
	instant clock; /* of the meter at the start; INSTANT_NONE: it has none */
};

struct world_house {
	struct random random;
	int32_t base[BALANCE_PHASES], level[BALANCE_PHASES], rate[BALANCE_PHASES];
	int32_t kettle[BALANCE_PHASES], flicker[BALANCE_PHASES];
	int32_t now[BALANCE_PHASES]; /* the true current */
	int64_t kettle_ends[BALANCE_PHASES], next;
	int32_t quiet[BALANCE_PHASES]; /* as now, noise aside */
	int32_t rise[BALANCE_PHASES];  /* of `quiet` in this step */
	bool changed;                  /* in this step, noise aside */
};

struct world_car {
	int32_t current;
	int32_t offers[DELAYS];
	int64_t waiting; /* ms at which the offer came back, -1: none */
	int pauses;
};

struct world_order {
	int64_t at;
	int32_t limit;
};

struct world_charger {
	struct random random;
	int32_t limit, fallback; /* mA */
	int64_t timeout, alive;  /* ms */
	int64_t away_until;
	struct world_order orders[QUEUE];
	int head, count;
	int32_t written, tried, frozen[BALANCE_PHASES];
	int64_t wrote;
	bool busy, again;           /* an exchange is under way; another one is wanted */
	int64_t due, quiet;         /* ms; until `quiet` nothing is sent */
	int32_t before;             /* the limit before it fell back */
	struct charger_state state; /* of the last exchange */
};

struct world_telegram {
	int32_t currents[BALANCE_PHASES];
	instant clock;
	const char *id;
	struct standstill_reading still;
	bool honest;
};

struct world_meter {
	struct random random;
	int64_t next, other; /* ms of the next telegram, and of the next one of another meter */
	int sent;            /* telegrams since the present fault began */
	struct world_telegram kept[QUEUE];
	int count;
};

enum world_property {
	FINE,
	OVERLOADED,  /* the car draws more than fitted at any time while it could react */
	INTEGRAL,    /* A s above the fuse */
	WRONG_VALUE, /* a set-point between 0 and 6 A, or below 0 */
	TOO_HIGH,    /* a set-point or fallback above fuse, charger or maximum */
	FELL_LATE,   /* no fallback in time */
	FELL_EARLY,  /* a fallback before its time */
	UNSETTLED, /* a constant house, and a limit that is raised, lowered and raised in a minute */
	STARVED,   /* too little energy */
	STOPPED_CAR, /* a start stopped or lowered a charging car */
	NOT_PROMPT,  /* a phase above the fuse did not lower the limit within a telegram */
	PROPERTIES
};

extern const char *const world_property_names[PROPERTIES];

/* What the judge remembers and finds. */
struct world_judge {
	int64_t react;           /* ms that meter, charger and car need when all is well */
	int32_t tolerance;       /* mA */
	int64_t calm;            /* ms since which nothing changed */
	int64_t raised, lowered; /* times of the last changes of the set-point */
	int64_t unlearnt;        /* ms at which the delays were not learnt last */
	int64_t moved;           /* ms at which the car moved first, LENGTH: not yet */
	int64_t held;            /* ms since which the set-point is the same */
	int32_t set_point;
	int64_t over[BALANCE_PHASES];    /* mA ms above the fuse */
	int64_t allowed[BALANCE_PHASES]; /* mA ms that rises of the house explain */
	int64_t above, longest;          /* ms above the fuse: now, at most */
	int64_t energy;                  /* mA ms of the car */
	int64_t possible,
		fair;  /* of all-knowing controllers that raise at once, and after their waits */
	int64_t told;  /* ms of the last good telegram, -1: none */
	bool observed; /* the charger's maximum was read */
	struct world_car oracle, patient;
	bool paused;   /* the patient one */
	int64_t stood; /* ms at which it drew nothing last */

	enum world_property failed; /* the first one */
	int64_t failed_at;
	char text[200];
	int counts[PROPERTIES];
};

struct world {
	struct world_plan plan;
	int64_t now;
	int at; /* the step */
	struct world_house house;
	struct world_car car;
	struct world_charger charger;
	struct world_meter meter;
	struct controller controller;
	struct controller_wanted wanted;
	int64_t stepped; /* when the controller was stepped last */
	bool more;       /* another telegram came together with this one */
	struct world_judge judge;

	int64_t trace_from, trace_to; /* ms that are printed */

	int64_t imported[STEPS], exported[STEPS]; /* mW ms since the start */
	int32_t grid[STEPS][BALANCE_PHASES], cars[STEPS], fits[STEPS], fits_all[STEPS];
};

/* only: the fault that the world must have, -1: drawn, FAULTS: none and a house that seldom changes. */
void world_draw(struct world_plan *plan, uint64_t seed, int only);
void world_print(const struct world_plan *plan);

/* Runs a world from start to end; the result is in w->judge. w is large: not for the stack. */
void world_run(struct world *w, const struct world_plan *plan, int64_t trace_from,
               int64_t trace_to);

/* One line of the trace, when it is wanted now. */
void world_say(const struct world *w, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The event of that kind that is there now, or NULL. */
const struct fault_event *world_fault(const struct world *w, enum fault_kind kind);

bool world_has(const struct world_plan *plan, enum fault_kind kind);

static inline int32_t random_between(struct random *r, int32_t least, int32_t most)
{
	return least + (int32_t)random_below(r, (size_t)(most - least) + 1);
}

static inline bool random_chance(struct random *r, int percent)
{
	return (int)random_below(r, 100) < percent;
}

void house_start(struct world *w);
void house_step(struct world *w);

/* What fits beside the house on the phases of the car, down to the fuse itself. */
int32_t house_fits(const struct world *w);

/* The same on all phases that count. */
int32_t house_fits_all(const struct world *w);

void car_begin(struct world_car *car, const struct world_plan *plan, int32_t offer);
void car_step(struct world_car *car, const struct world_plan *plan, int64_t now, int at,
              int32_t offer);

/* The car's current on a grid phase. */
int32_t car_on(const struct world *w, int phase);

void plant_start(struct world *w);
void plant_step(struct world *w);
int32_t plant_applied(const struct world *w);

/* Begins an exchange, or another one after the present one. */
void exchange_begin(struct world *w);
void exchange_step(struct world *w);

/* Nothing is sent for so long. */
void exchange_silence(struct world *w, int64_t ms);

void meter_start(struct world *w);

/* mW that the meter counts at a step, negative when it exports. */
int64_t meter_power(const struct world *w, int at);

/* Counts them. */
void meter_register(struct world *w);

/* Gets the telegrams that arrive in this step into out[QUEUE]; returns how many. */
int meter_step(struct world *w, struct world_telegram *out);

void judge_start(struct world *w);
void judge_step(struct world *w);
void judge_telegram(struct world *w, const struct world_telegram *telegram);

/* After a step of the controller; telegram: the one that it followed, or NULL. */
void judge_decision(struct world *w, const struct world_telegram *telegram);
void judge_end(struct world *w);

#endif
