#include "frame/push_message.h"

#include "base/reader.h"

enum { GLO_TAG = 0xDB, DED_TAG = 0xDF, NOTIFICATION = 0x0F, BLOCK_TAG = 0xE0 };
enum { LAST_BLOCK = 0x80, BLOCK_HEAD = 6, TITLE = 8 };

void push_fault(struct push_framer *f, enum push_loss loss, const char *what)
{
	f->found = true;
	f->sink->fault(f->sink->context, loss, what);
}

bool push_give(struct push_framer *f, const struct push_apdu *apdu)
{
	f->found = true;
	return f->sink->apdu(f->sink->context, apdu);
}

/* A BER length of up to four bytes; 0, or -1 when it has another form. */
static int read_length(struct reader *r, size_t *length)
{
	uint8_t first = reader_u8(r);

	*length = first;
	if (first < 0x80)
		return 0;
	if (first == 0x80 || first > 0x84)
		return -1;
	*length = 0;
	for (unsigned i = first & 0x7F; i > 0; i--)
		*length = *length << 8 | reader_u8(r);
	return 0;
}

/* The size of an APDU whose reader is at the length field, after the title or the block numbers. */
static long extent(struct reader *r, size_t size)
{
	size_t length = 0;
	int bad = read_length(r, &length);

	if (r->bad)
		return 0;
	if (bad || length > PUSH_LIMIT)
		return PUSH_OVERLONG;
	return r->position + length <= size ? (long)(r->position + length) : 0;
}

long push_extent(const struct push_framer *f, const uint8_t *data, size_t size)
{
	struct reader r = reader_make(data, size);

	switch (reader_u8(&r)) {
	case GLO_TAG:
	case DED_TAG:
		if (size > 1 && reader_u8(&r) != TITLE)
			return PUSH_NONE;
		reader_bytes(&r, TITLE);
		return r.bad ? 0 : extent(&r, size);
	case BLOCK_TAG: reader_bytes(&r, BLOCK_HEAD - 1); return r.bad ? 0 : extent(&r, size);
	case NOTIFICATION: return size > PUSH_LIMIT ? PUSH_OVERLONG : f->sink->measure(data, size);
	default: return PUSH_NONE;
	}
}

static void drop_blocks(struct push_framer *f, const char *what)
{
	f->blocks_open = false;
	f->blocks.length = 0;
	push_fault(f, PUSH_TRUNCATED, what);
}

/* E0 control, block number (2), acknowledged number (2), length, data */
void push_block(struct push_framer *f, const uint8_t *data, size_t size)
{
	struct reader r = reader_make(data, size);
	struct push_apdu apdu = {.framing = f->framing};
	uint8_t control;
	uint16_t number;
	size_t length;

	reader_u8(&r);
	control = reader_u8(&r);
	number = reader_u16be(&r);
	reader_u16be(&r);
	if (read_length(&r, &length) || r.bad || length > reader_left(&r)) {
		drop_blocks(f, "block of a transfer");
		return;
	}
	if (f->blocks_open && number != f->next_block)
		drop_blocks(f, "block of a transfer missing");
	if (!f->blocks_open && number != 1) {
		push_fault(f, PUSH_TRUNCATED, "block without the first of its transfer");
		return;
	}
	f->blocks_open = true;
	f->next_block = number + 1u;
	text_add(&f->blocks, (const char *)r.data + r.position, length);
	if (f->blocks.failed) /* push_feed() reports it */
		return;
	if (f->blocks.length > PUSH_LIMIT || number > PUSH_BLOCKS) {
		drop_blocks(f, "transfer beyond its limit");
	} else if (control & LAST_BLOCK) {
		f->blocks_open = false;
		apdu.data = (const uint8_t *)f->blocks.data;
		apdu.size = f->blocks.length;
		push_give(f, &apdu);
		f->blocks.length = 0;
	}
}

