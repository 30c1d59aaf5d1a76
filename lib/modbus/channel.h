/*
 * One client of a Modbus server: a connection or a serial line. Internal to the server.
 */
#ifndef MODBUS_CHANNEL_H
#define MODBUS_CHANNEL_H

#include <stdbool.h>
#include <uv.h>

#include "base/random.h"
#include "modbus/handler.h"
#include "io/listener.h"
#include "modbus/link.h"
#include "modbus/request.h"

struct modbus_channel {
	struct listener_client client; /* of a connection */
	struct modbus_server *server;
	uv_poll_t poll;   /* of a serial line */
	uv_timer_t timer; /* a delayed reply, or a partial frame on a line */
	uv_write_t write;
	struct modbus_link line; /* of a serial line */
	bool serial, busy, stopped, hang_up;
	int open_handles;
	uint8_t input[2 * MBAP_FRAME_MAX], reply[MBAP_FRAME_MAX];
	size_t have, size;
	struct modbus_request request;
	struct modbus_later *later; /* the request waits for its answer; or NULL */
};

struct modbus_server {
	uv_loop_t *loop;
	struct modbus_server_options options;
	struct modbus_server_counts counts;
	struct listener *listener;   /* NULL: the server serves a line */
	struct modbus_channel *line; /* the only channel then */
	int references;              /* the owner, and channels that are not closed yet */
	bool rtu;
	struct random random; /* for the faults: the same in every run */
	char name[300];
};

/* A channel with its timer; NULL when out of memory. */
struct modbus_channel *modbus_channel_new(struct modbus_server *s);

/* Starts to serve an accepted connection, or an open line. */
int modbus_channel_serve_stream(struct modbus_channel *c);
int modbus_channel_serve_line(struct modbus_channel *c);

/* Replies to the request that waits, and goes on with the next one. */
void modbus_channel_reply(struct modbus_channel *c, int exception);

/* Ends a channel and frees it later, on the loop. A second call does nothing. */
void modbus_channel_close(struct modbus_channel *c);

/* Drops a reference to the server; the last one frees it. */
void modbus_server_release(struct modbus_server *s);

#endif
