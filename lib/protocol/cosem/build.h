/*
 * Builds pushes from values, as the meters of some utilities send them, for simulators, tests and
 * benchmarks. The builder makes a plain body, ciphers it with glo_seal(), and cuts it into the
 * frames of the meter's line.
 */
#ifndef COSEM_BUILD_H
#define COSEM_BUILD_H

#include <stddef.h>
#include <stdint.h>

#include "base/stamp.h"
#include "base/text.h"
#include "protocol/glo.h"

/* What a household's meter measures, in the smallest units that any of the meters sends. */
struct meter_values {
	struct stamp time;
	const char *serial;                                    /* 8..16 characters */
	uint64_t energy_import, energy_export;                 /* Wh */
	uint64_t reactive_import, reactive_export;             /* varh */
	uint32_t power_import, power_export;                   /* W */
	uint32_t reactive_power_import, reactive_power_export; /* var */
	uint32_t voltage[3];                                   /* mV */
	uint32_t current[3];                                   /* mA */
	int32_t power_factor;                                  /* thousandths */
};

enum build_line { BUILD_MBUS, BUILD_HDLC, BUILD_HDLC_SEGMENTS, BUILD_BLOCKS, BUILD_BARE };

struct meter_model {
	const char *name, *summary;
	void (*body)(struct text *out, const struct meter_values *v, uint32_t invoke);
	enum build_line line;
	uint8_t control;     /* security control byte, 0: not ciphered */
	size_t segment;      /* payload of the first M-Bus frame, of an HDLC frame or a block */
	uint8_t title[3];    /* manufacturer */
	double interval;     /* seconds between pushes */
	unsigned baud, bits; /* of the line: bits per byte with start, parity and stop */
};

extern const struct meter_model meter_models[];
extern const size_t meter_model_count;

const struct meter_model *meter_model_find(const char *name);

/*
 * Appends the whole push as sent on the line. Unless `ends` is NULL, stores there the offset in
 * `out` after each frame (at most 16). Returns the number of frames. `key` may be NULL for models
 * without control.
 */
size_t meter_push(struct text *out, const struct meter_model *model, const struct meter_values *v,
                  const struct glo_key *key, const uint8_t title[GLO_TITLE], uint32_t counter,
                  size_t ends[16]);

#endif
