/* `emtool sim meter`: a master and its meter talking Modbus RTU. */
#include "cmd/options.h"

static int run(void *options, int count, char **arguments)
{
	(void)options;
	(void)count;
	(void)arguments;
	return 2;
}

const struct command sim_meter_command = {
	.name = "meter",
	.summary = "a master and its meter talking Modbus RTU, as a converter forwards them",
	.arguments = "METER",
	.arguments_min = 1,
	.arguments_max = 1,
	.run = run,
};
