/*
 * The line of a simulated device: a TCP peer, all clients that connect, a pseudo-terminal, standard
 * output or a file. Bytes go out at once; a slow receiver loses whole writes, as on a real line.
 */
#ifndef SIM_LINE_H
#define SIM_LINE_H

#include "io/loop.h"
#include "sim/output.h"

/* Exactly one of the texts is set; they are borrowed. */
struct sim_line_options {
	const char *connect; /* HOST:PORT */
	const char *listen;  /* ADDR:PORT */
	const char *pty;     /* path of a link to the pseudo-terminal */
	const char *output;  /* FILE or "-" */
	bool any_port;       /* beside these: listens on any free port for port 0 */
};

struct sim_line;

/*
 * 0, or EM_* with a text in `problem`: EM_SYNTAX for a malformed address, EM_UNKNOWN for an unknown
 * host, else what failed. The line tries to connect to an absent peer again and again.
 */
int sim_line_open(struct sim_line **out, struct loop *loop, const struct sim_line_options *options,
                  char *problem, size_t size);

/* The output, borrowed; ready when a peer is connected, or for a file or terminal. */
const struct sim_output *sim_line_output(const struct sim_line *line);

/* The address that it listens on, with the port that the system chose for 0; NULL: it does not. */
const char *sim_line_name(const struct sim_line *line);

/* Call it before loop_free(). Accepts NULL. */
void sim_line_close(struct sim_line *line);

#endif
