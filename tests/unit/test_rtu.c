/* Passive framing and pairing: what is found, what is never invented, in any chunking. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/crc.h"
#include "frame/mbap.h"
#include "frame/rtu.h"
#include "protocol/modbus.h"

enum { LIMIT = 20000 };

/* What came out, in a form that is easy to compare. */
struct seen {
	uint64_t offset;
	uint16_t length, address;
	uint8_t kind, unit, function;
	bool has_address;
};

static struct seen seen[LIMIT], again[LIMIT];
static size_t count;
static uint8_t stream[1 << 18];
static size_t size;

static void collect(void *context, const struct modbus_frame *frame)
{
	struct seen *list = context;

	assert_true(count < LIMIT);
	list[count++] = (struct seen){frame->offset,     frame->length, frame->address,
	                              frame->kind,       frame->unit,   frame->function,
	                              frame->has_address};
}

static void put(const void *data, size_t n)
{
	uint16_t crc = crc16_modbus(data, n);

	memcpy(stream + size, data, n);
	stream[size + n] = (uint8_t)crc;
	stream[size + n + 1] = (uint8_t)(crc >> 8);
	size += n + 2;
}

#define PUT(...) put((const uint8_t[]){__VA_ARGS__}, sizeof(const uint8_t[]){__VA_ARGS__})

static void put_raw(const void *data, size_t n)
{
	memcpy(stream + size, data, n);
	size += n;
}

#define RAW(...) put_raw((const uint8_t[]){__VA_ARGS__}, sizeof(const uint8_t[]){__VA_ARGS__})

/* Feeds the stream in pieces of at most `piece` bytes (0: random sizes). */
static size_t frame_all(struct seen *list, size_t piece)
{
	static struct rtu rtu;
	size_t at = 0;

	count = 0;
	memset(list, 0, LIMIT * sizeof *list);
	rtu_init(&rtu, collect, list);
	while (at < size) {
		size_t n = piece ? piece : 1 + (size_t)rand() % (rand() % 8 ? 40 : 1200);

		n = n < size - at ? n : size - at;
		rtu_feed(&rtu, stream + at, n, INSTANT_NONE);
		at += n;
	}
	rtu_end(&rtu);
	assert_int_equal(rtu.offset, size);
	return count;
}

static int reset(void **state)
{
	(void)state;
	size = 0;
	srand(1);
	return 0;
}

static void the_ten_published_frames(void **state)
{
	static const uint8_t frames[] = {
		0x01, 0x03, 0x50, 0x0A, 0x00, 0x02, 0xF5, 0x09, 0x01, 0x03, 0x04, 0x3F, 0xA1,
		0x68, 0x73, 0xC9, 0xE0, 0x01, 0x03, 0x50, 0x00, 0x00, 0x02, 0xD5, 0x0B, 0x01,
		0x03, 0x04, 0x3D, 0x8F, 0x5C, 0x29, 0x3E, 0xAA, 0x01, 0x03, 0x60, 0x00, 0x00,
		0x02, 0xDA, 0x0B, 0x01, 0x03, 0x04, 0x00, 0x00, 0x00, 0x00, 0xFA, 0x33};

	(void)state;
	put_raw(frames, sizeof frames);
	assert_int_equal(frame_all(seen, 1), 6);
	for (size_t i = 0; i < 6; i++) {
		assert_int_equal(seen[i].kind, i % 2 ? FRAME_RESPONSE : FRAME_REQUEST);
		assert_true(seen[i].has_address);
	}
	assert_int_equal(seen[1].address, 0x500A);
	assert_int_equal(seen[3].address, 0x5000);
}

/* A damaged `01 03 50 0A` also reads as an answer of 85 bytes: five whole cycles of good frames. */
static void a_damaged_request_swallows_nothing(void **state)
{
	(void)state;
	for (int i = 0; i < 12; i++) {
		PUT(1, 3, 0x50, 0x0A, 0, 2);
		PUT(1, 3, 4, 0x3F, 0xA1, 0x68, (uint8_t)i);
	}
	stream[17 * 3 + 6] ^= 1;
	assert_int_equal(frame_all(seen, size), 23);
	/* its answer is the only one without an address */
	for (size_t i = 0; i < count; i++)
		assert_int_equal(seen[i].has_address, seen[i].offset != 17 * 3 + 8);
}

