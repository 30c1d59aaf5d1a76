/*
 * Where a Modbus peer is, as users write it:
 *
 *   HOST[:PORT]  V4[:PORT]  V6  [V6]:PORT  tcp://HOST[:PORT]      Modbus TCP
 *   rtu+tcp://HOST:PORT                                          RTU frames over TCP
 *   serial:///dev/ttyUSB0?baud=9600&mode=8E1  /dev/ttyUSB0        RTU on a serial line
 */
#ifndef IO_MODBUS_TARGET_H
#define IO_MODBUS_TARGET_H

#include <stdbool.h>

enum target_kind { TARGET_TCP, TARGET_RTU_TCP, TARGET_SERIAL };

struct modbus_target {
	enum target_kind kind;
	char host[256];   /* without brackets; the path of a serial line */
	char service[12]; /* port number */
	int baud;
	char mode[4];     /* data bits, parity, stop bits: "8E1" */
	char name[272];   /* for messages: HOST:PORT or the path */
};

/* What a text leaves open: {.port = 502, .baud = 9600, .mode = "8E1"}. Zero means these values. */
struct modbus_target_defaults {
	unsigned short port;
	int baud;
	const char *mode;
	bool any_port; /* 0 is a port too, as for listening */
};

/* 0, or EM_SYNTAX; `defaults` may be NULL. */
int modbus_target_parse(struct modbus_target *out, const char *text,
                        const struct modbus_target_defaults *defaults);

#endif
