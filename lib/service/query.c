#include "service/query.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/news.h"
#include "io/address.h"
#include "io/guests.h"
#include "io/listener.h"
#include "io/rate.h"
#include "service/service.h"

enum { REQUEST_LIMIT = 512, REPLY_LIMIT = 65507 };
enum { RATE = 32 << 10, BURST = 64 << 10 }; /* bytes of answers to a peer, per second and at once */

struct query {
	uv_udp_t socket;
	struct answers *answers;
	struct text reply;
	struct rate rate;
	struct guests guests; /* limits the messages about refusals */
	struct query_counts counts;
	char request[REQUEST_LIMIT];
};

static void on_allocate(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
	struct query *q = handle->data;

	(void)suggested;
	*buffer = uv_buf_init(q->request, sizeof q->request - 1);
}

static bool is_welcome(struct query *q, const struct sockaddr *from)
{
	uint64_t now = uv_now(q->socket.loop);
	char name[ADDRESS_TEXT];

	if (rate_allow(&q->rate, from, q->reply.length, now))
		return true;
	q->counts.limited++;
	address_format(name, from);
	if (guests_refused(&q->guests, now))
		news(NEWS_NOTE, "query: %s asks too much, and is not always answered", name);
	return false;
}

/*
 * Whether a request is the answer to an unknown word: two services could answer each other
 * endlessly.
 */
static bool is_echo(const struct query *q, size_t size)
{
	return size == strlen(answers_unknown) && !memcmp(q->request, answers_unknown, size);
}

/* A peer whose answer could not be sent asks again. */
static void reply(struct query *q, const struct sockaddr *to)
{
	size_t size = q->reply.length < REPLY_LIMIT ? q->reply.length : REPLY_LIMIT;
	uv_buf_t buffer = uv_buf_init(q->reply.data, (unsigned)size);

	if (q->reply.failed)
		q->counts.unsent++;
	else if (!is_welcome(q, to))
		return;
	else if (uv_udp_try_send(&q->socket, &buffer, 1, to) < 0)
		q->counts.unsent++;
	else
		q->counts.answered++;
}

static void on_request(uv_udp_t *socket, ssize_t n, const uv_buf_t *buffer,
                       const struct sockaddr *from, unsigned flags)
{
	struct query *q = socket->data;

	(void)buffer;
	if (n < 0 || !from || is_echo(q, (size_t)n))
		return;
	q->counts.requests++;
	if (flags & UV_UDP_PARTIAL)
		n = 0; /* longer than any command */
	while (n && strchr(" \r\n\t", q->request[n - 1]))
		n--;
	q->request[n] = '\0';
	q->reply.length = 0;
	q->reply.failed = false;
	answers_give(q->answers, q->request, loop_clock(), &q->reply);
	reply(q, from);
}

void query_keep(struct query *q, const struct p1_telegram *telegram, instant time)
{
	answers_keep(q->answers, telegram, time); /* keeps the last one when out of memory */
}

static void query_free(struct query *q)
{
	answers_free(q->answers);
	text_free(&q->reply);
	free(q);
}

static void on_closed(uv_handle_t *handle)
{
	query_free(handle->data);
}

static int listen_at(struct query *q, uv_loop_t *loop, const struct address *address)
{
	struct sockaddr_storage bound;
	int status;

	if (address_resolve(address, true, &bound))
		return EM_UNKNOWN;
	uv_udp_init(loop, &q->socket);
	q->socket.data = q;
	uv_unref((uv_handle_t *)&q->socket);
	status = uv_udp_bind(&q->socket, (const struct sockaddr *)&bound, 0);
	if (!status)
		status = uv_udp_recv_start(&q->socket, on_allocate, on_request);
	if (!status)
		return 0;
	uv_close((uv_handle_t *)&q->socket, on_closed);
	errno = -status;
	return EM_SYSTEM;
}

static struct query *query_new(const struct query_settings *settings)
{
	struct query *q = calloc(1, sizeof *q);

	if (!q)
		return NULL;
	rate_begin(&q->rate, RATE, BURST);
	q->answers = answers_new(settings->gas_channel, settings->inverter);
	if (q->answers)
		return q;
	free(q);
	return NULL;
}

int query_open(struct query **out, struct loop *loop, const char *text,
               const struct query_settings *settings, char *problem, size_t size)
{
	struct address address;
	struct query *q;
	int error = service_address(&address, text, problem, size);

	*out = NULL;
	if (error)
		return error;
	q = query_new(settings);
	error = q ? listen_at(q, loop_uv(loop), &address) : EM_NO_MEMORY;
	if (error)
		snprintf(problem, size, "%s", listener_problem(error));
	if (error == EM_UNKNOWN)
		query_free(q);
	if (!error)
		*out = q;
	return error;
}

struct query_counts query_counts(const struct query *q)
{
	return q->counts;
}

void query_close(struct query *q)
{
	uv_close((uv_handle_t *)&q->socket, on_closed);
}
