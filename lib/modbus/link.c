#include "modbus/link.h"

#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "frame/rtu.h"
#include "io/connect.h"
#include "host/library.h"
#include "io/wait.h"

enum { DRAIN_READS = 64 }; /* only a peer that sends endlessly needs more reads */

/* Opens libmodbus with the first connection, so that other commands do not load it. */
/* clang-format off */
#define MODBUS_FUNCTIONS(X)                                                                     \
	X(modbus_new_rtu) X(modbus_new_tcp) X(modbus_connect) X(modbus_close) X(modbus_free)    \
	X(modbus_get_socket) X(modbus_set_socket) X(modbus_set_response_timeout)                \
	X(modbus_set_byte_timeout) X(modbus_receive_confirmation)
/* clang-format on */

static struct {
	MODBUS_FUNCTIONS(LIBRARY_POINTER)
} library;

/* Stores the reason in l->why and returns the error. */
static int link_fail(struct modbus_link *l, int error, const char *why)
{
	snprintf(l->why, sizeof l->why, "%s", why);
	if (isupper((unsigned char)l->why[0]) && !isupper((unsigned char)l->why[1]))
		l->why[0] = (char)tolower((unsigned char)l->why[0]);
	return error;
}

static int open_library(struct modbus_link *l)
{
	static const char *const names[] = {MODBUS_FUNCTIONS(LIBRARY_NAME) NULL};
	static const struct library modbus = {"libmodbus.so.5", "libmodbus5", names};
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	static bool opened;
	int status = 0;

	pthread_mutex_lock(&lock);
	if (!opened)
		status = library_open(&modbus, &library, l->why, sizeof l->why);
	opened = status == 0;
	pthread_mutex_unlock(&lock);
	return status;
}

static int open_serial(struct modbus_link *l, const struct modbus_target *t)
{
	const struct serial_line *line = &t->line;

	l->context = library.modbus_new_rtu(t->address.host, line->baud, line->parity, line->bits,
	                                    line->stop);
	if (!l->context)
		return link_fail(l, EM_NO_MEMORY, "out of memory");
	if (library.modbus_connect(l->context)) {
		int error = errno;

		library.modbus_free(l->context);
		l->context = NULL;
		return link_fail(l, EM_UNREACHABLE, strerror(error));
	}
	l->fd = library.modbus_get_socket(l->context);
	l->gap = 38500000 / line->baud > 1750 ? 38500000 / line->baud : 1750;
	return 0;
}

int modbus_link_open(struct modbus_link *l, const struct modbus_target *target, int64_t deadline,
                     const atomic_bool *stop)
{
	const char *why = NULL;
	int fd, status;

	*l = (struct modbus_link){.carrier = target->carrier, .framing = target->framing, .fd = -1};
	status = open_library(l);
	if (status)
		return status;
	if (target->carrier == MODBUS_OVER_SERIAL)
		return open_serial(l, target);
	fd = connect_tcp(&target->address, deadline, stop, &why);
	if (fd < 0)
		return link_fail(l, fd, why);
	if (fd >= FD_SETSIZE) { /* libmodbus waits with select() */
		close(fd);
		return link_fail(l, EM_SYSTEM, "too many open files");
	}
	l->context = target->framing == MODBUS_MBAP
	                     ? library.modbus_new_tcp("127.0.0.1", 502)
	                     : library.modbus_new_rtu("/dev/null", 9600, 'N', 8, 1);
	if (!l->context) {
		close(fd);
		return link_fail(l, EM_NO_MEMORY, "out of memory");
	}
	library.modbus_set_socket(l->context, fd);
	l->fd = fd;
	return 0;
}

void modbus_link_close(struct modbus_link *l)
{
	if (!l->context)
		return;
	if (l->carrier == MODBUS_OVER_TCP && l->framing == MODBUS_RTU) {
		/* modbus_close() would treat the socket as a terminal */
		close(l->fd);
		library.modbus_set_socket(l->context, -1);
	} else {
		library.modbus_close(l->context);
	}
	library.modbus_free(l->context);
	l->context = NULL;
	l->fd = -1;
}

bool modbus_link_ended(const struct modbus_link *l)
{
	char byte;

	return l->carrier != MODBUS_OVER_SERIAL &&
	       recv(l->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

int modbus_link_send(struct modbus_link *l, const uint8_t *frame, size_t size)
{
	if (l->gap)
		nanosleep(&(struct timespec){.tv_nsec = (long)(l->gap * 1000 % 1000000000)}, NULL);
	while (size) {
		ssize_t n = l->carrier == MODBUS_OVER_SERIAL
		                    ? write(l->fd, frame, size)
		                    : send(l->fd, frame, size, MSG_NOSIGNAL);

		if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
			if (wait_ready(l->fd, POLLOUT, wait_clock() + 1000, NULL) == EM_TIMEOUT)
				return link_fail(l, EM_TIMEOUT, "the line accepts no data");
			continue;
		}
		if (n < 0)
			return link_fail(l, EM_CLOSED, strerror(errno));
		frame += n;
		size -= (size_t)n;
	}
	return 0;
}

/* libmodbus does not return the length of a frame from an unknown unit. */
static int rtu_check(struct modbus_link *l, const uint8_t *frame)
{
	int size = adu_response_size(frame, ADU_MAX);

	if (size <= 0)
		return link_fail(l, EM_PROTOCOL, "a reply that is no Modbus frame");
	if (!rtu_crc_good(frame, (size_t)size + RTU_CRC))
		return link_fail(l, EM_CHECKSUM, "the checksum of the reply is wrong");
	return size + RTU_CRC;
}

int modbus_link_receive(struct modbus_link *l, uint8_t frame[MBAP_FRAME_MAX], int64_t deadline,
                        const atomic_bool *stop)
{
	int error = wait_ready(l->fd, POLLIN, deadline, stop), n;
	int64_t left = deadline - wait_clock();
	uint32_t us = left > 1 ? (uint32_t)left * 1000 : 1000;

	if (error == EM_TIMEOUT)
		return link_fail(l, error, "no answer");
	if (error)
		return link_fail(l, error,
		                 error == EM_SYSTEM ? strerror(errno) : error_text(error));
	/* Without a timeout between bytes the whole reply must come within the deadline. */
	library.modbus_set_response_timeout(l->context, us / 1000000, us % 1000000);
	library.modbus_set_byte_timeout(l->context, 0, 0);
	memset(frame, 0, MBAP_FRAME_MAX);
	n = library.modbus_receive_confirmation(l->context, frame);
	if (n >= 0)
		return l->framing == MODBUS_MBAP ? n : rtu_check(l, frame);
	if (errno == ETIMEDOUT)
		return link_fail(l, EM_TIMEOUT, "the reply is incomplete");
	if (errno == EMBBADCRC)
		return link_fail(l, EM_CHECKSUM, "the checksum of the reply is wrong");
	if (errno > MODBUS_ENOBASE)
		return link_fail(l, EM_PROTOCOL, "a reply that is no Modbus frame");
	return link_fail(l, EM_CLOSED, "connection closed by the peer");
}

void modbus_link_drain(struct modbus_link *l, int64_t deadline, const atomic_bool *stop)
{
	uint8_t rubbish[512];

	for (int n = 0; n < DRAIN_READS || wait_clock() < deadline; n++) {
		ssize_t got = wait_ready(l->fd, POLLIN, deadline, stop)
		                      ? 0
		                      : read(l->fd, rubbish, sizeof rubbish);

		if (got == 0 || (got < 0 && errno != EINTR))
			return;
	}
}
