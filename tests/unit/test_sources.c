/* Sources without a network: literal bytes, files, recordings, captures; addresses and URLs of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/stat.h>
#include <unistd.h>

#include "printed.h"
#include "base/error.h"
#include "io/address.h"
#include "io/source.h"

static char path[] = "/tmp/emtool-sources-XXXXXX";
static struct text told;

static void *on_open(void *context, const struct peer *peer)
{
	(void)context;
	text_printf(&told, "[%s%s] ", peer->kind == STREAM_FLOW ? "flow " : "", peer->name ? peer->name : "");
	return &told;
}

/* ">0103@1000 ": direction, bytes, ms */
static void on_data(void *stream, const struct chunk *chunk)
{
	(void)stream;
	text_char(&told, chunk->direction ? '>' : '<');
	for (size_t i = 0; i < chunk->size; i++)
		text_printf(&told, "%02X", chunk->data[i]);
	if (chunk->time != INSTANT_NONE)
		text_printf(&told, "@%lld", (long long)chunk->time);
	text_char(&told, ' ');
}

static void on_close(void *stream, instant time)
{
	(void)stream;
	(void)time;
	text_puts(&told, "end ");
}

static void on_report(void *context, const char *message)
{
	(void)context;
	text_printf(&told, "{%s} ", strchr(message, ':') ? strrchr(message, ':') + 2 : message);
}

static const struct source_events events = {.open = on_open, .data = on_data, .close = on_close,
                                            .report = on_report};

/* What a source tells, from its opening to its end; or "usage: ..." or "failed: ...". */
static const char *play(const char *url)
{
	struct source_config config = {.url = url, .events = &events};
	struct loop *loop = loop_new();
	struct source *source;
	char message[200];
	bool usage;

	told.length = 0;
	assert_non_null(loop);
	source = source_open(loop, &config, message, sizeof message, &usage);
	if (source) {
		loop_run(loop);
		if (source_status(source))
			on_report(NULL, source_problem(source));
		source_close(source);
	} else {
		text_printf(&told, "%s: %s", usage ? "usage" : "failed", message);
	}
	loop_free(loop);
	return text_string(&told);
}

static const char *play_bytes(const void *data, size_t size)
{
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(data, 1, size, f), size);
	assert_int_equal(fclose(f), 0);
	return play(path);
}

static const char *play_text(const char *text)
{
	return play_bytes(text, strlen(text));
}

static void literals(void **state)
{
	(void)state;
	assert_string_equal(play("hex:0103500A"), "[] <0103500A end ");
	assert_string_equal(play("hex:01 03:50-0a\n"), "[] <0103500A end ");
	assert_string_equal(play("hex:"), "[] < end ");
	assert_non_null(strstr(play("hex:010"), "usage: "));
	assert_non_null(strstr(play("hex:0g"), "usage: hex: needs pairs of hexadecimal digits"));
	assert_non_null(strstr(play("hex:0 1"), "usage: "));
	assert_non_null(strstr(play("gopher://x"), "usage: gopher://x: unknown kind of source"));
}

static void files(void **state)
{
	char url[64], message[200];

	(void)state;
	assert_string_equal(play_text("abc"), "[] <616263 end ");
	assert_string_equal(play_text(""), "[] end ");
	snprintf(url, sizeof url, "file://%s", path);
	assert_string_equal(play(url), "[] end ");
	assert_string_equal(play("/dev/null"), "[] end ");
	assert_string_equal(play("/nonexistent/file"), "failed: /nonexistent/file: No such file or directory");
	assert_string_equal(play("/tmp"), "failed: /tmp: Is a directory");
	/* a recording that cannot be begun */
	struct source_config config = {.url = "hex:00", .record = "/nonexistent/record", .events = &events};
	struct loop *loop = loop_new();
	bool usage;

	assert_null(source_open(loop, &config, message, sizeof message, &usage));
	assert_string_equal(message, "/nonexistent/record: No such file or directory");
	assert_false(usage);
	loop_free(loop);
}

