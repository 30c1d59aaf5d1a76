/* Requests joined with answers, and the record of every public function (Modbus V1.1b3, 6). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "printed.h"
#include "base/error.h"
#include "protocol/modbus.h"

static struct modbus_pairing pairing;
static struct record record;
static char lines[16384];

static void collect(void *context, const struct modbus_transaction *t)
{
	(void)context;
	modbus_record(&record, t);
	assert_true(strlen(lines) + strlen(printed(&record)) + 2 <= sizeof lines);
	strcat(strcat(lines, printed(&record)), "\n");
}

static int fresh(void **state)
{
	(void)state;
	lines[0] = '\0';
	modbus_pairing_init(&pairing, 2, collect, NULL);
	return 0;
}

static int end(void **state)
{
	(void)state;
	record_free(&record);
	return 0;
}

static void request(uint64_t sequence, const char *hex)
{
	uint8_t data[ADU_MAX];
	size_t size = hex_bytes(data, sizeof data, hex);
	struct modbus_frame frame = {.sequence = sequence,
	                             .time = (instant)sequence * 100,
	                             .data = data,
	                             .size = (uint16_t)size,
	                             .kind = FRAME_REQUEST,
	                             .unit = data[0],
	                             .function = data[1]};

	adu_address(&frame, data, size);
	modbus_pairing_frame(&pairing, &frame);
}

/* Ten ms after the request that it answers; 0: the request is unknown. */
static void answer(uint64_t answers, const char *hex)
{
	uint8_t data[ADU_MAX];
	size_t size = hex_bytes(data, sizeof data, hex);
	struct modbus_frame frame = {.answers = answers,
	                             .time = (instant)answers * 100 + 10,
	                             .data = data,
	                             .size = (uint16_t)size,
	                             .kind = FRAME_RESPONSE,
	                             .unit = data[0],
	                             .function = data[1] & 0x7F};

	if (data[1] & 0x80) {
		frame.kind = FRAME_EXCEPTION;
		frame.exception = data[2];
	}
	modbus_pairing_frame(&pairing, &frame);
}

