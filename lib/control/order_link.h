/*
 * The connection of --control to an MQTT broker. It takes orders from the topics PREFIX/NAME/set and
 * answers, retained, on PREFIX/NAME. The thread of the connection reads the words and keeps the newest
 * of each order until the loop takes them, so that a flood of messages needs no memory. What the broker
 * had retained is ignored: it may be older than what was ordered since. Words that are not understood
 * and topics that are not known are said once (base/news.h).
 *
 * A broker that is away delays nothing. When it is back, all orders are told again. The caller owns the
 * struct, which must not move, and ends the loop after order_link_close().
 */
#ifndef CONTROL_ORDER_LINK_H
#define CONTROL_ORDER_LINK_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <uv.h>

#include "base/url.h"
#include "control/orders.h"
#include "mqtt/connection.h"

struct order_link_options {
	const char *url;              /* mqtt[s]://[USER@]HOST[:PORT]/PREFIX[?options] */
	const char *presence;         /* topic with "online" when Home Assistant starts, or NULL */
	void (*event)(void *context); /* orders have come, or everything is to be told again */
	void *context;
};

struct order_link {
	struct order_link_options options;
	struct url url;
	struct mqtt *mqtt; /* NULL: it is not open */
	struct text prefix, availability, pattern;
	uv_async_t arrived;
	struct orders told; /* what was answered */
	bool ever;          /* the broker was reached */
	/* Shared with the thread of the connection: */
	pthread_mutex_t lock; /* protects the orders */
	struct orders given;
	unsigned fresh;    /* a bit (1 << order) for each that is given and not taken */
	atomic_bool again; /* connected, or Home Assistant has started */
	/* Used by that thread only: */
	unsigned said; /* a bit for each order whose last words were not understood */
	bool stranger_said, retained_said;
};

/*
 * Opens the connection and does not wait for the broker. EM_SYNTAX or EM_RANGE for a wrong URL,
 * EM_UNSUPPORTED without the library, or another error; problem[] says why.
 */
int order_link_open(struct order_link *l, uv_loop_t *loop, const struct order_link_options *options,
                    char *problem, size_t size);

/* Takes the orders that came since the last call; a bit (1 << order) for each. */
unsigned order_link_take(struct order_link *l, struct orders *orders);

/* Whether everything is to be told again, once: announcements, too. */
bool order_link_again(struct order_link *l);

/* Answers what has changed, or with `all` everything. */
void order_link_tell(struct order_link *l, const struct orders *present, bool all);

/* Publishes another message to be retained. */
void order_link_announce(struct order_link *l, const char *topic, const struct text *payload);

/* Says goodbye to the broker, which takes half a second at most. Nothing happens if it is not open. */
void order_link_close(struct order_link *l);

#endif
