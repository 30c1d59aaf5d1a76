/*
 * What the standard says of requests and responses (MODBUS Application Protocol V1.1b3), row by row:
 * lengths, limits, exceptions, and the examples of its section 6.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "printed.h"
#include "frame/adu_build.h"
#include "frame/mbap.h"
#include "frame/rtu.h"

/* Lengths from the unit to the last byte of data; a counter adds the byte that it points at. */
static const struct {
	unsigned function, request, request_counter, response, response_counter;
} lengths[] = {
	{1, 6, 0, 3, 2},  {2, 6, 0, 3, 2},    {3, 6, 0, 3, 2},  {4, 6, 0, 3, 2},  {5, 6, 0, 6, 0},
	{6, 6, 0, 6, 0},  {7, 2, 0, 3, 0},    {8, 6, 0, 6, 0},  {11, 2, 0, 6, 0}, {12, 2, 0, 3, 2},
	{15, 7, 6, 6, 0}, {16, 7, 6, 6, 0},   {17, 2, 0, 3, 2}, {20, 3, 2, 3, 2}, {21, 3, 2, 3, 2},
	{22, 8, 0, 8, 0}, {23, 11, 10, 3, 2},
};

static void length_row(int (*size)(const uint8_t *, size_t), unsigned function, unsigned fixed,
                       unsigned counter)
{
	uint8_t data[ADU_MAX] = {1, (uint8_t)function};

	if (!counter) {
		assert_int_equal(size(data, 2), fixed);
		return;
	}
	assert_int_equal(size(data, counter), 0);
	for (unsigned count = 0; count < 256; count++) {
		data[counter] = (uint8_t)count;
		assert_int_equal(size(data, counter + 1),
		                 fixed + count <= 254 ? (int)(fixed + count) : -1);
	}
}

static void lengths_of_each_function(void **state)
{
	size_t row = 0;

	(void)state;
	for (unsigned function = 0; function < 256; function++) {
		const uint8_t data[ADU_MAX] = {1, (uint8_t)function};

		if (row < sizeof lengths / sizeof *lengths && lengths[row].function == function) {
			length_row(adu_request_size, function, lengths[row].request,
			           lengths[row].request_counter);
			length_row(adu_response_size, function, lengths[row].response,
			           lengths[row].response_counter);
			row++;
			continue;
		}
		if (function == 24 || function == 43) /* below */
			continue;
		assert_int_equal(adu_request_size(data, ADU_MAX), -1);
		assert_int_equal(adu_response_size(data, ADU_MAX), function < 128 ? -1 : 3);
	}
	assert_int_equal(row, sizeof lengths / sizeof *lengths);
	assert_int_equal(adu_request_size((const uint8_t *)"\1", 1), 0);
	assert_int_equal(adu_response_size((const uint8_t *)"\1", 1), 0);
	assert_int_equal(adu_counted_size((const uint8_t *)"\1\3\4"), 7);
}

static void lengths_of_lists(void **state)
{
	static const struct {
		const char *bytes;
		int request, response;
	} rows[] = {
		{"01 18", 4, 0},
		{"01 18 00", 4, 0},
		{"01 18 0006", 4, 10},
		{"01 18 00FA", 4, 254},
		{"01 18 00FB", 4, -1},
		{"01 2B", 5, 0},
		{"01 2B 0D", 5, -1},
		{"01 2B 0E", 5, 0},
		{"01 2B 0E 01 01 00 00", 5, 0},
		{"01 2B 0E 01 01 00 00 00", 5, 8},
		{"01 2B 0E 01 01 00 00 01", 5, 0},
		{"01 2B 0E 01 01 00 00 01 00", 5, 0},
		{"01 2B 0E 01 01 00 00 01 00 03", 5, 13},
		{"01 2B 0E 01 01 00 00 01 00 F4", 5, 254},
		{"01 2B 0E 01 01 00 00 01 00 F5", 5, -1},
		{"01 2B 0E 01 01 00 00 02 00 01 41 01 02", 5, 15},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		uint8_t bytes[ADU_MAX];
		size_t n = hex_bytes(bytes, sizeof bytes, rows[i].bytes);

		if (adu_request_size(bytes, n) != rows[i].request ||
		    adu_response_size(bytes, n) != rows[i].response)
			fail_msg("%s: %d, %d", rows[i].bytes, adu_request_size(bytes, n),
			         adu_response_size(bytes, n));
	}
}

