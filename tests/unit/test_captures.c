/* Capture files: byte orders, link types, TCP segments in and out of order, pcapng with its clocks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "played.h"

/* Bytes of a capture, built of hexadecimal digits. */
static uint8_t capture[4096];
static size_t size;

static void put(const char *hex)
{
	size += hex_bytes(capture + size, sizeof capture - size, hex);
}

/* A packet in a classic file, big-endian, at 1 s and some microseconds. */
static void packet(const char *hex)
{
	size_t at = size, n;

	put("00000001 0003D090 00000000 00000000");
	n = hex_bytes(capture + size, sizeof capture - size, hex);
	capture[at + 11] = capture[at + 15] = (uint8_t)n;
	capture[at + 10] = capture[at + 14] = (uint8_t)(n >> 8);
	size += n;
}

static void begin(const char *header)
{
	size = 0;
	put(header);
}

#define MAGIC "A1B2C3D4 0002 0004 00000000 00000000 0000FFFF "
#define MACS "000000000000 000000000000"
#define IPV4 "45000000 0000 0000 40 06 0000 0A000001 0A000002" /* its length is put later */
#define TCP(ports, sequence, flags) ports sequence "00000000 50" flags "0000 0000 0000"
#define ASK "9C40 01F6" /* 40000 to 502 */
#define TELL "01F6 9C40"

/* An IPv4 packet with its length put right. */
static const char *v4(const char *tcp)
{
	static char hex[512];
	size_t n = 0;

	for (const char *p = tcp; *p; p++)
		n += *p != ' ';
	snprintf(hex, sizeof hex, "4500%04X 0000 0000 40 06 0000 0A000001 0A000002 %s",
	         (unsigned)(20 + n / 2), tcp);
	return hex;
}

static const char *with(const char *front, const char *rest)
{
	static char hex[600];

	snprintf(hex, sizeof hex, "%s %s", front, rest);
	return hex;
}

static const char *played(void)
{
	return play_bytes(capture, size);
}

