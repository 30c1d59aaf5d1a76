#include "cmd/session/refused.h"

#include "cmd/session/say.h"

static bool is_about_keys(enum refusal refusal)
{
	return refusal == REFUSED_WRONG_KEY || refusal == REFUSED_AUTH_FAILED;
}

void say_refused(struct refused *r, const char *source, enum refusal refusal, const char *text,
                 bool keys)
{
	bool first = !r->said[refusal]++;
	const char *from = source                        ? source
	                   : refusal == REFUSED_CHECKSUM ? "telegram"
	                                                 : "encrypted telegram";

	if (refusal == REFUSED_TRUNCATED)
		say_note("%s%s%s", source ? source : "", source ? ": " : "", text);
	else if (is_about_keys(refusal) && !keys && first)
		say_warning("encrypted telegrams: the key must be given with --key-file");
	else if (first)
		say_warning("%s: %s: telegram rejected (further ones are counted only)", from,
		            text);
	else
		say_note("%s: %s", from, text);
}
