/*
 * Serial ports with line settings: a port of the test's own in place of libserialport, whose bytes go
 * through a pseudo-terminal. The settings that are tried have a clock that skips their time.
 */
#undef _FORTIFY_SOURCE /* its functions are inline ones of these names */
#include "clock.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <libserialport.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>

#include "played.h"

enum step { NOTHING, NAME, OPEN, HANDLE, CONFIG_MEMORY, CONFIG };

struct sp_port_config {
	int baud, bits, stop;
	enum sp_parity parity;
	enum sp_flowcontrol flow;
};

struct sp_port {
	struct sp_port_config line;
	int fd;
};

static struct {
	struct sp_port port;
	enum step fails;
	int number; /* errno of that */
	int other;  /* the test's end */
	int ports, open, configs;
	struct text set; /* the settings, as `9600 8N1 ` */
} fake;

/* The next read from the port fails with this; 0: it does not. */
static int read_fails;

__attribute__((no_sanitize("address"))) ssize_t read(int fd, void *data, size_t size)
{
	if (read_fails && fd == fake.port.fd) {
		errno = read_fails;
		read_fails = 0;
		return -1;
	}
	return syscall(SYS_read, fd, data, size);
}

static enum sp_return fails_at(enum step step)
{
	if (fake.fails != step)
		return SP_OK;
	errno = fake.number;
	return SP_ERR_FAIL;
}

enum sp_return sp_get_port_by_name(const char *name, struct sp_port **port)
{
	char *real = realpath(path, NULL);

	assert_string_equal(name, real);
	free(real);
	if (fails_at(NAME))
		return SP_ERR_ARG;
	fake.ports++;
	*port = &fake.port;
	return SP_OK;
}

void sp_free_port(struct sp_port *port)
{
	assert_ptr_equal(port, &fake.port);
	fake.ports--;
}

enum sp_return sp_open(struct sp_port *port, enum sp_mode mode)
{
	struct termios raw;

	assert_int_equal(mode, SP_MODE_READ);
	if (fails_at(OPEN))
		return SP_ERR_FAIL;
	port->fd = open(ptsname(fake.other), O_RDWR | O_NOCTTY | O_NONBLOCK);
	assert_true(port->fd >= 0 && !tcgetattr(port->fd, &raw));
	cfmakeraw(&raw);
	tcsetattr(port->fd, TCSANOW, &raw);
	fake.open++;
	return SP_OK;
}

enum sp_return sp_close(struct sp_port *port)
{
	assert_int_equal(close(port->fd), 0);
	fake.open--;
	return SP_OK;
}

enum sp_return sp_get_port_handle(const struct sp_port *port, void *handle)
{
	*(int *)handle = port->fd;
	return fails_at(HANDLE);
}

enum sp_return sp_new_config(struct sp_port_config **config)
{
	static struct sp_port_config one;

	one = (struct sp_port_config){.flow = SP_FLOWCONTROL_RTSCTS};
	if (fails_at(CONFIG_MEMORY))
		return SP_ERR_MEM;
	fake.configs++;
	*config = &one;
	return SP_OK;
}

void sp_free_config(struct sp_port_config *config)
{
	memset(config, 0, sizeof *config);
	fake.configs--;
}

enum sp_return sp_set_config_baudrate(struct sp_port_config *config, int baud)
{
	config->baud = baud;
	return SP_OK;
}

enum sp_return sp_set_config_bits(struct sp_port_config *config, int bits)
{
	config->bits = bits;
	return SP_OK;
}

enum sp_return sp_set_config_parity(struct sp_port_config *config, enum sp_parity parity)
{
	config->parity = parity;
	return SP_OK;
}

enum sp_return sp_set_config_stopbits(struct sp_port_config *config, int stop)
{
	config->stop = stop;
	return SP_OK;
}

enum sp_return sp_set_config_flowcontrol(struct sp_port_config *config, enum sp_flowcontrol flow)
{
	config->flow = flow;
	return SP_OK;
}

enum sp_return sp_set_config(struct sp_port *port, const struct sp_port_config *config)
{
	static const char parities[] = {
		[SP_PARITY_NONE] = 'N', [SP_PARITY_ODD] = 'O', [SP_PARITY_EVEN] = 'E'};

