/*
 * Requests as a Modbus server gets them and the replies it sends, in both framings. Pure functions over
 * bytes. Internal to the server.
 */
#ifndef MODBUS_REQUEST_H
#define MODBUS_REQUEST_H

#include "frame/mbap.h"
#include "modbus/handler.h"

struct modbus_request {
	bool rtu;
	uint16_t transaction;
	int exception; /* the request's own fault: 1 for a function, 3 for a count, 2 for an address */
	struct modbus_call call;
	uint16_t words[ADU_MAX_READ_BITS];
};

/*
 * Takes one request from data[0..size). Bytes used (the frame is in *q when *found), 0 when more is
 * needed, -1 when the stream is no Modbus TCP.
 */
int modbus_request_take(struct modbus_request *q, const uint8_t *data, size_t size, bool *found);

/* The frame that answers q with exception 0 (data in q->words) or another; its length. */
size_t modbus_request_reply(const struct modbus_request *q, int exception,
                            uint8_t frame[MBAP_FRAME_MAX]);

#endif
