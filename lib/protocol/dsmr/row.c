/* Finds the value that a code names. */
#include "protocol/dsmr/parts.h"

#include <string.h>

/* Codes of medium 0 and others that the electrical vocabulary does not cover. */
static const struct {
	uint64_t code;
	const char *name;
	enum row_kind kind;
	unsigned rank;
} special[] = {
	{OBIS(0, 0, 1, 0, 0), "meter_time", ROW_TIME, 0},
	{OBIS(1, 3, 0, 2, 8), "version", ROW_VERSION, 0},
	{OBIS(0, 0, 96, 1, 4), "version", ROW_VERSION, 1},
	{OBIS(0, 0, 96, 1, 1), "meter_id", ROW_TEXT, 0},
	{OBIS(0, 0, 96, 1, 0), "meter_id", ROW_TEXT, 1},
	{OBIS(0, 0, 42, 0, 0), "meter_id", ROW_TEXT, 2},
	{OBIS(0, 0, 96, 1, 2), "ean", ROW_TEXT, 0},
	{OBIS(0, 0, 96, 14, 0), "tariff", ROW_COUNT, 0},
	{OBIS(0, 0, 17, 0, 0), "power_limit", ROW_LIMIT, 0},
	{OBIS(0, 0, 96, 3, 10), "breaker_state", ROW_COUNT, 0},
	{OBIS(0, 0, 96, 7, 21), "power_failures", ROW_COUNT, 0},
	{OBIS(0, 0, 96, 7, 9), "long_power_failures", ROW_COUNT, 0},
	{OBIS(0, 0, 96, 13, 0), "text_message", ROW_TEXT, 0},
	{OBIS(0, 0, 96, 13, 1), "text_code", ROW_TEXT, 0},
	{OBIS(0, 0, 98, 1, 0), "peak_history", ROW_HISTORY, 0},
	{OBIS(1, 0, 1, 6, 0), "peak_demand_import", ROW_PEAK, 0},
	{OBIS(1, 0, 31, 4, 0), "current_limit", ROW_LIMIT, 0},
	{OBIS(1, 0, 99, 97, 0), "power_failure_log", ROW_LOG, 0},
};

/*
 * Channel numbers of group B do not matter: 1-1 means the same as 1-0, and the management codes
 * (C = 96) of medium 1 mean the same as those of medium 0.
 */
static uint64_t normalise(uint64_t code)
{
	unsigned a = OBIS_A(code);

	if (code == OBIS(1, 3, 0, 2, 8))
		return code;
	if (a == 1)
		return OBIS(OBIS_C(code) != 96, 0, 0, 0, 0) | OBIS_REST(code);
	return code;
}

struct dsmr_row row_find(uint64_t code)
{
	const struct quantity *q = NULL;
	uint64_t normal = normalise(code);
	struct dsmr_row row = {0};

	for (size_t i = 0; i < sizeof special / sizeof special[0]; i++) {
		bool electrical = OBIS_A(special[i].code) == 1 && OBIS_A(code) == 0 &&
		                  OBIS_B(code) == 0 &&
		                  OBIS_REST(special[i].code) == OBIS_REST(code);

		if (special[i].code == normal || (electrical && OBIS_B(special[i].code) == 0)) {
			if (special[i].rank && normal != code)
				return row;
			row.quantity = quantity_named(special[i].name, strlen(special[i].name));
			row.kind = special[i].kind;
			row.rank = special[i].rank;
			return row;
		}
	}
	if (OBIS_A(normal) == 1 || (OBIS_A(code) == 0 && OBIS_B(code) == 0))
		q = quantity_obis(OBIS_REST(code));
	if (q) {
		row.quantity = q;
		row.kind = q->unit ? ROW_NUMBER : ROW_COUNT;
	}
	return row;
}
