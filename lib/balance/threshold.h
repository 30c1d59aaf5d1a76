/*
 * The five-state machine of the firmware "P1 Modbus load balancer" (ABB Terra AC): one tick per
 * second takes the grid currents and gives the limit that the charger may draw.
 *
 * Order of a tick: age the wait, judge the highest phase, choose the first state that matches
 * (fallback, alarm, upper, lower, normal), forget the wait when the state changed, act when the
 * wait of the state is over, clamp. With `quirks` currents count without sign, in whole amperes,
 * wrapped to 16 bits, and a fallback acts only 2F-1 ticks after the last telegram; without,
 * currents are exact and signed (export is negative), and the fallback acts F ticks after it.
 */
#ifndef BALANCE_THRESHOLD_H
#define BALANCE_THRESHOLD_H

#include <stdbool.h>
#include <stdint.h>

#include "balance/settings.h"

enum balance_state { STATE_NORMAL, STATE_LOWER, STATE_UPPER, STATE_ALARM, STATE_FALLBACK, STATES };

/* "normal", "lower", "upper", "alarm", "fallback" */
extern const char *const balance_state_names[STATES];

struct threshold {
	int32_t limit;                    /* mA */
	int32_t used;                     /* mA, the highest phase: what the last tick acted on */
	int32_t currents[BALANCE_PHASES]; /* mA as last told */
	int32_t age;                      /* ticks since the last telegram, or since the start */
	int16_t wait;                     /* ticks before the state acts, -1: not armed */
	int16_t fresh;                    /* quirks: ticks for which the data are still good */
	uint8_t state;                    /* enum balance_state */
	bool seen;                        /* a telegram has come */
	bool quirks;
};

void threshold_start(struct threshold *t, bool quirks);

/*
 * One tick. currents: three phases in mA, CURRENT_NONE where a phase was not told; NULL when no
 * telegram came. Returns whether anything changed that a next equal tick would not repeat.
 */
bool threshold_tick(struct threshold *t, const struct balance_settings *s, const int32_t *currents);

#endif
