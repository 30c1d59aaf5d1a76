/*
 * Modbus transactions: requests joined with their answers, in the order in which they are
 * completed, and their records (type "modbus" and, frame by frame, "frame"). A framer says which
 * request an answer belongs to; the pairing keeps the request's bytes until then. Nothing is
 * allocated.
 */
#ifndef PROTOCOL_MODBUS_H
#define PROTOCOL_MODBUS_H

#include "frame/adu.h"
#include "record/record.h"

enum modbus_status { MODBUS_OK, MODBUS_EXCEPTION, MODBUS_NO_RESPONSE, MODBUS_UNPAIRED };

struct modbus_transaction {
	enum modbus_status status;
	uint8_t unit, function, exception;
	bool has_address, has_count;
	uint16_t address, count;
	const uint8_t *request; /* unit, function, ...; NULL when it was not seen */
	size_t request_size;
	const uint8_t *response; /* NULL when there was none */
	size_t response_size;
	instant time; /* of the answer, or of the request */
	int64_t rtt;  /* ms from request to answer; -1 without a clock */
};

typedef void modbus_emit(void *context, const struct modbus_transaction *t);

enum { MODBUS_PENDING = 16 };

struct modbus_pending {
	struct modbus_frame frame;
	uint8_t data[ADU_MAX];
};

struct modbus_pairing {
	modbus_emit *emit;
	void *context;
	unsigned limit; /* requests that may wait at once: 2 on a bus, MODBUS_PENDING over TCP */
	unsigned count;
	unsigned first; /* ring of pending requests, oldest first */
	struct modbus_pending pending[MODBUS_PENDING];
	uint64_t requests, responses, exceptions, no_response, unpaired;
};

void modbus_pairing_init(struct modbus_pairing *p, unsigned limit, modbus_emit *emit,
                         void *context);

void modbus_pairing_frame(struct modbus_pairing *p, const struct modbus_frame *frame);

/* The stream ended: requests that still wait have no response. */
void modbus_pairing_end(struct modbus_pairing *p);

/* Fills a record (begun here): unit, function, address, count, status, what was read or written. */
void modbus_record(struct record *r, const struct modbus_transaction *t);

void modbus_frame_record(struct record *r, const struct modbus_frame *frame);

/*
 * The registers that an answer carries, big-endian words in the response: NULL if it carries none.
 * *count is their number; *address the first one's, if known.
 */
const uint8_t *modbus_registers(const struct modbus_transaction *t, size_t *count);

/* The standard's words for an exception code, "illegal data address" for 2; or "unknown exception". */
const char *modbus_exception_text(unsigned code);

/* "read holding registers" for 3; NULL for functions without a public name. */
const char *modbus_function_name(unsigned function);

#endif
