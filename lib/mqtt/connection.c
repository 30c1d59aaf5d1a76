#include "mqtt/connection.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/error.h"
#include "mqtt/queue.h"
#include "mqtt/thread.h"
#include "io/thread.h"
#include "io/wait.h"

enum { PARTING = 2000 }; /* ms for the last words to the broker, if not live */

static const char *copy_string(char **at, const char *text)
{
	char *copy = *at;

	if (!text)
		return NULL;
	strcpy(copy, text);
	*at += strlen(text) + 1;
	return copy;
}

/* Copies the strings, because the caller may free its own. */
static int copy_settings(struct mqtt *m, const struct mqtt_settings *s)
{
	const char **fields[] = {&m->settings.host,
	                         &m->settings.user,
	                         &m->settings.password,
	                         &m->settings.ca,
	                         &m->settings.cert,
	                         &m->settings.key,
	                         &m->settings.client,
	                         &m->settings.availability,
	                         &m->settings.subscriptions[0],
	                         &m->settings.subscriptions[1],
	                         &m->settings.subscriptions[2],
	                         &m->settings.subscriptions[3]};
	size_t size = 1;
	char *at;

	m->settings = *s;
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
		size += *fields[i] ? strlen(*fields[i]) + 1 : 0;
	at = m->strings = malloc(size);
	if (!at)
		return EM_NO_MEMORY;
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
		*fields[i] = copy_string(&at, *fields[i]);
	snprintf(m->name, sizeof m->name, "mqtt%s://%s:%d", s->tls ? "s" : "", s->host, s->port);
	return 0;
}

/* A random client identifier: a broker of MQTT 3.1.1 need not assign one. */
static void make_client(char out[32])
{
	uint64_t random = 0;

	if (getrandom(&random, sizeof random, 0) != sizeof random)
		random = (uint64_t)wait_clock() << 20 ^ (uint64_t)getpid();
	snprintf(out, 32, "emtool-%014llx", (unsigned long long)random & 0xFFFFFFFFFFFFFF);
}

static int set_up(struct mqtt *m)
{
	const struct mqtt_settings *s = &m->settings;
	const struct mqtt_library *lib = m->lib;
	char client[32];
	int status = 0;

	make_client(client);
	m->mosq = lib->mosquitto_new(s->client ? s->client : client, !s->session, m);
	if (!m->mosq)
		return MOSQ_ERR_NOMEM;
	lib->mosquitto_int_option(m->mosq, MOSQ_OPT_PROTOCOL_VERSION,
	                          s->version == 5 ? MQTT_PROTOCOL_V5 : MQTT_PROTOCOL_V311);
	lib->mosquitto_int_option(m->mosq, MOSQ_OPT_TCP_NODELAY, 1);
	lib->mosquitto_max_inflight_messages_set(m->mosq, MQTT_WINDOW);
	lib->mosquitto_threaded_set(m->mosq,
	                            true); /* then the library sends in loop_write() only */
	mqtt_callbacks(m);
	if (s->user)
		status = lib->mosquitto_username_pw_set(m->mosq, s->user, s->password);
	if (!status && s->availability)
		status = lib->mosquitto_will_set(m->mosq, s->availability, 7, "offline", 1, true);
	if (!status && s->tls)
		status = lib->mosquitto_tls_set(m->mosq, s->ca, s->ca ? NULL : "/etc/ssl/certs",
		                                s->cert, s->key, NULL);
	if (!status && s->tls && s->insecure)
		status = lib->mosquitto_tls_insecure_set(m->mosq, true);
	return status;
}

static int start_thread(struct mqtt *m)
{
	if (pipe(m->wake))
		return EM_SYSTEM;
	for (int i = 0; i < 2; i++) {
		fcntl(m->wake[i], F_SETFL, O_NONBLOCK);
		fcntl(m->wake[i], F_SETFD, FD_CLOEXEC);
	}
	thread_prepare(&m->lock, &m->changed);
	return thread_start(&m->thread, mqtt_run, m);
}

static void mqtt_free(struct mqtt *m)
{
	if (m->mosq)
		m->lib->mosquitto_destroy(m->mosq);
	while (m->queue.count)
		mqtt_remove(m, 0);
	ring_free(&m->queue);
	for (int i = 0; i < 2; i++)
		if (m->wake[i] >= 0)
			close(m->wake[i]);
	free(m->strings);
	free(m);
}

int mqtt_open(struct mqtt **out, const struct mqtt_settings *s, char *problem, size_t size)
{
	const struct mqtt_library *lib;
	int error = mqtt_library(&lib, problem, size), status;
	struct mqtt *m;

	if (error)
		return error;
	m = calloc(1, sizeof *m);
	snprintf(problem, size, "%s", error_text(EM_NO_MEMORY));
	if (!m)
		return EM_NO_MEMORY;
	m->lib = lib;
	m->wake[0] = m->wake[1] = -1;
	m->opened = m->progress = wait_clock();
	error = ring_begin(&m->queue, MQTT_QUEUE);
	if (!error)
		error = copy_settings(m, s);
	status = error ? 0 : set_up(m);
	if (status) {
		error = status == MOSQ_ERR_NOMEM ? EM_NO_MEMORY : EM_SYNTAX;
		snprintf(problem, size, "%s: %s", m->name,
		         s->tls && status == MOSQ_ERR_INVAL
		                 ? "a certificate or key file cannot be read"
		                 : lib->mosquitto_strerror(status));
	}
	if (!error) {
		error = start_thread(m);
		if (error)
			snprintf(problem, size, "%s: %s", m->name, strerror(errno));
	}
	if (error)
		mqtt_free(m);
	else
		*out = m;
	return error;
}

/*
 * Waits until all messages are acknowledged, at most `patience` ms after the last progress; of a
 * live program so many ms in all.
 */
static void drain(struct mqtt *m, int patience)
{
	int64_t begin = wait_clock();

	while (m->queue.count) {
		int64_t left = (m->settings.live ? begin : m->progress) + patience - wait_clock();

		if (left <= 0 || (m->denied && !m->connected))
			break;
		mqtt_wait(m, left);
	}
}

int mqtt_close(struct mqtt *m, int patience, char *problem, size_t size)
{
	int error = 0;
	bool finished;

	pthread_mutex_lock(&m->lock);
	m->progress = wait_clock(); /* give a broker that is away the whole time to come back */
	drain(m, patience);
	if (m->queue.count || m->queue.dropped > m->told_dropped) {
		error = m->denied ? EM_DENIED : EM_UNREACHABLE;
		snprintf(problem, size, "%llu records not delivered: %s",
		         (unsigned long long)(m->queue.count + m->queue.dropped - m->told_dropped),
		         *m->problem ? m->problem : "the broker is away");
	}
	m->stop = true;
	pthread_cond_broadcast(&m->changed);
	mqtt_wake(m);
	for (int64_t until = wait_clock() + (m->settings.live ? MQTT_PARTING : PARTING);
	     !m->finished && wait_clock() < until;)
		mqtt_wait(m, 100);
	finished = m->finished;
	pthread_mutex_unlock(&m->lock);
	if (finished) {
		pthread_join(m->thread, NULL);
		mqtt_free(m);
	} else {
		pthread_detach(
			m->thread); /* it hangs in connect(), and the process is about to end */
	}
	return error;
}
