/*
 * The queue of messages for the broker: the program adds them, the thread sends and removes them.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "mqtt/queue.h"
#include "base/news.h"
#include "io/thread.h"
#include "io/wait.h"

enum {
	GRACE = 10000, /* ms in which the program waits for a broker that was not reached yet */
	STALL = 30000  /* ms without an acknowledgement after which the broker counts as away */
};

_Thread_local bool mqtt_own_thread;

void mqtt_wait(struct mqtt *m, int64_t ms)
{
	thread_wait(&m->lock, &m->changed, ms);
}

struct mqtt_item *mqtt_item(const struct mqtt *m, size_t index)
{
	return ring_at(&m->queue, index);
}

static void release(struct mqtt *m, size_t index, struct mqtt_item *item)
{
	m->sent -= index < m->sent;
	m->bytes -= item->size;
	free(item);
}

void mqtt_remove(struct mqtt *m, size_t index)
{
	release(m, index, ring_take(&m->queue, index));
}

void mqtt_drop(struct mqtt *m, size_t index)
{
	release(m, index, ring_drop(&m->queue, index));
}

static bool is_full(const struct mqtt *m, size_t size)
{
	return m->queue.count == MQTT_QUEUE || (m->queue.count && m->bytes + size > MQTT_BYTES);
}

/* Waits for a broker that takes messages, or may soon take some. */
static void wait_for_room(struct mqtt *m, size_t size)
{
	while (is_full(m, size) && !mqtt_own_thread && !m->settings.live) {
		int64_t now = wait_clock();

		if (m->connected ? now - m->progress > STALL
		                 : m->ever || m->denied || now - m->opened > GRACE)
			break;
		mqtt_wait(m, 1000);
	}
}

static void make_room(struct mqtt *m, size_t size)
{
	if (!is_full(m, size))
		return;
	if (m->settings.live && !m->away_told && !m->slow_told) {
		news(NEWS_WARNING, "%s: the broker is too slow: the oldest records are dropped",
		     m->name);
		m->slow_told = true;
	}
	while (is_full(m, size))
		mqtt_drop(m, m->sent < m->queue.count ? m->sent : 0);
}

void mqtt_wake(struct mqtt *m)
{
	ssize_t n = write(m->wake[1], "", 1);

	(void)n; /* when the pipe is full, the thread wakes anyway */
}

int mqtt_publish(struct mqtt *m, const char *topic, const void *payload, size_t size, bool retain)
{
	size_t length = strlen(topic) + 1;
	struct mqtt_item *item = malloc(mqtt_room(sizeof *item + length + size));

	if (!item)
		return EM_NO_MEMORY;
	*item = (struct mqtt_item){.retain = retain, .size = size};
	memcpy(item->topic, topic, length);
	item->payload = item->topic + length;
	if (size)
		memcpy(item->payload, payload, size);
	pthread_mutex_lock(&m->lock);
	wait_for_room(m, size);
	make_room(m, size);
	ring_put(&m->queue, item);
	m->bytes += size;
	if (m->queue.count - m->sent == 1 && m->sent < MQTT_WINDOW)
		mqtt_wake(m);
	pthread_mutex_unlock(&m->lock);
	return 0;
}

size_t mqtt_pending(struct mqtt *m)
{
	size_t count;

	pthread_mutex_lock(&m->lock);
	count = m->queue.count;
	pthread_mutex_unlock(&m->lock);
	return count;
}

uint64_t mqtt_dropped(struct mqtt *m)
{
	uint64_t dropped;

	pthread_mutex_lock(&m->lock);
	dropped = m->queue.dropped;
	pthread_mutex_unlock(&m->lock);
	return dropped;
}

bool mqtt_settled(struct mqtt *m, int ms)
{
	int64_t end = wait_clock() + ms;
	bool settled;

	pthread_mutex_lock(&m->lock);
	for (int64_t now = wait_clock(); m->queue.count && now < end; now = wait_clock())
		mqtt_wait(m, end - now);
	settled = !m->queue.count;
	pthread_mutex_unlock(&m->lock);
	return settled;
}
