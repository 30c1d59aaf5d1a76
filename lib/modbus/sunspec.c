#include "modbus/sunspec.h"

#include "frame/adu.h"

int modbus_sunspec_fetch(struct sunspec_walk *walk, const struct sunspec_want *want,
                         struct modbus_client *client, int unit, bool seen)
{
	uint16_t words[SUNSPEC_READ_LIMIT];
	int error, exception = 0;

	for (unsigned attempt = 0; attempt < 3; attempt++) {
		error = modbus_client_read(client, unit, ADU_READ_HOLDING, want->address,
		                           want->count, words);
		exception = modbus_client_exception(client);
		if (error != EM_EXCEPTION || exception != ADU_TARGET_SILENT || !seen)
			break;
	}
	if (!error)
		sunspec_walk_answer(walk, words);
	if (error != EM_EXCEPTION || adu_exception_passes((unsigned)exception))
		return error;
	sunspec_walk_refused(walk, exception);
	return 0;
}
