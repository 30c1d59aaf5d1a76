/*
 * What simulated devices that are Modbus servers share: where they listen, what goes wrong on
 * purpose, and running until a signal or --duration ends them.
 */
#ifndef CMD_SIM_SERVER_H
#define CMD_SIM_SERVER_H

#include "cmd/session/options.h"
#include "modbus/server.h"

/* First member of the option struct. */
struct sim_options {
	const char *listen;
	long delay, exception, max_connections;
	double drop, corrupt, duration;
	int verbose, quiet;
};

/* clang-format off */
#define SIM_DEFAULTS {.listen = "127.0.0.1:5020"}
/* clang-format on */

/* --listen --delay --drop --corrupt --exception --max-connections --duration -v -q */
extern const struct option_row sim_rows[];

/*
 * Serves with the handler; prints "listening on ADDR:PORT" first, with the port that the system
 * chose when 0 was asked for. At most `connections` at once, unless the user says otherwise.
 * Returns the exit code.
 */
int sim_serve(const struct sim_options *options, unsigned connections, modbus_handler *handler,
              void *data);

/* The whole file in memory, NUL-terminated, to be freed; NULL after an error line. */
char *sim_load(const char *path, size_t *size);

#endif
