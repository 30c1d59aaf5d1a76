/*
 * Requests as a Modbus server gets them and the replies it sends, in both framings. Pure
 * functions over bytes. Internal to the server.
 */
#ifndef MODBUS_REQUEST_H
#define MODBUS_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "modbus/handler.h"

#define REQUEST_FRAME 260

struct modbus_request {
	bool rtu;
	uint16_t transaction;
	int exception; /* the request's own fault: 1 for a function, 3 for a count, 2 for an address */
	struct modbus_call call;
	uint16_t words[128];
};

/*
 * Takes one request from data[0..size). Bytes used (the frame is in *q when *found), 0 when more
 * is needed, -1 when the stream is no Modbus TCP.
 */
int request_take(struct modbus_request *q, const uint8_t *data, size_t size, bool *found);

/* The frame that answers q with exception 0 (data in q->words) or another; its length. */
size_t request_reply(const struct modbus_request *q, int exception, uint8_t frame[REQUEST_FRAME]);

#endif
