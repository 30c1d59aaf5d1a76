/* `emtool sim DEVICE`: devices for tests and demonstrations without hardware. */
#include "cmd/session/options.h"

#define SIMULATOR(name) extern const struct command sim_##name##_command;
#include "cmd/sim/simulators.def"
#undef SIMULATOR

static const struct command *const simulators[] = {
#define SIMULATOR(name) &sim_##name##_command,
#include "cmd/sim/simulators.def"
#undef SIMULATOR
	NULL};

const struct command sim_command = {
	.name = "sim",
	.summary = "act as a device, for tests and demonstrations without hardware",
	.arguments = "",
	.verbs = simulators,
};
