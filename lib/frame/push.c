#include "frame/push.h"

#include "base/error.h"
#include "frame/hdlc.h"
#include "frame/mbus.h"
#include "frame/push_message.h"

enum { GLO_TAG = 0xDB, DED_TAG = 0xDF, NOTIFICATION = 0x0F, BLOCK_TAG = 0xE0 };
enum { LEAST = 9 }; /* size of the smallest frame with a payload */

const char *push_framing_name(enum push_framing framing)
{
	return framing == PUSH_MBUS ? "mbus" : framing == PUSH_HDLC ? "hdlc" : "apdu";
}

/* One step of the search: returns the number of bytes consumed, or 0 when more are needed. */
typedef size_t step(struct push_framer *f, const uint8_t *data, size_t size, bool final);

/*
 * Skips a byte that belongs to no frame. After LEAST such bytes a frame may be lost. The framer
 * then abandons the open message, because the next sound frame may belong to another push.
 */
static size_t skip(struct push_framer *f)
{
	f->skipped++;
	f->junk++;
	f->torn = true;
	if (++f->lost >= LEAST)
		push_abandon(f);
	return 1;
}

/* Drops the first byte of a damaged frame, and the message that the frame would have continued. */
static size_t drop(struct push_framer *f, enum push_loss loss, const char *what)
{
	push_fault(f, loss, what);
	push_abandon(f);
	return skip(f);
}

static size_t step_mbus(struct push_framer *f, const uint8_t *data, size_t size, bool final)
{
	struct mbus_frame frame;
	int error = mbus_parse(&frame, data, size);

	f->framed |= frame.size > 0;
	switch (error) {
	case 0:
		f->lost = 0;
		push_mbus(f, &frame);
		return frame.size;
	case EM_TRUNCATED:
		if (!final)
			return 0;
		return frame.size ? drop(f, PUSH_TRUNCATED, "M-Bus frame") : skip(f);
	case EM_CHECKSUM: return drop(f, PUSH_CHECKSUM, "M-Bus frame");
	case EM_PROTOCOL: return drop(f, PUSH_MALFORMED, "M-Bus frame without its stop byte");
	default: return skip(f);
	}
}

/* The closing flag stays: it may open the next frame. */
static size_t step_hdlc(struct push_framer *f, const uint8_t *data, size_t size, bool final)
{
	struct hdlc_frame frame;
	int error;

	if (size >= 2 && data[1] == HDLC_FLAG)
		return 1;
	error = hdlc_parse(&frame, data, size);
	f->framed |= frame.header_ok;
	switch (error) {
	case 0:
		f->lost = 0;
		push_hdlc(f, &frame);
		return frame.size;
	case EM_TRUNCATED:
		if (!final)
			return 0;
		if (frame.header_ok)
			return drop(f, PUSH_TRUNCATED, "HDLC frame");
		f->suspect |= !f->torn && frame.size;
		return size == 1 ? 1 : skip(f);
	case EM_CHECKSUM:
		return drop(f, PUSH_CHECKSUM,
		            frame.header_ok ? "HDLC frame" : "header of an HDLC frame");
	case EM_PROTOCOL: return drop(f, PUSH_MALFORMED, "HDLC frame without its closing flag");
	default: f->suspect |= !f->torn && frame.size && !frame.header_ok; return skip(f);
	}
}

/*
 * Whether to trust a bare APDU after lost bytes. Its title must begin with a manufacturer's three
 * letters, it must have a tag, and the bytes before it must not show that it was in a frame whose
 * head is lost.
 */
static bool trusted(const struct push_framer *f, const uint8_t *data, size_t size)
{
	static const size_t title = 2, letters = 3, length_limit = 4;
	const uint8_t *before = f->before;
	size_t more, control;

	if (size < 12 || data[1] != 8)
		return false;
	for (size_t i = title; i < title + letters; i++)
		if (data[i] < 'A' || data[i] > 'Z')
			return false;
	more = data[10] & 0x80 ? data[10] & 0x7F : 0; /* bytes of the length */
	control = 11 + more;
	if (more > length_limit || control >= size || !(data[control] & 0x10))
		return false;
	return !hdlc_llc(before, HDLC_LLC) && (before[1] != 0x01 || before[2] != 0x67);
}

static bool blank(uint8_t byte)
{
	return byte == ' ' || byte == '\r' || byte == '\n' || byte == '\t' || byte == 0;
}

/*
 * Continues after a refused bare APDU. When the next one follows it directly, it was whole, and
 * only its key or counter was wrong. Otherwise bytes were lost, and the next one may begin inside
 * it.
 */
