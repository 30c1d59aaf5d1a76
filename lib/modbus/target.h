/*
 * Parses the address of a Modbus peer. All commands share this grammar:
 *
 *   HOST[:PORT]  V4[:PORT]  V6  [V6]:PORT  tcp://HOST[:PORT]      Modbus TCP
 *   rtu+tcp://HOST[:PORT]  ascii+tcp://HOST[:PORT]                serial frames over TCP
 *   udp://HOST[:PORT]                                             Modbus TCP frames over UDP
 *   /dev/ttyUSB0  serial:///dev/ttyUSB0?baud=9600&mode=8E1&protocol=rtu|ascii
 *
 * A listening address may omit host and port, and may begin with tcp-listen://, rtu+tcp-listen://
 * or ascii+tcp-listen:// instead of tcp:// and so on. A URL of a device has the device's scheme
 * before the target: abb://HOST, abb:///dev/ttyUSB0, abb+serial:///dev/ttyUSB0?baud=9600,
 * abb+rtu+tcp://HOST:PORT.
 *
 * The grammar includes ASCII frames and UDP, but there is no client or server for them yet: parsing
 * such a target returns EM_UNSUPPORTED.
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

/* Defaults for omitted parts; zero: port 502, `baud=9600&mode=8E1`. */
struct modbus_target_defaults {
	unsigned port;
	const char *line;
	bool listen;      /* a listening address: host and port may be omitted */
	const char *host; /* default listening address; NULL: all addresses */
};

/* 0, EM_SYNTAX or EM_UNSUPPORTED; `defaults` may be NULL. */
int modbus_target_parse(struct modbus_target *out, const char *text,
                        const struct modbus_target_defaults *defaults);

/* The meaning of an error, to follow the quoted text: "is no HOST[:PORT] and no serial line". */
const char *modbus_target_problem(int error, bool listen);

/*
 * Splits the URL of a device. Returns the target within the URL, for modbus_target_parse(); *scheme
 * is the length of the scheme. NULL when the text is not such a URL.
 */
const char *modbus_target_of_url(const char *url, size_t *scheme);

#endif
