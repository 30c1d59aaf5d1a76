#include "protocol/dsmr/obis.h"

bool obis_parse(uint64_t *code, const uint8_t *text, size_t length)
{
	uint64_t sum = 0;
	unsigned group = 0, groups = 0, digits = 0;

	for (size_t i = 0; i <= length; i++) {
		unsigned digit = i < length ? (unsigned)text[i] - '0' : 10;

		if (digit <= 9) {
			group = group * 10 + digit;
			if (++digits > 3 || group > 255)
				return false;
			continue;
		}
		if (!digits || ++groups > 5)
			return false;
		sum = sum << 8 | group;
		group = digits = 0;
	}
	*code = sum;
	return groups == 5;
}
