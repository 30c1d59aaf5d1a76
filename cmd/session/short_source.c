#include "cmd/session/short_source.h"

#include <stdio.h>

#include "cmd/session/say.h"

const char *short_source_url(const struct short_source *forms, int count, char **arguments,
                             char *buffer, size_t size)
{
	const char *given[][2] = {{"tcp-listen://", forms->listen},
	                          {"tcp://", forms->connect},
	                          {"udp://", forms->udp},
	                          {"serial://", forms->serial}};
	const char *chosen = count ? arguments[0] : NULL;

	for (size_t i = 0; i < sizeof given / sizeof given[0]; i++) {
		if (!given[i][1])
			continue;
		if (chosen) {
			say_usage("more than one source");
			return NULL;
		}
		snprintf(buffer, size, "%s%s", given[i][0], given[i][1]);
		chosen = buffer;
	}
	if (!chosen)
		say_usage(
			"missing source: a file, '-', --tcp ADDR:PORT, --connect HOST:PORT, --udp "
			"ADDR:PORT, --serial DEV");
	return chosen;
}
