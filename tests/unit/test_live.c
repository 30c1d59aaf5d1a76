/* The live view on a terminal of the test's own: what it writes, when it draws, its keys. */
#include "clock.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>

#include "io/loop.h"
#include "output/live.h"

/* A view on the terminal; the test reads and types at its other end. */
struct glass {
	struct loop *loop;
	struct output *output;
	struct text seen; /* what was written since the last look */
};

static const char *look(struct glass *g, uint64_t ms);

static int screen = -1, terminal = -1;
static struct record r;

static void glass_open(struct glass *g, unsigned rows, unsigned columns)
{
	const struct winsize size = {.ws_row = (unsigned short)rows,
	                             .ws_col = (unsigned short)columns};
	const struct live_config config = {
		.fd = terminal, .name = "t", .title = "title", .ascii = true};

	*g = (struct glass){.loop = loop_new()};
	assert_int_equal(ioctl(screen, TIOCSWINSZ, &size), 0);
	g->output = output_live(g->loop, &config);
	assert_non_null(g->output);
}

static void glass_free(struct glass *g)
{
	loop_free(g->loop);
	text_free(&g->seen);
}

static void glass_close(struct glass *g)
{
	const struct output *failed;

	assert_int_equal(output_close(g->output, &failed), 0);
	look(g, 1);
	glass_free(g);
}

static bool is_over;

static void on_closed(uv_handle_t *timer)
{
	(void)timer;
	is_over = true;
}

static void on_time(uv_timer_t *timer)
{
	uv_close((uv_handle_t *)timer, on_closed);
}

/* Reads what it wrote since then. */
static const char *take_seen(struct glass *g)
{
	char part[4096];
	ssize_t n;

	while (poll(&(struct pollfd){.fd = screen, .events = POLLIN}, 1, 3) > 0 &&
	       (n = read(screen, part, sizeof part)) > 0)
		text_add(&g->seen, part, (size_t)n);
	return text_string(&g->seen);
}

/* Lets the program run for so many ms, and reads what it wrote. */
static const char *look(struct glass *g, uint64_t ms)
{
	uv_timer_t timer;

	g->seen.length = 0;
	uv_update_time(loop_uv(g->loop));
	uv_timer_init(loop_uv(g->loop), &timer);
	uv_timer_start(&timer, on_time, ms, 0);
	for (is_over = false; !is_over;)
		uv_run(loop_uv(g->loop), UV_RUN_ONCE);
	return take_seen(g);
}

static void write_value(struct glass *g, unsigned unit, int64_t power)
{
	const struct output *failed;

	record_begin(&r, "modbus");
	record_int(&r, "unit", unit);
	record_decimal(&r, "power", "W", decimal_i64(power, 0));
	record_decimal(&r, "voltage", "V", decimal_i64(2301, -1));
	assert_int_equal(output_write(g->output, &r, &failed), 0);
}

static void sees(struct glass *g, const char *part)
{
	if (!strstr(text_string(&g->seen), part))
		fail_msg("%s\n  not in\n%s", part, text_string(&g->seen));
}

static void sees_not(struct glass *g, const char *part)
{
	if (strstr(text_string(&g->seen), part))
		fail_msg("%s\n  in\n%s", part, text_string(&g->seen));
}

/* Lines that are on the screen already are not written again, and each is written at its place. */
static void only_changes_are_written(void **state)
{
	struct glass g;

	(void)state;
	glass_open(&g, 12, 80);
	look(&g, 1);
	sees(&g, "\033[1;1Htitle");
	sees(&g, "\033[3;1Hno record yet\033[K");
	sees(&g, "\033[12;1Hq quit");
	write_value(&g, 1, 1234);
	look(&g, 250);
	sees(&g, "1 record ");
	sees(&g, "\033[3;1Hmodbus  unit 1");
	sees(&g, "\033[4;1H  power    1234");
	sees(&g, "\033[5;1H  voltage   230.1 V");
	sees_not(&g, "q quit");
	write_value(&g, 1, 5678);
	look(&g, 250);
	sees(&g, "2 records ");
	sees(&g, "  power    5678");
	sees_not(&g, "q quit");
	sees_not(&g, "\033[2;1H"); /* an empty line stays empty */
	sees_not(&g, "\033[11;1H");
	write_value(&g, 2, 9);
	look(&g, 250);
	sees(&g, "unit 2");
	sees_not(&g, "unit 1  "); /* its heading has not changed */
	glass_close(&g);
}

