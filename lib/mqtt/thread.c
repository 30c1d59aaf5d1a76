/* The thread of the connection. After the start no other thread calls the library. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/news.h"
#include "mqtt/queue.h"
#include "mqtt/thread.h"
#include "io/backoff.h"
#include "io/wait.h"

enum {
	BATCH = 32 /* messages received at once, then settled and acknowledged together */
};

static void on_connect(struct mosquitto *mosq, void *context, int reason, int flags,
                       const mosquitto_property *properties)
{
	struct mqtt *m = context;
	bool five = m->settings.version == 5, stop;

	(void)mosq, (void)flags, (void)properties;
	pthread_mutex_lock(&m->lock);
	m->connected = reason == 0;
	m->denied = five ? reason == MQTT_RC_BAD_USERNAME_OR_PASSWORD ||
	                            reason == MQTT_RC_NOT_AUTHORIZED
	                 : reason == CONNACK_REFUSED_BAD_USERNAME_PASSWORD ||
	                            reason == CONNACK_REFUSED_NOT_AUTHORIZED;
	m->progress = wait_clock();
	stop = m->stop; /* then nobody may be left to be called */
	if (reason)
		snprintf(m->problem, sizeof m->problem, "%s",
		         five ? m->lib->mosquitto_reason_string(reason)
		              : m->lib->mosquitto_connack_string(reason));
	pthread_cond_broadcast(&m->changed);
	pthread_mutex_unlock(&m->lock);
	if (reason || stop)
		return;
	for (size_t i = 0; i < MQTT_SUBSCRIPTIONS && m->settings.subscriptions[i]; i++)
		m->lib->mosquitto_subscribe(m->mosq, NULL, m->settings.subscriptions[i], 1);
	if (m->settings.availability)
		m->lib->mosquitto_publish(m->mosq, NULL, m->settings.availability, 6, "online", 1,
		                          true);
	m->up = true;
	if (m->settings.connected)
		m->settings.connected(m->settings.context);
}

static void on_disconnect(struct mosquitto *mosq, void *context, int reason)
{
	struct mqtt *m = context;

	(void)mosq, (void)reason;
	m->up = false;
}

static void on_publish(struct mosquitto *mosq, void *context, int mid, int reason,
                       const mosquitto_property *properties)
{
	struct mqtt *m = context;

	(void)mosq, (void)properties;
	if (reason >= 128)
		news(NEWS_WARNING, "%s: the broker refuses a record: %s", m->name,
		     m->lib->mosquitto_reason_string(reason));
	pthread_mutex_lock(&m->lock);
	for (size_t i = 0; i < m->sent; i++) {
		if (mqtt_item(m, i)->mid == mid) {
			mqtt_remove(m, i);
			break;
		}
	}
	m->progress = wait_clock();
	pthread_cond_broadcast(&m->changed);
	pthread_mutex_unlock(&m->lock);
}

static void on_message(struct mosquitto *mosq, void *context,
                       const struct mosquitto_message *message)
{
	struct mqtt *m = context;

	(void)mosq;
	m->received = true;
	if (message->retain && m->settings.retained)
		m->settings.retained(m->settings.context, message->topic);
	else if (m->settings.message)
		m->settings.message(m->settings.context, message->topic, message->payload,
		                    (size_t)message->payloadlen);
}

static void on_subscribe(struct mosquitto *mosq, void *context, int mid, int count,
                         const int *granted)
{
	struct mqtt *m = context;

	(void)mosq, (void)mid;
	for (int i = 0; i < count; i++)
		if (granted[i] >= 128)
			news(NEWS_WARNING, "%s: the broker refuses the subscription", m->name);
}

/*
 * Only the log of the library says why TLS failed: `OpenSSL Error[0]: error:..:certificate
 * verify..`
 */
static void on_log(struct mosquitto *mosq, void *context, int level, const char *text)
{
	struct mqtt *m = context;
	const char *reason = strrchr(text, ':');

	(void)mosq, (void)level;
	if (reason && !strncmp(text, "OpenSSL Error", 13))
		snprintf(m->tls_problem, sizeof m->tls_problem, "%s", reason + 1);
}

