/* A damaged bus from a seed, RTU and MBAP: the frames found in it, and which request they answer. */
#include "pinned.h"

#include "base/crc.h"
#include "frame/mbap.h"
#include "frame/rtu.h"
#include "printed.h"
#include "protocol/modbus.h"

static struct record record;
static uint8_t asked[16], frame[300];
static size_t asked_size, frame_size;

static void on_frame(void *context, const struct modbus_frame *f)
{
	(void)context;
	pinned_line("%llu %u %llu", (unsigned long long)f->answers, f->size,
	            (unsigned long long)f->sequence);
	modbus_frame_record(&record, f);
	pinned_line("%s", printed(&record));
}

static void put_words(unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		frame[frame_size++] = (uint8_t)dice(256);
}

static void put_fields(size_t n, const uint8_t *fields)
{
	memcpy(frame, fields, n);
	frame_size = n;
}

#define FIELDS(...) put_fields(sizeof((uint8_t[]){__VA_ARGS__}), (uint8_t[]){__VA_ARGS__})

/* A request without check; some are echoes of the last one, some ask the same again. */
static void make_request(void)
{
	static const uint8_t functions[] = {1, 2,  3,  3,  3,  4,  4,  5,  6,  7,
	                                    8, 11, 15, 16, 16, 17, 22, 23, 43, 0x41};
	uint8_t unit = (uint8_t)(dice(30) ? 1 + dice(3) : 0),
		function = functions[dice(sizeof functions)];
	uint8_t count = (uint8_t)(1 + dice(function < 3 ? 60 : 20)), low = (uint8_t)dice(4);

	switch (function) {
	case 5: FIELDS(unit, 5, 0, low, (uint8_t)(dice(2) * 255), 0); break;
	case 6: FIELDS(unit, 6, 0, low, 0, count); break;
	case 7:
	case 11:
	case 17: FIELDS(unit, function); break;
	case 8: FIELDS(unit, 8, 0, 0, count, 7); break;
	case 15: FIELDS(unit, 15, 0, low, 0, 10, 2, count, 1); break;
	case 16:
		FIELDS(unit, 16, 0x10, low, 0, (uint8_t)(count % 4 + 1),
		       (uint8_t)(count % 4 * 2 + 2));
		put_words(count % 4 * 2u + 2);
		break;
	case 22: FIELDS(unit, 22, 0, low, 0, count, 0, 37); break;
	case 23: FIELDS(unit, 23, 0, low, 0, count, 0, 14, 0, 1, 2, 0, 255); break;
	case 43: FIELDS(unit, 43, 14, 1, 0); break;
	case 0x41:
		FIELDS(unit, 0x41, 1);
		put_words(dice(5));
		break;
	default: FIELDS(unit, function, (uint8_t)(0x50 + low), count, 0, count); break;
	}
	asked_size = frame_size < sizeof asked ? frame_size : sizeof asked;
	memcpy(asked, frame, asked_size);
}

static void make_answer(void)
{
	uint8_t unit = asked[0], function = asked[1];
	unsigned bytes = function == 23 ? asked[5] * 2u
	                 : function < 3 ? (asked[5] + 7u) / 8
	                                : asked[5] * 2u;

	if (dice(20) == 0)
		unit ^= 1;
	if (dice(15) == 0) {
		FIELDS(unit, function | 0x80, (uint8_t)(1 + dice(4)));
		return;
	}
	switch (function) {
	case 5:
	case 6:
	case 8:
	case 22: put_fields(asked_size, asked); break;
	case 15:
	case 16: put_fields(6, asked); break;
	case 7: FIELDS(unit, 7, 0x6D); break;
	case 11: FIELDS(unit, 11, 0xFF, 0xFF, 1, 8); break;
	case 17: FIELDS(unit, 17, 3, 'A', 'B', 0xFF); break;
	case 43: FIELDS(unit, 43, 14, 1, 1, 0, 0, 1, 0, 2, 'H', 'i'); break;
	case 0x41:
		FIELDS(unit, 0x41, 2);
		put_words(dice(7));
		break;
	default:
		if (dice(25) == 0)
			bytes += 2;
		FIELDS(unit, function, (uint8_t)bytes);
		put_words(bytes);
		break;
	}
	frame[0] = unit;
}

static void seal(void)
{
	uint16_t crc = crc16_modbus(frame, frame_size);

	frame[frame_size++] = (uint8_t)crc;
	frame[frame_size++] = (uint8_t)(crc >> 8);
	if (dice(12) == 0)
		frame_size = pinned_damage(frame, frame_size, sizeof frame);
	if (dice(40) == 0)
		put_words(1 + dice(6));
	if (dice(40) == 0 && frame_size + 3 < sizeof frame)
		memset(frame + (frame_size += 3) - 3, 0, 3);
}

/* In pieces, with the time of day going on by what a bus takes, and now and then by seconds. */
static void feed_rtu(struct rtu *rtu, instant *time)
{
	for (size_t at = 0; at < frame_size;) {
		size_t n = 1 + dice(40);

		n = n < frame_size - at ? n : frame_size - at;
		rtu_feed(rtu, frame + at, n, *time);
		at += n;
	}
	*time += dice(25) ? 5 + dice(60) : 900 + dice(4000);
	if (dice(20) == 0)
		rtu_idle(rtu);
}

