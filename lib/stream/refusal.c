#include "stream/refusal.h"

const char *refusal_name(enum refusal refusal)
{
	static const char *const names[REFUSALS] = {
		[REFUSED_NOT] = "ok",
		[REFUSED_CHECKSUM] = "checksum",
		[REFUSED_TRUNCATED] = "truncated",
		[REFUSED_LENGTH] = "length",
		[REFUSED_WRONG_KEY] = "wrong_key",
		[REFUSED_AUTH_FAILED] = "auth_failed",
		[REFUSED_REPLAY] = "replay",
		[REFUSED_UNSUPPORTED] = "unsupported",
		[REFUSED_MALFORMED] = "malformed",
	};

	return refusal < REFUSALS ? names[refusal] : "malformed";
}
