/* Opens what the options of a reading command name as outputs: the printing one, and others. */
#ifndef CMD_OUTPUTS_H
#define CMD_OUTPUTS_H

#include "cmd/reading.h"

/*
 * Fills s->outputs; s->loop is there already. EXIT_OK, or the exit code with the error said; what was
 * opened before stays in the list for session_end().
 */
int outputs_open(struct session *s, format_function *text);

#endif
