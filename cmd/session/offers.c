#include "cmd/session/offers.h"

#include <stdio.h>

#include "base/nearest.h"
#include "cmd/session/say.h"
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

/* The offered words without their `=`, with a comma between them. */
static void list_names(struct text *names, offer_function *offer)
{
	for (size_t i = 0;; i++) {
		size_t length = names->length;

		text_puts(names, i ? ", " : "");
		if (!offer(names, i)) {
			names->length = length;
			return;
		}
		if (names->length && names->data[names->length - 1] == '=')
			names->length--;
	}
}

int say_not_offered(const char *option, const char *kind, const char *name, offer_function *offer)
{
	char wrong[NEAREST_LIMIT + 1] = "", near[NEAREST_LIMIT] = "";
	struct nearest search = nearest_to(wrong);
	struct text names = {0};
	int status;

	snprintf(wrong, sizeof wrong, "%.*s", (int)strcspn(name, "=,"), name);
	list_names(&names, offer);
	for (const char *p = text_string(&names); *p; p += strspn(p, ", ")) {
		char one[NEAREST_LIMIT];
		size_t least = search.least;

		snprintf(one, sizeof one, "%.*s", (int)strcspn(p, ","), p);
		nearest_consider(&search, one);
		if (search.least < least)
			memcpy(near, one, sizeof near);
		p += strcspn(p, ",");
	}
	status = *near ? say_usage("--%s: no %s '%s', nearest is '%s'", option, kind, wrong, near)
	               : say_usage("--%s: no %s '%s'; known are %s", option, kind, wrong,
	                           text_string(&names));
	text_free(&names);
	return status;
}
