/*
 * What the parts of the MQTT connection share: mqtt.c opens and closes it, mqtt_thread.c keeps it,
 * mqtt_queue.c is between them.
 */
#ifndef MQTT_QUEUE_H
#define MQTT_QUEUE_H

#include <pthread.h>

#include "base/ring.h"
#include "mqtt/connection.h"
#include "mqtt/library.h"

enum { MQTT_WINDOW = 100 }; /* messages sent and not acknowledged: one round trip's worth */

struct mqtt_item {
	int mid; /* 0 until it is sent */
	bool retain;
	char *payload; /* behind the topic */
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
	pthread_mutex_t lock; /* everything below, except what only the thread touches */
	pthread_cond_t changed;
	int wake[2]; /* pipe that ends the thread's poll() */

	struct ring queue; /* of struct mqtt_item */
	size_t sent;       /* how many of them, the oldest, are sent and not acknowledged */
	uint64_t told_dropped;
	int64_t opened, progress; /* ms; progress: last connection or acknowledgement */
	bool connected, ever, denied, stop, finished;
	bool away_told;
	char problem[160];

	/* the thread's own */
	char tls_problem[100];
	bool up, received, enough, untaken; /* enough: the program takes no more */
};

/*
 * Room for a message, in few sizes: what one thread asks for and another gives back stays in the caches
 * of both, and with many sizes there would be many such pieces.
 */
static inline size_t mqtt_room(size_t size)
{
	return (size + 16 + 255) / 256 * 256 - 16;
}

/* Set on the connection's thread: there nothing may wait for room in the queue. */
extern _Thread_local bool mqtt_own_thread;

/* Waits for a change, at most `ms`. This and the next two: with the lock held. */
void mqtt_wait(struct mqtt *m, int64_t ms);

struct mqtt_item *mqtt_item(const struct mqtt *m, size_t index);

/* Ends the thread's poll(). */
void mqtt_wake(struct mqtt *m);

/* Frees the item at index, which was delivered; or which will not be, and counts as dropped. */
void mqtt_remove(struct mqtt *m, size_t index);
void mqtt_drop(struct mqtt *m, size_t index);

#endif
