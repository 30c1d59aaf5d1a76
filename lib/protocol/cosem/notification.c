#include "base/bytes.h"
#include "protocol/cosem/notification.h"

#include "base/error.h"
#include "protocol/axdr.h"

enum { NO_TIME = 0x00, BARE_TIME = 0x0C, OPEN = 0xFF, FIRST_YEAR = 2000, LAST_YEAR = 2100 };

bool cosem_time(struct stamp *out, const uint8_t bytes[COSEM_TIME])
{
	int16_t deviation = (int16_t)load_be16(bytes + 9);

	*out = (struct stamp){
		.year = (int16_t)load_be16(bytes),
		.month = bytes[2],
		.day = bytes[3],
		.hour = bytes[5],
		.minute = bytes[6],
		.second = bytes[7] == OPEN ? 0 : bytes[7],
	};
	if (deviation != INT16_MIN) {
		out->has_offset = true;
		out->offset = (int16_t)-deviation;
	}
	return stamp_valid(out);
}

int notification_read(struct notification *n, struct reader *r)
{
	const uint8_t *time = NULL;

	*n = (struct notification){0};
	if (reader_u8(r) != NOTIFICATION_TAG)
		return r->bad ? EM_TRUNCATED : EM_SYNTAX;
	n->invoke = reader_u32be(r);
	switch (reader_u8(r)) {
	case NO_TIME: break;
	case AXDR_OCTETS:
		if (reader_u8(r) != COSEM_TIME)
			return r->bad ? EM_TRUNCATED : EM_SYNTAX;
		time = reader_bytes(r, COSEM_TIME);
		break;
	case BARE_TIME: time = reader_bytes(r, COSEM_TIME); break;
	default: return r->bad ? EM_TRUNCATED : EM_SYNTAX;
	}
	if (r->bad)
		return EM_TRUNCATED;
	n->has_time = time && cosem_time(&n->time, time);
	n->time_open = !time || (time[0] == OPEN && time[1] == OPEN);
	return 0;
}

bool notification_plausible(const struct notification *n)
{
	return n->time_open ||
	       (n->has_time && n->time.year >= FIRST_YEAR && n->time.year < LAST_YEAR);
}

bool notification_gate(const uint8_t *data, size_t size)
{
	struct reader r = reader_make(data, size);
	struct notification n;
	uint8_t tag;

	if (notification_read(&n, &r) || !reader_left(&r))
		return false;
	tag = reader_peek(&r);
	if (tag != AXDR_ARRAY && tag != AXDR_STRUCTURE)
		return false;
	return notification_plausible(&n) || notification_measure(data, size) == (long)size;
}

/* Parses the A-XDR value only to find its end. */
long notification_measure(const uint8_t *data, size_t size)
{
	struct axdr_item items[AXDR_ITEMS];
	struct reader r = reader_make(data, size);
	struct notification n;
	int error = notification_read(&n, &r);

	if (!error && reader_left(&r) && reader_peek(&r) != AXDR_ARRAY &&
	    reader_peek(&r) != AXDR_STRUCTURE)
		return -1;
	if (!error)
		error = axdr_parse(items, &r);
	if (error >= 0)
		return (long)r.position;
	return error == EM_TRUNCATED ? 0 : -1;
}
