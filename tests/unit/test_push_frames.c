/* Frames of wired M-Bus and HDLC byte by byte: valid ones, invalid ones, and incomplete ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/crc.h"
#include "base/error.h"
#include "frame/hdlc.h"
#include "frame/mbus.h"
#include "printed.h"

/* The LLC header in front of an APDU: E6 E7 00 in answers, E6 E6 00 in commands (IEC 62056-46). */
static void llc_headers(void **state)
{
	static const struct {
		uint8_t bytes[4];
		size_t size;
		bool header;
	} cases[] = {
		{{0xE6, 0xE7, 0x00, 0x0F}, 4, true}, {{0xE6, 0xE6, 0x00, 0x0F}, 4, true},
		{{0xE6, 0xE7, 0x00}, 3, true},       {{0xE6, 0xE6, 0x00}, 3, true},
		{{0xE6, 0xE7, 0x00}, 2, false},      {{0xE6, 0xE7, 0x01}, 3, false},
		{{0xE6, 0xE5, 0x00}, 3, false},      {{0xE7, 0xE7, 0x00}, 3, false},
		{{0xE6, 0xE8, 0x00}, 3, false},      {{0xE6}, 0, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_int_equal(hdlc_llc(cases[i].bytes, cases[i].size), cases[i].header);
}

/* With checks: the header's after the control byte when there is information, the frame's at its end. */
static size_t make_hdlc(uint8_t *out, const char *header, const char *information)
{
	size_t n = hex_bytes(out + 1, 60, header), extra;
	uint16_t crc;

	out[0] = 0x7E;
	if (*information) {
		crc = crc16_x25(out + 1, n);
		out[++n] = (uint8_t)crc;
		out[++n] = (uint8_t)(crc >> 8);
		extra = hex_bytes(out + 1 + n, 60, information);
		n += extra;
	}
	crc = crc16_x25(out + 1, n);
	out[++n] = (uint8_t)crc;
	out[++n] = (uint8_t)(crc >> 8);
	out[++n] = 0x7E;
	return n + 1;
}

static void hdlc_frames(void **state)
{
	static const struct {
		const char *header, *information;
		size_t information_size;
		int error;
	} cases[] = {
		{"A00A 41 03 13", "77", 1, 0},
		{"A007 41 03 13", "", 0, 0},
		{"A010 CE FF 03 13", "", 0, EM_TRUNCATED},
		{"A00C 41 03 13", "E6E700", 3, 0},
		{"A80C 41 03 13", "E6E700", 3, 0},
		{"A00C 40 80 81 03 13", "0F", 1, 0},
		{"B00C 41 03 13", "E6E700", 0, EM_SYNTAX},
		{"900C 41 03 13", "E6E700", 0, EM_SYNTAX},
		{"A006 41 03 13", "", 0, EM_SYNTAX},
		{"A008 41 03 13", "", 0, EM_SYNTAX},
		{"A012 40 80 82 84 81 03 13", "E6E700", 0, EM_SYNTAX},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		uint8_t bytes[80];
		struct hdlc_frame frame;
		size_t n = make_hdlc(bytes, cases[i].header, cases[i].information);
		int error;

		error = hdlc_parse(&frame, bytes, n);
		if (error != cases[i].error)
			fail_msg("%s %s: %d", cases[i].header, cases[i].information, error);
		if (error)
			continue;
		assert_true(frame.header_ok);
		assert_int_equal(frame.size, n - 1);
		assert_int_equal(frame.information_size, cases[i].information_size);
		assert_int_equal(frame.segmented, bytes[1] == 0xA8);
		for (size_t cut = 0; cut < n; cut++)
			assert_int_equal(hdlc_parse(&frame, bytes, cut), EM_TRUNCATED);
		for (size_t at = 0; at < n; at++) {
			bytes[at] ^= 0x10;
			assert_true(hdlc_parse(&frame, bytes, n) != 0);
			bytes[at] ^= 0x10;
		}
	}
}

static void damage_to_hdlc_has_a_name(void **state)
{
	uint8_t bytes[80];
	size_t n = make_hdlc(bytes, "A00C 41 03 13", "E6E700");
	struct hdlc_frame frame;

	(void)state;
	bytes[n - 1] = 0;
	assert_int_equal(hdlc_parse(&frame, bytes, n), EM_PROTOCOL); /* no closing flag */
	bytes[n - 1] = 0x7E;
	bytes[n - 2] ^= 1;
	assert_int_equal(hdlc_parse(&frame, bytes, n), EM_CHECKSUM);
	bytes[n - 2] ^= 1;
	bytes[6] ^= 1; /* the check of the header */
	assert_int_equal(hdlc_parse(&frame, bytes, n), EM_CHECKSUM);
	assert_false(frame.header_ok);
	bytes[n - 1] = 0; /* then nothing speaks for a frame */
	assert_int_equal(hdlc_parse(&frame, bytes, n), EM_SYNTAX);
}

static void hdlc_frames_are_built_whole(void **state)
{
	static const struct hdlc_address address = {{0xCF, 0x02, 0x23}, 3};
	uint8_t built[2100], information[2040];
	struct hdlc_frame frame;
	size_t sizes[] = {0, 1, 200, 240, 250, 2030};

	(void)state;
	memset(information, 0x55, sizeof information);
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		size_t n = hdlc_build(built, &address, i & 1, information, sizes[i]);

		assert_int_equal(n, sizes[i] ? sizes[i] + 12 : 10);
		assert_int_equal(hdlc_parse(&frame, built, n), 0);
		assert_int_equal(frame.segmented, i & 1);
		assert_int_equal(frame.information_size, sizes[i]);
		assert_int_equal(built[6], 0x13);
	}
}

static void mbus_frames(void **state)
{
	static const struct {
		const char *bytes;
		size_t payload;
		int error;
	} cases[] = {
		{"68 05 05 68 53 FF 10 01 67 CA 16", 0, 0},
		{"68 06 06 68 53 FF 10 01 67 AA 74 16", 1, 0},
		{"68 05 06 68 53 FF 10 01 67 CA 16", 0, EM_SYNTAX},
		{"68 05 05 69 53 FF 10 01 67 CA 16", 0, EM_SYNTAX},
		{"67 05 05 68 53 FF 10 01 67 CA 16", 0, EM_SYNTAX},
		{"68 05 05 68 53 FF 10 01 67 CB 16", 0, EM_CHECKSUM},
		{"68 05 05 68 53 FF 10 01 67 CA 17", 0, EM_PROTOCOL},
		{"68 05 05 68 53 FF 10 01 67 CA", 0, EM_TRUNCATED},
		{"68 04 04 68 53 FF 10 01 67 CA 16", 0, EM_TRUNCATED}, /* 260 bytes */
		{"68 05 05", 0, EM_TRUNCATED},
		{"68 05", 0, EM_TRUNCATED},
		{"68", 0, EM_TRUNCATED},
		{"67", 0, EM_SYNTAX}, /* it can become no frame: told at once */
		{"68 05 06", 0, EM_SYNTAX},
		{"68 05 05 69", 0, EM_SYNTAX},
		{"", 0, EM_TRUNCATED},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		uint8_t bytes[32];
		struct mbus_frame frame;
		size_t n = hex_bytes(bytes, sizeof bytes, cases[i].bytes);

		if (mbus_parse(&frame, bytes, n) != cases[i].error)
			fail_msg("%s", cases[i].bytes);
		if (cases[i].error)
			continue;
		assert_int_equal(frame.size, n);
		assert_int_equal(frame.control, 0x53);
		assert_int_equal(frame.address, 0xFF);
		assert_int_equal(frame.information, 0x10);
		assert_int_equal(frame.payload_size, cases[i].payload);
		assert_ptr_equal(frame.payload, bytes + 9);
	}
}

static void short_mbus_frames(void **state)
{
	static const struct {
		const char *bytes;
		int size;
	} cases[] = {
		{"E5", 1},
		{"10 40 FE 3E 16", 5},
		{"10 40 FE 3F 16", 0},
		{"10 40 FE 3E 17", 0},
		{"10 40 FE 3E", -1},
		{"10", -1},
		{"11 40 FE 3E 16", 0},
		{"", 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		uint8_t bytes[8];
		size_t n = hex_bytes(bytes, sizeof bytes, cases[i].bytes);

		assert_int_equal(mbus_short(bytes, n), cases[i].size);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(llc_headers),
		cmocka_unit_test(hdlc_frames),
		cmocka_unit_test(damage_to_hdlc_has_a_name),
		cmocka_unit_test(hdlc_frames_are_built_whole),
		cmocka_unit_test(mbus_frames),
		cmocka_unit_test(short_mbus_frames),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
