#include "record/quantity.h"

#include <string.h>

#define QUANTITY(name, unit, c, d, e, meaning) \
	{#name, unit, OBIS_CDE(c, d, e), sizeof #name - 1, meaning},
const struct quantity quantities[] = {
#include "record/quantities.def"
};
#undef QUANTITY

const size_t quantity_count = sizeof quantities / sizeof quantities[0];

const struct quantity *quantity_named(const char *name, size_t length)
{
	for (size_t i = 0; i < quantity_count; i++)
		if (quantities[i].length == length && !memcmp(quantities[i].name, name, length))
			return &quantities[i];
	return NULL;
}

const struct quantity *quantity_obis(uint32_t code)
{
	for (size_t i = 0; code && i < quantity_count; i++)
		if (quantities[i].code == code)
			return &quantities[i];
	return NULL;
}