static size_t after_refused(struct push_framer *f, const uint8_t *data, size_t size, bool final)
{
	size_t n = f->refused;

	if (size < n + 2 && !final)
		return 0;
	f->refused = 0;
	f->torn = size > n && !blank(data[n]) &&
	          !(size >= n + 2 && data[n] == GLO_TAG && data[n + 1] == 8);
	return f->torn ? 2 : n;
}

static size_t give_bare(struct push_framer *f, const uint8_t *data, size_t n, size_t size,
                        bool final)
{
	struct push_apdu apdu = {.data = data, .size = n, .framing = PUSH_APDU, .torn = f->torn};

	if (push_give(f, &apdu)) {
		f->torn = false;
		return n;
	}
	f->refused = n;
	return after_refused(f, data, size, final);
}

static size_t step_bare(struct push_framer *f, const uint8_t *data, size_t size, bool final)
{
	long n;

	if (f->framed)
		return skip(f);
	if (f->torn) {
		bool possible = data[0] == GLO_TAG && (size < 2 || data[1] == 8);

		if (possible && size < 20 && !final)
			return 0;
		if (!possible || !trusted(f, data, size))
			return skip(f);
	}
	n = push_extent(f, data, size);
	if (data[0] == BLOCK_TAG && !f->blocks_open && size >= 4 && (data[2] || data[3] != 1))
		return skip(f);
	if (n == 0 && final)
		return drop(f, PUSH_TRUNCATED, "APDU");
	if (n == 0)
		return 0;
	if (n == PUSH_NONE)
		return skip(f);
	if (n == PUSH_OVERLONG)
		return drop(f, PUSH_LENGTH, "APDU");
	if (data[0] == BLOCK_TAG) {
		f->framing = PUSH_APDU;
		push_block(f, data, (size_t)n);
		return (size_t)n;
	}
	return give_bare(f, data, (size_t)n, size, final);
}

static size_t step_any(struct push_framer *f, const uint8_t *data, size_t size, bool final)
{
	int n;

	if (f->refused)
		return after_refused(f, data, size, final);
	switch (data[0]) {
	case MBUS_START: return step_mbus(f, data, size, final);
	case HDLC_FLAG: return step_hdlc(f, data, size, final);
	case MBUS_SHORT:
	case MBUS_ACK:
		n = mbus_short(data, size);
		if (n < 0 && !final)
			return 0;
		return n > 0 ? (size_t)n : skip(f);
	case GLO_TAG:
	case DED_TAG:
	case NOTIFICATION:
	case BLOCK_TAG: return step_bare(f, data, size, final);
	default: return !f->torn && blank(data[0]) ? 1 : skip(f);
	}
}

/* Keeps the last three bytes consumed, for trusted(). */
static void remember(struct push_framer *f, const uint8_t *data, size_t n)
{
	for (size_t i = n < 3 ? 0 : n - 3; i < n; i++) {
		f->before[0] = f->before[1];
		f->before[1] = f->before[2];
		f->before[2] = data[i];
	}
}

static int memory(const struct push_framer *f)
{
	return f->input.failed || f->message.failed || f->blocks.failed ? EM_NO_MEMORY : 0;
}

/* Consumes as much of the input as possible and moves the rest to its front. */
static void search(struct push_framer *f, bool final)
{
	const uint8_t *data = (const uint8_t *)f->input.data;
	size_t at = 0, size = f->input.length;

	while (at < size && !memory(f)) { /* after a failed allocation the framer emits nothing */
		size_t n = step_any(f, data + at, size - at, final);

		if (!n)
			break;
		remember(f, data + at, n);
		at += n;
	}
	if (at)
		memmove(f->input.data, f->input.data + at, size - at);
	f->input.length = size - at;
}

int push_feed(struct push_framer *f, const struct push_sink *sink, const void *data, size_t size)
{
	f->sink = sink;
	f->bytes += size;
	if (!push_take(f, data, size, false))
		return 0;
	if (!memory(f))
		search(f, false);
	return memory(f);
}

int push_end(struct push_framer *f, const struct push_sink *sink)
{
	f->sink = sink;
	if (memory(f))
		return EM_NO_MEMORY;
	push_take(f, NULL, 0, true);
	search(f, true);
	push_abandon(f);
	if (f->junk && !f->found && f->suspect)
		push_fault(f, PUSH_CHECKSUM, "header of an HDLC frame");
	else if (f->junk && !f->found)
		push_fault(f, PUSH_MALFORMED, "no frame found in these bytes");
	f->junk = 0;
	f->torn = false;
	push_forget(f);
	return memory(f);
}

bool push_pending(const struct push_framer *f)
{
	return f->message_open || f->blocks_open || f->input.length > 1 || f->half;
}

void push_free(struct push_framer *f)
{
	text_free(&f->input);
	text_free(&f->message);
	text_free(&f->blocks);
}