static void functions_are_public_exceptions_or_neither(void **state)
{
	static const uint8_t public[] = {1,  2,  3,  4,  5,  6,  7,  8,  11, 12,
	                                 15, 16, 17, 20, 21, 22, 23, 24, 43};

	(void)state;
	for (unsigned function = 0; function < 256; function++) {
		bool known = memchr(public, (int)function, sizeof public) != NULL;

		assert_int_equal(adu_function_kind[function], known            ? ADU_PUBLIC
		                                              : function > 128 ? ADU_EXCEPTION
		                                                               : 0);
		assert_int_equal(adu_function_known((uint8_t)function), known);
	}
}

/* "Q!": a strong request, "r": a response that chance could make. */
static void structures_that_rule_out_chance(void **state)
{
	static const struct {
		const char *bytes, *shapes;
	} rows[] = {
		{"01", "q"},
		{"01 03", "Q!r"},
		{"01 01 0000 0001", "Q!"},
		{"01 03 0000 0001", "Q!"},
		{"01 04 02 0000", "Q!r"},
		{"01 05 0000", "Q!"},
		{"01 05 0000 FF00", "Q!R!"},
		{"01 06 0000 0000", "qr"},
		{"01 07", "qr"},
		{"01 08", "q"},
		{"01 08 0000 0000", "qr"},
		{"01 0B", "qr"},
		{"01 0C", "qr"},
		{"01 0F 0000 0001 01", "Q!R!"},
		{"01 10 0000 0001 02", "Q!R!"},
		{"01 11", "qr"},
		{"01 14", "qr"},
		{"01 14 03", ""},
		{"01 14 04", "R!"},
		{"01 14 06", "R!"},
		{"01 14 07", "Q!R!"},
		{"01 14 08", "R!"},
		{"01 14 F5", "Q!R!"},
		{"01 14 F6", ""},
		{"01 14 FC", ""},
		{"01 14 07 06", "Q!R!"},
		{"01 15 08", ""},
		{"01 15 09", "Q!R!"},
		{"01 15 09 06", "Q!R!"},
		{"01 15 09 05", ""},
		{"01 15 09 06 0004 0007 0001", "Q!R!"},
		{"01 16", "qr"},
		{"01 17", "Q!r"},
		{"01 18", "qR!"},
		{"01 2B", "Q!"},
		{"01 2B 0E 01 00", "Q!R!"},
		{"01 83 02", "x"},
		{"F7 03", "Q!r"},
		{"F8 03", ""},
		{"00 03", ""},
		{"00 04", ""},
		{"00 05", "Q!"},
		{"00 06", "qr"},
		{"00 0F", "Q!R!"},
		{"00 10", "Q!R!"},
		{"00 16", "qr"},
		{"00 17", "Q!r"},
		{"01 05 0000 FF01", ""},
		{"01 08 0015 0000", "qr"},
		{"01 08 0016 0000", ""},
		{"01 0B 0000", "qr"},
		{"01 0B FFFF", "qr"},
		{"01 0B 0001", "q"},
		{"01 0C 00", "q"},
		{"01 0C 01", "qr"},
		{"01 11 00", "q"},
		{"01 17 00", "Q!"},
		{"01 17 02", "Q!r"},
		{"01 17 03", "Q!"},
		{"01 17 FA", "Q!r"},
		{"01 17 FC", "Q!"},
		{"01 18 0040 001F", "qR!"},
		{"01 18 0042 0020", "q"},
		{"01 18 0004 0000", "q"},
		{"01 2B 0D", ""},
		{"01 2B 0E 00 00", "R!"},
		{"01 2B 0E 04 00", "Q!R!"},
		{"01 2B 0E 05 00", "R!"},
		{"01 2B 0E 01 01 00", "Q!R!"},
		{"01 2B 0E 01 01 FF", "Q!R!"},
		{"01 2B 0E 01 01 01", "Q!"},
		{"01 2B 0E 00 01 00", ""},
		{"01 2B 0E 05 01 00", ""},
		{"01 80 01", ""},
		{"01 81 01", "x"},
		{"01 83 00", ""},
		{"01 83 0B", "x"},
		{"01 83 0C", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		uint8_t bytes[ADU_MAX];
		struct adu_shape list[2];
		size_t n = hex_bytes(bytes, sizeof bytes, rows[i].bytes);
		size_t count = adu_shapes(bytes, n, list);
		char got[8] = "";

		for (size_t k = 0; k < count; k++) {
			const char *kinds = list[k].strong ? "QRX" : "qrx";

			snprintf(got + strlen(got), sizeof got - strlen(got), "%c%s",
			         kinds[list[k].kind], list[k].strong ? "!" : "");
		}
		if (strcmp(got, rows[i].shapes) != 0)
			fail_msg("%s: %s, not %s", rows[i].bytes, got, rows[i].shapes);
	}
}

static void limits_of_each_function(void **state)
{
	static const unsigned limits[256] = {[1] = 2000, [2] = 2000, [3] = 125,   [4] = 125,
	                                     [5] = 1,    [6] = 1,    [15] = 1968, [16] = 123};
	static const char reads[] = {1, 2, 3, 4}, writes[] = {5, 6, 15, 16}, bits[] = {1, 2, 5, 15};

	(void)state;
	for (unsigned function = 0; function < 256; function++) {
		struct adu_access a = {.function = (uint8_t)function, .count = 1};
		unsigned limit = limits[function];

		assert_int_equal(adu_limit(function), limit);
		assert_int_equal(adu_is_read(function), memchr(reads, (int)function, 4) != NULL);
		assert_int_equal(adu_is_write(function), memchr(writes, (int)function, 4) != NULL);
		assert_int_equal(adu_is_bits(function), memchr(bits, (int)function, 4) != NULL);
		assert_int_equal(adu_check(&a), limit ? 0 : 1);
		if (!limit)
			continue;
		a.count = 0;
		assert_int_equal(adu_check(&a), 3);
		a.count = limit;
		assert_int_equal(adu_check(&a), 0);
		a.address = (uint16_t)(65536 - limit);
		assert_int_equal(adu_check(&a), 0);
		a.count = limit + 1;
		assert_int_equal(adu_check(&a), 3);
		a.count = limit;
		a.address++;
		assert_int_equal(adu_check(&a), limit == 1 ? 0 : 2);
	}
	assert_int_equal(ADU_MAX_EXCHANGED_WORDS, 121);
	assert_int_equal(ADU_MAX_FIFO_WORDS, 31);
}

static const struct {
	const char *request, *response;
	unsigned function, address, count;
	uint16_t words[24];
} examples[] = {
	{"11 01 0013 0013",
         "11 01 03 CD6B05",
         1,
         0x13,
         19,
         {1, 0, 1, 1, 0, 0, 1, 1, 1, 1, 0, 1, 0, 1, 1, 0, 1, 0, 1}},
	{"11 02 00C4 0016", "11 02 03 ACDB35", 2, 0xC4, 22, {0, 0, 1, 1, 0, 1, 0, 1, 1, 1, 0,
                                                             1, 1, 0, 1, 1, 1, 0, 1, 0, 1, 1}},
	{"11 03 006B 0003", "11 03 06 022B 0000 0064", 3, 0x6B, 3, {555, 0, 100}},
	{"11 04 0008 0001", "11 04 02 000A", 4, 8, 1, {10}},
	{"11 05 00AC FF00", "11 05 00AC FF00", 5, 0xAC, 1, {1}},
	{"11 05 00AC 0000", "11 05 00AC 0000", 5, 0xAC, 1, {0}},
	{"11 06 0001 0003", "11 06 0001 0003", 6, 1, 1, {3}},
	{"11 0F 0013 000A 02 CD01",
         "11 0F 0013 000A",
         15,
         0x13,
         10,
         {1, 0, 1, 1, 0, 0, 1, 1, 1, 0}},
	{"11 10 0001 0002 04 000A 0102", "11 10 0001 0002", 16, 1, 2, {10, 0x0102}},
};

static void the_examples_of_the_standard(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
		uint8_t request[ADU_MAX], response[ADU_MAX], made[ADU_MAX];
		size_t n = hex_bytes(request, sizeof request, examples[i].request);
		size_t m = hex_bytes(response, sizeof response, examples[i].response);
		uint16_t words[ADU_MAX_READ_BITS] = {0};
		struct adu_access a = {.words = words};
		size_t bytes = examples[i].count * sizeof *words;

		assert_int_equal(adu_parse_request(&a, request, n), 0);
		assert_int_equal(a.unit, 0x11);
		assert_int_equal(a.function, examples[i].function);
		assert_int_equal(a.address, examples[i].address);
		assert_int_equal(a.count, examples[i].count);
		if (adu_is_write(a.function))
			assert_memory_equal(words, examples[i].words, bytes);
		else
			adu_parse_response(&a, response);
		assert_memory_equal(words, examples[i].words, bytes);
		assert_int_equal(adu_build_request(made, &a), n);
		assert_memory_equal(made, request, n);
		assert_int_equal(adu_build_response(made, &a), m);
		assert_memory_equal(made, response, m);
		assert_int_equal(adu_request_size(request, n), n);
		assert_int_equal(adu_response_size(response, m), m);
		assert_true(adu_answers(request, n, response, m));
	}
}

