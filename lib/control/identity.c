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

static bool is_other(const struct identity *i, const char *id)
{
	bool other = i->count == IDENTITY_OTHERS;

	for (unsigned n = 0; n < i->count; n++)
		other = other || is(i->others[n], id);
	return other;
}

/* Ours is still there, so what came since its last telegram is another one. */
static void hear(struct identity *i, int64_t now)
{
	if (*i->comes && i->count < IDENTITY_OTHERS)
		set(i->others[i->count++], i->comes);
	*i->comes = '\0';
	i->heard = now;
}

static enum identity_verdict ignore(struct identity *i, const char *id)
{
	bool known = is_other(i, id) || is(i->comes, id);

	i->ignored++;
	if (known)
		return IDENTITY_OTHER;
	set(i->comes, id);
	return IDENTITY_OTHER_NEW;
}

enum identity_verdict identity_look(struct identity *i, int64_t now, const char *id, int64_t wait)
{
	bool first = !*i->held;

	if (first)
		set(i->held, id);
	if (first || !*id || is(i->held, id)) {
		hear(i, now);
		return IDENTITY_OURS;
	}
	if (is_other(i, id) || now - i->heard <= wait || now - i->heard <= IDENTITY_LEAST)
		return ignore(i, id);
	set(i->held, id);
	*i->comes = '\0';
	i->heard = now;
	return IDENTITY_TAKEN;
}
