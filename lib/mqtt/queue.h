/*
 * What the parts of the MQTT connection share: connection.c opens and closes it, thread.c keeps it,
 * queue.c stands between them.
 */
#ifndef MQTT_QUEUE_H
#define MQTT_QUEUE_H

#include <pthread.h>

#include "base/ring.h"
#include "mqtt/connection.h"
#include "mqtt/library.h"

enum { MQTT_WINDOW = 100 }; /* messages sent and not acknowledged: enough for one round trip */

struct mqtt_item {
	int mid; /* 0 before it is sent */
	bool retain;
	char *payload; /* stored behind the topic */
	size_t size;
	char topic[];
};

struct mqtt {
	const struct mqtt_library *lib;
	struct mosquitto *mosq;
	struct mqtt_settings settings;
	char *strings;  /* what the settings point to */
	char name[128]; /* host:port for messages */

	pthread_t thread;
	pthread_mutex_t lock; /* protects everything below that the thread shares */
	pthread_cond_t changed;
	int wake[2]; /* a byte in this pipe ends the thread's poll() */

	struct ring queue; /* of struct mqtt_item */
	size_t bytes;      /* of their payloads */
	size_t sent;       /* how many of them, the oldest, are sent and not acknowledged */
	uint64_t told_dropped;
	int64_t opened, progress; /* ms; progress: last connection or acknowledgement */
	bool connected, ever, denied, stop, finished;
	bool away_told, slow_told;
	char problem[160];

	/* used by the thread only */
	char tls_problem[100];
	bool up, received, enough, untaken; /* enough: the program wants no more messages */
};

/*
 * The memory for a message, rounded up to few sizes. One thread allocates messages and another one
 * frees them; with many sizes the allocator would keep many unused pieces for both threads.
 */
static inline size_t mqtt_room(size_t size)
{
	return (size + 16 + 255) / 256 * 256 - 16;
}

/* True on the thread of the connection, which must not wait for room in the queue. */
extern _Thread_local bool mqtt_own_thread;

/* Waits for a change, at most `ms`. The caller holds the lock, here and in the functions below. */
void mqtt_wait(struct mqtt *m, int64_t ms);

struct mqtt_item *mqtt_item(const struct mqtt *m, size_t index);

/* Ends the thread's poll(). */
void mqtt_wake(struct mqtt *m);

/* Takes out the item at index and frees it: delivered, or never to be delivered (and counted). */
void mqtt_remove(struct mqtt *m, size_t index);
void mqtt_drop(struct mqtt *m, size_t index);

#endif