static void fifos(void **state)
{
	struct source_config config = {.url = path, .events = &events};
	struct loop *loop = loop_new();
	struct source *source;
	char message[200];
	bool usage;
	int fd;

	(void)state;
	unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	told.length = 0;
	source = source_open(loop, &config, message, sizeof message, &usage);
	assert_non_null(source);
	fd = open(path, O_WRONLY);
	assert_int_equal(write(fd, "abc", 3), 3);
	close(fd);
	loop_run(loop);
	assert_int_equal(source_status(source), 0);
	assert_int_equal(source_bytes(source), 3);
	source_close(source);
	loop_free(loop);
	assert_non_null(strstr(text_string(&told), "[] <616263@"));
	assert_non_null(strstr(text_string(&told), " end "));
	unlink(path);
}

static void recordings(void **state)
{
#define RECORD "# emtool recording 1\n"
	static const struct {
		const char *lines, *told;
	} cases[] = {
		{"1612453000.123 < 127.0.0.1:40 0103\n", "[127.0.0.1:40] <0103@1612453000123 end "},
		{"1.000 < - 01\n1.100 > - 02\n2.000 x -", "[] <01@1000 >02@1100 end "},
		{"1.000 < a 01\n1.001 < b 02\n1.002 x a\n1.003 < a 03\n", "[a] <01@1000 [b] <02@1001 end [a] <03@1003 end end "},
		{"\n# a comment\n1.000 < - AB\n", "[] <AB@1000 end "},
		{"1.000 < - \n", "[] <@1000 end "},
		{"1.000 < - 0\n", "{line 2 is not a line of a recording} "},
		{"1.000 < - 0G\n", "{line 2 is not a line of a recording} "},
		{"1.000 < - ab\n", "{line 2 is not a line of a recording} "},
		{"1.000 x - 00\n", "{line 2 is not a line of a recording} "},
		{"1.000 < -\n", "{line 2 is not a line of a recording} "},
		{"1,000 < - 00\n", "{line 2 is not a line of a recording} "},
		{"1.000< - 00\n", "{line 2 is not a line of a recording} "},
		{"1.000 ? - 00\n", "{line 2 is not a line of a recording} "},
		{"1.000 <- 00\n", "{line 2 is not a line of a recording} "},
		{".000 < - 00\n", "{line 2 is not a line of a recording} "},
		{"x\n", "{line 2 is not a line of a recording} "},
		{"1.000 < - 01\nx\n", "[] <01@1000 end {line 3 is not a line of a recording} "},
		{"1.000 < a_name_of_a_peer_that_is_longer_than_any_address_can_be_in_this_world 01\n",
		 "{line 2 is not a line of a recording} "},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char text[400];

		snprintf(text, sizeof text, RECORD "%s", cases[i].lines);
		assert_string_equal(play_text(text), cases[i].told);
	}
}

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
	snprintf(hex, sizeof hex, "4500%04X 0000 0000 40 06 0000 0A000001 0A000002 %s", (unsigned)(20 + n / 2), tcp);
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
		{"00000001", MACS "0800"}, {"00000001", MACS "8100 0001 0800"},
		{"00000001", MACS "88A8 0002 8100 0001 0800"}, {"00000000", "00000002"}, {"00000065", ""},
		{"0000000C", ""}, {"000000E4", ""}, {"00000071", "0000 0001 0006 000000000000 0000 0800"},
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
		{{TCP(ASK, "00000001", "02"), TCP(ASK, "00000002", "18") "01", TCP(ASK, "00000002", "18") "0103",
		  TCP(ASK, "00000004", "18") "50"}, "[flow 10.0.0.1:40000] <01@1250 <03@1250 <50@1250 end "},
		{{TCP(ASK, "00000001", "18") "01", TCP(ASK, "00000001", "18") "01"},
		 "[flow 10.0.0.1:40000] <01@1250 end "},
		{{TCP(ASK, "00000001", "18") "01", TCP(ASK, "00000009", "18") "02"}, /* a hole */
		 "[flow 10.0.0.1:40000] <01@1250 <02@1250 end "},
		{{TCP(TELL, "00000001", "18") "01"}, "[flow 10.0.0.2:40000] >01@1250 end "},
		{{TCP(ASK, "FFFFFFFF", "18") "0102", TCP(ASK, "00000001", "18") "03"},
		 "[flow 10.0.0.1:40000] <0102@1250 <03@1250 end "},
		{{TCP(ASK, "00000001", "10"), TCP(ASK, "00000001", "11")}, ""}, /* nothing was said */
		{{ASK "00000001 00000000 4018 0000 0000 0000 01"}, ""}, /* a header of 16 bytes */
		{{ASK "00000001 00000000 6018 0000 0000 0000 01020304 05"}, "[flow 10.0.0.1:40000] <05@1250 end "},
		{{ASK "00000001 00000000 6018 0000 0000 0000 0102"}, ""},
		{{ASK "0000"}, ""},
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
		 "9C4001F6 00000001 00000000 5018 0000 0000 0000 01", "[flow [2001:db8::1]:40000] <01@1250 end "},
		{"60000000 0015 06 40 20010DB8000000000000000000000001 20010DB8000000000000000000000002"
		 "9C4001F6 00000001 00000000 5018 0000 0000 0000 01 FFFF", "[flow [2001:db8::1]:40000] <01@1250 end "},
		{"60000000 0015 11 40 20010DB8000000000000000000000001 20010DB8000000000000000000000002", ""},
		{"60000000 0015 06 40 20010DB8", ""},
		{"45000029 0000 0000 40 11 0000 0A000001 0A000002 9C4001F6", ""},  /* UDP */
		{"45000029 0000 0001 40 06 0000 0A000001 0A000002 9C4001F6", ""},  /* a later fragment */
		{"45000029 0000 1F00 40 06 0000 0A000001 0A000002 9C4001F6", ""},
		{"44000029 0000 0000 40 06 0000 0A000001 0A000002 9C4001F6", ""},  /* a header of 16 bytes */
		{"46000029 0000 0000 40 06 0000 0A000001 0A000002 0101", ""},      /* options are missing */
		{"45000010 0000 0000 40 06 0000 0A000001 0A000002 9C4001F6", ""},  /* shorter than its header */
		{"15000029 0000 0000 40 06 0000 0A000001 0A000002 9C4001F6", ""},  /* version 1 */
		{"46000032 0000 0000 40 06 0000 0A000001 0A000002 01010101 9C4001F6 00000001 00000000 5018 0000"
		 "0000 0000 01", "[flow 10.0.0.1:40000] <01@1250 end "},
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
#define TICKS(code, length, value) "00000001 0000001C 0093 0000 00000000 " code length value "0000001C"
#define PACKET(interface, high, low) "00000006 00000024" interface high low "00000001 00000001 AB000000 00000024"
	static const struct {
		const char *blocks, *told;
	} cases[] = {
		{SECTION INTERFACE PACKET("00000000", "00000000", "001312D0"), "[] <AB@1250 end "},
		{SECTION INTERFACE PACKET("00000001", "00000000", "001312D0"), ""}, /* no such interface */
		{SECTION TICKS("0009", "0001", "03000000") PACKET("00000000", "00000000", "000004E2"), "[] <AB@1250 end "},
		{SECTION TICKS("0009", "0001", "8A000000") PACKET("00000000", "00000000", "00000500"), "[] <AB@1250 end "},
		{SECTION TICKS("0009", "0001", "13000000") PACKET("00000000", "00000000", "001312D0"), "[] <AB@1250 end "},
		{SECTION TICKS("0009", "0001", "BF000000") PACKET("00000000", "00000000", "001312D0"), "[] <AB@1250 end "},
		{SECTION TICKS("0009", "0002", "03000000") PACKET("00000000", "00000000", "001312D0"), "[] <AB@1250 end "},
		{SECTION TICKS("0000", "0000", "00000000") PACKET("00000000", "00000000", "001312D0"), "[] <AB@1250 end "},
		{SECTION TICKS("0009", "00FF", "03000000") PACKET("00000000", "00000000", "001312D0"), "[] <AB@1250 end "},
		{SECTION INTERFACE SECTION PACKET("00000000", "00000000", "001312D0"), ""}, /* forgotten */
		{SECTION "00000005 00000010 00000000 00000010" INTERFACE PACKET("00000000", "00000000", "001312D0"),
		 "[] <AB@1250 end "}, /* statistics are passed over */
		{SECTION "00000001 00000008", "{the capture ends within a packet} "},
		{SECTION "00000001 0000000D 00", "{the capture ends within a packet} "},
		{SECTION "00000001 000000FC 00", "{the capture ends within a packet} "},
		{SECTION INTERFACE "00000006 00000024 00000000 00000000 00000000 000000FF 000000FF AB000000 00000024", ""},
		{"0A0D0D0A 1C000000 4D3C2B1A 0100 0000 FFFFFFFFFFFFFFFF 1C000000"
		 "01000000 14000000 9300 0000 00000000 14000000"
		 "06000000 24000000 00000000 00000000 D0121300 01000000 01000000 AB000000 24000000", "[] <AB@1250 end "},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		begin(cases[i].blocks);
		assert_string_equal(played(), cases[i].told);
	}
}

