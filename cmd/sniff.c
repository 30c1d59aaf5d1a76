/* `emtool sniff`: passive Modbus. */
#include "cmd/reading.h"

static int run(void *options, int count, char **arguments)
{
	(void)options;
	(void)count;
	(void)arguments;
	return 2;
}

const struct command sniff_command = {
	.name = "sniff",
	.summary = "decode the Modbus RTU traffic that others exchange",
	.arguments = "SOURCE",
	.arguments_max = 1,
	.run = run,
};
