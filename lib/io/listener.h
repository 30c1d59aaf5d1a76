/*
 * TCP listeners: they bind, accept clients up to a limit, and refuse the rest, so that strangers
 * cannot use up the descriptors of the program. A client beyond the limit is accepted and closed at
 * once, and does not wait in vain; when another one has been silent for long enough, that one is
 * dropped instead.
 *
 * The owner allocates the clients, each with a struct listener_client in it, and frees them after
 * uv_close(). The listener keeps the list of them. Their descriptors lie above those that select()
 * can handle where the limit of the program allows it: the low ones stay free for libraries that
 * use it.
 */
#ifndef IO_LISTENER_H
#define IO_LISTENER_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "io/address.h"

struct listener;

struct listener_client {
	uv_tcp_t socket;           /* its `data` is the owner's */
	struct listener *listener; /* NULL: it is in no list */
	struct listener_client *next, *previous;
	uint64_t last; /* ms of the loop's clock: accepted, or last spoke; the owner keeps it */
};

struct listener_options {
	unsigned limit;  /* clients at once; the program's limit of descriptors may lower it */
	unsigned idle;   /* ms of silence after which a client gives way to a new one; 0: never */
	bool background; /* it does not keep the loop running */
	/* Memory for a client, zeroed; NULL when it is out. */
	struct listener_client *(*create)(void *context);
	/* A client is connected and in the list. */
	void (*start)(struct listener_client *client);
	/* A client has to go: listener_forget() and uv_close(). Also without a start before it. */
	void (*drop)(struct listener_client *client);
	/* Clients were refused; called at most once a minute. NULL: nobody wants to know. */
	void (*full)(void *context, unsigned limit);
};

/*
 * Listens; calls `create` and the rest from the loop. 0, EM_UNKNOWN (no such host), EM_NO_MEMORY,
 * or EM_SYSTEM with errno.
 */
int listener_open(struct listener **out, uv_loop_t *loop, const struct address *address,
                  const struct listener_options *options, void *context);

/* Such an error in words: "address already in use". Ask before errno changes. */
const char *listener_problem(int error);

/* Takes a client out of the list; nothing happens when it is in none. */
void listener_forget(struct listener_client *client);

/* Drops all clients and stops listening. NULL is fine. */
void listener_close(struct listener *l);

/* The first of the clients, newest first. */
struct listener_client *listener_first(const struct listener *l);
unsigned listener_count(const struct listener *l);
unsigned listener_refused(const struct listener *l); /* clients so far */

/* Where it listens, with the port that the system chose for 0: "127.0.0.1:5020". */
const char *listener_name(const struct listener *l);

#endif
