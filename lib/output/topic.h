/* MQTT topics in which `[key]` stands for a value of the record: `energy/[type]/[meter_id]`. */
#ifndef OUTPUT_TOPIC_H
#define OUTPUT_TOPIC_H

#include "base/text.h"
#include "record/record.h"

/* Checks a topic. EM_SYNTAX when it is empty, or has a wildcard or a single bracket. */
int topic_check(const char *topic);

/*
 * Appends the topic of a record. `type` and `source` are keys as well; a key that the record lacks
 * becomes `unknown`. In values `/`, `+`, `#`, blanks, control characters and bytes that are not
 * UTF-8 become `_`.
 */
void topic_expand(struct text *out, const char *topic, const struct record *r);

/* Appends the part of the topic before its first [key], without the slash: for the availability. */
void topic_root(struct text *out, const char *topic);

#endif
