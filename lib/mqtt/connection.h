/*
 * A connection to an MQTT broker with a thread of its own. The thread connects, reconnects with
 * growing waits, sends queued messages with QoS 1, and passes on the messages of the subscriptions.
 * Callers never wait for the network, except that mqtt_publish() waits for room while the broker is
 * connected but slower than the records; not so with `live`.
 *
 * A published message stays in the queue until the broker has acknowledged it. The queue keeps at
 * most MQTT_QUEUE messages of MQTT_BYTES bytes in all; when it is full and the broker is away or
 * slow, the oldest one that waits is dropped and counted. A received message is acknowledged after
 * `taken` and `settle` have returned true. After a crash the broker therefore sends again what the
 * program did not take or its outputs did not store.
 *
 * libmosquitto is opened at run time by the first mqtt_open().
 */
#ifndef MQTT_CONNECTION_H
#define MQTT_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/queue_limits.h"
#include "base/url.h"

enum {
	MQTT_QUEUE = QUEUE_RECORDS,
	MQTT_BYTES = QUEUE_BYTES,
	MQTT_SUBSCRIPTIONS = 4,
	MQTT_PARTING = 300 /* ms that a live program has for the last words to the broker */
};

#define MQTT_URL_OPTIONS "version|client|session|ca|cert|key|insecure|keepalive"

struct mqtt_settings {
	const char *host, *user, *password; /* user and password may be NULL */
	int port;
	bool tls, insecure;          /* insecure: the host name in the certificate is not checked */
	const char *ca, *cert, *key; /* files; ca NULL: the certificates of the system */
	int version;                 /* 3 is MQTT 3.1.1, 5 is MQTT 5 */
	const char *client;          /* client identifier; NULL: a random one */
	bool session;                /* the broker keeps the session while we are away */
	int keepalive;               /* s */
	const char *availability; /* topic of "online" and of the last will "offline"; NULL: none */
	const char *subscriptions[MQTT_SUBSCRIPTIONS];

	/* Called on the thread of the connection; each may be NULL. */
	void (*connected)(void *context);
	void (*message)(void *context, const char *topic, const void *payload, size_t size);
	/* A message that the broker kept from before the subscription; NULL: `message` gets it. */
	void (*retained)(void *context, const char *topic);
	bool (*taken)(void *context);  /* after each message: whether the next one may come */
	bool (*settle)(void *context); /* after some: whether to acknowledge them; false ends it */
	void *context;
	bool live; /* mqtt_publish() never waits, and mqtt_close() takes `patience` in all */
};

struct mqtt;

/*
 * Reads settings from a parsed mqtt:// or mqtts:// URL and the environment: the user
 * EMTOOL_MQTT_USER, the password EMTOOL_MQTT_PASSWORD or the first line of the file
 * EMTOOL_MQTT_PASSWORD_FILE. The strings belong to the URL, the environment and `password`, which
 * the caller keeps. After a failure problem[] says why.
 */
int mqtt_settings(struct mqtt_settings *s, const struct url *u, char password[256], char *problem,
                  size_t size);

/* Copies the settings and starts the thread; does not wait for the connection. */
int mqtt_open(struct mqtt **out, const struct mqtt_settings *s, char *problem, size_t size);

/* Queues a message. Also callable from `connected` and `message`. 0 or EM_NO_MEMORY. */
int mqtt_publish(struct mqtt *m, const char *topic, const void *payload, size_t size, bool retain);

/* The number of messages not acknowledged yet, and of messages dropped so far. */
size_t mqtt_pending(struct mqtt *m);
uint64_t mqtt_dropped(struct mqtt *m);

/* Waits at most `ms` until all messages are acknowledged; returns whether they are. */
bool mqtt_settled(struct mqtt *m, int ms);

/*
 * Delivers the queued messages, gives up after `patience` ms without progress, and ends. 0;
 * EM_DENIED when the broker refused the user or the password; EM_UNREACHABLE when messages are
 * lost; problem[] says why.
 */
int mqtt_close(struct mqtt *m, int patience, char *problem, size_t size);

#endif
