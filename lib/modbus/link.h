/*
 * The connection to a Modbus peer: opens it, sends a frame, receives a frame. Internal to the
 * client.
 *
 * libmodbus opens serial lines and collects the bytes of a reply. Our own code does the rest,
 * because libmodbus 3.1.6
 *   - connects to IPv4 literals only, or with a deadline that it reports as "in progress";
 *   - leaves the transaction id of raw requests at 0, does not check the unit of a TCP reply, and
 *     refuses units 248..254: the client builds and checks frames with lib/frame;
 *   - has no RTU over TCP: an RTU context gets the socket. It does not test the CRC of frames from
 *     unexpected units, so the link tests the CRC itself.
 */
#ifndef MODBUS_LINK_H
#define MODBUS_LINK_H

#include <modbus/modbus.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "frame/mbap.h"
#include "modbus/target.h"

struct modbus_link {
	enum modbus_carrier carrier;
	enum modbus_framing framing;
	modbus_t *context; /* NULL: closed */
	int fd;
	int64_t gap;   /* us of silence that the line needs between frames */
	char why[128]; /* what went wrong */
};

/* Deadlines are times of wait_clock(); `stop` may be NULL. 0, EM_UNREACHABLE, EM_TIMEOUT, ... */
int modbus_link_open(struct modbus_link *l, const struct modbus_target *target, int64_t deadline,
                     const atomic_bool *stop);
void modbus_link_close(struct modbus_link *l);

/* Whether the peer has closed an idle connection. */
bool modbus_link_ended(const struct modbus_link *l);

int modbus_link_send(struct modbus_link *l, const uint8_t *frame, size_t size);

/* Receives one frame; its length or EM_*. */
int modbus_link_receive(struct modbus_link *l, uint8_t frame[MBAP_FRAME_MAX], int64_t deadline,
                        const atomic_bool *stop);

/* Discards the bytes that have arrived or arrive before the deadline (0: only those that have). */
void modbus_link_drain(struct modbus_link *l, int64_t deadline, const atomic_bool *stop);

#endif
