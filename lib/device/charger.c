#include "device/charger.h"

#include <math.h>
#include <string.h>

const struct charger_kind charger_kinds[] = {
	{.scheme = "abb",
         .name = "ABB Terra AC",
         .line = "baud=9600&mode=8N1",
         .port = 502,
         .unit = 1,
         .number = CHARGER_MILLIAMPERES,
         .set_point = 0x4100,
         .currents = 0x4010,
         .timeout = 0x4106,
         .timeout_back = 0x4020,
         .fallback = 0x4109,
         .fallback_back = 0x4024,
         .fallback_most = 32},
	{.scheme = "alfen",
         .name = "Alfen Eve",
         .line = "baud=9600&mode=8N1",
         .port = 502,
         .unit = 1,
         .number = CHARGER_FLOAT,
         .set_point = 1210,
         .currents = 320,
         .remaining = 1208,
         .safe = 1212},
};

const size_t charger_kind_count = sizeof charger_kinds / sizeof *charger_kinds;

const struct charger_kind *charger_kind_find(const char *scheme, size_t length)
{
	for (size_t i = 0; i < charger_kind_count; i++)
		if (strlen(charger_kinds[i].scheme) == length &&
		    memcmp(charger_kinds[i].scheme, scheme, length) == 0)
			return &charger_kinds[i];
	return NULL;
}

void charger_encode(const struct charger_kind *kind, int32_t current, uint16_t words[2])
{
	uint32_t bits = (uint32_t)current;
	float amperes = (float)current / 1000;

	if (kind->number == CHARGER_FLOAT)
		memcpy(&bits, &amperes, sizeof bits);
	words[0] = (uint16_t)(bits >> 16);
	words[1] = (uint16_t)bits;
}

int32_t charger_decode(const struct charger_kind *kind, const uint16_t words[2])
{
	uint32_t bits = (uint32_t)words[0] << 16 | words[1];
	float amperes;

	if (kind->number == CHARGER_MILLIAMPERES)
		return bits > 1000000 ? CHARGER_NONE : (int32_t)bits;
	memcpy(&amperes, &bits, sizeof amperes);
	return isfinite(amperes) && fabsf(amperes) < 1000 ? (int32_t)lroundf(amperes * 1000)
	                                                  : CHARGER_NONE;
}
