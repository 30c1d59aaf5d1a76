/*
 * Where a Modbus peer is, as users write it:
 *
 *   HOST[:PORT]  V4[:PORT]  V6  [V6]:PORT  tcp://HOST[:PORT]      Modbus TCP
 *   rtu+tcp://HOST:PORT                                          RTU frames over TCP
 *   serial:///dev/ttyUSB0?baud=9600&mode=8E1  /dev/ttyUSB0        RTU on a serial line
 */
#ifndef MODBUS_TARGET_H
#define MODBUS_TARGET_H

#include "io/address.h"
#include "io/serial.h"

enum target_kind { TARGET_TCP, TARGET_RTU_TCP, TARGET_SERIAL };

struct modbus_target {
	enum target_kind kind;
	struct address address; /* host, or the path of a serial line */
	struct serial_line line;
	char name[ADDRESS_HOST + 16]; /* for messages: HOST:PORT or the path */
};

/* What a text leaves open; zero: port 502, `baud=9600&mode=8E1`. */
struct modbus_target_defaults {
	unsigned port;
	const char *line;
	bool listen; /* the target is to listen at: host and port may be left open */
};

/* 0, or EM_SYNTAX; `defaults` may be NULL. */
int modbus_target_parse(struct modbus_target *out, const char *text,
                        const struct modbus_target_defaults *defaults);

#endif
