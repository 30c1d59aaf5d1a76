/*
 * A connection to an MQTT broker, kept by a thread of its own: it connects, comes back with back-off
 * when the broker went away, sends what was queued with QoS 1 and hands over what is subscribed. The
 * callers never wait for the network, except that mqtt_publish() waits for room while a connected
 * broker is slower than the records.
 *
 * A message published stays in the queue until the broker has acknowledged it. At most
 * MQTT_QUEUE are kept; when the broker is away the oldest waiting one is dropped and counted.
 * A message received is acknowledged after `taken` and `settle` said yes, so what the program did not
 * take, or its outputs did not keep, is sent again by the broker after a crash.
 *
 * libmosquitto is opened at run time by the first mqtt_open().
 */
#ifndef MQTT_CONNECTION_H
#define MQTT_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/url.h"

enum { MQTT_QUEUE = 10000, MQTT_SUBSCRIPTIONS = 4 };

#define MQTT_URL_OPTIONS "version|client|session|ca|cert|key|insecure|keepalive"

struct mqtt_settings {
	const char *host, *user, *password; /* user and password may be NULL */
	int port;
	bool tls, insecure;          /* insecure: the certificate's host name is not checked */
	const char *ca, *cert, *key; /* files; NULL ca: the system's certificates */
	int version;                 /* 3 is MQTT 3.1.1, 5 is MQTT 5 */
	const char *client;          /* client identifier, NULL: made up by the library */
	bool session;                /* the broker keeps the session while we are away */
	int keepalive;               /* s */
	const char *availability;    /* topic of last will "offline" and of "online"; NULL: none */
	const char *subscriptions[MQTT_SUBSCRIPTIONS];

	/* All called on the connection's thread; each may be NULL. */
	void (*connected)(void *context);
	void (*message)(void *context, const char *topic, const void *payload, size_t size);
	bool (*taken)(void *context);  /* after each message: may the next one come? */
	bool (*settle)(void *context); /* after some: may they be acknowledged? No is the end. */
	void *context;
};

struct mqtt;

/*
 * Settings from a parsed mqtt:// or mqtts:// URL and the environment: user EMTOOL_MQTT_USER, password
 * EMTOOL_MQTT_PASSWORD or the first line of the file EMTOOL_MQTT_PASSWORD_FILE. Strings are borrowed
 * from the URL, the environment, and `password`, which the caller keeps. On failure problem[] says why.
 */
int mqtt_settings(struct mqtt_settings *s, const struct url *u, char password[256], char *problem,
                  size_t size);

/* Copies the settings and starts the thread; does not wait for the connection. */
int mqtt_open(struct mqtt **out, const struct mqtt_settings *s, char *problem, size_t size);

/* Queues a message. Also callable from `connected` and `message`. 0 or EM_NO_MEMORY. */
int mqtt_publish(struct mqtt *m, const char *topic, const void *payload, size_t size, bool retain);

/* Messages not acknowledged yet; messages dropped so far. */
size_t mqtt_pending(struct mqtt *m);
uint64_t mqtt_dropped(struct mqtt *m);

/* Waits at most `ms` until all that was published is acknowledged; whether it is. */
bool mqtt_settled(struct mqtt *m, int ms);

/*
 * Delivers what is queued, giving up after `patience` ms without progress, and ends. 0,
 * EM_DENIED when the broker refused user or password, EM_UNREACHABLE when messages are lost; then
 * problem[] says why.
 */
int mqtt_close(struct mqtt *m, int patience, char *problem, size_t size);

#endif
