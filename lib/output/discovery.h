/*
 * MQTT discovery of Home Assistant: one retained message per device lists its sensors. It is
 * published again when a record has a new sensor, when the broker is connected (the broker may have
 * lost the message, or the queue may have dropped it), and when Home Assistant comes online.
 */
#ifndef OUTPUT_DISCOVERY_H
#define OUTPUT_DISCOVERY_H

#include "record/record.h"

struct discovery;

typedef void discovery_publish(void *context, const char *topic, const char *payload, size_t size);

/* Strings are borrowed. `availability` may be NULL. `units`: payloads carry {"value":..}. */
struct discovery *discovery_new(const char *prefix, const char *availability, bool units,
                                discovery_publish *publish, void *context);

/* Looks at a record for `topic` and publishes its device if it has new sensors. 0 or EM_*. */
int discovery_record(struct discovery *d, const struct record *r, const char *topic);

/* Publishes every device again; from any thread. */
void discovery_repeat(struct discovery *d);

/* Publishes every device again with the next record; from any thread. */
void discovery_repeat_soon(struct discovery *d);

void discovery_free(struct discovery *d);

#endif
