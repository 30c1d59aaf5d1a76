/*
 * The settings of a load balancer: those of the register table 1000..1022, as the firmware "P1
 * Modbus load balancer" for the ABB Terra AC names and documents them, and those of the headroom
 * algorithm, which have no register. One table of rows serves the command line, the register server
 * and the state file. Currents are whole milliamperes, waits are seconds.
 */
#ifndef BALANCE_SETTINGS_H
#define BALANCE_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/decimal.h"

enum { BALANCE_PHASES = 3 };

/* Stands for a current that is not known. */
#define CURRENT_NONE INT32_MIN

struct balance_settings {
	int32_t override_limit; /* mA; -1: follows max_current */
	int32_t max_current;    /* mA, the most that the charger may be told */
	int32_t phases;         /* 1..3 */
	int32_t alarm_limit, alarm_wait, alarm_step;
	int32_t upper_limit, upper_wait, upper_step;
	int32_t lower_limit, lower_wait, lower_step;
	int32_t fallback_limit, fallback_wait;
	/* headroom only */
	int32_t min_current;  /* mA; below it a car pauses */
	int32_t margin;       /* mA kept free below the fuse */
	int32_t quiet_wait;   /* s for which a higher limit must have fitted */
	int32_t ride_wait;    /* s of overload to sit out at the minimum current before a pause */
	int32_t restart_wait; /* s for which the minimum must have fitted before a restart */
	int32_t restart_room; /* mA above the minimum that must have fitted */
	/* other ceilings, see balance/ceiling.h */
	int32_t solar;        /* enum solar_mode */
	int32_t solar_run;    /* s that a run lasts at least */
	int32_t solar_pause;  /* s that a pause lasts at least */
	int32_t peak;         /* W, PEAK_OFF or PEAK_AUTO */
	int32_t peak_minutes; /* 15 or 60: the period of the peak */
	int32_t dim;          /* W that the car may draw beside surplus, 0: any */
	int32_t unbalance;    /* mA between two phases, 0: any */
	int32_t car_phases;   /* of the car, 0: learnt */
	/*
	 * The grid phases of the charger's L1, L2, L3, as digits: 231 when its L1 is on grid
	 * phase 2. 0: learnt from what the meter shows.
	 */
	int32_t phase_order;
};

/* What becomes of a setting above the main fuse. */
enum fuse_bound { BOUND_NOT, BOUND_REFUSED, BOUND_CLIPPED };

struct balance_setting {
	const char *name;
	const char *unit; /* "A", "s", "W", NULL */
	const char *meaning;
	const char *words;   /* names of the values 0, 1, ... as "off|auto", NULL: none */
	const char *below;   /* the setting that it must not exceed, NULL: none */
	uint16_t reg;        /* register number, 0: none */
	uint16_t offset;     /* of the int32_t in struct balance_settings */
	uint16_t scale;      /* units per A or s: 1000 for currents, 1 for the rest */
	uint8_t users;       /* the algorithms that use it, a bit (1 << algorithm) each */
	uint8_t bound;       /* enum fuse_bound */
	int32_t least, most; /* bounds, in mA, s or 1 */
};

/* What settings are judged by, beside the bounds of their rows. */
struct balance_rules {
	uint8_t users; /* the algorithms that run, a bit each */
	int32_t fuse;  /* mA, the rating of the main fuse; 0: the firmware's rules, no fuse */
};

extern const struct balance_setting balance_setting_rows[];
extern const size_t balance_setting_count;

/* The defaults as the firmware documents them; 3 phases, 16 A. */
struct balance_settings balance_defaults(void);

/*
 * The defaults behind a main fuse of `fuse` mA: the alarm, upper and lower limits are 1, 3 and 6 A
 * below it, and the charger's maximum is not above it. 0: balance_defaults().
 */
struct balance_settings balance_defaults_behind(int32_t fuse);

const struct balance_setting *balance_setting_named(const char *name, size_t length);
const struct balance_setting *balance_setting_register(unsigned reg);

static inline int32_t *balance_setting_at(struct balance_settings *s,
                                          const struct balance_setting *row)
{
	return (int32_t *)(void *)((char *)s + row->offset);
}

/* A setting's value in A, s or 1. */
struct decimal balance_setting_value(const struct balance_settings *s,
                                     const struct balance_setting *row);

/* Its value as text for people, the word where it has one; `out` ends with NUL. */
void balance_setting_text(char out[DECIMAL_TEXT], const struct balance_settings *s,
                          const struct balance_setting *row);

/* Reads `NAME=VALUE`, value in A, s or W, or a word. EM_UNKNOWN, EM_SYNTAX, EM_RANGE; *row is set with the latter
 * two. */
int balance_setting_parse(struct balance_settings *s, const char *text,
                          const struct balance_setting **row);

/* Whether one of the algorithms that run uses the setting. */
static inline bool balance_setting_used(const struct balance_setting *row,
                                        const struct balance_rules *rules)
{
	return (row->users & rules->users) != 0;
}

/*
 * Judges one setting by the fuse: EM_RANGE when it is above and must not be. A setting that is only
 * clipped becomes the fuse; *clipped tells that (it may be NULL).
 */
int balance_setting_bind(struct balance_settings *s, const struct balance_setting *row,
                         const struct balance_rules *rules, bool *clipped);

/*
 * The first setting in use that exceeds the one that it must not exceed (*other), as a lower limit
 * above the upper limit; NULL: none.
 */
const struct balance_setting *balance_contradiction(const struct balance_settings *s,
                                                    const struct balance_rules *rules,
                                                    const struct balance_setting **other);

/* The override as it acts: at most the charger's maximum. */
static inline int32_t balance_override(const struct balance_settings *s)
{
	return s->override_limit < 0 || s->override_limit > s->max_current ? s->max_current
	                                                                   : s->override_limit;
}

#endif
