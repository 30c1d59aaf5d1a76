#include "mqtt/library.h"

#include <stdbool.h>

static const char *const names[] = {MOSQUITTO_FUNCTIONS(LIBRARY_NAME) NULL};

static const struct library mosquitto = {"libmosquitto.so.1", "libmosquitto1", names};

int mqtt_library(const struct mqtt_library **out, char *problem, size_t size)
{
	static struct mqtt_library functions;
	static bool opened;
	int error;

	*out = &functions;
	if (opened)
		return 0;
	error = library_open(&mosquitto, &functions, problem, size);
	if (error)
		return error;
	functions.mosquitto_lib_init();
	opened = true;
	return 0;
}
