#include "io/lookup.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "io/address.h"
#include "io/thread.h"

enum { SLICE = 100 /* ms after which *stop is noticed */ };

/* Belongs to the caller and the thread: the last one frees it. */
struct question {
	char host[ADDRESS_HOST], port[8];
	struct addrinfo hints, *found;
	int status;
	pthread_mutex_t lock; /* protects what follows */
	pthread_cond_t changed;
	bool answered, abandoned;
};

static void question_free(struct question *q)
{
	pthread_mutex_destroy(&q->lock);
	pthread_cond_destroy(&q->changed);
	free(q);
}

static void *run(void *argument)
{
	struct question *q = argument;
	bool abandoned;

	q->status = getaddrinfo(q->host, q->port, &q->hints, &q->found);
	pthread_mutex_lock(&q->lock);
	q->answered = true;
	abandoned = q->abandoned;
	pthread_cond_broadcast(&q->changed);
	pthread_mutex_unlock(&q->lock);
	if (!abandoned)
		return NULL;
	if (!q->status)
		freeaddrinfo(q->found);
	question_free(q);
	return NULL;
}

/* Whether the answer is there; if not, it is left to the thread. */
static bool await(struct question *q, const atomic_bool *stop)
{
	bool answered;

	pthread_mutex_lock(&q->lock);
	while (!q->answered && !atomic_load(stop))
		thread_wait(&q->lock, &q->changed, SLICE);
	answered = q->answered;
	q->abandoned = !answered;
	pthread_mutex_unlock(&q->lock);
	return answered;
}

static struct question *ask(const char *host, const char *port, const struct addrinfo *hints,
                            pthread_t *thread)
{
	struct question *q = calloc(1, sizeof *q);

	if (!q)
		return NULL;
	snprintf(q->host, sizeof q->host, "%s", host);
	snprintf(q->port, sizeof q->port, "%s", port);
	q->hints = *hints;
	thread_prepare(&q->lock, &q->changed);
	if (!thread_start(thread, run, q))
		return q;
	question_free(q);
	return NULL;
}

int lookup_host(const char *host, const char *port, const struct addrinfo *hints,
                const atomic_bool *stop, int *status, struct addrinfo **out)
{
	struct addrinfo numeric = *hints;
	struct question *q;
	pthread_t thread;

	numeric.ai_flags |= AI_NUMERICHOST;
	*out = NULL;
	*status = getaddrinfo(host, port, &numeric, out);
	if (!*status || !host || hints->ai_flags & AI_NUMERICHOST)
		return 0;
	q = stop ? ask(host, port, hints, &thread) : NULL;
	if (!q) { /* without a thread it has to be waited for */
		*status = getaddrinfo(host, port, hints, out);
		return 0;
	}
	if (!await(q, stop)) {
		pthread_detach(thread);
		return EM_CANCELLED;
	}
	pthread_join(thread, NULL);
	*status = q->status;
	*out = q->found;
	question_free(q);
	return 0;
}
