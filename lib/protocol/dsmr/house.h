/*
 * The sending side of P1: what a meter of some country would print about a house. For simulators,
 * tests and benchmarks. Deterministic: time and readings are given.
 */
#ifndef PROTOCOL_DSMR_HOUSE_H
#define PROTOCOL_DSMR_HOUSE_H

#include "base/stamp.h"
#include "base/text.h"

struct dsmr_house {
	instant time;
	int64_t imported[2], exported[2]; /* Wh, tariffs 1 and 2 */
	int64_t reactive[2];              /* varh, import and export */
	int64_t power[3];                 /* W per phase, export is negative */
	int64_t voltage[3];               /* tenths of a volt */
	int64_t gas, water;               /* litres */
	int64_t peak;                     /* W, highest quarter hour of the month */
	instant peak_time;
	unsigned tariff, failures;
};

struct dsmr_model {
	const char *name, *about;
	void (*print)(struct text *out, const struct dsmr_house *house);
	bool has_crc;
	unsigned period; /* seconds between telegrams */
};

extern const struct dsmr_model dsmr_models[];
extern const size_t dsmr_model_count;

const struct dsmr_model *dsmr_model_named(const char *name);

/* Appends one telegram, with its CRC where the model has one. */
void dsmr_print(struct text *out, const struct dsmr_model *model, const struct dsmr_house *house);

#endif
