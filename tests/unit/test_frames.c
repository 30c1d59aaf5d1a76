/* Frames piece by piece: the shapes of Modbus PDUs, MBAP headers, and pushes that lose their parts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "printed.h"
#include "frame/adu.h"
#include "frame/hdlc.h"
#include "frame/mbap.h"
#include "frame/mbus.h"
#include "frame/p1.h"
#include "frame/push.h"
#include "protocol/cosem/notification.h"

/* "Q6 R8": a request of 6 bytes and a response of 8; 0: more bytes are needed; X: an exception. */
static void shapes(void **state)
{
	static const struct {
		const char *bytes, *shapes;
	} cases[] = {
		{"", ""},
		{"01", "Q0"},
		{"F8 03", ""},
		{"00 03", ""},
		{"00 06 0001 0003", "Q6 R6"},
		{"01 03 0000 0001", "Q6"},
		{"01 03 0000 007E", ""},
		{"01 03 0000 0000", ""},
		{"01 03 FFFF 0001", "Q6"},
		{"01 03 FFFF 0002", ""},
		{"01 03 02", "Q0 R5"},
		{"01 03 03", "Q0"},
		{"01 03 FC", "Q0"},
		{"01 03", "Q0 R0"},
		{"01 01 0000 07D0", "Q6"},
		{"01 01 0000 07D1", ""},
		{"01 01 01", "Q0 R4"},
		{"01 01 FB", "Q0"},
		{"01 05 0001", "Q0"},
		{"01 05 0001 FF00", "Q6 R6"},
		{"01 05 0001 0001", ""},
		{"01 07", "Q2 R3"},
		{"01 08 00", "Q0"},
		{"01 08 0000", "Q6 R6"},
		{"01 08 0016", ""},
		{"01 0B", "Q2 R0"},
		{"01 0B 0000", "Q2 R6"},
		{"01 0B FFFF", "Q2 R6"},
		{"01 0B 0101", "Q2"},
		{"01 0C", "Q2 R0"},
		{"01 0C 00", "Q2"},
		{"01 11 03", "Q2 R6"},
		{"01 0F 0000 000A", "Q0 R6"},
		{"01 0F 0000 000A 02", "Q9 R6"},
		{"01 0F 0000 000A 03", "R6"},
		{"01 0F 0000 07B1", ""},
		{"01 10 0000 0000", ""},
		{"01 10 0000 007C", ""},
		{"01 10 FFFF 0002", ""},
		{"01 10 0000 007B F6", "Q253 R6"},
		{"01 14", "Q0 R0"},
		{"01 14 07 06", "Q10 R10"},
		{"01 14 07 05", "R10"},
		{"01 14 08 03 06 0000 03 06", "R11"},
		{"01 14 0C 05 06 0DFE0020 05 06 33CD0040", "R15"},
		{"01 14 05 09 06", ""},
		{"01 14 04 04 06", ""},
		{"01 14 F6", ""},
		{"01 14 F5", "Q248 R248"},
		{"01 15 09 06 0004 0007 0001", "Q12 R12"},
		{"01 15 09 06 0004 0007 0002", ""},
		{"01 15 09 07", ""},
		{"01 15 08", ""},
		{"01 16", "Q8 R8"},
		{"01 17 02", "Q0 R5"},
		{"01 17 0003 0006 000E 0003 06", "Q17"},
		{"01 17 0003 0006 000E 0003 05", ""},
		{"01 17 0003 007E 000E 0003 06", ""},
		{"01 17 0003 0000 000E 0003 06", ""},
		{"01 17 0003 0006 000E 0000 00", ""},
		{"01 17 0003 0006 000E 007A F4", ""},
		{"01 18 04DE", "Q4 R0"},
		{"01 18 0006 0002", "Q4 R10"},
		{"01 18 0006 0003", "Q4"},
		{"01 18 0042 0020", "Q4"},
		{"01 2B", "Q0"},
		{"01 2B 0D", ""},
		{"01 2B 0E", "Q0 R0"},
		{"01 2B 0E 01 00", "Q5 R0"},
		{"01 2B 0E 05 00 00", ""},
		{"01 2B 0E 01 01 01", "Q5"},
		{"01 2B 0E 01 01 00 00 01", "Q5 R0"},
		{"01 2B 0E 01 81 FF 00 01 00 03", "Q5 R13"},
		{"01 2B 0E 00 81", "R0"},
		{"01 2B 0E 01 01 00 00 01 00 F4", "Q5 R254"},
		{"01 2B 0E 01 01 00 00 01 00 F5", "Q5"},
		{"01 2B 0E 01 01 00 00 02 00 F2", "Q5 R0"},
		{"01 2B 0E 01 01 00 00 02 00 F3", "Q5"},
		{"01 83", "X0"},
		{"01 83 02", "X3"},
		{"01 83 0C", ""},
		{"01 83 00", ""},
		{"01 41", ""},
		{"01 80 01", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		uint8_t bytes[ADU_MAX];
		struct adu_shape list[2];
		char got[32] = "";
		size_t n = hex_bytes(bytes, sizeof bytes, cases[i].bytes),
		       count = adu_shapes(bytes, n, list);

		for (size_t k = 0; k < count; k++)
			snprintf(got + strlen(got), sizeof got - strlen(got), "%s%c%u",
			         k ? " " : "", "QRX"[list[k].kind], list[k].size);
		if (strcmp(got, cases[i].shapes) != 0)
			fail_msg("%s: %s, not %s", cases[i].bytes, got, cases[i].shapes);
	}
}

static void answers(void **state)
{
	static const struct {
		const char *request, *response;
		bool fits;
	} cases[] = {
		{"01 03 0000 0001", "01 03 02 0007", true},
		{"01 03 0000 0001", "02 03 02 0007", false},
		{"01 03 0000 0001", "01 04 02 0007", false},
		{"01 03 0000 0001", "01 03 04 00070008", false},
		{"01 03 0000 0001", "01 83 02", true},
		{"01 03 0000 0001", "01 03", false},
		{"01 01 0000 000A", "01 01 02 FFFF", true},
		{"01 17 0003 0001 000E 0001 02 0000", "01 17 02 0000", true},
		{"01 06 0001 0003", "01 06 0001 0003", true},
		{"01 06 0001 0003", "01 06 0001 0004", false},
		{"01 06 0001 0003", "01 06 0001", false},
		{"01 10 0001 0001 02 0000", "01 10 0001 0001", true},
		{"01 10 0001 0001 02 0000", "01 10 0001 0002", false},
		{"01 10 0001 0001 02 0000", "01 10 0001", false},
		{"01 08 0000 A537", "01 08 0000 A537", true},
		{"01 08 0000 A537", "01 08 0001 A537", false},
		{"01 08 0000 A537", "01 08", false},
		{"01 08", "01 08 0000", false},
		{"01 11", "01 11 01 00", true},
		{"01 03 0000", "01 03 02 0007", true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		uint8_t request[32], response[32];
		size_t n = hex_bytes(request, sizeof request, cases[i].request);
		size_t m = hex_bytes(response, sizeof response, cases[i].response);

		if (adu_answers(request, n, response, m) != cases[i].fits)
			fail_msg("%s answered by %s", cases[i].request, cases[i].response);
	}
}

static size_t frames;
static struct modbus_frame last;

static void count(void *context, const struct modbus_frame *frame)
{
	(void)context;
	frames++;
	last = *frame;
}

static void mbap_headers(void **state)
{
	static const struct {
		const char *bytes;
		bool header;
	} cases[] = {
		{"0001 0000 0006 FF 03 0000 0001", true},
		{"0001 0001 0006 FF 03 0000 0001", false},
		{"0001 0000 0001 FF", false},
		{"0001 0000 00FF FF", false},
		{"0001 0000 0006 FF", true},
		{"0001 0000", false},
		{"0001 0000 0003 FF 83 02", true},
		{"0001 0000 0004 FF 83 02 00", false},
		{"0001 0000 0005 FF 41 010203", true},
		{"0001 0000 0005 FF 03 000000", false},
		{"0001 0000 0005 FF 03 02 0007", true},
		{"0001 0100 0006 FF 03 0000 0001", false},
	};
	static struct mbap mbap;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		uint8_t bytes[64];
		size_t n = hex_bytes(bytes, sizeof bytes, cases[i].bytes);

		assert_int_equal(mbap_recognise(bytes, n), cases[i].header);
	}
	/* More requests than are kept: the oldest is forgotten, its answer has no address. */
	assert_int_equal(MBAP_OUTSTANDING, 16);
	mbap_init(&mbap, count, NULL);
	for (uint8_t i = 0; i < MBAP_OUTSTANDING + 1; i++)
		mbap_feed(&mbap, 0, (const uint8_t[]){0, i, 0, 0, 0, 6, 1, 3, 0, i, 0, 1}, 12, 0);
	mbap_feed(&mbap, 1, (const uint8_t[]){0, 0, 0, 0, 0, 5, 1, 3, 2, 0, 7}, 11, 0);
	assert_false(last.has_address);
	assert_int_equal(last.answers, 0);
	mbap_feed(&mbap, 1, (const uint8_t[]){0, 1, 0, 0, 0, 5, 1, 3, 2, 0, 7}, 11, 0);
	assert_int_equal(last.address, 1);
	/* The transaction of one, the unit of another: no answer to either. */
	mbap_feed(&mbap, 1, (const uint8_t[]){0, 2, 0, 0, 0, 5, 2, 3, 2, 0, 7}, 11, 0);
	assert_int_equal(last.answers, 0);
	assert_int_equal(frames, MBAP_OUTSTANDING + 4);
}

/* The events of the push framer: "verdict: what; ", or "size bytes; " for an APDU. */
static char said[2048];

static bool take(void *context, const struct push_apdu *apdu)
{
	(void)context;
	snprintf(said + strlen(said), sizeof said - strlen(said), "%zu bytes; ", apdu->size);
	return true;
}

static void fault(void *context, enum push_loss loss, const char *what)
{
	static const char *const names[] = {[PUSH_CHECKSUM] = "checksum",
	                                    [PUSH_TRUNCATED] = "truncated",
	                                    [PUSH_LENGTH] = "length",
	                                    [PUSH_UNSUPPORTED] = "unsupported",
	                                    [PUSH_MALFORMED] = "malformed"};

	(void)context;
	snprintf(said + strlen(said), sizeof said - strlen(said), "%s: %s; ", names[loss], what);
}

static const struct push_sink sink = {take, fault, notification_measure, NULL};
static struct push_framer framer;
static uint8_t line[1 << 18];
static size_t size;

static const char *push(void)
{
	said[0] = '\0';
	assert_int_equal(push_feed(&framer, &sink, line, size), 0);
	assert_int_equal(push_end(&framer, &sink), 0);
	push_free(&framer);
	framer = (struct push_framer){0};
	size = 0;
	return said;
}

static void mbus(uint8_t information, const char *payload)
{
	uint8_t bytes[256];
	size_t n = hex_bytes(bytes, sizeof bytes, payload);

	size += mbus_build(line + size, information, bytes, n);
}

static void hdlc(bool segmented, const char *information)
{
	static const struct hdlc_address address = {{0xCE, 0xFF, 0x03}, 3};
	uint8_t bytes[256];
	size_t n = hex_bytes(bytes, sizeof bytes, information);

	size += hdlc_build(line + size, &address, segmented, bytes, n) -
	        1; /* the flag opens the next */
	line[size] = HDLC_FLAG;
}

#define PLAIN "0F 00000001 00 0201 1105"

static void mbus_segments(void **state)
{
	(void)state;
	mbus(0x10, PLAIN);
	assert_string_equal(push(), "10 bytes; ");
	mbus(0x00, "0F 00000001");
	mbus(0x11, "00 0201 1105");
	assert_string_equal(push(), "10 bytes; ");
	mbus(0x72, PLAIN);
	assert_string_equal(push(), "unsupported: M-Bus frame that is not a COSEM push; ");
	mbus(0x11, PLAIN);
	assert_string_equal(push(), "truncated: M-Bus segment without the first of its message; ");
	mbus(0x00, "0F");
	mbus(0x12, PLAIN);
	assert_string_equal(push(), "truncated: segment of an M-Bus message missing; "
	                            "truncated: M-Bus segment without the first of its message; ");
	mbus(0x00, "0F");
	mbus(0x10, PLAIN);
	assert_string_equal(push(), "truncated: segment of an M-Bus message missing; 10 bytes; ");
	for (uint8_t i = 0; i < 16; i++)
		mbus(i, "0F");
	assert_string_equal(push(), "length: M-Bus message of more than 16 segments; ");
	mbus(0x10, "");
	assert_string_equal(push(), "malformed: empty message; ");
	mbus(0x00, "0F");
	assert_string_equal(push(), "truncated: segment of a message missing; ");
	mbus(0x10, PLAIN);
	line[size - 1] = 0;
	assert_string_equal(push(), "malformed: M-Bus frame without its stop byte; ");
	/* acknowledgements and short frames between the long ones; cut ones are no telegram */
	line[size++] = MBUS_ACK;
	size += hex_bytes(line + size, 8, "1040FF3F16");
	mbus(0x10, PLAIN);
	assert_string_equal(push(), "10 bytes; ");
	size += hex_bytes(line, 8, "1040FF4016");
	mbus(0x10, PLAIN);
	size += hex_bytes(line + size, 8, "1040FF");
	assert_string_equal(push(), "10 bytes; ");
}

static void hdlc_segments(void **state)
{
	(void)state;
	hdlc(false, "E6E700" PLAIN);
	size++;
	assert_string_equal(push(), "10 bytes; ");
	hdlc(true, "E6E700 0F 00000001");
	hdlc(false, "00 0201 1105");
	size++;
	assert_string_equal(push(), "10 bytes; ");
	hdlc(false, "00 0201 1105");
	size++;
	assert_string_equal(push(), "truncated: HDLC segment without the first of its message; ");
	hdlc(true, "E6E700 0F 00000001");
	hdlc(false, "E6E700" PLAIN);
	size++;
	assert_string_equal(push(), "truncated: segment of an HDLC message missing; 10 bytes; ");
	hdlc(true, "E6E700 0F 00000001");
	size++;
	assert_string_equal(push(), "truncated: segment of a message missing; ");
	hdlc(false, PLAIN); /* some meters leave the LLC header out */
	hdlc(false, "");    /* no information at all: nothing to tell */
	size++;
	assert_string_equal(push(), "10 bytes; ");
	hdlc(true, "E6E700 0F 00000001");
	for (int i = 0; i < 700; i++)
		hdlc(true, "0000000000000000000000000000000000000000000000000000000000000000"
		           "0000000000000000000000000000000000000000000000000000000000000000"
		           "0000000000000000000000000000000000000000000000000000000000000000");
	size++;
	assert_non_null(strstr(push(), "length: HDLC message beyond its limit; "));
	hdlc(false, "E6E700" PLAIN);
	line[2]++; /* its length: where the closing flag should be is none */
	size++;
	assert_non_null(strstr(push(), "checksum: header of an HDLC frame; "));
}

/* General block transfer: E0, control, number, acknowledged, length, data. */
static void blocks(void **state)
{
	static const struct {
		const char *blocks[3], *said;
	} cases[] = {
		{{"E0 00 0001 0000 05 0F00000001", "E0 80 0002 0000 05 0002011105"}, "10 bytes; "},
		{{"E0 80 0001 0000 0A" PLAIN}, "10 bytes; "},
		{{"E0 80 0002 0000 0A" PLAIN},
	         "truncated: block without the first of its transfer; "},
		{{"E0 00 0001 0000 05 0F00000001", "E0 80 0003 0000 05 0002011105"},
	         "truncated: block of a transfer missing; truncated: block without the first of its transfer; "},
		{{"E0 00 0001 0000 05 0F00000001", "E0 80 0001 0000 0A" PLAIN},
	         "truncated: block of a transfer missing; 10 bytes; "},
		{{"E0 00 0001 0000 05 0F00000001"}, "truncated: block of a transfer missing; "},
		{{"E0 80 0001 0000 0B" PLAIN}, "truncated: block of a transfer; "},
		{{"E0 80 0001 0000 80" PLAIN}, "truncated: block of a transfer; "},
		{{"E0 80 0001 0000 810A" PLAIN}, "10 bytes; "},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		for (int k = 0; k < 3 && cases[i].blocks[k]; k++)
			mbus(0x10, cases[i].blocks[k]);
		assert_string_equal(push(), cases[i].said);
	}
	for (unsigned i = 1; i < 70; i++) {
		char block[64];

		snprintf(block, sizeof block, "E0 00 %04X 0000 01 0F", i);
		mbus(0x10, block);
	}
	assert_non_null(strstr(push(), "truncated: transfer beyond its limit; "));
	size = hex_bytes(line, sizeof line,
	                 "E0 00 0001 0000 05 0F00000001 E0 80 0002 0000 05 0002011105");
	assert_string_equal(push(), "10 bytes; "); /* without any frame */
}

/* An encrypted telegram between plain ones: valid and invalid forms of its length. */
static size_t telegrams, sealed;

static void on_telegram(void *context, const struct p1_telegram *t)
{
	(void)context;
	(void)t;
	telegrams++;
}

static bool on_sealed(void *context, const uint8_t *apdu, size_t n, uint64_t offset)
{
	(void)context;
	(void)apdu;
	(void)offset;
	sealed += n;
	return true;
}

static void sealed_telegrams(void **state)
{
#define TITLE "DB 08 4142434431323334"
#define BODY "30 00000001 000000000000000000000000"
	static const struct {
		const char *bytes;
		size_t sealed;
	} cases[] = {
		{TITLE "11" BODY, 28},
		{TITLE "8111" BODY, 29},
		{TITLE "820011" BODY, 30},
		{TITLE "8400000011" BODY, 32},
		{TITLE "8500000000 11" BODY, 0},
		{TITLE "80" BODY, 0},
		{TITLE "10" BODY, 0},
		{TITLE "83020000" BODY, 0},
		{"DB 07" TITLE, 0},
		{TITLE "11 10 00000001 000000000000000000000000", 0}, /* not encrypted */
		{TITLE "11 B0 00000001 000000000000000000000000", 0}, /* compressed */
	};
	static const char plain[] = "\r\n/A\r\n1-0:1.7.0(1*W)\r\n!\r\n";

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		for (size_t piece = 1; piece < 100; piece += 6) {
			struct p1_handler handler = {on_telegram, on_sealed, NULL};
			struct p1_framer f;
			uint8_t bytes[256];
			size_t n = 0;

			memcpy(bytes, plain, sizeof plain - 1);
			n = sizeof plain - 1;
			n += hex_bytes(bytes + n, sizeof bytes - n, cases[i].bytes);
			memcpy(bytes + n, plain, sizeof plain - 1);
			n += sizeof plain - 1;
			telegrams = sealed = 0;
			p1_init(&f, &handler);
			for (size_t at = 0; at < n; at += piece)
				assert_int_equal(
					p1_feed(&f, bytes + at, n - at < piece ? n - at : piece),
					0);
			p1_end(&f);
			p1_free(&f);
			assert_int_equal(telegrams, 2);
			assert_int_equal(sealed, cases[i].sealed);
		}
	}
}

/* After silence an incomplete encrypted telegram is dropped, and the bytes behind it are searched. */
static void silence(void **state)
{
	static const char plain[] = "/A\r\n1-0:1.7.0(1*W)\r\n!\r\n";
	struct p1_handler handler = {on_telegram, on_sealed, NULL};
	struct p1_framer f;
	uint8_t bytes[128];
	size_t n = hex_bytes(bytes, sizeof bytes, TITLE "7F 30 00000001 0D0A");

	(void)state;
	telegrams = sealed = 0;
	memcpy(bytes + n, plain, sizeof plain - 1);
	n += sizeof plain - 1;
	p1_init(&f, &handler);
	assert_int_equal(p1_feed(&f, bytes, n), 0);
	assert_int_equal(telegrams, 0);
	p1_idle(&f);
	assert_int_equal(telegrams, 1);
	assert_int_equal(sealed, 0);
	p1_end(&f);
	p1_free(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shapes),           cmocka_unit_test(answers),
		cmocka_unit_test(mbap_headers),     cmocka_unit_test(mbus_segments),
		cmocka_unit_test(hdlc_segments),    cmocka_unit_test(blocks),
		cmocka_unit_test(sealed_telegrams), cmocka_unit_test(silence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
