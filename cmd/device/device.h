/*
 * What the verbs of devices with a register table (`emtool alfen`, `emtool abb`) share. A station
 * is the device that a command talks to: its session, its connection, and an image of the registers
 * read.
 */
#ifndef CMD_DEVICE_DEVICE_H
#define CMD_DEVICE_DEVICE_H

#include "cmd/session/polling.h"
#include "device/device.h"
#include "device/image.h"
#include "device/plan.h"

struct device_options {
	struct reading reading;
	long unit, socket, retries; /* -1, 0: not given */
	bool hold;
};

struct station {
	struct session session;
	struct device device; /* a copy: --unit changes it */
	const struct device_options *options;
	struct modbus_client *client;
	struct image image;
	atomic_bool stop;
	const char *host;
	const bool *wanted; /* rows to read, device.count flags; NULL: all */
	unsigned sockets;   /* number of sockets */
	bool counted;       /* the device told the number; else one is assumed */
	unsigned good;      /* blocks of the last reading that succeeded */
	struct {
		struct device_block block;
		unsigned unit;
		int exception;
	} refused[PLAN_LIMIT]; /* blocks of the last reading that the device refused */
	size_t refusals;
	char doing[64]; /* the purpose of the last request, for messages */
	instant time;   /* of the last reading */
};

/* Opens everything but the connection; 0 or an exit code. station_end() follows in any case. */
int station_begin(struct station *t, const struct device *d, const struct device_options *o,
                  const char *host, format_function *text);
int station_end(struct station *t);

/*
 * Reads the wanted rows into the image: 0, or the error that ended the reading. Refused blocks are
 * no error; `refused` lists them. Run it with polling_work().
 */
int station_read(void *station);

/* Prints why a reading ended, and sets the exit code. */
void station_failed(struct station *t, int error);

/* Prints a warning per refused block and counts the blocks as rejected, for --strict. */
void station_report_refusals(struct station *t);

/*
 * Whether the device has the socket of --socket; otherwise prints the error and sets the exit code.
 */
bool station_has_socket(struct station *t);

/* Begins a record of the last reading: type, time, socket. */
void station_record(struct station *t, struct record *r, unsigned socket);

/* The verbs; each returns an exit code. */
int device_dump(const struct device *d, const struct device_options *o, char **arguments);
int device_watch(const struct device *d, const struct device_options *o, char **arguments);
int device_get(const struct device *d, const struct device_options *o, int count, char **arguments);
int device_set(const struct device *d, const struct device_options *o, int count, char **arguments);
int device_registers(const struct device *d, const struct device_options *o);

/* Text output for the device of view_device(); view_changes marks changes in view_watch. */
void view_device(const struct device *d);
format_function view_dump, view_watch, view_names, view_registers;

/* The row of a name that the user gave; NULL after a usage error. */
const struct device_register *row_of_user(const struct device *d, const char *name);

#endif
