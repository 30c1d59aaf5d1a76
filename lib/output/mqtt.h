/*
 * The MQTT output: publishes each record to a topic with QoS 1 and, on request, the messages from
 * which Home Assistant discovers the devices.
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
	bool live;                    /* writing never waits, see mqtt_settings */
};

/*
 * Opens the output and does not wait for the broker. EM_SYNTAX or EM_UNSUPPORTED for a wrong URL or
 * a missing library; problem[] says why. The output borrows `url` as its name.
 */
int output_mqtt(struct output **out, const struct mqtt_output_options *options, char *problem,
                size_t size);

#endif
