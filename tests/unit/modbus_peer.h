/*
 * A Modbus peer on a thread of its own that follows a script, for tests: register n holds the value
 * n, and each request, counted over all connections, may meet a fault.
 */
#ifndef TESTS_MODBUS_PEER_H
#define TESTS_MODBUS_PEER_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/crc.h"

enum fault {
	FINE,
	LOST,      /* no answer */
	LATE,      /* the answer, with wrong data, comes 600 ms late */
	LATE_NEXT, /* so late that the next connection gets it, as bridges to a line send to all */
	HANG_UP,   /* connection closed instead of an answer */
	STALE,     /* an answer to an earlier transaction (RTU: of another unit) comes first */
	OTHER_UNIT,
	OTHER_FUNCTION,
	OTHER_LENGTH,
	OTHER_ECHO,
	BUSY_NOW,      /* exception 6 */
	REFUSE,        /* exception 2 */
	HANG_UP_LATER, /* answered, then closed, as chargers do with idle connections */
	RANDOM,        /* anything at all */
	GARBAGE,       /* wrong checksum, wrong protocol */
	BROKEN_OFF,    /* half an answer */
	FLOOD          /* answers to other requests without end */
};

struct peer {
	int listener, line; /* line: a serial line instead of connections, or -1 */
	uint16_t port;
	bool rtu;
	enum fault script[16];
	unsigned requests, connections;
	uint8_t last[300]; /* last request, unit first, without framing */
	uint8_t late[300]; /* an answer for the next connection */
	size_t late_size;
	pthread_t thread;
};

static void peer_sleep(long ms)
{
	nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000}, NULL);
}

static bool peer_take(int fd, uint8_t *to, size_t n)
{
	while (n) {
		ssize_t got = read(fd, to, n);

		if (got <= 0)
			return false;
		to += got;
		n -= (size_t)got;
	}
	return true;
}

/* Sends unit and PDU in the framing of the peer; flaw changes the frame. False: it could not be sent. */
static bool peer_send(const struct peer *p, int fd, unsigned tid, const uint8_t *body, size_t n,
                      enum fault flaw)
{
	uint8_t frame[300] = {(uint8_t)(tid >> 8), (uint8_t)tid, flaw == GARBAGE, 0, 0, (uint8_t)n};
	size_t size = p->rtu ? n + 2 : n + 6;
	uint16_t crc;

	memcpy(frame + (p->rtu ? 0 : 6), body, n);
	if (p->rtu) {
		crc = (uint16_t)(crc16_modbus(frame, n) ^ (flaw == GARBAGE));
		frame[n] = (uint8_t)crc;
		frame[n + 1] = (uint8_t)(crc >> 8);
	}
	if (flaw == BROKEN_OFF)
		size /= 2;
	return p->line >= 0 ? write(fd, frame, size) > 0 : send(fd, frame, size, MSG_NOSIGNAL) > 0;
}

/* Reads one request into p->last; its transaction, or -1 at the end of the connection. */
static int peer_request(struct peer *p, int fd)
{
	uint8_t head[7];
	unsigned n;

	if (p->rtu) {
		if (!peer_take(fd, p->last, 7))
			return -1;
		n = p->last[1] == 16 ? p->last[6] + 2u : 1;
		return peer_take(fd, p->last + 7, n) ? 0 : -1;
	}
	if (!peer_take(fd, head, 7))
		return -1;
	p->last[0] = head[6];
	return peer_take(fd, p->last + 1, head[5] - 1u) ? head[0] << 8 | head[1] : -1;
}

static size_t peer_answer(const struct peer *p, uint8_t *body)
{
	unsigned address = (unsigned)(p->last[2] << 8 | p->last[3]);
	unsigned count = (unsigned)(p->last[4] << 8 | p->last[5]);

	memcpy(body, p->last, 6);
	if (p->last[1] != 3 && p->last[1] != 4)
		return 6;
	body[2] = (uint8_t)(2 * count);
	for (unsigned i = 0; i < count; i++) {
		body[3 + 2 * i] = (uint8_t)((address + i) >> 8);
		body[4 + 2 * i] = (uint8_t)(address + i);
	}
	return 3 + 2 * count;
}

/* Answers one request as the script has it; false when the connection ends. */
static bool peer_turn(struct peer *p, int fd)
{
	uint8_t body[300], wrong[300];
	int tid = peer_request(p, fd);
	enum fault fault;
	size_t n;

	if (tid < 0)
		return false;
	fault = p->requests < 16 ? p->script[p->requests] : FINE;
	p->requests++;
	n = peer_answer(p, body);
	memcpy(wrong, body, sizeof wrong);
	for (size_t i = 3; i < n; i++)
		wrong[i] ^= 0x55;
	switch (fault) {
	case LOST: return true;
	case LATE_NEXT:
		memcpy(p->late, wrong, n);
		p->late_size = n;
		return true;
	case RANDOM:
		for (size_t i = 0; i < sizeof wrong; i++)
			wrong[i] = (uint8_t)(rand() >> 7);
		if (write(fd, wrong, (size_t)rand() % sizeof wrong) < 0)
			return false;
		return true;
	case HANG_UP: return false;
	case LATE:
		peer_sleep(600);
		memcpy(body, wrong, n);
		break;
	case STALE:
		wrong[0] ^= p->rtu;
		peer_send(p, fd, (unsigned)tid - 1, wrong, n, FINE);
		break;
	case FLOOD:
		wrong[0] ^= p->rtu;
		while (peer_send(p, fd, (unsigned)tid - 1, wrong, n, FINE))
			;
		return false;
	case OTHER_UNIT: body[0] ^= 1; break;
	case OTHER_FUNCTION: body[1] ^= 7; break;
	case OTHER_LENGTH: n -= 2, body[2] = (uint8_t)(body[2] - 2); break;
	case OTHER_ECHO: memcpy(body, wrong, n); break;
	case BUSY_NOW:
	case REFUSE:
		body[1] |= 0x80;
		body[2] = fault == REFUSE ? 2 : 6;
		n = 3;
		break;
	default: break;
	}
	peer_send(p, fd, (unsigned)tid, body, n, fault);
	return fault != HANG_UP_LATER;
}

static void *peer_serve(void *argument)
{
	struct peer *p = argument;

	if (p->line >= 0) {
		while (peer_turn(p, p->line))
			;
		return NULL;
	}
	/* One connection at a time: the client gives one up before it opens the next. */
	for (;;) {
		int fd = accept(p->listener, NULL, NULL);

		if (fd < 0)
			break;
		p->connections++;
		if (p->late_size) {
			peer_sleep(20);
			peer_send(p, fd, 0, p->late, p->late_size, FINE);
			p->late_size = 0;
		}
		while (peer_turn(p, fd))
			;
		close(fd);
	}
	return NULL;
}

static void peer_start(struct peer *p, int family)
{
	struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	struct sockaddr_in four = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	bool v6 = family == AF_INET6;
	socklen_t size = v6 ? sizeof six : sizeof four;
	struct sockaddr *address = v6 ? (struct sockaddr *)&six : (struct sockaddr *)&four;

	p->line = -1;
	p->listener = socket(family, SOCK_STREAM, 0);
	if (bind(p->listener, address, size) || listen(p->listener, 8) ||
	    getsockname(p->listener, address, &size))
		_exit(99);
	p->port = ntohs(v6 ? six.sin6_port : four.sin_port);
	pthread_create(&p->thread, NULL, peer_serve, p);
}

static void peer_stop(struct peer *p)
{
	shutdown(p->listener, SHUT_RDWR);
	pthread_join(p->thread, NULL);
	close(p->listener);
}

#endif
