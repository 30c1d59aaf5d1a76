#include "protocol/modbus.h"

#include <string.h>

#include "base/bytes.h"
#include "frame/adu_build.h"

void modbus_pairing_init(struct modbus_pairing *p, unsigned limit, modbus_emit *emit, void *context)
{
	memset(p, 0, sizeof *p);
	p->emit = emit;
	p->context = context;
	p->limit = limit;
}

static struct modbus_pending *oldest(struct modbus_pairing *p)
{
	return &p->pending[p->first];
}

static void drop_oldest(struct modbus_pairing *p)
{
	p->first = (p->first + 1) % MODBUS_PENDING;
	p->count--;
}

static struct modbus_transaction of_request(const struct modbus_frame *frame, const uint8_t *data)
{
	return (struct modbus_transaction){.unit = frame->unit,
	                                   .function = frame->function,
	                                   .has_address = frame->has_address,
	                                   .has_count = frame->has_count,
	                                   .address = frame->address,
	                                   .count = frame->count,
	                                   .request = data,
	                                   .request_size = frame->size,
	                                   .time = frame->time,
	                                   .rtt = -1};
}

static void give_up(struct modbus_pairing *p)
{
	struct modbus_transaction t = of_request(&oldest(p)->frame, oldest(p)->data);

	t.status = MODBUS_NO_RESPONSE;
	drop_oldest(p);
	p->no_response++;
	p->emit(p->context, &t);
}

static void on_request(struct modbus_pairing *p, const struct modbus_frame *frame)
{
	struct modbus_pending *pending;
	struct modbus_transaction t;

	p->requests++;
	if (frame->unit == 0) { /* a broadcast has no answer */
		t = of_request(frame, frame->data);
		p->emit(p->context, &t);
		return;
	}
	while (p->count >= p->limit)
		give_up(p);
	pending = &p->pending[(p->first + p->count) % MODBUS_PENDING];
	pending->frame = *frame;
	memcpy(pending->data, frame->data, frame->size);
	p->count++;
}

static void on_unpaired(struct modbus_pairing *p, const struct modbus_frame *frame)
{
	struct modbus_transaction t = of_request(frame, NULL);

	t.request_size = 0;
	t.status = MODBUS_UNPAIRED;
	t.exception = frame->exception;
	t.response = frame->data;
	t.response_size = frame->size;
	p->unpaired++;
	p->emit(p->context, &t);
}

/* Requests older than the one answered will not be answered any more on a bus. */
static void on_answer(struct modbus_pairing *p, const struct modbus_frame *frame)
{
	struct modbus_transaction t;
	struct modbus_pending *pending;

	while (p->count && oldest(p)->frame.sequence < frame->answers)
		give_up(p);
	pending = oldest(p);
	if (p->count == 0 || pending->frame.sequence != frame->answers) {
		on_unpaired(p, frame);
		return;
	}
	t = of_request(&pending->frame, pending->data);
	t.status = frame->kind == FRAME_EXCEPTION ? MODBUS_EXCEPTION : MODBUS_OK;
	t.exception = frame->exception;
	t.response = frame->data;
	t.response_size = frame->size;
	t.time = frame->time;
	if (frame->time != INSTANT_NONE && pending->frame.time != INSTANT_NONE)
		t.rtt = frame->time - pending->frame.time;
	drop_oldest(p);
	p->emit(p->context, &t);
}

void modbus_pairing_frame(struct modbus_pairing *p, const struct modbus_frame *frame)
{
	if (frame->kind == FRAME_REQUEST) {
		on_request(p, frame);
		return;
	}
	p->responses += frame->kind == FRAME_RESPONSE;
	p->exceptions += frame->kind == FRAME_EXCEPTION;
	if (frame->answers)
		on_answer(p, frame);
	else
		on_unpaired(p, frame);
}

void modbus_pairing_end(struct modbus_pairing *p)
{
	while (p->count)
		give_up(p);
}