static void functions(void **state)
{
	static const struct {
		const char *request, *answer, *record;
	} cases[] = {
		{"01 01 0013 000A", "01 01 02 CD02",
	         "\"function\":1,\"address\":19,\"count\":10,\"status\":\"ok\","
	         "\"rtt_ms\":10,\"coils\":[1,0,1,1,0,0,1,1,0,1]}"},
		{"01 02 0013 0003", "01 02 01 05",
	         "\"function\":2,\"address\":19,\"count\":3,\"status\":\"ok\","
	         "\"rtt_ms\":10,\"coils\":[1,0,1]}"},
		{"01 03 500A 0002", "01 03 04 3FA16873",
	         "\"function\":3,\"address\":20490,\"count\":2,"
	         "\"status\":\"ok\",\"rtt_ms\":10,\"registers\":[16289,26739]}"},
		{"01 04 0000 0001", "01 04 02 FFFF", "\"registers\":[65535]}"},
		{"01 05 00AC FF00", "01 05 00AC FF00",
	         "\"function\":5,\"address\":172,\"count\":1,"
	         "\"status\":\"ok\",\"rtt_ms\":10,\"coils\":[1]}"},
		{"01 05 00AC 0000", "01 05 00AC 0000", "\"coils\":[0]}"},
		{"01 06 0001 0003", "01 06 0001 0003",
	         "\"address\":1,\"count\":1,\"status\":\"ok\","
	         "\"rtt_ms\":10,\"registers\":[3]}"},
		{"01 07", "01 07 6D",
	         "\"function\":7,\"status\":\"ok\",\"rtt_ms\":10,\"data\":\"6D\"}"},
		{"01 08 0000 A537", "01 08 0000 A537", "\"data\":\"0000A537\"}"},
		{"01 0F 0013 000A 02 CD01", "01 0F 0013 000A",
	         "\"function\":15,\"address\":19,\"count\":10,"
	         "\"status\":\"ok\",\"rtt_ms\":10,\"coils\":[1,0,1,1,0,0,1,1,1,0]}"},
		{"01 10 0001 0002 04 000A 0102", "01 10 0001 0002",
	         "\"function\":16,\"address\":1,\"count\":2,"
	         "\"status\":\"ok\",\"rtt_ms\":10,\"registers\":[10,258]}"},
		{"01 11", "01 11 02 42FF", "\"data\":\"0242FF\"}"},
		{"01 16 0004 00F2 0025", "01 16 0004 00F2 0025",
	         "\"and_mask\":242,\"or_mask\":37}"},
		{"01 17 0003 0002 000E 0001 02 00FF", "01 17 04 00FE 0ACD",
	         "\"registers\":[254,2765],"
	         "\"write_address\":14,\"written\":[255]}"},
		{"01 18 04DE", "01 18 0006 0002 01B8 1284", "\"registers\":[440,4740]}"},
		{"01 2B 0E 01 00", "01 2B 0E 01 01 00 00 02 00 03 414243 01 01 44",
	         "\"objects\":[{\"id\":0,\"text\":\"ABC\"},{\"id\":1,\"text\":\"D\"}]}"},
		{"01 2B 0D 01 00", "01 2B 0D 01 01 00 00 00", "\"data\":\"0D0101000000\"}"},
		{"01 03 0000 0001", "01 83 02",
	         "\"status\":\"exception\",\"exception\":2,\"rtt_ms\":10}"},
		{"01 06 0001 0003", "01 86 04",
	         "\"status\":\"exception\",\"exception\":4,\"rtt_ms\":10}"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		fresh(NULL);
		request(1, cases[i].request);
		assert_string_equal(lines, "");
		answer(1, cases[i].answer);
		if (!strstr(lines, cases[i].record))
			fail_msg("%s\n  not in %s", cases[i].record, lines);
		assert_int_equal(pairing.no_response + pairing.unpaired, 0);
	}
}

/* A broadcast is complete when it was sent; the request holds the values written. */
static void broadcasts(void **state)
{
	(void)state;
	request(1, "00 06 0001 0003");
	assert_non_null(strstr(
		lines, "\"unit\":0,\"function\":6,\"address\":1,\"count\":1,\"status\":\"ok\","
		       "\"registers\":[3]}"));
	assert_int_equal(pairing.count, 0);
}

/* An answer whose request was not seen: the values, but never an address or count made up. */
static void unpaired(void **state)
{
	static const struct {
		const char *answer, *record;
	} cases[] = {
		{"01 03 02 00FF", "\"function\":3,\"status\":\"unpaired\",\"registers\":[255]}"},
		{"01 03 00", "\"function\":3,\"status\":\"unpaired\"}"},
		{"01 04 00", "\"function\":4,\"status\":\"unpaired\"}"},
		{"01 04 02 00FF", "\"function\":4,\"status\":\"unpaired\",\"registers\":[255]}"},
		{"01 01 01 05",
	         "\"function\":1,\"status\":\"unpaired\",\"coils\":[1,0,1,0,0,0,0,0]}"},
		{"01 05 00AC FF00", "\"status\":\"unpaired\",\"coils\":[1]}"},
		{"01 0F 0013 000A", "\"function\":15,\"status\":\"unpaired\"}"},
		{"01 10 0001 0002", "\"function\":16,\"status\":\"unpaired\"}"},
		{"01 16 0004 00F2 0025",
	         "\"status\":\"unpaired\",\"and_mask\":242,\"or_mask\":37}"},
		{"01 17 02 00FE", "\"status\":\"unpaired\",\"registers\":[254]}"},
		{"01 81 01", "\"status\":\"unpaired\",\"exception\":1}"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		fresh(NULL);
		answer(0, cases[i].answer);
		if (!strstr(lines, cases[i].record))
			fail_msg("%s\n  not in %s", cases[i].record, lines);
	}
	assert_int_equal(pairing.unpaired, 1);
}

/* An answer closes what was asked before it; one to a request that is gone is unpaired. */
static void lost_answers(void **state)
{
	(void)state;
	request(1, "01 03 0000 0001");
	request(2, "01 03 0001 0001");
	answer(2, "01 03 02 0007");
	assert_non_null(strstr(lines, "\"address\":0,\"count\":1,\"status\":\"no_response\"}"));
	assert_non_null(strstr(lines, "\"address\":1,\"count\":1,\"status\":\"ok\",\"rtt_ms\":10,"
	                              "\"registers\":[7]}"));
	answer(2, "01 03 02 0007");
	assert_int_equal(pairing.unpaired, 1);
	for (uint64_t i = 3; i < 6; i++)
		request(i, "01 03 0002 0001");
	assert_int_equal(pairing.count, 2); /* the limit: the oldest was given up */
	assert_int_equal(pairing.no_response, 2);
	modbus_pairing_end(&pairing);
	assert_int_equal(pairing.no_response, 4);
}

/* Over TCP sixteen requests may wait, also when the ring of them has turned. */
static void sixteen_requests_may_wait(void **state)
{
	(void)state;
	modbus_pairing_init(&pairing, MODBUS_PENDING, collect, NULL);
	assert_int_equal(MODBUS_PENDING, 16);
	for (uint64_t i = 1; i <= 40; i++)
		request(i, "01 03 0000 0001");
	assert_int_equal(pairing.count, 16);
	assert_int_equal(pairing.no_response, 24);
	lines[0] = '\0';
	answer(25, "01 03 02 0007"); /* the oldest that still waits */
	assert_int_equal(pairing.unpaired, 0);
	assert_int_equal(pairing.count, 15);
	answer(40, "01 03 02 0007");
	assert_int_equal(pairing.no_response, 24 + 14);
	assert_int_equal(pairing.count, 0);
}

static void frames(void **state)
{
	struct modbus_frame frame = {.offset = 37,
	                             .length = 5,
	                             .time = INSTANT_NONE,
	                             .unit = 1,
	                             .kind = FRAME_EXCEPTION,
	                             .function = 3,
	                             .exception = 2};

	(void)state;
	modbus_frame_record(&record, &frame);
	assert_string_equal(printed(&record),
	                    "{\"type\":\"frame\",\"offset\":37,\"length\":5,"
	                    "\"kind\":\"exception\",\"unit\":1,\"function\":3,\"exception\":2}");
}

/* MODBUS Application Protocol V1.1b3, section 7, and "negative acknowledge" of older versions. */
static void exceptions_have_the_words_of_the_standard(void **state)
{
	static const char *const texts[256] = {
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

	(void)state;
	for (unsigned code = 0; code < 256; code++)
		assert_string_equal(modbus_exception_text(code),
		                    texts[code] ? texts[code] : "unknown exception");
}

static void functions_have_names(void **state)
{
	static const char *const names[256] = {
		[1] = "read coils",
		[2] = "read discrete inputs",
		[3] = "read holding",
		[4] = "read input",
		[5] = "write coil",
		[6] = "write register",
		[7] = "read exception status",
		[8] = "diagnostics",
		[11] = "comm event counter",
		[12] = "comm event log",
		[15] = "write coils",
		[16] = "write registers",
		[17] = "report server id",
		[20] = "read file",
		[21] = "write file",
		[22] = "mask write",
		[23] = "read/write registers",
		[24] = "read fifo",
		[43] = "device identification",
	};

	(void)state;
	for (unsigned function = 0; function < 256; function++) {
		const char *name = modbus_function_name(function);

		if (names[function])
			assert_string_equal(name, names[function]);
		else
			assert_null(name);
	}
}

static void errors_have_texts(void **state)
{
	(void)state;
	assert_string_equal(error_text(0), "success");
	assert_string_equal(error_text(EM_TRUNCATED), "truncated");
	assert_string_equal(error_text(EM_DENIED), "access denied");
	assert_string_equal(error_text(EM_DENIED - 1), "unknown error");
	assert_string_equal(error_text(1), "unknown error");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(functions, fresh),
		cmocka_unit_test_setup(broadcasts, fresh),
		cmocka_unit_test_setup(unpaired, fresh),
		cmocka_unit_test_setup(lost_answers, fresh),
		cmocka_unit_test_setup(sixteen_requests_may_wait, fresh),
		cmocka_unit_test(frames),
		cmocka_unit_test(exceptions_have_the_words_of_the_standard),
		cmocka_unit_test(functions_have_names),
		cmocka_unit_test(errors_have_texts),
	};

	return cmocka_run_group_tests(tests, NULL, end);
}
