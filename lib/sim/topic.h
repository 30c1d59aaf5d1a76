/*
 * A converter with an MQTT client instead of a line: each push becomes one message, as bytes, as
 * hexadecimal text, or as base64.
 */
#ifndef SIM_TOPIC_H
#define SIM_TOPIC_H

#include "sim/output.h"

struct sim_topic;

/*
 * Opens mqtt://HOST/TOPIC or mqtts://; `payload` is raw, hex or base64. 0 or EM_*, with words in
 * `problem`; EM_SYNTAX when something is wrong with the URL.
 */
int sim_topic_open(struct sim_topic **out, const char *url, const char *payload, char *problem,
                   size_t size);

/* Queues messages; a write fails when memory is out. Borrowed. */
const struct sim_output *sim_topic_output(const struct sim_topic *topic);

/* Delivers what is queued and frees; 0 or EM_* with the broker's words. NULL is fine. */
int sim_topic_close(struct sim_topic *topic, char *problem, size_t size);

#endif
