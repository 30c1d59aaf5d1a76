#include "cmd/sim/topic.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "base/wipe.h"
#include "cmd/session/say.h"
#include "mqtt/connection.h"

enum { PATIENCE = 3000 }; /* ms without progress at the end */

struct sim_topic {
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

bool sim_topic_send(struct sim_topic *topic, const void *data, size_t size)
{
	struct text *m = &topic->message;

	m->length = 0;
	if (!strcmp(topic->payload, "hex"))
		text_hex(m, data, size);
	else if (!strcmp(topic->payload, "base64"))
		put_base64(m, data, size);
	else
		text_add(m, data, size);
	return !m->failed && !mqtt_publish(topic->link, topic->url.path, m->data, m->length, false);
}

static int open_link(struct sim_topic *topic, const char *text)
{
	struct mqtt_settings settings;
	char password[256] = "", problem[256] = "";
	int error = url_parse(&topic->url, text);

	if (error || (strcmp(topic->url.scheme, "mqtt") && strcmp(topic->url.scheme, "mqtts")) ||
	    !*topic->url.path || strpbrk(topic->url.path, "+#") ||
	    url_unknown_option(&topic->url, MQTT_URL_OPTIONS))
		return say_usage("%s: needs a broker and a topic, as mqtt://127.0.0.1/meters/1",
		                 text);
	error = mqtt_settings(&settings, &topic->url, password, problem, sizeof problem);
	if (!error)
		error = mqtt_open(&topic->link, &settings, problem, sizeof problem);
	wipe(password, sizeof password);
	if (!error)
		return EXIT_OK;
	if (error == EM_SYNTAX)
		return say_usage("%s: %s", text, problem);
	say_error("%s: %s", text, problem);
	return EXIT_LOCAL;
}

static void drop(struct sim_topic *topic)
{
	url_free(&topic->url);
	text_free(&topic->message);
	free(topic);
}

struct sim_topic *sim_topic_open(const char *url, const char *payload, int *status)
{
	struct sim_topic *topic = calloc(1, sizeof *topic);

	if (!topic) {
		*status = say_failure(url, EM_NO_MEMORY);
		return NULL;
	}
	topic->payload = payload;
	*status = open_link(topic, url);
	if (*status) {
		drop(topic);
		return NULL;
	}
	return topic;
}

int sim_topic_close(struct sim_topic *topic)
{
	char problem[256] = "";
	int status = EXIT_OK;

	if (!topic)
		return EXIT_OK;
	if (mqtt_close(topic->link, PATIENCE, problem, sizeof problem)) {
		say_error("broker: %s", problem);
		status = EXIT_DEVICE;
	}
	drop(topic);
	return status;
}