static void faults_of_requests(void **state)
{
	static const struct {
		const char *request;
		int exception;
	} rows[] = {
		{"01", 1},
		{"01 00", 1},
		{"01 07", 1},
		{"01 16 0004 00F2 0025", 1},
		{"01 83 02", 1},
		{"01 03 0000 00", 3},
		{"01 03 0000 0000", 3},
		{"01 03 0000 007D", 0},
		{"01 03 0000 007E", 3},
		{"01 03 FFFF 0001", 0},
		{"01 03 FFFF 0002", 2},
		{"01 01 0000 07D0", 0},
		{"01 01 0000 07D1", 3},
		{"01 05 0000 FF00", 0},
		{"01 05 0000 FF01", 3},
		{"01 05 0000 0001", 3},
		{"01 05 0000", 3},
		{"01 06 FFFF FFFF", 0},
		{"01 10 0000 0001", 3},
		{"01 10 0000 0001 02 0000", 0},
		{"01 10 0000 0001 03 0000", 3},
		{"01 10 0000 0001 02 00", 3},
		{"01 10 0000 0001 02 000000", 3},
		{"01 10 0000 0002 02 0000", 3},
		{"01 10 FFFF 0002 04 00000000", 2},
		{"01 10 0000 007C F8", 3},
		{"01 0F 0000 0008 01 FF", 0},
		{"01 0F 0000 0009 01 FF", 3},
		{"01 0F 0000 0009 02 FF01", 0},
	};
	static uint16_t words[ADU_MAX_READ_BITS];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		uint8_t request[ADU_MAX];
		size_t n = hex_bytes(request, sizeof request, rows[i].request);
		struct adu_access a = {.words = words};
		int got = adu_parse_request(&a, request, n);

		if (got != rows[i].exception)
			fail_msg("%s: %d, not %d", rows[i].request, got, rows[i].exception);
	}
}

