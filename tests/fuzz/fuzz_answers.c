/*
 * What a device answers, through the Modbus client to printed records: the way to the device is replaced
 * by functions of the same names. The first byte chooses the device and the framing; each answer is a
 * byte that says how well it fits the request, and its words.
 */
#include <stdlib.h>
#include <string.h>

#include "base/crc.h"
#include "base/error.h"
#include "device/plan.h"
#include "device/registers.h"
#include "fuzz.h"
#include "modbus/link.h"
#include "modbus/sunspec.h"

static struct input answers;
static struct {
	uint8_t frame[MBAP_FRAME_MAX];
	size_t size;
} asked;

int modbus_link_open(struct modbus_link *l, const struct modbus_target *target, int64_t deadline,
                     const atomic_bool *stop)
{
	(void)deadline;
	(void)stop;
	*l = (struct modbus_link){.carrier = target->carrier,
	                          .framing = target->framing,
	                          .context = (modbus_t *)&asked,
	                          .fd = -1};
	return 0;
}

void modbus_link_close(struct modbus_link *l)
{
	l->context = NULL;
}

bool modbus_link_ended(const struct modbus_link *l)
{
	(void)l;
	return false;
}

void modbus_link_drain(struct modbus_link *l, int64_t deadline, const atomic_bool *stop)
{
	(void)l;
	(void)deadline;
	(void)stop;
}

int modbus_link_send(struct modbus_link *l, const uint8_t *frame, size_t size)
{
	(void)l;
	fuzz_require(size >= 8 && size <= MBAP_FRAME_MAX, "request");
	memcpy(asked.frame, frame, size);
	asked.size = size;
	return 0;
}

/* The answer's PDU into out; its size. */
static size_t put_pdu(uint8_t *out, const uint8_t *request, unsigned how)
{
	size_t bytes = (size_t)(request[3] << 8 | request[4]) * 2;
	struct input part;

	if (how == 7) { /* anything */
		part = fuzz_take(&answers, 1 + fuzz_byte(&answers) % 252);
		memset(out, 0, 253);
		memcpy(out, part.data, part.size);
		return part.size > 2 ? part.size : 2;
	}
	out[0] = request[0];
	if (how == 6) {
		out[0] |= 0x80;
		out[1] = (uint8_t)fuzz_byte(&answers);
		return 2;
	}
	memcpy(out + 1, request + 1, 4);
	if (request[0] > 4)
		return 5;
	bytes = bytes > 250 ? 250 : bytes;
	part = fuzz_take(&answers, bytes);
	memset(out + 2, how == 5 ? 0xFF : 0, bytes);
	memcpy(out + 2, part.data, part.size);
	out[1] = (uint8_t)bytes;
	return 2 + bytes;
}

int modbus_link_receive(struct modbus_link *l, uint8_t frame[MBAP_FRAME_MAX], int64_t deadline,
                        const atomic_bool *stop)
{
	bool tcp = l->framing == MODBUS_MBAP;
	unsigned how = fuzz_byte(&answers);
	uint8_t pdu[256];
	size_t size;
	uint16_t crc;

	(void)deadline;
	(void)stop;
	if (!answers.size)
		return EM_CLOSED;
	size = put_pdu(pdu, asked.frame + (tcp ? 7 : 1), how % 8);
	memcpy(frame, asked.frame, tcp ? 7 : 1);
	if (how & 128) /* of another request, or of another unit */
		frame[how & 64 ? 0 : tcp ? 6 : 0] ^= 1;
	if (tcp) {
		frame[4] = 0;
		frame[5] = (uint8_t)(size + 1);
		memcpy(frame + 7, pdu, size);
		return (int)size + 7;
	}
	memcpy(frame + 1, pdu, size);
	crc = crc16_modbus(frame, size + 1);
	frame[size + 1] = (uint8_t)crc;
	frame[size + 2] = (uint8_t)(crc >> 8);
	return (int)size + 3;
}

/* All registers of a charger, planned, read and printed. */
static void read_device(struct modbus_client *client, const struct device *d)
{
	struct device_block blocks[PLAN_LIMIT];
	size_t count = device_plan(d, NULL, blocks);
	struct image image = {0};
	struct record r = {0};

	for (size_t i = 0; i < count; i++) {
		uint16_t words[PLAN_READ];
		unsigned unit = blocks[i].place == PLACE_SOCKET ? 1 : d->unit;

		if (!modbus_client_read(client, (int)unit, blocks[i].function, blocks[i].address,
		                        blocks[i].count, words))
			for (unsigned n = 0; n < blocks[i].count; n++)
				image_put(&image, device_space(unit, blocks[i].function),
				          blocks[i].address + n, words[n]);
	}
	record_begin(&r, d->name);
	for (size_t i = 0; i < d->count; i++)
		if (d->rows[i].access & ACCESS_R)
			register_value(&r, d, &d->rows[i], &image, 1);
	fuzz_record(&r);
	record_free(&r);
	image_free(&image);
}

static void walk(struct modbus_client *client, bool fast)
{
	const struct sunspec_plan plan = {
		.set = &sunspec_builtin, .base = fast ? 40000 : -1, .fast = fast};
	struct sunspec_walk *w = sunspec_walk_new(&plan);
	const struct sunspec_options options = {0};
	struct sunspec_found found;
	struct sunspec_want want;
	struct record r = {0};
	enum sunspec_step step = SUNSPEC_READ;
	bool seen = false;

	sunspec_walk_begin(w);
	while (step != SUNSPEC_END && (step = sunspec_walk_next(w, &want, &found)) != SUNSPEC_END) {
		if (step == SUNSPEC_READ) {
			if (modbus_sunspec_fetch(w, &want, client, 1, seen))
				break;
			seen = true;
			continue;
		}
		sunspec_decode(&r, &found, 1, sunspec_walk_image(w)->words + found.address,
		               &options);
		fuzz_record(&r);
	}
	record_free(&r);
	sunspec_walk_free(w);
}

static void write_some(struct modbus_client *client)
{
	uint16_t words[4] = {0x4148, 0, 7, 9};

	for (int i = 0; i < 4; i++) {
		modbus_client_write(client, 1, 1210, 2, words);
		modbus_client_write_one(client, 1, 1215, words[2]);
		modbus_client_read(client, 1, 3, 1210, 2, words);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct modbus_target_defaults defaults = {.port = 502};
	const struct modbus_options options = {.timeout = 1};
	struct modbus_target target;
	struct modbus_client *client;
	unsigned choice;

	answers = (struct input){data, size};
	choice = fuzz_byte(&answers);
	if (size < 4)
		return 0;
	fuzz_require(!modbus_target_parse(&target,
	                                  choice & 128 ? "rtu+tcp://localhost:1" : "localhost",
	                                  &defaults),
	             "target");
	client = modbus_client_new(&target, &options);
	switch (choice % 8) {
	case 0:
	case 1: read_device(client, &alfen_device); break;
	case 2: read_device(client, &keba_device); break;
	case 3: read_device(client, &abb_device); break;
	case 4: write_some(client); break;
	default: walk(client, choice & 1); break;
	}
	fuzz_require(strlen(modbus_client_message(client)) < 1000, "message");
	modbus_client_free(client);
	return 0;
}