/* A frame comes at most every 100 ms with news, and every second without: ages grow. */
static void frames_have_a_rhythm(void **state)
{
	struct glass g;
	uint64_t drawn = 0, begin;

	(void)state;
	glass_open(&g, 12, 80);
	write_value(&g, 1, 1);
	look(&g, 250);
	look(&g, 300);
	assert_int_equal(g.seen.length, 0); /* no news */
	look(&g, 1100);
	sees(&g, " s\033[K"); /* an age */
	begin = uv_now(loop_uv(g.loop));
	for (int i = 0; i < 20; i++) {
		write_value(&g, 1, i);
		assert_int_equal(output_flush(g.output, &(const struct output *){NULL}), 0);
		look(&g, 10);
		drawn += g.seen.length > 0;
	}
	assert_in_range(drawn, 1, (uv_now(loop_uv(g.loop)) - begin) / 100 + 1);
	glass_close(&g);
}

static void press(struct glass *g, const char *keys)
{
	assert_int_equal(write(screen, keys, strlen(keys)), strlen(keys));
	look(g, 150);
	for (int i = 0; i < 5 && !g->seen.length && !loop_expired(g->loop); i++)
		look(g, 150); /* a busy machine */
}

/* Eleven devices of four lines each, and five lines to show them. */
static void tables_scroll(void **state)
{
	static const struct {
		const char *keys, *lines;
	} steps[] = {
		{"\033[B", "lines 2-6 of"},    {"\033[B", "lines 3-7 of"},
		{"\033[A", "lines 2-6 of"},    {"\033[A", "lines 1-5 of"},
		{"\033[B", "lines 2-6 of"},    {"\033[6~", "lines 6-10 of"},
		{"\033[6~", "lines 10-14 of"}, {"\033[5~", "lines 6-10 of"},
		{"\033[5~", "lines 2-6 of"},   {"\033[5~", "lines 1-5 of"},
		{"\033[6~", "lines 5-9 of"},   {"\033[H", "lines 1-5 of"},
		{"G", "lines 39-43 of 43"},    {"\033[A", "lines 38-42 of 43"},
		{"g", "lines 1-5 of 43"},
	};
	struct glass g;

	(void)state;
	glass_open(&g, 8, 70);
	for (unsigned unit = 1; unit <= 11; unit++)
		write_value(&g, unit, unit);
	look(&g, 250);
	sees(&g, "lines 1-5 of 43");
	sees(&g, "scroll");
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		press(&g, steps[i].keys);
		if (!strstr(text_string(&g.seen), steps[i].lines))
			fail_msg("step %zu: no %s in\n%s", i, steps[i].lines, text_string(&g.seen));
	}
	assert_false(loop_expired(g.loop));
	press(&g, "q");
	assert_true(loop_expired(g.loop));
	glass_close(&g);
}

/* A message stands in the last line until the next one; the last table remains at the end. */
static void messages_and_the_end(void **state)
{
	struct glass g;
	const struct output *failed;

	(void)state;
	glass_open(&g, 12, 80);
	write_value(&g, 1, 7);
	live_message(g.output, "port lost");
	look(&g, 250);
	sees(&g, "\033[12;1Hport lost");
	live_message(g.output, "port back");
	look(&g, 250);
	sees(&g, "\033[12;1Hport back");
	assert_int_equal(output_close(g.output, &failed), 0);
	look(&g, 1);
	sees(&g, "\033[?25h"); /* the cursor */
	sees(&g, "modbus  unit 1");
	sees(&g, "power      7 ");
	glass_free(&g);
}

/* What a person sees: the bytes in their places, without colours. */
static void paint(char lines[][256], const struct text *seen)
{
	const char *p = seen->data, *end = seen->data + seen->length;
	unsigned line = 0;
	size_t at = 0;

	while (p < end) {
		unsigned number;
		char *stop;

		if (*p != '\033') {
			lines[line][at++] = *p++;
			continue;
		}
		number = (unsigned)strtoul(p + 2, &stop, 10);
		if (*stop == ';' && stop[2] == 'H') {
			line = number;
			at = 0;
			stop += 2;
		} else if (*stop == 'K') {
			lines[line][at] = '\0';
		} else {
			stop = strpbrk(p, "mhlJHK");
		}
		p = stop + 1;
	}
}

/* Times of day become ........ and ages ... s */
static void mask(char *line)
{
	size_t length = strlen(line);

	for (char *colon; (colon = strchr(line, ':'));)
		colon[-2] = colon[-1] = colon[1] = colon[2] = *colon = '.';
	if (length > 5 && !strcmp(line + length - 2, " s") && line[length - 4] == '.')
		memcpy(line + length - 5, "...", 3);
}

