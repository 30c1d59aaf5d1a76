/* Turns a plain body into the bytes on the line. */
#include "protocol/cosem/build.h"

#include "frame/hdlc.h"
#include "frame/mbus.h"

enum { LAST_BLOCK = 0xC0, BLOCK = 0x40, BLOCK_TAG = 0xE0, ENDS = 16 };

struct push_line {
	struct text *out;
	size_t *ends;
	size_t count;
};

static void end_frame(struct push_line *line)
{
	if (line->ends && line->count < ENDS)
		line->ends[line->count] = line->out->length;
	line->count++;
}

static void put_mbus(struct push_line *line, const uint8_t *data, size_t size, size_t segment)
{
	uint8_t number = 0;

	do {
		size_t n = size < segment ? size : segment;
		bool last = n == size;

		if (!text_room(line->out, MBUS_MAX + MBUS_OVERHEAD))
			return;
		line->out->length += mbus_build((uint8_t *)line->out->data + line->out->length,
		                                (uint8_t)(number++ | (last ? MBUS_LAST : 0)), data,
		                                n);
		end_frame(line);
		data += n;
		size -= n;
	} while (size);
}

static void put_hdlc(struct push_line *line, bool segmented, const uint8_t *data, size_t size)
{
	static const struct hdlc_address address = {{0xCF, 0x02, 0x23}, 3};

	if (!text_room(line->out, size + 20))
		return;
	line->out->length += hdlc_build((uint8_t *)line->out->data + line->out->length, &address,
	                                segmented, data, size);
	end_frame(line);
}

static void put_segments(struct push_line *line, const uint8_t *data, size_t size, size_t segment)
{
	do {
		size_t n = size < segment ? size : segment;

		put_hdlc(line, n < size, data, n);
		data += n;
		size -= n;
	} while (size);
}

/* General block transfer, one block per frame; only the first frame has the LLC header. */
static void put_blocks(struct push_line *line, const uint8_t *data, size_t size, size_t segment)
{
	struct text frame = {0};
	uint8_t number = 1;

	do {
		size_t n = size < segment ? size : segment;
		uint8_t control = n == size ? LAST_BLOCK : BLOCK;
		const uint8_t head[] = {BLOCK_TAG, control, 0, number, 0, 0, (uint8_t)n};

		frame.length = 0;
		if (number == 1)
			text_add(&frame, "\xE6\xE7\x00", HDLC_LLC);
		text_add(&frame, (const char *)head, sizeof head);
		text_add(&frame, (const char *)data, n);
		if (frame.failed)
			line->out->failed = true;
		else
			put_hdlc(line, false, (const uint8_t *)frame.data, frame.length);
		data += n;
		size -= n;
		number++;
	} while (size);
	text_free(&frame);
}

static void put_line(struct push_line *line, const struct meter_model *model,
                     const struct text *apdu)
{
	const uint8_t *data = (const uint8_t *)apdu->data + HDLC_LLC;
	size_t size = apdu->length - HDLC_LLC;

	switch (model->line) {
	case BUILD_MBUS: put_mbus(line, data, size, model->segment); break;
	case BUILD_HDLC: put_hdlc(line, false, data - HDLC_LLC, size + HDLC_LLC); break;
	case BUILD_HDLC_SEGMENTS:
		put_segments(line, data - HDLC_LLC, size + HDLC_LLC, model->segment);
		break;
	case BUILD_BLOCKS: put_blocks(line, data, size, model->segment); break;
	case BUILD_BARE:
		text_add(line->out, (const char *)data, size);
		end_frame(line);
		break;
	}
}

/* The APDU follows an LLC header, which the line uses or leaves out. */
size_t meter_push(struct text *out, const struct meter_model *model, const struct meter_values *v,
                  const struct glo_key *key, const uint8_t title[GLO_TITLE], uint32_t counter,
                  size_t ends[16])
{
	struct text plain = {0}, apdu = {0};
	struct push_line line = {.out = out, .ends = ends};

	model->body(&plain, v, counter);
	text_add(&apdu, "\xE6\xE7\x00", HDLC_LLC);
	if (plain.failed || !text_room(&apdu, plain.length + GLO_HEAD + GLO_TAG_SIZE))
		out->failed = true;
	else if (model->control && key)
		apdu.length += glo_seal((uint8_t *)apdu.data + apdu.length, key, model->control,
		                        title, counter, (const uint8_t *)plain.data, plain.length);
	else
		text_add(&apdu, plain.data, plain.length);
	out->failed = out->failed || apdu.failed;
	if (!out->failed)
		put_line(&line, model, &apdu);
	text_free(&plain);
	text_free(&apdu);
	return line.count;
}