static void damaged_rtu(void **state)
{
	static struct rtu rtu;
	instant time = 1000;

	(void)state;
	pinned_begin(1);
	rtu_init(&rtu, on_frame, NULL);
	for (int i = 0; i < 6000; i++) {
		make_request();
		seal();
		if (dice(60))
			feed_rtu(&rtu, &time);
		make_answer();
		seal();
		if (dice(25))
			feed_rtu(&rtu, &time);
		if (i == 3000) { /* from here on nobody has a clock */
			rtu_end(&rtu);
			time = INSTANT_NONE;
		}
		if (i >= 3000)
			time = INSTANT_NONE;
	}
	rtu_end(&rtu);
	pinned_line("%llu %llu %llu", (unsigned long long)rtu.frames,
	            (unsigned long long)rtu.crc_errors, (unsigned long long)rtu.skipped);
	pinned_end(21047, 0x39946F5891B4AC5B);
}

/* Nothing but bytes that look like heads of frames. */
static void heads_without_bodies(void **state)
{
	static struct rtu rtu;

	(void)state;
	pinned_begin(2);
	rtu_init(&rtu, on_frame, NULL);
	for (int i = 0; i < 10000; i++) {
		make_request();
		frame_size = 1 + dice((unsigned)frame_size);
		if (dice(4) == 0)
			seal();
		rtu_feed(&rtu, frame, frame_size, INSTANT_NONE);
		if (i % 100 == 0)
			pinned_line("%llu %llu", (unsigned long long)rtu.offset,
			            (unsigned long long)rtu.skipped);
	}
	rtu_end(&rtu);
	pinned_line("%llu %llu", (unsigned long long)rtu.crc_errors,
	            (unsigned long long)rtu.skipped);
	pinned_end(1011, 0x0E12451F8444D00D);
}

static void send_mbap(struct mbap *mbap, unsigned direction, unsigned transaction)
{
	uint8_t packet[320] = {(uint8_t)(transaction >> 8), (uint8_t)transaction, 0, 0, 0,
	                       (uint8_t)frame_size};
	size_t size = frame_size + 6;

	memcpy(packet + 6, frame, frame_size);
	if (dice(25) == 0)
		size = pinned_damage(packet, size, sizeof packet);
	if (dice(30) == 0)
		memcpy(packet + (size += 2) - 2, "\xAA\xBB", 2);
	for (size_t at = 0; at < size;) {
		size_t n = 1 + dice(30);

		n = n < size - at ? n : size - at;
		mbap_feed(mbap, direction, packet + at, n, INSTANT_NONE);
		at += n;
	}
}

/* Up to 20 requests are open at once; answers come in any order, some of them never. */
static void damaged_mbap(void **state)
{
	static struct mbap mbap;
	static struct {
		uint8_t data[16];
		size_t size;
		unsigned transaction;
	} open[20];
	size_t count = 0;

	(void)state;
	pinned_begin(3);
	mbap_init(&mbap, on_frame, NULL);
	for (unsigned i = 0; i < 6000; i++) {
		if (count < 20 && dice(2)) {
			make_request();
			send_mbap(&mbap, 0, i / 2);
			memcpy(open[count].data, asked, asked_size);
			open[count].size = asked_size;
			open[count++].transaction = i / 2;
		} else if (count) {
			size_t one = dice((unsigned)count);

			memcpy(asked, open[one].data, asked_size = open[one].size);
			make_answer();
			if (dice(20))
				send_mbap(&mbap, 1, open[one].transaction);
			open[one] = open[--count];
		}
	}
	pinned_line("%llu %llu %llu", (unsigned long long)mbap.frames,
	            (unsigned long long)mbap.errors, (unsigned long long)mbap.skipped);
	pinned_end(11175, 0x79B3381321806CBC);
}

/* Which bytes begin a frame of either kind. */
static void beginnings_are_recognised(void **state)
{
	(void)state;
	pinned_begin(4);
	for (int i = 0; i < 6000; i++) {
		uint8_t packet[320] = {0, (uint8_t)i, 0, 0, 0};

		make_request();
		packet[5] = (uint8_t)frame_size;
		memcpy(packet + 6, frame, frame_size);
		if (i % 3)
			pinned_damage(packet, 8, 8);
		seal();
		pinned_line("%d", rtu_recognise(frame, frame_size));
		pinned_line("%d", rtu_recognise(frame, dice(9)));
		pinned_line("%d", mbap_recognise(packet, dice(20)));
	}
	pinned_end(18000, 0x51A9A27C3F54CAB8);
}

static void on_transaction(void *context, const struct modbus_transaction *t)
{
	(void)context;
	modbus_record(&record, t);
	pinned_line("%s", printed(&record));
}

static void to_pairing(void *context, const struct modbus_frame *f)
{
	modbus_pairing_frame(context, f);
}

static void pairs_on_a_damaged_bus(void **state)
{
	static struct modbus_pairing pairing;
	static struct rtu rtu;
	instant time = 1000;

	(void)state;
	pinned_begin(5);
	modbus_pairing_init(&pairing, RTU_OUTSTANDING, on_transaction, NULL);
	rtu_init(&rtu, to_pairing, &pairing);
	for (int i = 0; i < 2500; i++) {
		make_request();
		seal();
		feed_rtu(&rtu, &time);
		make_answer();
		seal();
		if (dice(15))
			feed_rtu(&rtu, &time);
	}
	rtu_end(&rtu);
	modbus_pairing_end(&pairing);
	pinned_line("%llu %llu %llu", (unsigned long long)pairing.requests,
	            (unsigned long long)pairing.no_response, (unsigned long long)pairing.unpaired);
	pinned_end(2583, 0x1B29A76AD2E78FD3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(damaged_rtu),
		cmocka_unit_test(heads_without_bodies),
		cmocka_unit_test(damaged_mbap),
		cmocka_unit_test(beginnings_are_recognised),
		cmocka_unit_test(pairs_on_a_damaged_bus),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	record_free(&record);
	return failed;
}