const char *modbus_exception_text(unsigned code)
{
	/* Section 7 of the standard; code 7 is in its older versions. */
	static const char *const texts[] = {
		[1] = "illegal function",
		[2] = "illegal data address",
		[3] = "illegal data value",
		[4] = "server device failure",
		[5] = "acknowledge",
		[6] = "server device busy",
		[7] = "negative acknowledge",
		[8] = "memory parity error",
		[10] = "gateway path unavailable",
		[11] = "gateway target device failed to respond",
	};
	const char *text = code < sizeof texts / sizeof *texts ? texts[code] : NULL;

	return text ? text : "unknown exception";
}

const char *modbus_function_name(unsigned function)
{
	static const char *const names[] = {
		[ADU_READ_COILS] = "read coils",
		[ADU_READ_DISCRETE] = "read discrete inputs",
		[ADU_READ_HOLDING] = "read holding",
		[ADU_READ_INPUT] = "read input",
		[ADU_WRITE_COIL] = "write coil",
		[ADU_WRITE_REGISTER] = "write register",
		[ADU_READ_STATUS] = "read exception status",
		[ADU_DIAGNOSTICS] = "diagnostics",
		[ADU_COMM_COUNTER] = "comm event counter",
		[ADU_COMM_LOG] = "comm event log",
		[ADU_WRITE_COILS] = "write coils",
		[ADU_WRITE_REGISTERS] = "write registers",
		[ADU_SERVER_ID] = "report server id",
		[ADU_READ_FILE] = "read file",
		[ADU_WRITE_FILE] = "write file",
		[ADU_MASK_WRITE] = "mask write",
		[ADU_READ_WRITE] = "read/write registers",
		[ADU_READ_FIFO] = "read fifo",
		[ADU_ENCAPSULATED] = "device identification",
	};

	return function < sizeof names / sizeof names[0] ? names[function] : NULL;
}

static const char *modbus_status_name(enum modbus_status status)
{
	static const char *const names[] = {"ok", "exception", "no_response", "unpaired"};

	return names[status];
}

/* Where the words of a PDU begin and how many bytes there are; 0 when it has none. */
static const uint8_t *words_of(const uint8_t *p, size_t size, size_t from, size_t *bytes)
{
	*bytes = p && size > from ? size - from : 0;
	return *bytes ? p + from : NULL;
}

const uint8_t *modbus_registers(const struct modbus_transaction *t, size_t *count)
{
	const uint8_t *words = NULL;
	size_t bytes = 0;

	if (t->exception || !t->response)
		words = NULL;
	else if (t->function == ADU_READ_HOLDING || t->function == ADU_READ_INPUT ||
	         t->function == ADU_READ_WRITE)
		words = words_of(t->response, t->response_size, 3, &bytes);
	else if (t->function == ADU_READ_FIFO)
		words = words_of(t->response, t->response_size, 6, &bytes);
	*count = bytes / 2;
	return *count ? words : NULL;
}

static void put_words(struct record *r, const char *name, const uint8_t *p, size_t count)
{
	record_list(r, name);
	for (size_t i = 0; i < count; i++)
		record_int(r, NULL, load_be16(p + 2 * i));
	record_end(r);
}

static void put_bits(struct record *r, const uint8_t *p, size_t count)
{
	record_list(r, "coils");
	for (size_t i = 0; i < count; i++)
		record_int(r, NULL, p[i / 8] >> i % 8 & 1);
	record_end(r);
}

/*
 * The values of a write are in its request; the record has them once it was acknowledged or sent.
 */
