/*
 * Home Assistant's MQTT discovery: one retained message per device that names its sensors, published
 * again when a record brings a sensor not seen before, when the broker is reached (it may have lost
 * what it kept, or the queue have given the message up) and when Home Assistant comes online.
 */
#ifndef OUTPUT_DISCOVERY_H
#define OUTPUT_DISCOVERY_H

#include "base/text.h"
#include "record/record.h"

struct discovery;

typedef void discovery_publish(void *context, const char *topic, const char *payload, size_t size);

/* Strings are borrowed. `availability` may be NULL. `units`: payloads carry {"value":..}. */
struct discovery *discovery_new(const char *prefix, const char *availability, bool units,
                                discovery_publish *publish, void *context);

/* Takes note of a record that goes to `topic`; publishes when it has something new. 0 or EM_*. */
int discovery_record(struct discovery *d, const struct record *r, const char *topic);

/* Publishes every device again; from any thread. */
void discovery_repeat(struct discovery *d);

/* The same when the next record comes; from any thread. */
void discovery_repeat_soon(struct discovery *d);

void discovery_free(struct discovery *d);

#endif