	assert_ptr_equal(port, &fake.port);
	assert_int_equal(config->flow, SP_FLOWCONTROL_NONE);
	text_printf(&fake.set, "%d %d%c%d ", config->baud, config->bits, parities[config->parity],
	            config->stop);
	return fails_at(CONFIG);
}

static struct loop *loop;
static struct source *source;
static char message[200];

static void open_port(const char *query, const char *settings)
{
	static char url[200];
	struct source_config config = {.url = url, .events = &events, .serial = settings};
	bool usage;

	snprintf(url, sizeof url, "serial://%s%s", path, query);
	told.length = fake.set.length = 0;
	loop = loop_new();
	source = source_open(loop, &config, message, sizeof message, &usage);
	if (!source)
		loop_free(loop);
}

static void close_port(void)
{
	source_close(source);
	loop_free(loop);
}

/* The program reads so many zeros. */
static void send_zeros(unsigned count)
{
	static const char zeros[64];
	uint64_t before = source_bytes(source);

	assert_int_equal(write(fake.other, zeros, count), count);
	while (source_bytes(source) < before + count)
		uv_run(loop_uv(loop), UV_RUN_ONCE);
}

/* Lets so many ms pass at once. */
static void pass(int64_t ms)
{
	uv_run(loop_uv(loop), UV_RUN_NOWAIT);
	clock_skip(ms);
	uv_update_time(loop_uv(loop));
	uv_run(loop_uv(loop), UV_RUN_NOWAIT);
}

static int plug(void **state)
{
	int fd = open(path, O_CREAT | O_RDWR, 0600);

	(void)state;
	close(fd);
	fake.fails = NOTHING;
	fake.other = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
	return fake.other < 0 || grantpt(fake.other) || unlockpt(fake.other) ? -1 : 0;
}

static int unplug(void **state)
{
	(void)state;
	close(fake.other);
	unlink(path);
	assert_int_equal(fake.ports, 0);
	assert_int_equal(fake.open, 0);
	assert_int_equal(fake.configs, 0);
	text_free(&fake.set);
	return 0;
}

static void settings_reach_the_port(void **state)
{
	static const struct {
		const char *query, *settings, *set;
	} cases[] = {
		{"", NULL, "9600 8N1 "},
		{"", "baud=300", "300 8N1 "},
		{"", "mode=5O2", "9600 5O2 "},
		{"?baud=4000000&mode=7E2", NULL, "4000000 7E2 "},
		{"?mode=6N1", "baud=2400&mode=8E1", "2400 6N1 "},
		{"?baud=50", "baud=2400&mode=8E1", "50 8E1 "},
		{"?mode=auto", NULL, "9600 8N1 "},
		{"?baud=1200&mode=auto", NULL, "1200 8N1 "},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		open_port(cases[i].query, cases[i].settings);
		assert_non_null(source);
		assert_string_equal(text_string(&fake.set), cases[i].set);
		assert_int_equal(write(fake.other, "\1\2", 2), 2);
		for (int turn = 0; turn < 100 && !strstr(text_string(&told), "0102"); turn++)
			uv_run(loop_uv(loop), UV_RUN_ONCE);
		assert_non_null(strstr(text_string(&told), "[] <0102@"));
		close_port();
	}
}

/* Each step of opening a port can fail; nothing stays open, and the reason is told. */
static void ports_that_cannot_be_opened(void **state)
{
	static const struct {
		enum step step;
		int number;
		const char *reason;
	} cases[] = {
		{NAME, 0, "not a serial port"},
		{NAME, ENODEV, "No such device"},
		{OPEN, EACCES, "permission denied: add yourself to the group dialout"},
		{OPEN, EBUSY, "Device or resource busy"},
		{HANDLE, EIO, "Input/output error"},
		{CONFIG_MEMORY, ENOMEM, "Cannot allocate memory"},
		{CONFIG, EINVAL, "Invalid argument"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char expected[200];

		fake.fails = cases[i].step;
		fake.number = cases[i].number;
		open_port("", NULL);
		assert_null(source);
		snprintf(expected, sizeof expected, "%s: %s", path, cases[i].reason);
		assert_string_equal(message, expected);
		assert_int_equal(fake.ports, 0);
		assert_int_equal(fake.open, 0);
	}
}

/* A read that is interrupted is repeated; after any other failure the port is lost. */
static void reads_that_fail(void **state)
{
	static const struct {
		int number;
		const char *told;
	} cases[] = {{EAGAIN, "<61@"}, {EINTR, "<61@"}, {EIO, "{lost, "}, {ENXIO, "{lost, "}};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		open_port("", NULL);
		read_fails = cases[i].number;
		assert_int_equal(write(fake.other, "a", 1), 1);
		for (int turn = 0; turn < 5 && !strstr(text_string(&told), cases[i].told); turn++)
			uv_run(loop_uv(loop), UV_RUN_ONCE);
		assert_non_null(strstr(text_string(&told), cases[i].told));
		assert_int_equal(read_fails, 0);
		close_port();
	}
}

