/*
 * Where a Modbus peer is, as users write it. All commands share this grammar:
 *
 *   HOST[:PORT]  V4[:PORT]  V6  [V6]:PORT  tcp://HOST[:PORT]      Modbus TCP
 *   rtu+tcp://HOST[:PORT]  ascii+tcp://HOST[:PORT]                serial frames over TCP
 *   udp://HOST[:PORT]                                             Modbus TCP frames over UDP
 *   /dev/ttyUSB0  serial:///dev/ttyUSB0?baud=9600&mode=8E1&protocol=rtu|ascii
 *
 * To listen, host and port may be left out, and tcp-listen://, rtu+tcp-listen:// and
 * ascii+tcp-listen:// say the same as tcp:// and so on. A URL of a device puts the device's scheme
 * before the target: abb://HOST, abb:///dev/ttyUSB0, abb+serial:///dev/ttyUSB0?baud=9600,
 * abb+rtu+tcp://HOST:PORT.
 *
 * The grammar knows ASCII frames and UDP, but there is no client or server for them yet: such a
 * target is EM_UNSUPPORTED.
 */
#ifndef MODBUS_TARGET_H
#define MODBUS_TARGET_H

#include "io/address.h"
#include "io/serial.h"

enum modbus_carrier { MODBUS_OVER_TCP, MODBUS_OVER_UDP, MODBUS_OVER_SERIAL };
enum modbus_framing { MODBUS_MBAP, MODBUS_RTU, MODBUS_ASCII };

struct modbus_target {
	enum modbus_carrier carrier;
	enum modbus_framing framing;
	struct address address; /* host, or the path of a serial line */
	struct serial_line line;
	char name[ADDRESS_HOST + 16]; /* for messages: HOST:PORT or the path */
};

/* What a text leaves open; zero: port 502, `baud=9600&mode=8E1`. */
struct modbus_target_defaults {
	unsigned port;
	const char *line;
	bool listen;      /* the target is to listen at: host and port may be left open */
	const char *host; /* to listen at when the text has none; NULL: every address */
};

/* 0, EM_SYNTAX or EM_UNSUPPORTED; `defaults` may be NULL. */
int modbus_target_parse(struct modbus_target *out, const char *text,
                        const struct modbus_target_defaults *defaults);

/* What such an error means, to follow the quoted text: "is no HOST[:PORT] and no serial line". */
const char *modbus_target_problem(int error, bool listen);

/*
 * Splits the URL of a device. The result is the target's text within the URL, for
 * modbus_target_parse(), and *scheme is the length of the scheme at its beginning. NULL when the text
 * is no such URL.
 */
const char *modbus_target_of_url(const char *url, size_t *scheme);

#endif