static void zeros_behind_a_frame_belong_to_nobody(void **state)
{
	(void)state;
	PUT(1, 3, 0x50, 0x0A, 0, 2);
	RAW(0, 0, 0);
	PUT(1, 3, 4, 1, 2, 3, 4);
	PUT(1, 0x41, 9, 9);
	RAW(0, 0);
	PUT(1, 3, 0x50, 0x0A, 0, 2);
	assert_int_equal(frame_all(seen, size), 4);
	assert_int_equal(seen[1].length, 9);
	assert_int_equal(seen[2].length, 6);
}

/* The table of requests seen begins empty, and empty is no request. */
static void a_run_of_zeros_is_no_request(void **state)
{
	(void)state;
	PUT(1, 3, 0x50, 0x0A, 0, 2);
	RAW(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
	PUT(1, 3, 4, 1, 2, 3, 4);
	assert_int_equal(frame_all(seen, size), 2);
}

static void echoes_are_responses(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		PUT(1, 6, 0, (uint8_t)i, 0x12, 0x34);
		PUT(1, 6, 0, (uint8_t)i, 0x12, 0x34);
	}
	PUT(1, 16, 0x10, 0, 0, 1, 2, 0xAB, 0xCD);
	PUT(1, 16, 0x10, 0, 0, 1);
	PUT(1, 1, 0, 0, 0, 24);
	PUT(1, 1, 3, 1, 2, 3);
	assert_int_equal(frame_all(seen, 3), 10);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(seen[i].kind, i % 2 ? FRAME_RESPONSE : FRAME_REQUEST);
}

/* An answer behind a possibly damaged request gets no address: a wrong name is worse than none. */
static void doubtful_answers_get_no_address(void **state)
{
	(void)state;
	PUT(1, 3, 0x50, 0x0A, 0, 2); /* its answer is lost */
	PUT(1, 3, 0x50, 0x00, 0, 2);
	stream[size - 5] ^= 0x40;       /* the next request is damaged */
	PUT(1, 3, 4, 0x43, 0x66, 0, 0); /* 230 V, which must not be shown as a current */
	assert_int_equal(frame_all(seen, size), 2);
	assert_false(seen[1].has_address);
}

static void broadcasts_are_requests(void **state)
{
	(void)state;
	PUT(0, 6, 0, 1, 0, 2);
	PUT(0, 16, 0, 1, 0, 1, 2, 0, 5);
	PUT(1, 3, 0, 0, 0, 1);
	assert_int_equal(frame_all(seen, size), 3);
	assert_int_equal(seen[0].unit, 0);
	assert_int_equal(seen[0].kind, FRAME_REQUEST);
}

static void all_public_functions_are_framed(void **state)
{
	(void)state;
	PUT(9, 7);
	PUT(9, 7, 0x6D);
	PUT(9, 8, 0, 0, 0xA5, 0x37);
	PUT(9, 8, 0, 0, 0xA5, 0x37);
	PUT(9, 11);
	PUT(9, 11, 0xFF, 0xFF, 1, 8);
	PUT(9, 12);
	PUT(9, 12, 8, 0, 0, 1, 8, 1, 0x21, 0x20, 0);
	PUT(9, 15, 0, 19, 0, 10, 2, 0xCD, 1);
	PUT(9, 15, 0, 19, 0, 10);
	PUT(9, 17);
	PUT(9, 17, 3, 'A', 'B', 0xFF);
	PUT(9, 20, 14, 6, 0, 4, 0, 1, 0, 2, 6, 0, 3, 0, 9, 0, 2);
	PUT(9, 20, 12, 5, 6, 0xD, 0xFE, 0, 0x20, 5, 6, 0x33, 0xCD, 0, 0x40);
	PUT(9, 21, 13, 6, 0, 4, 0, 7, 0, 3, 6, 0xAF, 4, 0xBE, 0x10, 0xD);
	PUT(9, 21, 13, 6, 0, 4, 0, 7, 0, 3, 6, 0xAF, 4, 0xBE, 0x10, 0xD);
	PUT(9, 22, 0, 4, 0, 0xF2, 0, 0x25);
	PUT(9, 22, 0, 4, 0, 0xF2, 0, 0x25);
	PUT(9, 23, 0, 3, 0, 2, 0, 14, 0, 1, 2, 0, 0xFF);
	PUT(9, 23, 4, 0, 0xFE, 0xA, 0xCD);
	PUT(9, 24, 4, 0xDE);
	PUT(9, 24, 0, 6, 0, 2, 1, 0xB8, 0x12, 0x84);
	PUT(9, 43, 14, 1, 0);
	PUT(9, 43, 14, 1, 1, 0, 0, 1, 0, 2, 'H', 'i');
	PUT(9, 3, 0, 0, 0, 1);
	PUT(9, 0x83, 2);
	PUT(9, 0x41, 1, 2, 3, 4, 5);
	PUT(9, 0x41, 9, 8);
	PUT(9, 5, 0, 1, 0xFF, 0);
	PUT(9, 5, 0, 1, 0xFF, 0);
	assert_int_equal(frame_all(seen, size), 30);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(seen[i].kind == FRAME_REQUEST, i % 2 == 0);
	assert_int_equal(seen[25].kind, FRAME_EXCEPTION);
}

