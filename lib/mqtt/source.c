/*
 * mqtt[s]://HOST[:PORT]/TOPIC: a stream of datagrams per topic. The thread of the connection does
 * not acknowledge messages before the program has taken them and the outputs have stored the
 * records.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/wipe.h"
#include "mqtt/queue.h"
#include "mqtt/payload.h"
#include "io/source_private.h"
#include "io/wait.h"

enum {
	TOPICS_LIMIT = 256,
	PAUSE = 10,      /* ms between two questions to the outputs */
	LAST_WAIT = 1500 /* ms that the outputs have for the last messages */
};

struct message {
	struct message *next;
	uint8_t *payload; /* behind the topic */
	size_t size;
	char topic[];
};

struct topic {
	char *name;
	struct source_stream *stream;
	uint64_t last;
};

struct mqtt_source {
	struct source *source;
	struct url url;
	struct mqtt *link;
	uv_async_t arrived;
	pthread_mutex_t lock;
	pthread_cond_t taken;
	struct message *first, **last;
	bool busy, closing; /* busy: the program works on what it took */
	bool enough;        /* the program takes no more */
	bool session;       /* the broker sends again what is not acknowledged */
	struct topic topics[TOPICS_LIMIT];
	size_t topic_count;
	uint64_t messages;
};

/* ---- on the thread of the connection ---- */

static void on_message(void *context, const char *topic, const void *payload, size_t size)
{
	struct mqtt_source *m = context;
	size_t length = strlen(topic) + 1;
	struct message *message = malloc(mqtt_room(sizeof *message + length + size));

	if (!message)
		return;
	*message = (struct message){.size = size};
	memcpy(message->topic, topic, length);
	message->payload = (uint8_t *)message->topic + length;
	if (size)
		memcpy(message->payload, payload, size);
	pthread_mutex_lock(&m->lock);
	*m->last = message;
	m->last = &message->next;
	pthread_mutex_unlock(&m->lock);
	uv_async_send(&m->arrived);
}

/* For a program that steers by what comes in: nobody knows how old this is. */
static void on_retained(void *context, const char *topic)
{
	(void)context, (void)topic;
}

/* A program that counts messages gets the next one only after it has seen this one. */
static bool taken(void *context)
{
	struct mqtt_source *m = context;
	bool go_on;

	pthread_mutex_lock(&m->lock);
	while (m->source->config.counts && (m->first || m->busy) && !m->closing)
		pthread_cond_wait(&m->taken, &m->lock);
	go_on = !m->closing && !m->enough;
	pthread_mutex_unlock(&m->lock);
	return go_on;
}

/* Messages that were not taken, or not stored by the outputs, are not acknowledged. */
static bool settle(void *context)
{
	struct mqtt_source *m = context;
	const struct source_config *config = &m->source->config;
	bool waits = m->session && config->events->kept;
	int64_t end = 0;

	for (;;) {
		bool open, closing;

		pthread_mutex_lock(&m->lock);
		while ((m->first || m->busy) && !m->closing)
			pthread_cond_wait(&m->taken, &m->lock);
		open = m->first || m->busy;
		closing = m->closing;
		pthread_mutex_unlock(&m->lock);
		if (open)
			return false;
		if (!waits || config->events->kept(config->context, 100))
			return true;
		if (closing && !end)
			end = wait_clock() + LAST_WAIT;
		if (end && wait_clock() >= end)
			return false;
		uv_sleep(PAUSE);
		if (!closing)
			uv_async_send(&m->arrived); /* the loop notices an output that failed */
	}
}

/* ---- in the loop ---- */

/* The stream of a topic. A new one replaces the stream that was silent for longest. */
static struct topic *find_topic(struct mqtt_source *m, const char *name)
{
	struct topic *oldest = &m->topics[0];
	char *copy;

	for (size_t i = 0; i < m->topic_count; i++) {
		if (!strcmp(m->topics[i].name, name))
			return &m->topics[i];
		if (m->topics[i].last < oldest->last)
			oldest = &m->topics[i];
	}
	copy = malloc(strlen(name) + 1);
	if (!copy)
		return NULL;
	if (m->topic_count < TOPICS_LIMIT) {
		oldest = &m->topics[m->topic_count++];
	} else {
		if (oldest->stream)
			stream_close(oldest->stream, loop_clock());
		free(oldest->name);
	}
	strcpy(copy, name);
	oldest->name = copy;
	oldest->stream = stream_open(m->source, name, STREAM_DATAGRAM, true);
	return oldest;
}

