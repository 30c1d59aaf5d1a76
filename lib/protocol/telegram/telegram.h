/*
 * Builds P1 telegrams from values: the sending side, for simulators, tests and benchmarks. A model
 * is a text with placeholders in braces, as the meters of one country and generation print it:
 *
 *     {power_import:2.3k}   2 digits before the point, 3 after it, in thousands: 01.193 is 1193 W
 *     {clock}               the meter's time, with its S or W
 *
 * The builder appends the CRC after `!` if the model has one.
 */
#ifndef PROTOCOL_TELEGRAM_TELEGRAM_H
#define PROTOCOL_TELEGRAM_TELEGRAM_H

#include "base/stamp.h"
#include "base/text.h"

/* Values by the names of the vocabulary, in thousandths of their unit: mW, mWh, mV, litres. */
enum telegram_value {
#define VALUE(name) TELEGRAM_##name,
#include "protocol/telegram/values.def"
#undef VALUE
	TELEGRAM_VALUES
};

extern const char *const telegram_value_names[TELEGRAM_VALUES];

struct telegram_values {
	int64_t milli[TELEGRAM_VALUES];
	instant time;       /* of the telegram */
	instant gas_time;   /* of the gas and water readings */
	instant peak_time;  /* end of the quarter hour of this month's peak */
	const char *serial; /* of the meter, printable ASCII */
	uint64_t seed;      /* for the peaks of past months */
};

struct telegram_model {
	const char *name, *summary;
	double interval; /* s between telegrams */
	bool has_crc;
	bool no_summer;      /* the clock stays at +01:00 */
	bool day_first;      /* tariff 1 is the day's, as in Belgium */
	unsigned gas_period; /* s between readings of gas and water */
	const char *text;
};

extern const struct telegram_model telegram_models[];
extern const size_t telegram_model_count;

const struct telegram_model *telegram_model_find(const char *name);

/* Appends a telegram; text->failed tells when memory is out. */
void telegram_build(struct text *out, const struct telegram_model *model,
                    const struct telegram_values *values);

/* The meter's wall clock: central European time. */
struct stamp telegram_clock(const struct telegram_model *model, instant time);

#endif
