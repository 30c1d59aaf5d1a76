/*
 * MQTT discovery of what Home Assistant can set: numbers, choices and switches, each with a topic for
 * its state and the same topic with /set for orders. The message names the device of the sensors
 * (output/discovery.h), so that both appear together.
 */
#ifndef OUTPUT_DISCOVERY_CONTROLS_H
#define OUTPUT_DISCOVERY_CONTROLS_H

#include <stddef.h>

#include "base/text.h"

struct discovery_control {
	const char *platform; /* "number", "select", "switch" */
	const char *name;     /* its state is at TOPICS/name */
	/* Of a number: */
	const char *class, *unit;
	struct decimal least, most, step;
	const char *reset; /* the state that is no number */
	/* Of a select, ended by NULL: */
	const char *const *options;
};

struct discovery_controls {
	const char *prefix;       /* of Home Assistant's topics: "homeassistant" */
	const char *device;       /* the id of the sensors' device: "emtool_balance" */
	const char *topics;       /* the part of all topics before the name: "house/car" */
	const char *availability; /* topic, or NULL */
	const struct discovery_control *rows;
	size_t count;
};

/* Appends topic and payload of the message, which is to be retained. */
void discovery_controls(const struct discovery_controls *d, struct text *topic,
                        struct text *payload);

#endif
