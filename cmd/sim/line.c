#include "cmd/sim/line.h"

#include "base/error.h"
#include "cmd/session/say.h"
#include "host/sandbox.h"

static int say_problem(int error, const char *problem)
{
	if (error == EM_SYNTAX)
		return say_usage("%s", problem);
	say_error("%s", problem);
	return error == EM_UNKNOWN ? EXIT_DEVICE : EXIT_LOCAL;
}

int line_open(struct sim_line **line, struct loop *loop, const struct sim_line_options *o)
{
	char problem[512];
	int error;

	*line = NULL;
	if (!!o->connect + !!o->listen + !!o->pty + !!o->output != 1)
		return say_usage(
			"missing output: give one of --connect, --listen, --pty, --output");
	error = sim_line_open(line, loop, o, problem, sizeof problem);
	if (error)
		return say_problem(error, problem);
	if (o->listen) { /* strangers connect */
		sandbox_files(&(struct sandbox){0});
		sandbox_calls();
	}
	return EXIT_OK;
}
