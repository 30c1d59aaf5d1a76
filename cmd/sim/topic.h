/*
 * A converter with an MQTT client instead of a line: each push becomes one message, as bytes, as
 * hexadecimal text, or as base64. For `emtool sim push`.
 */
#ifndef CMD_SIM_TOPIC_H
#define CMD_SIM_TOPIC_H

#include <stdbool.h>
#include <stddef.h>

struct sim_topic;

/* `payload` is raw, hex or base64. NULL after saying what is wrong; *status is the exit code. */
struct sim_topic *sim_topic_open(const char *url, const char *payload, int *status);

/* Queues a message; false when memory is out. */
bool sim_topic_send(struct sim_topic *topic, const void *data, size_t size);

/* Delivers what is queued; an exit code. */
int sim_topic_close(struct sim_topic *topic);

#endif