/* A bus with several units and faults of every kind. */
static void make_noisy_bus(void)
{
	while (size < sizeof stream - 600) {
		uint8_t unit = (uint8_t)(1 + rand() % 5), words = (uint8_t)(1 + rand() % 20);
		uint8_t answer[64] = {unit, 3, (uint8_t)(2 * words)};
		size_t before = size;

		for (int i = 0; i < 2 * words; i++)
			answer[3 + i] = (uint8_t)rand();
		PUT(unit, 3, (uint8_t)(rand() % 4), (uint8_t)rand(), 0, words);
		put(answer, 3u + 2u * words);
		if (rand() % 10 == 0)
			stream[before + (size_t)rand() % (size - before)] ^=
				(uint8_t)(1 << rand() % 8);
		for (int i = rand() % 30; i > 26; i--)
			RAW((uint8_t)rand());
		if (rand() % 20 == 0)
			size -= (size_t)rand() % 12;
	}
}

static void any_chunking_gives_the_same(void **state)
{
	size_t first;

	(void)state;
	make_noisy_bus();
	first = frame_all(seen, size);
	assert_true(first > 9000);
	for (size_t piece = 0; piece < 12; piece++) {
		assert_int_equal(frame_all(again, piece), first);
		assert_memory_equal(seen, again, first * sizeof seen[0]);
	}
}

static void noise_makes_no_frames(void **state)
{
	(void)state;
	while (size < sizeof stream)
		stream[size++] = (uint8_t)(rand() >> 7);
	assert_int_equal(frame_all(seen, size), 0);
}

/* Silence lets through what a longer frame that never came held up. */
static void silence_decides(void **state)
{
	static struct rtu rtu;

	(void)state;
	rtu_init(&rtu, collect, seen);
	count = 0;
	RAW(1, 3, 0xFA); /* looks like an answer of 255 bytes */
	PUT(1, 3, 0x50, 0x0A, 0, 2);
	rtu_feed(&rtu, stream, size, INSTANT_NONE);
	assert_int_equal(count, 0);
	rtu_idle(&rtu);
	assert_int_equal(count, 1);
	size = 0;
	PUT(1, 3, 4, 1, 2, 3, 4);
	rtu_feed(&rtu, stream, 4, INSTANT_NONE);
	rtu_idle(&rtu); /* half a frame is not given up */
	rtu_feed(&rtu, stream + 4, size - 4, INSTANT_NONE);
	assert_int_equal(count, 2);
	assert_int_equal(seen[1].address, 0x500A);
}

/* 255 objects, each as long as can be: 64 KB, were it not that frames end after 256 bytes. */
static void nobody_waits_for_a_list_without_end(void **state)
{
	static struct rtu rtu;

	(void)state;
	RAW(17, 43, 14, 1, 1, 0, 0, 255);
	memset(stream + size, 255, 2 * RTU_CARRY);
	size += 2 * RTU_CARRY;
	PUT(1, 3, 0x50, 0x0A, 0, 2);
	rtu_init(&rtu, collect, seen);
	count = 0;
	rtu_feed(&rtu, stream, size, INSTANT_NONE);
	assert_int_equal(count, 1);
	assert_int_equal(rtu.carried, 0);
	assert_int_equal(frame_all(again, 1), 1);
	assert_int_equal(frame_all(again, 100), 1);
}

static struct modbus_transaction transactions[16];
static size_t transaction_count;

