/* Sources without a network: literal bytes, files, recordings; addresses and URLs of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/stat.h>

#include "played.h"
#include "io/address.h"

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
	assert_string_equal(play("/nonexistent/file"),
	                    "failed: /nonexistent/file: No such file or directory");
	assert_string_equal(play("/tmp"), "failed: /tmp: Is a directory");
	/* a recording that cannot be begun */
	struct source_config config = {
		.url = "hex:00", .record = "/nonexistent/record", .events = &events};
	struct loop *loop = loop_new();
	bool usage;

	assert_null(source_open(loop, &config, message, sizeof message, &usage));
	assert_string_equal(message, "/nonexistent/record: No such file or directory");
	assert_false(usage);
	loop_free(loop);
}

/* What a command may expect of a source before it opens it. */
static void natures(void **state)
{
	static const struct {
		const char *url;
		enum source_nature nature;
	} cases[] = {
		{"file.bin", SOURCE_STORED},
		{"file:///tmp/x", SOURCE_STORED},
		{"-", SOURCE_STORED},
		{"pcap:x", SOURCE_STORED},
		{"hex:00", SOURCE_STORED},
		{"/dev/null", SOURCE_STORED},
		{"tcp://h:1", SOURCE_LIVE},
		{"tcp-listen://:1", SOURCE_LIVE},
		{"udp://:1", SOURCE_LIVE},
		{"mqtt://h/t", SOURCE_LIVE},
		{"mqtts://h/t", SOURCE_LIVE},
		{"gopher://x", SOURCE_LIVE},
		{"serial:///dev/x", SOURCE_SERIAL},
		{"/dev/ptmx", SOURCE_STORED},
		{"x://serial:y", SOURCE_SERIAL},
		{"x:///dev/y", SOURCE_SERIAL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		if (source_nature(cases[i].url) != cases[i].nature)
			fail_msg("%s: %d", cases[i].url, source_nature(cases[i].url));
}

static void on_idle(void *stream, instant time)
{
	(void)time;
	text_puts(stream, "idle ");
}

static void write_piece(uv_timer_t *timer)
{
	int *fd = timer->data;

	assert_int_equal(write(*fd, "a", 1), 1);
	uv_close((uv_handle_t *)timer, NULL);
}

static void close_pipe(uv_timer_t *timer)
{
	int *fd = timer->data;

	close(*fd);
	uv_close((uv_handle_t *)timer, NULL);
}

/* Bytes at 0 and 30 ms, the end at 250 ms: without a time of its own, idle is 100 ms without bytes. */
static void silences(void **state)
{
	static const struct source_events with_idle = {
		.open = on_open, .data = on_data, .idle = on_idle, .close = on_close};
	static const struct {
		double idle;
		const char *kinds; /* of the events: data, idle, end */
	} cases[] = {{0, "ddie"}, {0.01, "didie"}, {1, "dde"}};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct source_config config = {
			.url = path, .idle = cases[i].idle, .events = &with_idle};
		struct loop *loop = loop_new();
		uv_timer_t first, second, third;
		struct source *source;
		char message[200], kinds[16] = "";
		bool usage;
		int fd;

		unlink(path);
		assert_int_equal(mkfifo(path, 0600), 0);
		told.length = 0;
		source = source_open(loop, &config, message, sizeof message, &usage);
		fd = open(path, O_WRONLY);
		first.data = second.data = third.data = &fd;
		uv_timer_init(loop_uv(loop), &first);
		uv_timer_init(loop_uv(loop), &second);
		uv_timer_init(loop_uv(loop), &third);
		uv_timer_start(&first, write_piece, 0, 0);
		uv_timer_start(&second, write_piece, 30, 0);
		uv_timer_start(&third, close_pipe, 250, 0);
		loop_run(loop);
		source_close(source);
		loop_free(loop);
		for (const char *p = strchr(text_string(&told), ' '); p && p[1];
		     p = strchr(p + 1, ' '))
			strcat(kinds, p[1] == '<' ? "d" : p[1] == 'i' ? "i" : "e");
		assert_string_equal(kinds, cases[i].kinds);
	}
	unlink(path);
}

static void leave_errno(void *stream, const struct chunk *chunk)
{
	on_data(stream, chunk);
	errno = EAGAIN;
}

/* The end of a pipe is an end, whatever some earlier call has left in errno. */
static void ends_of_pipes(void **state)
{
	static const struct source_events careless = {
		.open = on_open, .data = leave_errno, .close = on_close};
	struct source_config config = {.url = path, .events = &careless};
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
	fd = open(path, O_WRONLY);
	assert_int_equal(write(fd, "abc", 3), 3);
	close(fd);
	loop_run(loop);
	source_close(source);
	loop_free(loop);
	assert_non_null(strstr(text_string(&told), " end "));
	unlink(path);
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
		{"1.000 < a 01\n1.001 < b 02\n1.002 x a\n1.003 < a 03\n",
	         "[a] <01@1000 [b] <02@1001 end [a] <03@1003 end end "},
		{"\n# a comment\n1.000 < - AB\n", "[] <AB@1000 end "},
		{"1.000 < - \n", "[] <@1000 end "},
		{"1.000 < - 0\n", "{line 2 is not a line of a recording} "},
		{"1.000 < - 0G\n", "{line 2 is not a line of a recording} "},
		{"1.000 < - ab\n", "[] <AB@1000 end "},
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

static void addresses(void **state)
{
	static const struct {
		const char *text;
		int error;
		const char *host;
		unsigned port;
	} cases[] = {
		{"host", 0, "host", 0},
		{"host:502", 0, "host", 502},
		{":502", 0, "", 502},
		{"::1", 0, "::1", 0},
		{"[::1]", 0, "::1", 0},
		{"[::1]:502", 0, "::1", 502},
		{"[::1", EM_SYNTAX, NULL, 0},
		{"[]", EM_SYNTAX, NULL, 0},
		{"[::1]502", EM_SYNTAX, NULL, 0},
		{"", EM_SYNTAX, NULL, 0},
		{"a b", EM_SYNTAX, NULL, 0},
		{"a/b", EM_SYNTAX, NULL, 0},
		{"host:", EM_SYNTAX, NULL, 0},
		{"host:x", EM_SYNTAX, NULL, 0},
		{"host:1x", EM_SYNTAX, NULL, 0},
		{"host:-1", EM_SYNTAX, NULL, 0},
		{"host:65535", 0, "host", 65535},
		{"host:65536", EM_RANGE, NULL, 0},
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
	assert_true(found.ss_family == AF_INET ||
	            found.ss_family == AF_INET6); /* one socket for both */
	longest[80] = '\0'; /* no label of a name may be so long: nobody is asked for it */
	assert_int_equal(address_parse(&a, longest), 0);
	assert_int_equal(address_resolve(&a, false, &found), EM_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(literals),   cmocka_unit_test(natures),
		cmocka_unit_test(files),      cmocka_unit_test(fifos),
		cmocka_unit_test(silences),   cmocka_unit_test(ends_of_pipes),
		cmocka_unit_test(recordings), cmocka_unit_test(addresses),
	};

	return cmocka_run_group_tests(tests, set_up, end);
}
