#include "base/error.h"

const char *error_text(int error)
{
	switch (error) {
	case EM_OK: return "success";
	case EM_NO_MEMORY: return "out of memory";
	case EM_SYSTEM: return "system error";
	case EM_SYNTAX: return "malformed";
	case EM_RANGE: return "out of range";
	case EM_UNKNOWN: return "unknown";
	case EM_TRUNCATED: return "truncated";
	case EM_CHECKSUM: return "checksum wrong";
	case EM_UNREACHABLE: return "unreachable";
	case EM_CLOSED: return "connection closed by the peer";
	case EM_TIMEOUT: return "timed out";
	case EM_EXCEPTION: return "Modbus exception";
	case EM_PROTOCOL: return "protocol violated by the peer";
	case EM_UNSUPPORTED: return "not supported";
	case EM_CANCELLED: return "cancelled";
	case EM_DENIED: return "access denied";
	default: return "unknown error";
	}
}
