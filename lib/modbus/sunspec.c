#include "modbus/sunspec.h"

enum { HOLDING = 3, ACKNOWLEDGE = 5, BUSY = 6, GATEWAY_PATH = 10, GATEWAY_TARGET = 11 };

/* Whether an exception says that the registers are missing; else the device is missing or busy. */
static bool is_refusal(int exception)
{
	return exception != GATEWAY_PATH && exception != GATEWAY_TARGET && exception != BUSY &&
	       exception != ACKNOWLEDGE;
}

int modbus_sunspec_fetch(struct sunspec_walk *walk, const struct sunspec_want *want,
                         struct modbus_client *client, int unit, bool seen)
{
	uint16_t words[SUNSPEC_READ_LIMIT];
	int error, exception = 0;

	for (unsigned attempt = 0; attempt < 3; attempt++) {
		error = modbus_client_read(client, unit, HOLDING, want->address, want->count,
		                           words);
		exception = modbus_client_exception(client);
		if (error != EM_EXCEPTION || exception != GATEWAY_TARGET || !seen)
			break;
	}
	if (!error)
		sunspec_walk_answer(walk, words);
	if (error != EM_EXCEPTION || !is_refusal(exception))
		return error;
	sunspec_walk_refused(walk, exception);
	return 0;
}