/* A port that is lost is tried again after 250 ms, and then less often. */
static void lost_ports_are_opened_again(void **state)
{
	static const int64_t waits[] = {250, 500, 1000, 2000, 2000};
	int begin;

	(void)state;
	if (!CLOCK_SKIPS)
		skip();
	open_port("?baud=1200", NULL);
	assert_non_null(source);
	for (int round = 0; round < 2; round++) {
		close(fake.other);
		while (!strstr(text_string(&told), "{lost, waiting for it to come back} "))
			uv_run(loop_uv(loop), UV_RUN_ONCE);
		assert_int_equal(fake.open + fake.ports, 0);
		fake.fails = OPEN;
		for (size_t i = 0; i < sizeof waits / sizeof *waits; i++) {
			pass(waits[i] - 60);
			assert_null(strstr(text_string(&told), "{back}"));
			if (i == 4 - (size_t)round)
				fake.fails = NOTHING;
			fake.other = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
			assert_true(!grantpt(fake.other) && !unlockpt(fake.other));
			pass(61);
			if (!fake.fails)
				break;
			assert_null(strstr(text_string(&told), "{back}"));
			close(fake.other);
		}
		assert_non_null(strstr(text_string(&told), "{back} "));
		assert_string_equal(text_string(&fake.set), "1200 8N1 1200 8N1 ");
		begin = (int)told.length;
		assert_int_equal(write(fake.other, "a", 1), 1);
		while (!strstr(text_string(&told) + begin, "<61@"))
			uv_run(loop_uv(loop), UV_RUN_ONCE);
		pass(660000); /* so long after a loss another one is news */
		told.length = 0;
		fake.set.length = strlen("1200 8N1 ");
	}
	close_port();
}

/* 64 bytes and 3 s for each of the usual settings, until most bytes are good. */
static void settings_are_tried_in_turn(void **state)
{
	static const char all[] =
		"9600 8N1 9600 8E1 115200 8N1 2400 8E1 19200 8N1 19200 8E1 2400 8N1 9600 7E1 "
		"38400 8N1 57600 8N1 9600 8O1 4800 8E1 9600 8N1 9600 8E1 ";
	size_t length;

	(void)state;
	if (!CLOCK_SKIPS)
		skip();
	open_port("?mode=auto", NULL);
	assert_non_null(source);
	for (int trial = 0; trial < 13; trial++) {
		send_zeros(64);
		length = fake.set.length;
		pass(2900);
		assert_int_equal(fake.set.length, length);
		pass(101);
		assert_true(fake.set.length > length);
	}
	assert_string_equal(text_string(&fake.set), all);
	assert_null(strstr(text_string(&told), "settled"));
	send_zeros(63);
	pass(3001);
	assert_string_equal(text_string(&fake.set), all);
	send_zeros(1);
	source_judge(source, 33, 0);
	pass(3001);
	assert_non_null(strstr(text_string(&told), "{settled on 9600 baud 8E1} "));
	for (int i = 0; i < 3; i++) { /* it is over */
		send_zeros(64);
		pass(3001);
	}
	assert_string_equal(text_string(&fake.set), all);
	assert_null(strstr(strstr(text_string(&told), "settled") + 1, "settled"));
	close_port();
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(settings_reach_the_port, plug, unplug),
		cmocka_unit_test_setup_teardown(ports_that_cannot_be_opened, plug, unplug),
		cmocka_unit_test_setup_teardown(reads_that_fail, plug, unplug),
		cmocka_unit_test_setup_teardown(lost_ports_are_opened_again, plug, unplug),
		cmocka_unit_test_setup_teardown(settings_are_tried_in_turn, plug, unplug),
	};

	return cmocka_run_group_tests(tests, set_up, end);
}