static void take_message(struct mqtt_source *m, struct message *message)
{
	struct chunk chunk = {.data = message->payload, .time = loop_clock()};
	struct topic *topic = find_topic(m, message->topic);

	chunk.size = payload_decode(message->payload, message->size);
	if (!topic || !topic->stream || !chunk.size)
		return;
	topic->last = ++m->messages;
	stream_data(topic->stream, &chunk);
}

static struct message *take_all(struct mqtt_source *m)
{
	struct message *list;

	pthread_mutex_lock(&m->lock);
	list = m->first;
	m->first = NULL;
	m->last = &m->first;
	m->busy = list != NULL;
	pthread_mutex_unlock(&m->lock);
	return list;
}

static void free_messages(struct message *list)
{
	while (list) {
		struct message *next = list->next;

		free(list);
		list = next;
	}
}

static void on_arrived(uv_async_t *handle)
{
	struct mqtt_source *m = handle->data;
	struct message *list = take_all(m);

	for (struct message *message = list; message; message = message->next)
		take_message(m, message);
	free_messages(list);
	if (m->source->config.events->flush)
		m->source->config.events->flush(m->source->config.context);
	pthread_mutex_lock(&m->lock);
	m->busy = false;
	m->enough = loop_stopped(m->source->loop);
	pthread_cond_broadcast(&m->taken);
	pthread_mutex_unlock(&m->lock);
}

static void drop(uv_handle_t *handle)
{
	struct mqtt_source *m = handle->data;

	for (size_t i = 0; i < m->topic_count; i++)
		free(m->topics[i].name);
	free_messages(m->first);
	url_free(&m->url);
	free(m);
}

static void source_end(struct source *source)
{
	struct mqtt_source *m = source->state;
	char problem[160];

	pthread_mutex_lock(&m->lock);
	m->closing = true;
	pthread_cond_broadcast(&m->taken);
	pthread_mutex_unlock(&m->lock);
	mqtt_close(m->link, 0, problem, sizeof problem);
	uv_close((uv_handle_t *)&m->arrived, drop);
}

static int open_link(struct mqtt_source *m, const char *url)
{
	struct mqtt_settings s;
	char password[256], problem[256];
	int error = url_parse(&m->url, url);

	if (error) {
		source_fail(m->source, "%s: %s", url,
		            error == EM_UNSUPPORTED
		                    ? "a password in the URL is visible to everybody: "
		                      "use EMTOOL_MQTT_PASSWORD_FILE"
		                    : error_text(error));
		return EM_SYNTAX;
	}
	if (!*m->url.path || url_unknown_option(&m->url, MQTT_URL_OPTIONS)) {
		source_fail(m->source, "%s: %s", url,
		            *m->url.path ? "unknown option" : "the topic is missing");
		return EM_SYNTAX;
	}
	error = mqtt_settings(&s, &m->url, password, problem, sizeof problem);
	if (!error) {
		s.subscriptions[0] = m->url.path;
		s.message = on_message;
		s.retained = m->source->config.fresh ? on_retained : NULL;
		s.taken = taken;
		s.settle = settle;
		s.context = m;
		m->session = s.session;
		error = mqtt_open(&m->link, &s, problem, sizeof problem);
	}
	wipe(password, sizeof password);
	if (error)
		source_fail(m->source, "%s: %s", url, problem);
	return error == EM_RANGE ? EM_SYNTAX : error;
}

static int source_begin(struct source *source, const char *scheme, const char *rest)
{
	struct mqtt_source *m = calloc(1, sizeof *m);
	char url[1024];
	int error;

	if (!m)
		return EM_NO_MEMORY;
	m->source = source;
	m->last = &m->first;
	pthread_mutex_init(&m->lock, NULL);
	pthread_cond_init(&m->taken, NULL);
	uv_async_init(loop_uv(source->loop), &m->arrived, on_arrived);
	m->arrived.data = m;
	source->state = m;
	snprintf(url, sizeof url, "%s%s", scheme, rest);
	error = open_link(m, url);
	if (error)
		uv_close((uv_handle_t *)&m->arrived, drop);
	return error;
}

static int open_plain(struct source *source, const char *rest)
{
	return source_begin(source, "mqtt://", rest);
}

static int open_tls(struct source *source, const char *rest)
{
	return source_begin(source, "mqtts://", rest);
}

const struct source_kind source_mqtt = {"mqtt://", open_plain, source_end, NULL};
const struct source_kind source_mqtts = {"mqtts://", open_tls, source_end, NULL};
