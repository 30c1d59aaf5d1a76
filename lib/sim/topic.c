#include "sim/topic.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "base/wipe.h"
#include "mqtt/connection.h"

enum { PATIENCE = 3000 }; /* ms without progress before it stops waiting for delivery */

struct sim_topic {
	struct sim_output output;
	struct url url;
	struct mqtt *link;
	const char *payload;
	struct text message;
};

static void put_base64(struct text *out, const uint8_t *data, size_t size)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < size; i += 3) {
		uint32_t bits = (uint32_t)data[i] << 16;

		bits |= i + 1 < size ? (uint32_t)data[i + 1] << 8 : 0;
		bits |= i + 2 < size ? data[i + 2] : 0u;
		text_char(out, digits[bits >> 18]);
		text_char(out, digits[bits >> 12 & 63]);
		text_char(out, i + 1 < size ? digits[bits >> 6 & 63] : '=');
		text_char(out, i + 2 < size ? digits[bits & 63] : '=');
	}
}

static bool send_message(void *context, const void *data, size_t size)
{
	struct sim_topic *topic = context;
	struct text *m = &topic->message;

	m->length = 0;
	if (!strcmp(topic->payload, "hex"))
		text_hex(m, data, size);
	else if (!strcmp(topic->payload, "base64"))
		put_base64(m, data, size);
	else
		text_add(m, data, size);
	errno = ENOMEM;
	return !m->failed && !mqtt_publish(topic->link, topic->url.path, m->data, m->length, false);
}

static int open_link(struct sim_topic *topic, const char *text, char *problem, size_t size)
{
	struct mqtt_settings settings;
	char password[256] = "";
	int error = url_parse(&topic->url, text);

	if (error || (strcmp(topic->url.scheme, "mqtt") && strcmp(topic->url.scheme, "mqtts")) ||
	    !*topic->url.path || strpbrk(topic->url.path, "+#") ||
	    url_unknown_option(&topic->url, MQTT_URL_OPTIONS)) {
		snprintf(problem, size, "needs a broker and a topic, as mqtt://127.0.0.1/meters/1");
		return EM_SYNTAX;
	}
	error = mqtt_settings(&settings, &topic->url, password, problem, size);
	if (!error)
		error = mqtt_open(&topic->link, &settings, problem, size);
	wipe(password, sizeof password);
	return error;
}

static void drop(struct sim_topic *topic)
{
	url_free(&topic->url);
	text_free(&topic->message);
	free(topic);
}

int sim_topic_open(struct sim_topic **out, const char *url, const char *payload, char *problem,
                   size_t size)
{
	struct sim_topic *topic = calloc(1, sizeof *topic);
	int error;

	*out = NULL;
	if (!topic) {
		snprintf(problem, size, "%s", error_text(EM_NO_MEMORY));
		return EM_NO_MEMORY;
	}
	topic->payload = payload;
	topic->output = (struct sim_output){
		.context = topic, .write = send_message, .messages = true};
	error = open_link(topic, url, problem, size);
	if (error)
		drop(topic);
	else
		*out = topic;
	return error;
}

const struct sim_output *sim_topic_output(const struct sim_topic *topic)
{
	return &topic->output;
}

int sim_topic_close(struct sim_topic *topic, char *problem, size_t size)
{
	int error;

	if (!topic)
		return 0;
	error = mqtt_close(topic->link, PATIENCE, problem, size);
	drop(topic);
	return error;
}