void mqtt_callbacks(struct mqtt *m)
{
	const struct mqtt_library *lib = m->lib;

	lib->mosquitto_connect_v5_callback_set(m->mosq, on_connect);
	lib->mosquitto_disconnect_callback_set(m->mosq, on_disconnect);
	lib->mosquitto_publish_v5_callback_set(m->mosq, on_publish);
	lib->mosquitto_message_callback_set(m->mosq, on_message);
	lib->mosquitto_subscribe_callback_set(m->mosq, on_subscribe);
	lib->mosquitto_log_callback_set(m->mosq, on_log);
}

/* Passes waiting messages to the library, as many as may be in flight. */
static void send_waiting(struct mqtt *m)
{
	pthread_mutex_lock(&m->lock);
	while (m->up && m->sent < m->queue.count && m->sent < MQTT_WINDOW) {
		struct mqtt_item *item = mqtt_item(m, m->sent);
		int status = m->lib->mosquitto_publish(m->mosq, &item->mid, item->topic,
		                                       (int)item->size, item->payload, 1,
		                                       item->retain);

		if (status == MOSQ_ERR_SUCCESS || status == MOSQ_ERR_NO_CONN) {
			m->sent++; /* without a connection the library keeps it and sends it later */
			continue;
		}
		if (status == MOSQ_ERR_NOMEM)
			break;
		news(NEWS_WARNING, "%s: %s: %s", m->name, item->topic,
		     m->lib->mosquitto_strerror(status));
		mqtt_drop(m, m->sent);
	}
	pthread_mutex_unlock(&m->lock);
}

static void fail(struct mqtt *m, int status)
{
	const char *text = status == MOSQ_ERR_ERRNO ? strerror(errno)
	                   : status == MOSQ_ERR_EAI ? "host not found"
	                   : status == MOSQ_ERR_TLS && *m->tls_problem
	                           ? m->tls_problem
	                           : m->lib->mosquitto_strerror(status);

	pthread_mutex_lock(&m->lock);
	if (!m->denied && (status != MOSQ_ERR_CONN_LOST || !*m->problem))
		snprintf(m->problem, sizeof m->problem, "%s", text);
	pthread_mutex_unlock(&m->lock);
}

static int connect_now(struct mqtt *m)
{
	mosquitto_property *properties = NULL;
	int status;

	if (m->settings.version == 5 && m->settings.session)
		m->lib->mosquitto_property_add_int32(&properties, MQTT_PROP_SESSION_EXPIRY_INTERVAL,
		                                     UINT32_MAX);
	pthread_mutex_lock(&m->lock);
	m->denied = false;
	pthread_mutex_unlock(&m->lock);
	status = m->lib->mosquitto_connect_bind_v5(m->mosq, m->settings.host, m->settings.port,
	                                           m->settings.keepalive, NULL, properties);
	m->lib->mosquitto_property_free_all(&properties);
	return status;
}

/*
 * Reads what has arrived. The library only queues acknowledgements meanwhile, because `settle`
 * decides first: when it returns false, none of them may be sent.
 */
static int read_socket(struct mqtt *m)
{
	const struct mqtt_settings *s = &m->settings;
	int status = 0;
	bool any = false;

	for (int i = 0; i < BATCH && !status && !m->enough; i++) {
		m->received = false;
		status = m->lib->mosquitto_loop_read(m->mosq, 1);
		any |= m->received;
		if (!m->received && !s->tls)
			break;
		if (m->received && s->taken)
			m->enough = !s->taken(s->context);
	}
	m->untaken = any && s->settle && !s->settle(s->context);
	return m->untaken ? MOSQ_ERR_CONN_LOST : status;
}

