#include "base/error.h"

#include <stddef.h>

const char *error_text(int error)
{
	static const char *const texts[] = {
		[EM_OK] = "success",
		[-EM_NO_MEMORY] = "out of memory",
		[-EM_SYSTEM] = "system error",
		[-EM_SYNTAX] = "malformed",
		[-EM_RANGE] = "out of range",
		[-EM_UNKNOWN] = "unknown",
		[-EM_TRUNCATED] = "truncated",
		[-EM_CHECKSUM] = "checksum wrong",
		[-EM_UNREACHABLE] = "unreachable",
		[-EM_CLOSED] = "connection closed by the peer",
		[-EM_TIMEOUT] = "timed out",
		[-EM_EXCEPTION] = "Modbus exception",
		[-EM_PROTOCOL] = "protocol violated by the peer",
		[-EM_UNSUPPORTED] = "not supported",
		[-EM_CANCELLED] = "cancelled",
		[-EM_DENIED] = "access denied",
	};
	size_t index = (size_t) - (long)error;

	return index < sizeof texts / sizeof texts[0] ? texts[index] : "unknown error";
}
