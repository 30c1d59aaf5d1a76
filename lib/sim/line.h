/*
 * The line a simulated device talks on: to a TCP peer, to everybody who connects, on a
 * pseudo-terminal, or to standard output or a file. Bytes go out at once; a receiver that does not
 * keep up loses whole writes, as on a real line.
 */
#ifndef SIM_LINE_H
#define SIM_LINE_H

#include "io/loop.h"
#include "sim/output.h"

/* One of them; the texts are borrowed. */
struct sim_line_options {
	const char *connect; /* HOST:PORT */
	const char *listen;  /* ADDR:PORT */
	const char *pty;     /* path of a link to the pseudo-terminal */
	const char *output;  /* FILE or "-" */
};

struct sim_line;

/*
 * 0 or EM_*, with words in `problem`: EM_SYNTAX when an address is written wrongly, EM_UNKNOWN when
 * there is no such host, else what failed. A peer that is away is tried again and again.
 */
int sim_line_open(struct sim_line **out, struct loop *loop, const struct sim_line_options *options,
                  char *problem, size_t size);

/* Where to send; ready when a peer is connected, or when it is a file or terminal. Borrowed. */
const struct sim_output *sim_line_output(const struct sim_line *line);

/* Call it before loop_free(). NULL is fine. */
void sim_line_close(struct sim_line *line);

#endif
