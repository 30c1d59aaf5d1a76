/*
 * Faults that a simulation puts in on purpose: what meters, lines and chargers do in real houses.
 * Times are s from the start.
 */
#ifndef BALANCE_FAULTS_H
#define BALANCE_FAULTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "balance/settings.h"

enum {
	FAULT_LAG_MOST = 63,     /* s; a power of 2 less 1 */
	FAULT_LIMIT_MOST = 32000 /* mA: the limit of a charger that starts anew */
};

struct fault_span {
	int64_t from, seconds; /* 0 s: never */
};

/* Zeroed: no faults. */
struct simulation_faults {
	int32_t lost; /* telegrams lost, of 10000 */
	uint64_t seed;
	struct fault_span silent; /* the meter says nothing */
	struct fault_span frozen; /* the meter repeats its last telegram */
	int32_t lag;              /* s by which the meter's telegrams are late */
	int32_t resolution;       /* mA in which the meter prints, 0: as is */

	struct fault_span dead;    /* the charger hears nothing: keeps its limit, then falls back */
	int32_t charger_timeout;   /* s until it falls back */
	int32_t charger_fallback;  /* mA */
	struct fault_span disobey; /* the charger takes set-points and does not apply them */
	struct fault_span reboot;  /* 1 s: its limit is FAULT_LIMIT_MOST, its time-out is lost */
	struct fault_span master;  /* 1 s: another master writes master_limit */
	int32_t master_limit;      /* mA */
	int32_t order;             /* grid phases of its L1, L2, L3 as digits (231), 0: in order */
	int32_t car_lag;           /* s by which the car's currents are late */
	int32_t scale;             /* thousandths: the factor of the car's currents, if `scaled` */
	bool scaled;
};

/* Reads a value into the fault of that name, see faults.def. EM_UNKNOWN, EM_SYNTAX, EM_RANGE. */
int fault_parse(struct simulation_faults *f, const char *name, const char *value);

/* The name of fault number `index` (from 0), or NULL after the last. */
const char *fault_name(size_t index);

/* The faults with the form of their values, for messages: "lost=%, seed=N, ...". */
extern const char *const fault_forms;

/* The greatest value of a fault that is a number, in its unit; 0 for other faults. */
double fault_most(size_t index);

static inline bool fault_now(const struct fault_span *span, int64_t now)
{
	return span->seconds && now >= span->from && now < span->from + span->seconds;
}

/* Whether any fault depends on the time, so that two equal seconds may differ. */
bool faults_change(const struct simulation_faults *f);

/* The grid phase (0..2) of the charger's phase (0..2). */
int fault_phase(const struct simulation_faults *f, int phase);

#endif
