/*
 * A smart meter with a P1 port: sends telegrams at its own interval, encrypted when it has a key,
 * with faults on request. The meter owns its clock, its house and the current telegram.
 */
#ifndef SIM_P1_METER_H
#define SIM_P1_METER_H

#include "sim/player.h"
#include "sim/smart_meter.h"

/* Tells what else hangs on the phases at that time, mA; negative: export. */
typedef void p1_meter_loads(void *context, instant time, int32_t loads[3]);

struct p1_meter_settings {
	struct smart_meter_settings meter;
	const struct telegram_model *model;
	p1_meter_loads *loads; /* NULL: nothing */
	void *context;
	bool bare;       /* a house without loads of its own */
	bool endless;    /* without end mark and CRC, as an MT382 */
	bool seven_bits; /* with parity bits, as a 7E1 line that is read as 8N1 */
};

struct p1_meter;

/* EM_NO_MEMORY, or EM_SYNTAX when the serial number is not 1..48 characters valid in a telegram. */
int p1_meter_new(struct p1_meter **out, const struct p1_meter_settings *settings);
void p1_meter_free(struct p1_meter *m);

/* Each turn is a telegram. */
extern const struct player_events p1_meter_events;

#endif