static void collect_transaction(void *context, const struct modbus_transaction *t)
{
	(void)context;
	transactions[transaction_count++] = *t;
}

static void pair(void *context, const struct modbus_frame *frame)
{
	modbus_pairing_frame(context, frame);
}

static void requests_are_paired_with_answers(void **state)
{
	static struct modbus_pairing pairing;
	static struct rtu rtu;
	size_t words;

	(void)state;
	transaction_count = 0;
	modbus_pairing_init(&pairing, RTU_OUTSTANDING, collect_transaction, NULL);
	rtu_init(&rtu, pair, &pairing);
	PUT(1, 3, 4, 9, 9, 9, 9);    /* unpaired: nobody asked */
	PUT(1, 3, 0x50, 0x0A, 0, 2); /* never answered */
	PUT(1, 3, 0x50, 0x00, 0, 2);
	PUT(1, 3, 4, 0x43, 0x66, 0, 0);
	PUT(1, 4, 0, 1, 0, 1);
	PUT(1, 0x84, 2);
	PUT(0, 6, 0, 1, 0, 7);
	PUT(1, 6, 0, 1, 0, 8);
	rtu_feed(&rtu, stream, size, INSTANT_NONE);
	rtu_end(&rtu);
	modbus_pairing_end(&pairing);
	assert_int_equal(transaction_count, 6);
	assert_int_equal(transactions[0].status, MODBUS_UNPAIRED);
	assert_false(transactions[0].has_address);
	assert_int_equal(transactions[1].status, MODBUS_NO_RESPONSE);
	assert_int_equal(transactions[1].address, 0x500A);
	assert_int_equal(transactions[2].status, MODBUS_OK);
	assert_int_equal(transactions[2].address, 0x5000);
	assert_non_null(modbus_registers(&transactions[2], &words));
	assert_int_equal(words, 2);
	assert_int_equal(transactions[3].status, MODBUS_EXCEPTION);
	assert_int_equal(transactions[3].exception, 2);
	assert_int_equal(transactions[4].status, MODBUS_OK);
	assert_int_equal(transactions[4].unit, 0);
	assert_int_equal(transactions[5].status, MODBUS_NO_RESPONSE);
	assert_int_equal(pairing.requests, 5);
	assert_int_equal(pairing.no_response, 2);
	assert_int_equal(pairing.unpaired, 1);
}

static void mbap_is_matched_by_transaction(void **state)
{
	static struct mbap mbap;
	static const uint8_t client[] = {0, 1, 0, 0, 0, 6, 255, 3, 0, 10, 0, 1,
	                                 0, 2, 0, 0, 0, 6, 255, 3, 0, 20, 0, 1};
	static const uint8_t server[] = {0xAA, 0xBB, /* a leaked CRC */
	                                 0,    2,    0, 0, 0, 5, 255, 3,   2,    0,
	                                 7,    0,    1, 0, 0, 0, 3,   255, 0x83, 2};

	(void)state;
	count = 0;
	mbap_init(&mbap, collect, seen);
	assert_true(mbap_recognise(client, sizeof client));
	for (size_t i = 0; i < sizeof client; i++)
		mbap_feed(&mbap, 0, client + i, 1, INSTANT_NONE);
	mbap_feed(&mbap, 1, server, sizeof server, INSTANT_NONE);
	assert_int_equal(count, 4);
	assert_int_equal(seen[2].address, 20);
	assert_int_equal(seen[3].address, 10);
	assert_int_equal(seen[3].kind, FRAME_EXCEPTION);
	assert_int_equal(mbap.skipped, 2);
}

/* Feeds what was put since `from` at that time; the new end of the stream. */
static size_t feed_at(struct rtu *rtu, size_t from, instant time)
{
	rtu_feed(rtu, stream + from, size - from, time);
	return size;
}

/* A device answers within 3 s. What comes later may answer a request that was never seen. */
static void an_answer_after_three_seconds_is_nobodys(void **state)
{
	static const struct {
		instant wait;
		bool paired;
	} rows[] = {{10, true}, {300, true}, {301, true}, {3000, true}, {3001, false}};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		for (int exception = 0; exception < 2; exception++) {
			static struct rtu rtu;
			size_t at;

			size = 0;
			count = 0;
			rtu_init(&rtu, collect, seen);
			PUT(1, 3, 0x50, 0x0A, 0, 2);
			at = feed_at(&rtu, 0, 5000);
			if (exception)
				PUT(1, 0x83, 2);
			else
				PUT(1, 3, 4, 1, 2, 3, 4);
			feed_at(&rtu, at, 5000 + rows[i].wait);
			rtu_end(&rtu);
			assert_int_equal(count, 2);
			assert_int_equal(seen[1].has_address, rows[i].paired);
		}
	}
}

