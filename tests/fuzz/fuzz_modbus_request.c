/*
 * Requests as a server gets them, in both framings, answered by what emtool serves: a simulated
 * charger, the load balancer's registers. Nothing is read twice, replies fit their frame and
 * have its form.
 */
#include <stdlib.h>
#include <string.h>

#include "balance/register_table.h"
#include "base/crc.h"
#include "sim/device.h"
#include "fuzz.h"
#include "modbus/request.h"

struct served {
	struct sim_device charger;
	struct balancer balancer;
	struct register_table table;
	bool balance;
};

static void start(struct served *s, unsigned flags)
{
	struct balance_settings settings = balance_defaults();
	struct fuse fuse;
	const struct device *d = flags & 4    ? &alfen_device
	                         : flags & 32 ? &keba_device
	                                      : &abb_device;

	s->balance = flags & 2;
	s->charger = (struct sim_device){.device = d, .strict = flags & 8, .validity = 1};
	fuse_init(&fuse, FUSE_ANY, 25000);
	balancer_start(&s->balancer, ALGORITHM_THRESHOLD, &settings, &fuse, false);
	register_table_start(&s->table, &s->balancer, TABLE_UNIT);
	if (!s->balance)
		fuzz_require(!sim_device_example(&s->charger, 2), "example");
}

static int answer(struct served *s, const struct modbus_call *call, unsigned time)
{
	if (!s->balance)
		return sim_device_request(&s->charger, (unsigned)call->unit, call->function,
		                          call->address, call->count, call->words, time * 100);
	if (call->function == 6 || call->function == 16)
		return register_table_write(&s->table, call->address, call->count, call->words);
	return register_table_read(&s->table, call->address, call->count, call->words);
}

static void check_reply(const struct modbus_request *q, int exception)
{
	uint8_t frame[MBAP_FRAME_MAX];
	size_t size = modbus_request_reply(q, exception, frame), head = q->rtu ? 0 : 6;

	fuzz_require(size >= 4 && size <= sizeof frame, "size of a reply");
	fuzz_require(frame[head] == (uint8_t)q->call.unit, "unit of a reply");
	fuzz_require((frame[head + 1] & 0x80) == (exception ? 0x80 : 0), "function of a reply");
	if (q->rtu)
		fuzz_require(!crc16_modbus(frame, size), "CRC of a reply");
	else
		fuzz_require((size_t)(frame[4] << 8 | frame[5]) == size - 6, "length of a reply");
}

static void serve(struct served *s, struct input in, bool rtu)
{
	struct modbus_request q = {.rtu = rtu};
	int exception;

	q.call.words = q.words;
	while (in.size) {
		bool found = false;
		int n = modbus_request_take(&q, in.data, in.size, &found);

		if (n <= 0)
			return;
		fuzz_require((size_t)n <= in.size, "bytes of a request");
		fuzz_take(&in, (size_t)n);
		if (!found)
			continue;
		exception = q.exception;
		if (!exception) {
			fuzz_require(q.call.count >= 1 && q.call.count <= 125 &&
			                     q.call.address + q.call.count <= 65536,
			             "range of a request");
			exception = answer(s, &q.call, (unsigned)in.size);
		}
		if (exception >= 0)
			check_reply(&q, exception);
	}
}

/* The bytes as they are, or cut into requests that get their CRC. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct served served;
	static struct text sealed;
	struct input in = {data, size};
	unsigned flags = fuzz_byte(&in);

	if (size < 2)
		return 0;
	start(&served, flags);
	sealed.length = 0;
	while (flags & 16 && in.size)
		fuzz_seal_rtu(&sealed, fuzz_take(&in, 6 + fuzz_byte(&in) % 64));
	if (flags & 16)
		in = (struct input){(const uint8_t *)sealed.data, sealed.length};
	serve(&served, in, flags & 17);
	image_free(&served.charger.image);
	return 0;
}
