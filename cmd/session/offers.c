#include "cmd/session/offers.h"

#include "device/meter.h"
#include "io/source.h"

bool offer_sources(struct text *out, size_t index)
{
	const char *scheme = source_scheme(index);

	if (scheme)
		text_puts(out, scheme);
	return scheme != NULL;
}

bool offer_meters(struct text *out, size_t index)
{
	if (index < meter_count)
		text_puts(out, meters[index]->name);
	return index < meter_count;
}