/* One turn of a connection; a status other than 0 ends it. */
static int turn(struct mqtt *m, int *misc)
{
	struct pollfd fds[2] = {
		{.fd = m->lib->mosquitto_socket(m->mosq), .events = m->enough ? 0 : POLLIN},
		{.fd = m->wake[0], .events = POLLIN}};
	char drain[64];
	int status = 0;

	if (fds[0].fd < 0)
		return MOSQ_ERR_CONN_LOST;
	if (m->lib->mosquitto_want_write(m->mosq))
		fds[0].events |= POLLOUT;
	if (poll(fds, 2, 1000) < 0 && errno != EINTR)
		return MOSQ_ERR_ERRNO;
	if (fds[1].revents)
		while (read(m->wake[0], drain, sizeof drain) == sizeof drain)
			;
	if (fds[0].revents & (POLLIN | POLLHUP | POLLERR) && !m->enough)
		status = read_socket(m);
	if (status)
		return status;
	send_waiting(m);
	status = m->lib->mosquitto_loop_write(m->mosq, MQTT_WINDOW);
	if (!status && wait_clock() / 1000 != *misc) {
		*misc = (int)(wait_clock() / 1000);
		status = m->lib->mosquitto_loop_misc(m->mosq);
	}
	return status;
}

static void tell_away(struct mqtt *m)
{
	pthread_mutex_lock(&m->lock);
	m->connected = false;
	if (!m->away_told && !m->stop)
		news(NEWS_WARNING, "%s: %s; trying again", m->name,
		     *m->problem ? m->problem : "connection lost");
	m->away_told = true;
	pthread_cond_broadcast(&m->changed);
	pthread_mutex_unlock(&m->lock);
}

static void tell_back(struct mqtt *m)
{
	pthread_mutex_lock(&m->lock);
	if (m->away_told)
		news(NEWS_WARNING, "%s: connected again, %zu records waiting, %llu dropped",
		     m->name, m->queue.count,
		     (unsigned long long)(m->queue.dropped - m->told_dropped));
	m->told_dropped = m->queue.dropped;
	m->away_told = m->slow_told = false;
	m->ever = true;
	m->problem[0] = '\0';
	pthread_mutex_unlock(&m->lock);
}

static bool stopping(struct mqtt *m)
{
	bool stop;

	pthread_mutex_lock(&m->lock);
	stop = m->stop;
	pthread_mutex_unlock(&m->lock);
	return stop;
}

/* Serves one connection until it is lost or has to end; returns whether it was ever established. */
static bool serve(struct mqtt *m)
{
	int status = 0, misc = 0;
	bool stood = false;

	while (!status && !stopping(m)) {
		status = turn(m, &misc);
		if (m->up && !stood) {
			stood = true;
			tell_back(m);
			send_waiting(m);
		}
	}
	if (status)
		fail(m, status);
	m->up = false;
	return stood;
}

/* Sleeps until the next attempt, or until the thread has to end. */
static void back_off(struct mqtt *m, unsigned wait)
{
	pthread_mutex_lock(&m->lock);
	for (int64_t until = wait_clock() + wait; !m->stop && wait_clock() < until;)
		mqtt_wait(m, until - wait_clock() + 1);
	pthread_mutex_unlock(&m->lock);
}

/* Publishes `offline`, since the broker sends no last will after a disconnect, and disconnects. */
static void leave(struct mqtt *m)
{
	int misc = 0;

	if (m->lib->mosquitto_socket(m->mosq) < 0 || m->untaken)
		return;
	if (m->settings.availability)
		m->lib->mosquitto_publish(m->mosq, NULL, m->settings.availability, 7, "offline", 1,
		                          true);
	m->lib->mosquitto_disconnect(m->mosq);
	for (int i = 0; i < 20 && m->lib->mosquitto_socket(m->mosq) >= 0; i++)
		if (turn(m, &misc))
			break;
}

void *mqtt_run(void *argument)
{
	struct mqtt *m = argument;
	struct backoff backoff = BACKOFF_NETWORK;

	mqtt_own_thread = true;
	while (!stopping(m)) {
		int status = connect_now(m);

		if (status)
			fail(m, status);
		else if (serve(m))
			backoff_reset(&backoff);
		if (stopping(m) || m->untaken)
			break;
		tell_away(m);
		back_off(m, backoff_next(&backoff));
	}
	leave(m);
	pthread_mutex_lock(&m->lock);
	m->finished = true;
	pthread_cond_broadcast(&m->changed);
	pthread_mutex_unlock(&m->lock);
	return NULL;
}
