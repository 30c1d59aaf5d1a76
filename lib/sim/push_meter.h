/*
 * A smart meter that sends pushes, encrypted when it has a key, frame by frame at the speed of its
 * line, with faults on request. The meter owns its clock, its house and the current push.
 */
#ifndef SIM_PUSH_METER_H
#define SIM_PUSH_METER_H

#include "protocol/cosem/build.h"
#include "sim/player.h"
#include "sim/smart_meter.h"

struct push_meter_settings {
	struct smart_meter_settings meter;
	const struct meter_model *model; /* one with `control` needs a key */
	double replay;                   /* probability that a push reuses the last counter */
	double repeat;                   /* probability that a frame is sent twice */
	bool hex;                        /* a line of hexadecimal text for each frame */
};

/* The default system title of a meter of that model. */
void push_meter_title(const struct meter_model *model, uint8_t title[GLO_TITLE]);

/* Whether a push has the value; pushes have fewer values than P1 telegrams. */
bool push_meter_carries(enum telegram_value value);

struct push_meter;

/*
 * EM_NO_MEMORY, EM_SYNTAX when the serial number is not 1..16 characters, EM_RANGE when a constant
 * value does not fit the meter's registers.
 */
int push_meter_new(struct push_meter **out, const struct push_meter_settings *settings);
void push_meter_free(struct push_meter *m);

/* Each turn sends a frame, or a whole push when the output takes messages. */
extern const struct player_events push_meter_events;

#endif