/* Titles, values and messages at every width of interest, exactly; the time of day is masked. */
static void lines_fit_the_terminal(void **state)
{
	static const struct {
		unsigned rows, columns;
		const char *message, *lines[12];
	} cases[] = {
		{8,
	         41,
	         NULL,
	         {"title               2 records   ........", "",
	          "modbus  unit 1                          ",
	          "  power    1234   W             -  ... s",
	          "  voltage   230.1 V             -  ... s", "",
	          "modbus  unit 2                          ",
	          "q quit   up/down scroll   lines 1-5 of 7"}},
		{8,
	         29,
	         "a long message that does not fit",
	         {"title   2 records   ........", "", "modbus  unit 1            ",
	          "  power    1234   W  ... s", "  voltage   230.1 V  ... s", "",
	          "modbus  unit 2            ", "a long mess~  lines 1-5 of 7"}},
		{5,
	         28,
	         NULL,
	         {"title  2 records   ........", "", "modbus  unit 1            ",
	          "  power    1234   W  ... s", "q quit   u~  lines 1-2 of 7"}},
		{4,
	         24,
	         NULL,
	         {"~  2 records   ........", "", "modbus  unit 1         ",
	          "q quit~  lines 1-1 of 7"}},
		{3, 16, "port lost", {"", "", "modbus  unit~  ", " lines 1-1 of 7"}},
		{3, 17, NULL, {"", "", "modbus  unit 1  ", "  lines 1-1 of 7"}},
		{4,
	         22,
	         "port lost",
	         {" 2 records   ........", "", "modbus  unit 1       ", "port~  lines 1-1 of 7"}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char lines[16][256] = {""};
		struct glass g;

		glass_open(&g, cases[i].rows, cases[i].columns);
		write_value(&g, 1, 1234);
		write_value(&g, 2, 1234);
		if (cases[i].message)
			live_message(g.output, cases[i].message);
		look(&g, 250);
		paint(lines, &g.seen);
		for (unsigned line = 1; line <= 12; line++) {
			mask(lines[line]);
			if (strcmp(lines[line],
			           cases[i].lines[line - 1] ? cases[i].lines[line - 1] : ""))
				fail_msg("case %zu, line %u: \"%s\"", i, line, lines[line]);
		}
		glass_close(&g);
	}
}

static int go_on(void **state);

/* With news a frame comes after 100 ms exactly, without news after a second. */
static void frames_come_in_time(void **state)
{
	const struct output *failed;
	struct glass g;

	(void)state;
	if (!CLOCK_SKIPS)
		skip();
	clock_stop();
	glass_open(&g, 12, 80);
	take_seen(&g);
	for (int ms = 0; ms < 205; ms++, clock_skip(1)) {
		bool is_due = ms == 100 || ms == 200;

		write_value(&g, 1, ms);
		g.seen.length = 0;
		assert_int_equal(output_flush(g.output, &failed), 0);
		take_seen(&g);
		assert_int_equal(g.seen.length > 0, is_due);
	}
	clock_skip(95); /* the timer draws the last news */
	look(&g, 0);
	assert_true(g.seen.length > 0);
	for (int ms = 100; ms < 3000; ms += 100) {
		clock_skip(100);
		look(&g, 0);
		assert_int_equal(g.seen.length > 0, ms % 1000 == 0);
	}
	go_on(NULL);
	glass_close(&g);
}

/* A terminal that is stopped gets the rest of a frame later, and a whole one after it. */
static void terminals_that_stop(void **state)
{
	struct glass g;

	(void)state;
	glass_open(&g, 12, 80);
	look(&g, 1);
	assert_int_equal(tcflow(terminal, TCOOFF), 0);
	for (int i = 0; i < 3; i++) {
		write_value(&g, 1, 1000 + i);
		look(&g, 150);
		assert_int_equal(g.seen.length, 0);
	}
	assert_int_equal(tcflow(terminal, TCOON), 0);
	look(&g, 250);
	sees(&g, "power    1002");
	sees(&g, "3 records ");
	write_value(&g, 1, 2000);
	assert_int_equal(tcflow(terminal, TCOOFF), 0);
	look(&g, 150);
	glass_close(&g); /* does not wait for it for ever */
	assert_int_equal(tcflow(terminal, TCOON), 0);
}

/* The terminal becomes that of this process, which needs a session of its own. */
static int set_up(void **state)
{
	(void)state;
	screen = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
	if (setsid() < 0 || screen < 0 || grantpt(screen) || unlockpt(screen))
		return -1;
	terminal = open(ptsname(screen), O_RDWR | O_NOCTTY);
	return terminal < 0 ? -1 : ioctl(terminal, TIOCSCTTY, 0);
}

static int go_on(void **state)
{
	(void)state;
	clock_stands = 0;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	record_free(&r);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_changes_are_written),
		cmocka_unit_test(frames_have_a_rhythm),
		cmocka_unit_test(tables_scroll),
		cmocka_unit_test(messages_and_the_end),
		cmocka_unit_test(lines_fit_the_terminal),
		cmocka_unit_test_teardown(frames_come_in_time, go_on),
		cmocka_unit_test(terminals_that_stop),
	};
	pid_t child = fork();
	int status;

	if (!child)
		return cmocka_run_group_tests(tests, set_up, tear_down);
	return child < 0 || waitpid(child, &status, 0) < 0 || status ? 1 : 0;
}