static void put_written(struct record *r, const struct modbus_transaction *t)
{
	const uint8_t *p = t->request ? t->request : t->response;
	size_t size = t->request ? t->request_size : t->response_size;

	if (!p)
		return;
	if (t->function == ADU_WRITE_COIL && size >= 6) {
		uint8_t bit = p[4] == 0xFF;

		put_bits(r, &bit, 1);
	} else if (t->function == ADU_WRITE_REGISTER && size >= 6) {
		put_words(r, "registers", p + 4, 1);
	} else if (t->function == ADU_WRITE_COILS && t->request &&
	           (t->count + 7u) / 8 + 7 <= size) {
		put_bits(r, p + 7, t->count);
	} else if (t->function == ADU_WRITE_REGISTERS && t->request && size >= 7) {
		put_words(r, "registers", p + 7, (size - 7) / 2);
	} else if (t->function == ADU_MASK_WRITE && size >= 8) {
		record_int(r, "and_mask", load_be16(p + 4));
		record_int(r, "or_mask", load_be16(p + 6));
	}
}

/* Objects of device identification: id and text. */
static void put_identification(struct record *r, const uint8_t *p, size_t size)
{
	record_list(r, "objects");
	for (size_t at = 8; at + 2 <= size && at + 2 + p[at + 1] <= size; at += 2u + p[at + 1]) {
		record_object(r, NULL);
		record_int(r, "id", p[at]);
		record_text(r, "text", (const char *)p + at + 2, p[at + 1]);
		record_end(r);
	}
	record_end(r);
}

static void put_read(struct record *r, const struct modbus_transaction *t)
{
	const uint8_t *p = t->response;
	size_t size = t->response_size, count;
	const uint8_t *words = modbus_registers(t, &count);

	if (words || t->function == ADU_READ_HOLDING || t->function == ADU_READ_INPUT) {
		if (words)
			put_words(r, "registers", words, count);
	} else if ((t->function == ADU_READ_COILS || t->function == ADU_READ_DISCRETE) &&
	           size > 3) {
		size_t bits = 8 * (size - 3);

		put_bits(r, p + 3, t->has_count && t->count < bits ? t->count : bits);
	} else if (t->function == ADU_ENCAPSULATED && size >= 8 && p[2] == 14) {
		put_identification(r, p, size);
	} else if (size > 2) {
		record_text(r, "data", record_hex(r, p + 2, size - 2), 2 * (size - 2));
	}
}

static bool is_write(uint8_t function)
{
	return adu_is_write(function) || function == ADU_MASK_WRITE;
}

void modbus_record(struct record *r, const struct modbus_transaction *t)
{
	record_begin(r, "modbus");
	r->time = t->time;
	record_int(r, "unit", t->unit);
	record_int(r, "function", t->function);
	if (t->has_address)
		record_int(r, "address", t->address);
	if (t->has_count)
		record_int(r, "count", t->count);
	record_word(r, "status", modbus_status_name(t->status));
	if (t->exception)
		record_int(r, "exception", t->exception);
	if (t->rtt >= 0)
		record_int(r, "rtt_ms", t->rtt);
	if (t->status == MODBUS_NO_RESPONSE || t->exception)
		return;
	if (is_write(t->function))
		put_written(r, t);
	else if (t->response)
		put_read(r, t);
	if (t->function == ADU_READ_WRITE && t->request && t->request_size >= 11) {
		record_int(r, "write_address", load_be16(t->request + 6));
		put_words(r, "written", t->request + 11, (t->request_size - 11) / 2);
	}
}

void modbus_frame_record(struct record *r, const struct modbus_frame *frame)
{
	static const char *const kinds[] = {"request", "response", "exception"};

	record_begin(r, "frame");
	r->time = frame->time;
	record_int(r, "offset", (int64_t)frame->offset);
	record_int(r, "length", frame->length);
	record_word(r, "kind", kinds[frame->kind]);
	record_int(r, "unit", frame->unit);
	record_int(r, "function", frame->function);
	if (frame->has_address)
		record_int(r, "address", frame->address);
	if (frame->has_count)
		record_int(r, "count", frame->count);
	if (frame->exception)
		record_int(r, "exception", frame->exception);
}
