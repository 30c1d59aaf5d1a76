/*
 * A converter with an MQTT client instead of a line: each push is one message, as bytes,
 * hexadecimal text or base64.
 */
#ifndef SIM_TOPIC_H
#define SIM_TOPIC_H

#include "sim/output.h"

struct sim_topic;

/*
 * Opens mqtt://HOST/TOPIC or mqtts://; `payload` is raw, hex or base64. 0, or EM_* with a text in
 * `problem`; EM_SYNTAX when the URL is wrong.
 */
int sim_topic_open(struct sim_topic **out, const char *url, const char *payload, char *problem,
                   size_t size);

/* The output, borrowed. It queues messages; a write fails when out of memory. */
const struct sim_output *sim_topic_output(const struct sim_topic *topic);

/* Delivers the queue and frees; 0, or EM_* with the broker's text. Accepts NULL. */
int sim_topic_close(struct sim_topic *topic, char *problem, size_t size);

#endif
