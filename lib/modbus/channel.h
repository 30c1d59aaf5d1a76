/*
 * One client of a Modbus server: a connection or a serial line. Internal to the server.
 */
#ifndef MODBUS_CHANNEL_H
#define MODBUS_CHANNEL_H

#include <stdbool.h>
#include <uv.h>

#include "base/random.h"
#include "modbus/handler.h"
#include "io/guests.h"
#include "modbus/link.h"
#include "modbus/request.h"

struct modbus_channel {
	struct modbus_server *server;
	struct modbus_channel *next;
	union {
		uv_handle_t handle;
		uv_stream_t stream;
		uv_tcp_t tcp;
		uv_poll_t poll;
	} io;
	uv_timer_t timer; /* a delayed reply, rubbish on a line */
	uv_write_t write;
	struct modbus_link line; /* of a serial line */
	bool serial, busy, stopped, hang_up;
	int open_handles;
	uint64_t last; /* loop time of the last request */
	uint8_t input[2 * REQUEST_FRAME], reply[REQUEST_FRAME];
	size_t have, size;
	struct modbus_request request;
};

struct modbus_server {
	uv_loop_t *loop;
	struct modbus_server_options options;
	struct modbus_server_counts counts;
	uv_tcp_t listener;
	struct modbus_channel *channels;
	unsigned live;
	struct guests guests;
	int references; /* channels and a listener that are not closed yet */
	bool rtu, closing;
	struct random random; /* for the faults: the same in every run */
	char name[300];
};

/* A channel with its timer, in the server's list; NULL when memory is out. */
struct modbus_channel *channel_new(struct modbus_server *s);

/* Starts to serve an accepted connection, or an open line. */
int channel_serve_stream(struct modbus_channel *c);
int channel_serve_line(struct modbus_channel *c);

/* Ends a channel; it leaves the list at once, its memory follows. Calling it again does nothing. */
void channel_close(struct modbus_channel *c);

/* One holder of the server less; the last one frees a closed server. */
void server_release(struct modbus_server *s);

#endif
