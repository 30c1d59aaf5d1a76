/*
 * Serial ports, with libserialport. `serial:///dev/ttyUSB0?baud=9600&mode=8E1`; mode=auto tries the
 * usual settings of meters and keeps the one that gives valid frames. A port that disappears (an
 * unplugged cable) is opened again when it is back.
 */
#include <errno.h>
#include <fcntl.h>
#include <libserialport.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "base/decimal.h"
#include "base/error.h"
#include "io/backoff.h"
#include "io/serial.h"
#include "io/source_private.h"

enum { BLOCK = 4096, TRIAL_MS = 3000, TRIAL_BYTES = 64 };

struct serial {
	struct source *source;
	struct source_stream *stream;
	struct sp_port *port; /* NULL for a pseudo-terminal, which libserialport does not know */
	int fd;               /* -1 while closed */
	uv_poll_t *poll;
	uv_timer_t timer; /* reopening, or the end of a trial */
	struct backoff backoff;
	char path[256];
	struct serial_line line;
	bool automatic, settled, lost;
	size_t attempt;         /* which of the usual settings is being tried */
	uint64_t good, skipped; /* good and skipped bytes at the start of the trial */
	uint64_t good_now, skipped_now;
	uint64_t bytes; /* read during the trial */
	uint8_t block[BLOCK];
};

/* clang-format off */
static const struct serial_line usual[] = {
	{9600, 8, 'N', 1}, {9600, 8, 'E', 1}, {115200, 8, 'N', 1}, {2400, 8, 'E', 1},
	{19200, 8, 'N', 1}, {19200, 8, 'E', 1}, {2400, 8, 'N', 1}, {9600, 7, 'E', 1},
	{38400, 8, 'N', 1}, {57600, 8, 'N', 1}, {9600, 8, 'O', 1}, {4800, 8, 'E', 1}};
/* clang-format on */

bool serial_is_device(const char *path)
{
	struct stat about;
	char real[PATH_MAX]; /* follows links that udev and people make */

	if (!strcmp(path, "/dev/stdin") || !strncmp(path, "/dev/fd", 7) ||
	    !strcmp(path, "/dev/tty"))
		return false;
	/* Not isatty(): it needs an open port, and opening a port toggles its control lines. */
	return realpath(path, real) && !strncmp(real, "/dev/", 5) && stat(real, &about) == 0 &&
	       S_ISCHR(about.st_mode) && (strstr(real, "tty") || strstr(real, "/pts/"));
}

int serial_line_parse(struct serial_line *line, const char *query, bool *automatic)
{
	char value[16];

	for (const char *p = query; p && *p; p += strcspn(p, "&"), p += *p == '&')
		if (strncmp(p, "baud=", 5) != 0 && strncmp(p, "mode=", 5) != 0)
			return EM_SYNTAX;
	if (query_value(query, "baud", value, sizeof value)) {
		uint32_t baud;

		if (decimal_whole(&baud, value, strlen(value), 4000000) || baud < 50)
			return EM_SYNTAX;
		line->baud = (int)baud;
	}
	if (!query_value(query, "mode", value, sizeof value))
		return 0;
	*automatic = !strcmp(value, "auto");
	if (*automatic)
		return 0;
	if (strlen(value) != 3 || value[0] < '5' || value[0] > '8' || !strchr("NEO", value[1]) ||
	    (value[2] != '1' && value[2] != '2'))
		return EM_SYNTAX;
	line->bits = value[0] - '0';
	line->parity = value[1];
	line->stop = value[2] - '0';
	return 0;
}

static bool is_pty(const char *path)
{
	char real[256] = "";
	char *resolved = realpath(path, NULL);

	snprintf(real, sizeof real, "%s", resolved ? resolved : path);
	free(resolved);
	return !strncmp(real, "/dev/pts/", 9);
}