/* A write repeated within a second is its echo, later it is a retry. */
static void an_echo_comes_within_a_second(void **state)
{
	static const uint8_t writes[][8] = {{1, 5, 0, 1, 0xFF, 0},
	                                    {1, 6, 0, 1, 0, 2},
	                                    {1, 22, 0, 4, 0, 0xF2, 0, 0x25},
	                                    {1, 8, 0, 0, 5, 5}};

	(void)state;
	for (size_t i = 0; i < sizeof writes / sizeof *writes; i++) {
		size_t n = writes[i][1] == 22 ? 8 : 6;

		for (instant wait = 1000; wait <= 1001; wait++) {
			static struct rtu rtu;
			size_t at;

			size = 0;
			count = 0;
			rtu_init(&rtu, collect, seen);
			put(writes[i], n);
			at = feed_at(&rtu, 0, 50);
			put(writes[i], n);
			feed_at(&rtu, at, 50 + wait);
			assert_int_equal(count, 2);
			assert_int_equal(seen[1].kind,
			                 wait > 1000 ? FRAME_REQUEST : FRAME_RESPONSE);
		}
	}
}

/* Frames of unit 7, a gap, and a frame that chance could make: how many were found. */
static size_t trusted_after(unsigned frames, const uint8_t *weak, size_t n)
{
	size = 0;
	for (unsigned i = 0; i < frames; i++)
		PUT(7, 3, 0, (uint8_t)i, 0, 9);
	RAW(0xFF);
	put(weak, n); /* nobody asked for it */
	RAW(0xFF, 0xFF, 0xFF, 0xFF);
	return frame_all(seen, size) - frames;
}

static void weak_frames_need_a_known_unit(void **state)
{
	static const uint8_t exception[] = {7, 0x83, 2}, coils[] = {7, 1, 1, 5};
	static const uint8_t one[] = {7, 3, 2, 1, 2}, two[] = {7, 3, 4, 1, 2, 3, 4};

	(void)state;
	assert_int_equal(trusted_after(15, exception, sizeof exception), 0);
	assert_int_equal(trusted_after(16, exception, sizeof exception), 1);
	assert_int_equal(trusted_after(15, coils, sizeof coils), 0);
	assert_int_equal(trusted_after(16, coils, sizeof coils), 1);
	assert_int_equal(trusted_after(1, one, sizeof one), 0);
	assert_int_equal(trusted_after(2, one, sizeof one), 1);
	assert_int_equal(trusted_after(1, two, sizeof two), 0);
	assert_int_equal(trusted_after(2, two, sizeof two), 1);
}

static void the_shortest_frame_has_four_bytes(void **state)
{
	unsigned tried = 0;

	(void)state;
	PUT(9, 0x41);
	PUT(1, 3, 0x50, 0x0A, 0, 2);
	assert_int_equal(frame_all(seen, size), 2);
	assert_int_equal(seen[0].length, 4);
	/* A unit with its checksum looks like a frame of three bytes; its second byte like a function. */
	for (uint8_t unit = 1; unit < 248; unit++) {
		uint16_t crc = crc16_modbus(&unit, 1);

		if ((crc & 0xFF) < 0x41 || (crc & 0xFF) >= 0x80)
			continue;
		size = 0;
		put(&unit, 1);
		PUT(1, 3, 0x50, 0x0A, 0, 2);
		assert_int_equal(frame_all(seen, size), 1);
		assert_int_equal(seen[0].offset, 3);
		tried++;
	}
	assert_true(tried > 10);
}

/* A request for two registers, these bytes, and the answer: whether it gets the request's address. */
static bool is_paired_across(const char *gap, size_t n)
{
	size = 0;
	PUT(1, 3, 0x50, 0x00, 0, 2);
	put_raw(gap, n);
	PUT(1, 3, 4, 0x43, 0x66, 0, 0);
	assert_int_equal(frame_all(seen, size), 2);
	return seen[1].has_address;
}

