#include "cmd/session/zone.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "cmd/session/say.h"
#include "io/whole.h"

enum { FILE_LIMIT = 1 << 20 };

static int load(struct zone *zone, const char *path)
{
	struct text file = {0};
	int error = file_load(path, &file, FILE_LIMIT);

	if (!error)
		error = zone_parse_file(zone, file.data, file.length);
	text_free(&file);
	return error;
}

/* A name of the database stays inside its folder. */
static int named(struct zone *zone, const char *name)
{
	const char *folder = getenv("TZDIR");
	char path[512];

	if (*name == '/' || strstr(name, ".."))
		return EM_SYNTAX;
	if (!folder || !*folder)
		folder = "/usr/share/zoneinfo";
	if (snprintf(path, sizeof path, "%s/%s", folder, name) >= (int)sizeof path)
		return EM_SYNTAX;
	return load(zone, path);
}

static int read_zone(struct zone *zone, const char *text)
{
	return zone_parse(zone, text, strlen(text)) ? named(zone, text) : 0;
}

int zone_option(struct zone *zone, const char *text)
{
	const char *system = getenv("TZ");

	*zone = (struct zone){0};
	if (text) {
		if (!*text || read_zone(zone, text))
			return say_usage("--zone: '%s' is neither an offset as +01:00 nor a zone "
			                 "as Europe/Berlin that this machine knows",
			                 text);
	} else if (!system) {
		if (load(zone, "/etc/localtime"))
			*zone = (struct zone){0};
	} else if (read_zone(zone, *system == ':' ? system + 1 : system)) {
		*zone = (struct zone){0};
	}
	return EXIT_OK;
}