/* Applies the settings to an open port. 0, EM_SYSTEM or EM_NO_MEMORY. */
static int serial_configure(struct sp_port *port, const struct serial_line *line)
{
	struct sp_port_config *config;
	enum sp_parity parity = line->parity == 'E'   ? SP_PARITY_EVEN
	                        : line->parity == 'O' ? SP_PARITY_ODD
	                                              : SP_PARITY_NONE;
	enum sp_return status;

	if (sp_new_config(&config) != SP_OK)
		return EM_NO_MEMORY;
	sp_set_config_baudrate(config, line->baud);
	sp_set_config_bits(config, line->bits);
	sp_set_config_parity(config, parity);
	sp_set_config_stopbits(config, line->stop);
	sp_set_config_flowcontrol(config, SP_FLOWCONTROL_NONE);
	status = sp_set_config(port, config);
	sp_free_config(config);
	return status == SP_OK ? 0 : EM_SYSTEM;
}

static void drop_poll(uv_handle_t *handle)
{
	free(handle);
}

static void port_close(struct serial *serial)
{
	if (serial->poll) {
		uv_poll_stop(serial->poll);
		uv_close((uv_handle_t *)serial->poll, drop_poll);
		serial->poll = NULL;
	}
	if (serial->port) {
		sp_close(serial->port);
		sp_free_port(serial->port);
		serial->port = NULL;
	} else if (serial->fd >= 0) {
		close(serial->fd);
	}
	serial->fd = -1;
}

