#include "output/mqtt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/wipe.h"
#include "io/wait.h"
#include "mqtt/connection.h"
#include "output/discovery.h"
#include "output/topic.h"

/* ms without progress after which the program, when it ends, drops records */
enum { PATIENCE = 5000 };

struct mqtt_output {
	struct url url;
	struct mqtt *link;
	format_function *format;
	struct format_state state;
	struct text topic, payload, availability, status;
	bool retain;
	struct discovery *discovery;
};

static int mqtt_write(struct output *output, const struct record *r)
{
	struct mqtt_output *m = output->state;

	m->topic.length = m->payload.length = 0;
	topic_expand(&m->topic, m->url.path, r);
	m->format(&m->payload, &m->state, r);
	while (m->payload.length && m->payload.data[m->payload.length - 1] == '\n')
		m->payload.length--;
	text_string(&m->topic);
	if (m->topic.failed || m->payload.failed)
		return EM_NO_MEMORY;
	if (m->discovery && discovery_record(m->discovery, r, m->topic.data))
		return EM_NO_MEMORY;
	return mqtt_publish(m->link, m->topic.data, m->payload.data, m->payload.length, m->retain);
}

static int mqtt_flush(struct output *output)
{
	(void)output; /* the thread of the connection does it already */
	return 0;
}

static bool mqtt_kept(struct output *output, int ms)
{
	struct mqtt_output *m = output->state;

	return mqtt_settled(m->link, ms);
}

static void free_state(struct mqtt_output *m)
{
	discovery_free(m->discovery);
	text_free(&m->topic);
	text_free(&m->payload);
	text_free(&m->availability);
	text_free(&m->status);
	url_free(&m->url);
	free(m);
}

static int mqtt_end(struct output *output)
{
	struct mqtt_output *m = output->state;
	int64_t left = output->deadline ? output->deadline - wait_clock() - MQTT_PARTING : PATIENCE;
	int error = mqtt_close(m->link, left > 0 ? (int)left : 0, output->problem,
	                       sizeof output->problem);

	free_state(m);
	return error;
}

static void publish_retained(void *context, const char *topic, const char *payload, size_t size)
{
	struct mqtt_output *m = context;

	mqtt_publish(m->link, topic, payload, size, true);
}

/*
 * Home Assistant publishes `online` when it starts. It may have lost the devices, so repeat them.
 */
static void on_status(void *context, const char *topic, const void *payload, size_t size)
{
	struct mqtt_output *m = context;

	(void)topic;
	if (m->discovery && size == 6 && !memcmp(payload, "online", 6))
		discovery_repeat(m->discovery);
}

static void on_connected(void *context)
{
	struct mqtt_output *m = context;

	discovery_repeat_soon(m->discovery);
}

static int check_url(const struct url *u, char *problem, size_t size)
{
	const char *unknown = url_unknown_option(u, MQTT_URL_OPTIONS "|retain|availability");

	if (strcmp(u->scheme, "mqtt") && strcmp(u->scheme, "mqtts"))
		snprintf(problem, size, "not an mqtt:// or mqtts:// URL");
	else if (unknown)
		snprintf(problem, size, "unknown option '%s'", unknown);
	else if (topic_check(u->path))
		snprintf(problem, size,
		         "the topic is missing, has a wildcard or unpaired brackets");
	else
		return 0;
	return EM_SYNTAX;
}

static int set_discovery(struct mqtt_output *m, struct mqtt_settings *s,
                         const struct mqtt_output_options *options)
{
	const char *prefix = options->discovery_prefix ? options->discovery_prefix
	                                               : "homeassistant";

	m->discovery = discovery_new(prefix, s->availability, options->style.units,
	                             publish_retained, m);
	text_printf(&m->status, "%s/status", prefix);
	s->subscriptions[0] = text_string(&m->status);
	s->message = on_status;
	s->connected = on_connected;
	s->context = m;
	return m->discovery && !m->status.failed ? 0 : EM_NO_MEMORY;
}

static int open_link(struct mqtt_output *m, const struct mqtt_output_options *options,
                     char *problem, size_t size)
{
	struct mqtt_settings s;
	const char *availability = url_option(&m->url, "availability");
	char password[256];
	int error = check_url(&m->url, problem, size);

	if (!error)
		error = mqtt_settings(&s, &m->url, password, problem, size);
	if (error)
		return error;
	s.live = options->live;
	m->retain = url_flag(&m->url, "retain");
	if (!availability || url_flag(&m->url, "availability")) {
		topic_root(&m->availability, m->url.path);
		text_puts(&m->availability, "/availability");
		s.availability = text_string(&m->availability);
	}
	if (options->discovery)
		error = set_discovery(m, &s, options);
	if (!error)
		error = mqtt_open(&m->link, &s, problem, size);
	wipe(password, sizeof password);
	return error;
}

int output_mqtt(struct output **out, const struct mqtt_output_options *options, char *problem,
                size_t size)
{
	static const struct output_kind kind = {mqtt_write, mqtt_flush, mqtt_end, mqtt_kept};
	struct output *output = calloc(1, sizeof *output);
	struct mqtt_output *m = calloc(1, sizeof *m);
	int error = output && m ? url_parse(&m->url, options->url) : EM_NO_MEMORY;

	snprintf(
		problem, size, "%s",
		error == EM_UNSUPPORTED
			? "a password in the URL is visible to everybody: use EMTOOL_MQTT_PASSWORD_FILE"
			: error_text(error));
	if (!error) {
		m->format = options->format;
		m->state.style = options->style;
		error = open_link(m, options, problem, size);
	}
	if (error) {
		if (m)
			free_state(m);
		free(output);
		return error;
	}
	*output = (struct output){.kind = &kind, .name = options->url, .state = m};
	*out = output;
	return 0;
}