/* Two of a request's four fixed bytes in a gap may be a request of which the rest is damaged. */
static void gaps_that_hide_a_request(void **state)
{
	char gap[48];

	(void)state;
	assert_true(is_paired_across("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 8));
	assert_true(is_paired_across("\1\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 8));
	assert_true(is_paired_across("\xFF\xFF\xFF\xFF\xFF\2\xFF\xFF", 8));
	assert_false(is_paired_across("\1\xFF\xFF\xFF\0\xFF\xFF\xFF", 8));
	assert_false(is_paired_across("\1\xFF\xFF\xFF\xFF\2\xFF\xFF", 8));
	assert_false(is_paired_across("\xFF\3\xFF\xFF\xFF\2\xFF\xFF", 8));
	assert_false(is_paired_across("\xFF\xFF\xFF\xFF\0\2\xFF\xFF", 8));
	assert_false(is_paired_across("\0\2", 2));
	/* The first 32 bytes of a gap are looked at. */
	memset(gap, 0xFF, sizeof gap);
	memcpy(gap + 30, "\1\3", 2);
	assert_false(is_paired_across(gap, sizeof gap));
	memset(gap, 0xFF, sizeof gap);
	memcpy(gap + 31, "\1\3", 2);
	assert_true(is_paired_across(gap, sizeof gap));
}

/* Function 8, subfunction 0 echoes any number of bytes. */
static void a_long_echo_of_diagnostics_is_framed(void **state)
{
	(void)state;
	PUT(9, 8, 0, 0, 1, 2, 3, 4, 5);
	PUT(1, 3, 0x50, 0x0A, 0, 2);
	assert_int_equal(frame_all(seen, size), 2);
	assert_int_equal(seen[0].length, 11);
	reset(state);
	PUT(9, 8, 0, 1, 1, 2, 3, 4, 5); /* other subfunctions have two bytes of data */
	PUT(1, 3, 0x50, 0x0A, 0, 2);
	assert_int_equal(frame_all(seen, size), 1);
}

static void two_requests_may_be_outstanding(void **state)
{
	for (uint8_t words = 1; words <= 3; words++) {
		const uint8_t answer[3 + 6] = {1, 3, (uint8_t)(2 * words), 9, 9, 9, 9, 9, 9};

		reset(state);
		for (uint8_t n = 1; n <= 3; n++)
			PUT(1, 3, 0x50, n, 0, n);
		put(answer, 3u + 2u * words);
		assert_int_equal(frame_all(seen, size), 4);
		assert_int_equal(seen[3].has_address, words > 1);
		assert_int_equal(seen[3].address, words > 1 ? 0x5000 + words : 0);
	}
}

/* Addresses 248 to 255 are reserved. */
static void units_above_247_have_no_frames(void **state)
{
	for (unsigned unit = 246; unit < 256; unit++) {
		reset(state);
		PUT((uint8_t)unit, 3, 0x50, 0x0A, 0, 2);
		assert_int_equal(frame_all(seen, size), unit <= 247);
		reset(state);
		RAW(0xFF);
		PUT((uint8_t)unit, 3, 0x50, 0x0A, 0, 2);
		assert_int_equal(frame_all(seen, size), unit <= 247);
	}
}

/* Exception codes are 1 to 11; others are no exception, also out of sync. */
static void exceptions_have_known_codes(void **state)
{
	for (unsigned code = 0; code < 14; code++) {
		for (int gap = 0; gap < 2; gap++) {
			reset(state);
			if (gap)
				RAW(0xFF);
			PUT(1, 0x83, (uint8_t)code);
			PUT(1, 3, 0x50, 0x0A, 0, 2);
			assert_int_equal(frame_all(seen, size), code >= 1 && code <= 11 ? 2 : 1);
		}
	}
}

/* A read, and an answer of the right length from some unit with some function. */
static bool is_answered(const uint8_t asked[2], const uint8_t answered[2])
{
	uint8_t answer[7] = {answered[0], answered[1], 4, 9, 9, 9, 9};
	uint8_t items = asked[1] <= 2 ? 32 : 2;

	size = 0;
	for (int i = 0; i < 3; i++) {
		PUT(asked[0], asked[1], 1, 4, 0, items);
		if (i < 2)
			PUT(asked[0], asked[1], 4, 9, 9, 9, 9);
	}
	put(answer, sizeof answer);
	assert_int_equal(frame_all(seen, size), 6);
	return seen[5].has_address;
}

/* Only the unit that was asked answers, with the function that was asked for. */
static void answers_are_of_the_unit_and_function_asked(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 4 * 4 * 4 * 4; i++) {
		const uint8_t asked[2] = {(uint8_t)(1 + i % 4), (uint8_t)(1 + i / 4 % 4)};
		const uint8_t answered[2] = {(uint8_t)(1 + i / 16 % 4), (uint8_t)(1 + i / 64)};

		assert_int_equal(is_answered(asked, answered), !memcmp(asked, answered, 2));
	}
}

/* The head of the answer to a read: unit, function and bytes; others have none that can be told. */
static void the_head_of_an_answer_is_foreseen(void **state)
{
	static const struct {
		uint8_t request[6];
		uint32_t head;
	} rows[] = {
		{{1, 3, 0x50, 0x0A, 0, 2}, 0x010304}, {{247, 4, 0, 0, 0, 125}, 0xF704FA},
		{{9, 3, 0, 0, 0, 1}, 0x090302},       {{9, 1, 0, 0, 0, 1}, 0x090101},
		{{9, 2, 0, 0, 7, 208}, 0x0902FA},     {{9, 6, 0, 0, 0, 1}, 0},
		{{9, 5, 0, 0, 0xFF, 0}, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		static struct rtu rtu;

		size = 0;
		count = 0;
		rtu_init(&rtu, collect, seen);
		put(rows[i].request, 6);
		rtu_feed(&rtu, stream, size, INSTANT_NONE);
		rtu_end(&rtu);
		assert_int_equal(count, 1);
		assert_int_equal(rtu.expected, rows[i].head);
	}
}

/* Out of sync, the last bytes that came decide nothing before the one after them is there. */
static void a_frame_may_begin_with_the_last_bytes(void **state)
{
	(void)state;
	for (size_t piece = 1; piece < 4; piece++) {
		reset(state);
		RAW(0xFF, 0xFF, 0xFF);
		PUT(1, 0x83, 2);
		PUT(1, 3, 0x50, 0x0A, 0, 2);
		assert_int_equal(frame_all(seen, piece), 2);
		assert_int_equal(seen[0].kind, FRAME_EXCEPTION);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(the_ten_published_frames, reset),
		cmocka_unit_test_setup(a_damaged_request_swallows_nothing, reset),
		cmocka_unit_test_setup(zeros_behind_a_frame_belong_to_nobody, reset),
		cmocka_unit_test_setup(a_run_of_zeros_is_no_request, reset),
		cmocka_unit_test_setup(echoes_are_responses, reset),
		cmocka_unit_test_setup(doubtful_answers_get_no_address, reset),
		cmocka_unit_test_setup(broadcasts_are_requests, reset),
		cmocka_unit_test_setup(all_public_functions_are_framed, reset),
		cmocka_unit_test_setup(any_chunking_gives_the_same, reset),
		cmocka_unit_test_setup(noise_makes_no_frames, reset),
		cmocka_unit_test_setup(silence_decides, reset),
		cmocka_unit_test_setup(nobody_waits_for_a_list_without_end, reset),
		cmocka_unit_test_setup(requests_are_paired_with_answers, reset),
		cmocka_unit_test_setup(mbap_is_matched_by_transaction, reset),
		cmocka_unit_test_setup(an_answer_after_three_seconds_is_nobodys, reset),
		cmocka_unit_test_setup(an_echo_comes_within_a_second, reset),
		cmocka_unit_test_setup(weak_frames_need_a_known_unit, reset),
		cmocka_unit_test_setup(the_shortest_frame_has_four_bytes, reset),
		cmocka_unit_test_setup(gaps_that_hide_a_request, reset),
		cmocka_unit_test_setup(a_long_echo_of_diagnostics_is_framed, reset),
		cmocka_unit_test_setup(two_requests_may_be_outstanding, reset),
		cmocka_unit_test_setup(units_above_247_have_no_frames, reset),
		cmocka_unit_test_setup(exceptions_have_known_codes, reset),
		cmocka_unit_test_setup(answers_are_of_the_unit_and_function_asked, reset),
		cmocka_unit_test_setup(the_head_of_an_answer_is_foreseen, reset),
		cmocka_unit_test_setup(a_frame_may_begin_with_the_last_bytes, reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
