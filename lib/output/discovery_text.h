/*
 * The parts of which messages for the MQTT discovery of Home Assistant consist: one message describes
 * a device and its components, the sensors of records (output/discovery.h) or what can be set
 * (output/discovery_controls.h). Messages with the same device are one device there.
 */
#ifndef OUTPUT_DISCOVERY_TEXT_H
#define OUTPUT_DISCOVERY_TEXT_H

#include "base/text.h"

/* Appends an id: what is no letter, digit or _ becomes _. */
void discovery_id(struct text *out, const char *text, size_t length);

/* Appends `,"name":"value"`; nothing when the value is NULL. */
void discovery_pair(struct text *out, const char *name, const char *value);

/* Appends the name for people: `energy_import_t1` becomes "Energy import t1". */
void discovery_label(struct text *out, const char *part, const char *name);

/*
 * Appends the begin of a message, up to the list of components; `}}` ends it. The name may be "", the
 * availability NULL.
 */
void discovery_head(struct text *out, const char *device, const char *name,
                    const char *availability);

#endif