static void addresses(void **state)
{
	static const struct {
		const char *text;
		int error;
		const char *host;
		unsigned port;
	} cases[] = {
		{"host", 0, "host", 0},          {"host:502", 0, "host", 502},    {":502", 0, "", 502},
		{"::1", 0, "::1", 0},            {"[::1]", 0, "::1", 0},          {"[::1]:502", 0, "::1", 502},
		{"[::1", EM_SYNTAX, NULL, 0},    {"[]", EM_SYNTAX, NULL, 0},      {"[::1]502", EM_SYNTAX, NULL, 0},
		{"", EM_SYNTAX, NULL, 0},        {"a b", EM_SYNTAX, NULL, 0},     {"a/b", EM_SYNTAX, NULL, 0},
		{"host:", EM_SYNTAX, NULL, 0},   {"host:x", EM_SYNTAX, NULL, 0},  {"host:1x", EM_SYNTAX, NULL, 0},
		{"host:-1", EM_SYNTAX, NULL, 0}, {"host:65535", 0, "host", 65535}, {"host:65536", EM_RANGE, NULL, 0},
		{"[::1]:65536", EM_RANGE, NULL, 0},
	};
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(502)};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(502)};
	struct sockaddr_storage found;
	char text[ADDRESS_TEXT], longest[400];
	struct address a;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		assert_int_equal(address_parse(&a, cases[i].text), cases[i].error);
		if (cases[i].error)
			continue;
		assert_string_equal(a.host, cases[i].host);
		assert_int_equal(a.port, cases[i].port);
	}
	memset(longest, 'a', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	assert_int_equal(address_parse(&a, longest), EM_RANGE);
	v4.sin_addr.s_addr = htonl(0x0A000001);
	address_format(text, (struct sockaddr *)&v4);
	assert_string_equal(text, "10.0.0.1:502");
	v6.sin6_addr = in6addr_loopback;
	address_format(text, (struct sockaddr *)&v6);
	assert_string_equal(text, "[::1]:502");
	inet_pton(AF_INET6, "::ffff:10.0.0.1", &v6.sin6_addr);
	address_format(text, (struct sockaddr *)&v6);
	assert_string_equal(text, "10.0.0.1:502");
	address_format(text, &(struct sockaddr){.sa_family = AF_UNIX});
	assert_string_equal(text, "?");
	assert_int_equal(address_parse(&a, "127.0.0.1:502"), 0);
	assert_int_equal(address_resolve(&a, false, &found), 0);
	assert_int_equal(address_parse(&a, ":502"), 0);
	assert_int_equal(address_resolve(&a, true, &found), 0); /* anywhere */
	assert_true(found.ss_family == AF_INET || found.ss_family == AF_INET6); /* one socket for both */
	longest[80] = '\0'; /* no label of a name may be so long: nobody is asked for it */
	assert_int_equal(address_parse(&a, longest), 0);
	assert_int_equal(address_resolve(&a, false, &found), EM_UNKNOWN);
}

static int set_up(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	return fd < 0 ? -1 : close(fd);
}

static int end(void **state)
{
	(void)state;
	unlink(path);
	text_free(&told);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(literals), cmocka_unit_test(files),    cmocka_unit_test(fifos),
		cmocka_unit_test(recordings), cmocka_unit_test(links),  cmocka_unit_test(orders),
		cmocka_unit_test(segments), cmocka_unit_test(packets),  cmocka_unit_test(next_generation),
		cmocka_unit_test(addresses),
	};

	return cmocka_run_group_tests(tests, set_up, end);
}