static void links(void **state)
{
	static const struct {
		const char *link, *front;
	} cases[] = {
		{"00000001", MACS "0800"},
		{"00000001", MACS "8100 0001 0800"},
		{"00000001", MACS "88A8 0002 8100 0001 0800"},
		{"00000000", "00000002"},
		{"00000065", ""},
		{"0000000C", ""},
		{"000000E4", ""},
		{"00000071", "0000 0001 0006 000000000000 0000 0800"},
		{"00000114", "0800 0000 00000002 0001 00 06 000000000000 0000"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		begin(MAGIC);
		put(cases[i].link);
		packet(with(cases[i].front, v4(TCP(ASK, "00000001", "18") "0103")));
		assert_string_equal(played(), "[flow 10.0.0.1:40000] <0103@1250 end ");
	}
	begin(MAGIC "00000093"); /* DLT_USER0 */
	packet("0103");
	packet("0203");
	assert_string_equal(played(), "[] <0103@1250 <0203@1250 end ");
	begin(MAGIC "00000005"); /* another kind of network */
	packet("0103");
	assert_string_equal(played(), "");
	begin(MAGIC "00000001");
	packet("0103");
	packet(MACS "0806 0001");
	packet(MACS "0800 45");
	assert_string_equal(played(), "");
}

static void orders(void **state)
{
	(void)state;
	begin("D4C3B2A1 0200 0400 00000000 00000000 FFFF0000 93000000 01000000 90D00300 01000000 01000000 AB");
	assert_string_equal(played(), "[] <AB@1250 end ");
	begin("A1B23C4D 0002 0004 00000000 00000000 0000FFFF 00000093 00000001 0EE6B280 00000001 00000001 AB");
	assert_string_equal(played(), "[] <AB@1250 end ");
	begin("4D3CB2A1 0200 0400 00000000 00000000 FFFF0000 93000000 01000000 80B2E60E 01000000 01000000 AB");
	assert_string_equal(played(), "[] <AB@1250 end ");
	begin(MAGIC "00000093 00000001 00000000 00000002 00000002 AB");
	assert_string_equal(played(), "{the capture ends within a packet} ");
	begin(MAGIC "00000093 00000001");
	assert_string_equal(played(), "{the capture ends within a packet} ");
	begin("A1B2C3D4 0002"); /* too short to be a capture: bytes */
	assert_string_equal(played(), "[] <A1B2C3D40002 end ");
}

static void segments(void **state)
{
	static const struct {
		const char *packets[5], *told;
	} cases[] = {
		{{TCP(ASK, "00000001", "02"), TCP(ASK, "00000002", "18") "01",
	          TCP(ASK, "00000002", "18") "0103", TCP(ASK, "00000004", "18") "50"},
	         "[flow 10.0.0.1:40000] <01@1250 <03@1250 <50@1250 end "},
		{{TCP(ASK, "00000001", "18") "01", TCP(ASK, "00000001", "18") "01"},
	         "[flow 10.0.0.1:40000] <01@1250 end "},
		{{TCP(ASK, "00000001", "18") "01", TCP(ASK, "00000009", "18") "02"}, /* a hole */
	         "[flow 10.0.0.1:40000] <01@1250 <02@1250 end "},
		{{TCP(TELL, "00000001", "18") "01"}, "[flow 10.0.0.2:40000] >01@1250 end "},
		{{TCP(ASK, "FFFFFFFF", "18") "0102", TCP(ASK, "00000001", "18") "03"},
	         "[flow 10.0.0.1:40000] <0102@1250 <03@1250 end "},
		{{TCP(ASK, "00000001", "10"), TCP(ASK, "00000001", "11")},
	         ""},                                                   /* nothing was said */
		{{ASK "00000001 00000000 4018 0000 0000 0000 01"}, ""}, /* a header of 16 bytes */
		{{ASK "00000001 00000000 6018 0000 0000 0000 01020304 05"},
	         "[flow 10.0.0.1:40000] <05@1250 end "},
		{{ASK "00000001 00000000 6018 0000 0000 0000 0102"}, ""},
		{{ASK "0000"}, ""},
		/* two connections at once, in both directions */
		{{TCP(ASK, "00000001", "18") "01", TCP("9C41 01F6", "00000001", "18") "02",
	          TCP(ASK, "00000002", "18") "03", TCP("9C41 01F7", "00000001", "18") "04",
	          TCP(ASK, "00000001", "18") "0103"},
	         "[flow 10.0.0.1:40000] <01@1250 [flow 10.0.0.1:40001] <02@1250 <03@1250 "
	         "[flow 10.0.0.1:40001] <04@1250 end end end "},
		/* who begins is the client, whatever the ports */
		{{TCP(TELL, "00000001", "02"), TCP(TELL, "00000002", "18") "01"},
	         "[flow 10.0.0.1:502] <01@1250 end "},
		{{TCP(TELL, "00000001", "18") "", TCP(TELL, "00000001", "18") "01"},
	         "[flow 10.0.0.2:40000] >01@1250 end "},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		begin(MAGIC "00000065");
		for (int k = 0; k < 5 && cases[i].packets[k]; k++)
			packet(v4(cases[i].packets[k]));
		assert_string_equal(played(), cases[i].told);
	}
}

static void packets(void **state)
{
	static const char tcp[] = TCP(ASK, "00000001", "18") "01";
	static const struct {
		const char *packet, *told;
	} cases[] = {
		/* IPv6, with and without padding behind it */
		{"60000000 0015 06 40 20010DB8000000000000000000000001 20010DB8000000000000000000000002"
	         "9C4001F6 00000001 00000000 5018 0000 0000 0000 01",
	         "[flow [2001:db8::1]:40000] <01@1250 end "},
		{"60000000 0015 06 40 20010DB8000000000000000000000001 20010DB8000000000000000000000002"
	         "9C4001F6 00000001 00000000 5018 0000 0000 0000 01 FFFF",
	         "[flow [2001:db8::1]:40000] <01@1250 end "},
		{"60000000 0015 11 40 20010DB8000000000000000000000001 20010DB8000000000000000000000002",
	         ""},
		{"60000000 0015 06 40 20010DB8", ""},
		{"45000029 0000 0000 40 11 0000 0A000001 0A000002 9C4001F6", ""}, /* UDP */
		{"45000029 0000 0001 40 06 0000 0A000001 0A000002 9C4001F6",
	         ""}, /* a later fragment */
		{"45000029 0000 1F00 40 06 0000 0A000001 0A000002 9C4001F6", ""},
		{"44000029 0000 0000 40 06 0000 0A000001 0A000002 9C4001F6",
	         ""}, /* a header of 16 bytes */
		{"46000029 0000 0000 40 06 0000 0A000001 0A000002 0101",
	         ""}, /* options are missing */
		{"45000010 0000 0000 40 06 0000 0A000001 0A000002 9C4001F6",
	         ""}, /* shorter than its header */
		{"15000029 0000 0000 40 06 0000 0A000001 0A000002 9C4001F6", ""}, /* version 1 */
		{"46000032 0000 0000 40 06 0000 0A000001 0A000002 01010101 9C4001F6 00000001 00000000 5018 0000"
	         "0000 0000 01",
	         "[flow 10.0.0.1:40000] <01@1250 end "},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		begin(MAGIC "00000065");
		packet(cases[i].packet);
		assert_string_equal(played(), cases[i].told);
	}
	begin(MAGIC "00000065");
	for (int i = 0; i < 2; i++)
		packet(v4(tcp)); /* the same twice: a repetition */
	assert_string_equal(played(), "[flow 10.0.0.1:40000] <01@1250 end ");
}

/* pcapng: sections of either byte order, interfaces with a clock of their own. */
static void next_generation(void **state)
{
#define SECTION "0A0D0D0A 0000001C 1A2B3C4D 0001 0000 FFFFFFFFFFFFFFFF 0000001C"
#define INTERFACE "00000001 00000014 0093 0000 00000000 00000014"
#define TICKS(code, length, value) \
	"00000001 0000001C 0093 0000 00000000 " code length value "0000001C"
#define PACKET(interface, high, low) \
	"00000006 00000024" interface high low "00000001 00000001 AB000000 00000024"
	static const struct {
		const char *blocks, *told;
	} cases[] = {
		{SECTION INTERFACE PACKET("00000000", "00000000", "001312D0"), "[] <AB@1250 end "},
		{SECTION INTERFACE PACKET("00000001", "00000000", "001312D0"),
	         ""}, /* no such interface */
		{SECTION TICKS("0009", "0001", "03000000")
	                 PACKET("00000000", "00000000", "000004E2"),
	         "[] <AB@1250 end "},
		{SECTION TICKS("0009", "0001", "8A000000")
	                 PACKET("00000000", "00000000", "00000500"),
	         "[] <AB@1250 end "},
		{SECTION TICKS("0009", "0001", "13000000")
	                 PACKET("00000000", "00000000", "001312D0"),
	         "[] <AB@1250 end "},
		{SECTION TICKS("0009", "0001", "BF000000")
	                 PACKET("00000000", "00000000", "001312D0"),
	         "[] <AB@1250 end "},
		{SECTION TICKS("0009", "0002", "03000000")
	                 PACKET("00000000", "00000000", "001312D0"),
	         "[] <AB@1250 end "},
		{SECTION TICKS("0000", "0000", "00000000")
	                 PACKET("00000000", "00000000", "001312D0"),
	         "[] <AB@1250 end "},
		{SECTION TICKS("0009", "00FF", "03000000")
	                 PACKET("00000000", "00000000", "001312D0"),
	         "[] <AB@1250 end "},
		{SECTION "00000001 00000028 0093 0000 00000000 0002 0005 61626364 65000000 "
	                 "0009 0001 03000000 00000028" PACKET("00000000", "00000000", "000004E2"),
	         "[] <AB@1250 end "},
		{SECTION "00000001 00000024 0093 0000 00000000 0002 0004 61626364 "
	                 "0009 0001 03000000 00000024" PACKET("00000000", "00000000", "000004E2"),
	         "[] <AB@1250 end "},
		{SECTION INTERFACE TICKS("0009", "0001", "03000000")
	                 PACKET("00000001", "00000000", "000004E2")
	                         PACKET("00000000", "00000000", "001312D0"),
	         "[] <AB@1250 <AB@1250 end "},
		{SECTION TICKS("0009", "0001", "00000000")
	                 PACKET("00000000", "00000000", "00000002"),
	         "[] <AB@2000 end "},
		{SECTION TICKS("0009", "0001", "12000000")
	                 PACKET("00000000", "0DE0B6B3", "A7640000"),
	         "[] <AB@1000 end "},
		{SECTION TICKS("0009", "0001", "BE000000")
	                 PACKET("00000000", "40000000", "00000000"),
	         "[] <AB@1000 end "},
		{SECTION INTERFACE SECTION PACKET("00000000", "00000000", "001312D0"),
	         ""}, /* forgotten */
		{SECTION "00000005 00000010 00000000 00000010" INTERFACE PACKET(
			 "00000000", "00000000", "001312D0"),
	         "[] <AB@1250 end "}, /* statistics are passed over */
		{SECTION "00000001 00000008", "{the capture ends within a packet} "},
		{SECTION "00000001 0000000D 00", "{the capture ends within a packet} "},
		{SECTION "00000001 000000FC 00", "{the capture ends within a packet} "},
		{SECTION INTERFACE
	         "00000006 00000024 00000000 00000000 00000000 000000FF 000000FF AB000000 00000024",
	         ""},
		{"0A0D0D0A 1C000000 4D3C2B1A 0100 0000 FFFFFFFFFFFFFFFF 1C000000"
	         "01000000 14000000 9300 0000 00000000 14000000"
	         "06000000 24000000 00000000 00000000 D0121300 01000000 01000000 AB000000 24000000",
	         "[] <AB@1250 end "},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		begin(cases[i].blocks);
		assert_string_equal(played(), cases[i].told);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(links),           cmocka_unit_test(orders),
		cmocka_unit_test(segments),        cmocka_unit_test(packets),
		cmocka_unit_test(next_generation),
	};

	return cmocka_run_group_tests(tests, set_up, end);
}