/* Emits the APDUs of a message. If there are several, each one follows its own LLC header. */
static void deliver(struct push_framer *f, const uint8_t *data, size_t size)
{
	if (!size)
		push_fault(f, PUSH_MALFORMED, "empty message");
	while (size) {
		struct push_apdu apdu = {.data = data, .size = size, .framing = f->framing};
		long n = push_extent(f, data, size);

		if (data[0] == BLOCK_TAG) {
			n = n > 0 ? n : (long)size;
			push_block(f, data, (size_t)n);
		} else if (n > 0 && hdlc_llc(data + n, size - (size_t)n)) {
			apdu.size = (size_t)n;
			push_give(f, &apdu);
		} else {
			push_give(f, &apdu);
			return;
		}
		data += n;
		size -= (size_t)n;
		if (hdlc_llc(data, size)) {
			data += HDLC_LLC;
			size -= HDLC_LLC;
		}
	}
}

static void add_segment(struct push_framer *f, const uint8_t *data, size_t size)
{
	text_add(&f->message, (const char *)data, size);
	f->message_open = true;
}

static void finish_message(struct push_framer *f)
{
	f->message_open = false;
	if (!f->message.failed) /* push_feed() reports it */
		deliver(f, (const uint8_t *)f->message.data, f->message.length);
	f->message.length = 0;
}

static void drop_message(struct push_framer *f, enum push_loss loss, const char *what)
{
	f->message_open = false;
	f->message.length = 0;
	push_fault(f, loss, what);
}

void push_mbus(struct push_framer *f, const struct mbus_frame *frame)
{
	uint8_t number = frame->information & MBUS_SEGMENT;

	f->frames++;
	f->found = true;
	if (frame->information & ~(MBUS_LAST | MBUS_SEGMENT)) {
		push_fault(f, PUSH_UNSUPPORTED, "M-Bus frame that is not a COSEM push");
		return;
	}
	if (f->message_open &&
	    (number == 0 || number != f->next_segment || f->framing != PUSH_MBUS))
		drop_message(f, PUSH_TRUNCATED, "segment of an M-Bus message missing");
	if (!f->message_open && number != 0) {
		push_fault(f, PUSH_TRUNCATED, "M-Bus segment without the first of its message");
		return;
	}
	f->framing = PUSH_MBUS;
	f->next_segment = (uint8_t)(number + 1);
	if (number == 0 && frame->information & MBUS_LAST) {
		deliver(f, frame->payload, frame->payload_size);
		return;
	}
	add_segment(f, frame->payload, frame->payload_size);
	if (frame->information & MBUS_LAST)
		finish_message(f);
	else if (number == MBUS_SEGMENT)
		drop_message(f, PUSH_LENGTH, "M-Bus message of more than 16 segments");
}

static bool starts_apdu(uint8_t tag)
{
	return tag == GLO_TAG || tag == DED_TAG || tag == NOTIFICATION || tag == BLOCK_TAG;
}

void push_hdlc(struct push_framer *f, const struct hdlc_frame *frame)
{
	const uint8_t *data = frame->information;
	size_t size = frame->information_size;
	bool first = hdlc_llc(data, size);

	f->frames++;
	f->found = true;
	if (!size)
		return;
	if (f->message_open && (first || f->framing != PUSH_HDLC))
		drop_message(f, PUSH_TRUNCATED, "segment of an HDLC message missing");
	if (first) {
		data += HDLC_LLC;
		size -= HDLC_LLC;
	} else if (!f->message_open && !starts_apdu(data[0])) {
		push_fault(f, PUSH_TRUNCATED, "HDLC segment without the first of its message");
		return;
	}
	f->framing = PUSH_HDLC;
	if (!f->message_open && !frame->segmented) {
		deliver(f, data, size);
		return;
	}
	add_segment(f, data, size);
	if (!frame->segmented)
		finish_message(f);
	else if (f->message.length > PUSH_LIMIT)
		drop_message(f, PUSH_LENGTH, "HDLC message beyond its limit");
}

void push_abandon(struct push_framer *f)
{
	if (f->message_open)
		drop_message(f, PUSH_TRUNCATED, "segment of a message missing");
	if (f->blocks_open)
		drop_blocks(f, "block of a transfer missing");
}