static int pty_open(struct serial *serial)
{
	struct termios raw;

	serial->fd = open(serial->path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (serial->fd < 0 || tcgetattr(serial->fd, &raw))
		return EM_SYSTEM;
	raw.c_iflag &= ~(tcflag_t)(ICRNL | INLCR | IGNCR | IXON | ISTRIP | BRKINT | PARMRK);
	raw.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
	raw.c_oflag &= ~(tcflag_t)OPOST;
	return tcsetattr(serial->fd, TCSANOW, &raw) ? EM_SYSTEM : 0;
}

/* The library guesses the kind of port from its name, wrongly for a link such as ttyUSB-p1. */
static int real_open(struct serial *serial)
{
	char *real = realpath(serial->path, NULL);
	bool found = real && sp_get_port_by_name(real, &serial->port) == SP_OK;

	free(real);
	if (!found)
		return EM_SYSTEM;
	if (sp_open(serial->port, SP_MODE_READ) != SP_OK) {
		sp_free_port(serial->port);
		serial->port = NULL;
		return EM_SYSTEM;
	}
	if (sp_get_port_handle(serial->port, &serial->fd) != SP_OK)
		return EM_SYSTEM;
	return serial_configure(serial->port, &serial->line);
}

static void on_ready(uv_poll_t *poll, int status, int events);

static int port_open(struct serial *serial)
{
	int status = is_pty(serial->path) ? pty_open(serial) : real_open(serial);

	serial->poll = status ? NULL : calloc(1, sizeof *serial->poll);
	if (!status && !serial->poll)
		status = EM_NO_MEMORY;
	if (!status && uv_poll_init(loop_uv(serial->source->loop), serial->poll, serial->fd)) {
		free(serial->poll);
		serial->poll = NULL;
		status = EM_SYSTEM;
	}
	if (status) {
		port_close(serial);
		return status;
	}
	serial->poll->data = serial;
	uv_poll_start(serial->poll, UV_READABLE | UV_DISCONNECT, on_ready);
	return 0;
}

static void on_timer(uv_timer_t *timer);

static void port_lost(struct serial *serial)
{
	port_close(serial);
	source_lost(serial->source, serial->path, "lost, waiting for it to come back");
	serial->lost = true;
	uv_timer_start(&serial->timer, on_timer, backoff_next(&serial->backoff), 0);
}

static void on_ready(uv_poll_t *poll, int status, int events)
{
	struct serial *serial = poll->data;
	struct chunk chunk = {.data = serial->block};
	ssize_t n = read(serial->fd, serial->block, BLOCK);

	if (n < 0 && (errno == EAGAIN || errno == EINTR) && !status && !(events & UV_DISCONNECT))
		return;
	if (n <= 0) {
		port_lost(serial);
	} else {
		chunk.size = (size_t)n;
		chunk.time = loop_clock();
		serial->bytes += (uint64_t)n;
		backoff_reset(&serial->backoff);
		stream_data(serial->stream, &chunk);
	}
}

/* Tries the next settings unless more than half of the bytes are in valid frames. */
static void end_trial(struct serial *serial)
{
	uint64_t good = serial->good_now - serial->good;

	if (serial->bytes < TRIAL_BYTES)
		return; /* too few bytes to decide */
	if (good * 2 > serial->bytes) {
		serial->settled = true;
		source_report(serial->source, "%s: settled on %d baud %d%c%d", serial->path,
		              serial->line.baud, serial->line.bits, serial->line.parity,
		              serial->line.stop);
		return;
	}
	serial->attempt = (serial->attempt + 1) % (sizeof usual / sizeof usual[0]);
	serial->line = usual[serial->attempt];
	if (serial->port)
		serial_configure(serial->port, &serial->line);
	serial->good = serial->good_now;
	serial->bytes = 0;
}

static void on_timer(uv_timer_t *timer)
{
	struct serial *serial = timer->data;

	if (serial->lost) {
		serial->lost = port_open(serial) != 0;
		if (!serial->lost)
			source_back(serial->source, "back");
	} else if (serial->automatic && !serial->settled) {
		end_trial(serial);
	}
	if (serial->lost)
		uv_timer_start(timer, on_timer, backoff_next(&serial->backoff), 0);
	else if (serial->automatic && !serial->settled)
		uv_timer_start(timer, on_timer, TRIAL_MS, 0);
}

static void serial_judge(struct source *source, uint64_t good, uint64_t skipped)
{
	struct serial *serial = source->state;

	serial->good_now = good;
	serial->skipped_now = skipped;
}

static void drop_serial(uv_handle_t *handle)
{
	free(handle->data);
}

static void serial_close(struct source *source)
{
	struct serial *serial = source->state;

	port_close(serial);
	uv_close((uv_handle_t *)&serial->timer, drop_serial);
}

static int serial_open(struct source *source, const char *rest)
{
	const char *query = strchr(rest, '?');
	size_t length = query ? (size_t)(query - rest) : strlen(rest);
	struct serial *serial;
	int status;

	if (length == 0 || length >= sizeof serial->path) {
		source_fail(source, "%s: needs a device, as serial:///dev/ttyUSB0", rest);
		return EM_SYNTAX;
	}
	serial = calloc(1, sizeof *serial);
	if (!serial)
		return EM_NO_MEMORY;
	serial->source = source;
	serial->fd = -1;
	serial->line = usual[0];
	serial->backoff = (struct backoff){.first = 250,
	                                   .most = 2000}; /* a cable is back soon: short waits */
	memcpy(serial->path, rest, length);
	if (serial_line_parse(&serial->line, source->config.serial, &serial->automatic) ||
	    serial_line_parse(&serial->line, query ? query + 1 : "", &serial->automatic)) {
		source_fail(source, "%s: line settings look like ?baud=9600&mode=8E1", rest);
		free(serial);
		return EM_SYNTAX;
	}
	source->state = serial;
	uv_timer_init(loop_uv(source->loop), &serial->timer);
	serial->timer.data = serial;
	errno = 0;
	status = port_open(serial);
	if (!status)
		serial->stream = stream_open(source, NULL, STREAM_BYTES, true);
	if (serial->stream) {
		if (serial->automatic)
			uv_timer_start(&serial->timer, on_timer, TRIAL_MS, 0);
		return 0;
	}
	source_fail(source, "%s: %s", serial->path,
	            errno == EACCES ? "permission denied: add yourself to the group dialout"
	            : errno         ? strerror(errno)
	                            : "not a serial port");
	serial_close(source);
	return status ? status : EM_NO_MEMORY;
}

const struct source_kind source_serial = {"serial://", serial_open, serial_close, serial_judge};