static void exceptions_are_built(void **state)
{
	uint8_t adu[ADU_MAX];

	(void)state;
	assert_int_equal(adu_build_exception(adu, 0x0A, 0x01, 2), 3);
	assert_memory_equal(adu, "\x0A\x81\x02", 3);
	for (unsigned code = 0; code < 256; code++)
		assert_int_equal(adu_exception_passes(code),
		                 code == 5 || code == 6 || code == 10 || code == 11);
}

/* The frame of MODBUS Messaging on TCP/IP V1.0b, 4.2, and a published RTU frame of an N1-CT. */
static void frames_around_a_request(void **state)
{
	uint8_t tcp[MBAP_FRAME_MAX] = {[6] = 0xFF, 3, 0, 4, 0, 1};
	uint8_t rtu[RTU_FRAME_MAX] = {1, 3, 0x50, 0x0A, 0, 2};

	(void)state;
	assert_int_equal(mbap_wrap(tcp, 0x1501, 6), 12);
	assert_memory_equal(tcp, "\x15\x01\0\0\0\6\xFF\3\0\4\0\1", 12);
	assert_int_equal(mbap_transaction(tcp), 0x1501);
	assert_int_equal(mbap_length(tcp), 6);
	assert_int_equal(mbap_wrap(tcp, 1, 254), 260);
	assert_int_equal(mbap_length(tcp), 254);
	assert_int_equal(rtu_seal(rtu, 6), 8);
	assert_memory_equal(rtu, "\1\3\x50\x0A\0\2\xF5\x09", 8);
	assert_true(rtu_crc_good(rtu, 8));
	rtu[3] ^= 1;
	assert_false(rtu_crc_good(rtu, 8));
	assert_int_equal(MBAP_FRAME_MAX, 260);
	assert_int_equal(RTU_FRAME_MAX, 256);
}

static void headers_within_limits(void **state)
{
	static const struct {
		const char *header;
		bool good;
	} rows[] = {
		{"0001 0000 0002", true},  {"FFFF 0000 00FE", true},  {"0001 0000 0001", false},
		{"0001 0000 0000", false}, {"0001 0000 00FF", false}, {"0001 0000 0102", false},
		{"0001 0001 0006", false}, {"0001 0100 0006", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		uint8_t header[MBAP_HEADER];

		hex_bytes(header, sizeof header, rows[i].header);
		assert_int_equal(mbap_header_good(header), rows[i].good);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lengths_of_each_function),
		cmocka_unit_test(lengths_of_lists),
		cmocka_unit_test(functions_are_public_exceptions_or_neither),
		cmocka_unit_test(structures_that_rule_out_chance),
		cmocka_unit_test(limits_of_each_function),
		cmocka_unit_test(the_examples_of_the_standard),
		cmocka_unit_test(faults_of_requests),
		cmocka_unit_test(exceptions_are_built),
		cmocka_unit_test(frames_around_a_request),
		cmocka_unit_test(headers_within_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
