/*
 * What the simulated Modbus servers share: the listening address, intended faults, and a run that
 * ends with a signal or --duration.
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
 * Serves requests with the handler. It first prints "listening on ADDR:PORT", with the port that
 * the system chose for port 0. It accepts `connections` clients at once unless --max-connections is
 * given. Returns the exit code.
 */
int sim_serve(const struct sim_options *options, unsigned connections, modbus_handler *handler,
              void *data);

/* Loads a whole file, NUL-terminated; the caller frees it. NULL after an error line. */
char *sim_load(const char *path, size_t *size);

#endif
