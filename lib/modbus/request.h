/*
 * The requests and replies of a Modbus server, in both framings. Pure functions over bytes.
 * Internal to the server.
 */
#ifndef MODBUS_REQUEST_H
#define MODBUS_REQUEST_H

#include "frame/mbap.h"
#include "modbus/handler.h"

struct modbus_request {
	bool rtu;
	uint16_t transaction;
	int exception; /* for a faulty request: 1 function, 3 count, 2 address */
	struct modbus_call call;
	uint16_t words[ADU_MAX_READ_BITS];
};

/*
 * Takes one request from data[0..size). Returns the bytes used (the frame is in *q when *found), 0
 * when it needs more, -1 when the stream is not Modbus TCP.
 */
int modbus_request_take(struct modbus_request *q, const uint8_t *data, size_t size, bool *found);

/* Builds the reply to q, with the data in q->words or an exception other than 0; its length. */
size_t modbus_request_reply(const struct modbus_request *q, int exception,
                            uint8_t frame[MBAP_FRAME_MAX]);

#endif
