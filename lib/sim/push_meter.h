/*
 * A smart meter that pushes, ciphered when it has a key, frame by frame at the pace of its line, with
 * faults on request. The meter owns its clock, its house and the push under way.
 */
#ifndef SIM_PUSH_METER_H
#define SIM_PUSH_METER_H

#include "protocol/cosem/build.h"
#include "sim/player.h"
#include "sim/smart_meter.h"

struct push_meter_settings {
	struct smart_meter_settings meter;
	const struct meter_model *model; /* one with `control` needs a key */
	double replay;                   /* probability that a push has the last one's counter */
	double repeat;                   /* probability that a frame is sent twice */
	bool hex;                        /* a line of hexadecimal text for each frame */
};

/* The title of a meter of that model when the user gives none. */
void push_meter_title(const struct meter_model *model, uint8_t title[GLO_TITLE]);

/* Whether a push carries the value, which is fewer than a P1 telegram has. */
bool push_meter_carries(enum telegram_value value);

struct push_meter;

/*
 * EM_NO_MEMORY, EM_SYNTAX when the serial number is not 1..16 characters, EM_RANGE when a value that
 * stands is more than the meter's registers hold.
 */
int push_meter_new(struct push_meter **out, const struct push_meter_settings *settings);
void push_meter_free(struct push_meter *m);

/* Each turn is a frame, or a whole push where the output takes messages. */
extern const struct player_events push_meter_events;

#endif
