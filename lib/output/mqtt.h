/*
 * The MQTT output: each record to a topic, with QoS 1, and on request the messages with which Home
 * Assistant finds the devices by itself.
 */
#ifndef OUTPUT_MQTT_H
#define OUTPUT_MQTT_H

#include "output/output.h"

struct mqtt_output_options {
	const char *url;         /* mqtt[s]://[user@]host[:port]/TOPIC[?options] */
	format_function *format; /* of the payload: format_json, format_evn */
	struct style style;
	bool discovery;
	const char *discovery_prefix; /* NULL: "homeassistant" */
};

/*
 * Opens it; does not wait for the broker. *out on success. Else EM_SYNTAX or EM_UNSUPPORTED for a
 * wrong URL or a missing library, and problem[] says why. `url` is borrowed as the output's name.
 */
int output_mqtt(struct output **out, const struct mqtt_output_options *options, char *problem,
                size_t size);

#endif
