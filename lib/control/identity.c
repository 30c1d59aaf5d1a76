#include "control/identity.h"

#include <stdio.h>
#include <string.h>

void identity_start(struct identity *i)
{
	memset(i, 0, sizeof *i);
}

static void set(char *to, const char *id)
{
	snprintf(to, IDENTITY_TEXT, "%s", id);
}

static bool is(const char *kept, const char *id)
{
	return strncmp(kept, id, IDENTITY_TEXT - 1) == 0;
}

/* Whether it is one of the first `count` others. */
static bool is_among(const struct identity *i, unsigned count, const char *id)
{
	bool among = false;

	for (unsigned n = 0; n < count; n++)
		among = among || is(i->others[n], id);
	return among;
}

/* When there are too many others, what is not ours is another one. */
static bool is_sure(const struct identity *i, const char *id)
{
	return i->sure == IDENTITY_OTHERS || is_among(i, i->sure, id);
}

static enum identity_verdict ignore(struct identity *i, const char *id)
{
	i->ignored++;
	if (i->count == IDENTITY_OTHERS || is_among(i, i->count, id))
		return IDENTITY_OTHER;
	set(i->others[i->count++], id);
	return IDENTITY_OTHER_NEW;
}

enum identity_verdict identity_look(struct identity *i, int64_t now, const char *id, int64_t wait)
{
	bool first = !*i->held;

	if (first)
		set(i->held, id);
	if (first || !*id || is(i->held, id)) {
		i->sure = i->count; /* ours is still there, so what came since is another one */
		i->heard = now;
		return IDENTITY_OURS;
	}
	if (is_sure(i, id) || now - i->heard <= wait || now - i->heard <= IDENTITY_LEAST)
		return ignore(i, id);
	set(i->held, id);
	i->count = i->sure;
	i->heard = now;
	return IDENTITY_TAKEN;
}
