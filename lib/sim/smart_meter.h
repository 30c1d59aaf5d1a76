/*
 * What all simulated smart meters share: serial number, clock, key and faults, and constant values
 * that replace those of the house.
 */
#ifndef SIM_SMART_METER_H
#define SIM_SMART_METER_H

#include "protocol/glo.h"
#include "protocol/telegram/telegram.h"

#define SMART_METER_STANDING 64

struct smart_meter_standing {
	enum telegram_value value;
	int64_t milli;
};

struct smart_meter_settings {
	const char *serial;        /* borrowed, like the next one */
	const struct glo_key *key; /* NULL: not encrypted */
	uint8_t title[GLO_TITLE];
	uint32_t counter;               /* the first frame counter */
	uint64_t seed;                  /* the same seed makes the same household and faults */
	uint64_t count;                 /* messages until the end, 0: no end */
	unsigned noise;                 /* random bytes before every message */
	instant start;                  /* start of its clock */
	bool clock_stands;              /* without a receiver; else it follows the host's */
	double interval;                /* s from message to message, 0: the model's own */
	double drop, corrupt, truncate; /* probabilities, 0..1 */
	struct smart_meter_standing standing[SMART_METER_STANDING];
	size_t standing_count;
};

/* Parses a time as 2024-06-03T12:00:00Z: 0, EM_SYNTAX, or EM_RANGE when it does not exist. */
int smart_meter_time(const char *text, instant *time);

/* Parses 16 hexadecimal digits: 0 or EM_SYNTAX. */
int smart_meter_title(const char *text, uint8_t title[GLO_TITLE]);

/*
 * Adds a constant value, as NAME=VALUE in the unit of the vocabulary: 0, EM_SYNTAX, EM_RANGE, or
 * EM_UNKNOWN for an unknown name.
 */
int smart_meter_stand(struct smart_meter_settings *s, const char *text);

/* Sets all constant values. */
void smart_meter_apply(const struct smart_meter_settings *s, struct telegram_values *values);

#endif
