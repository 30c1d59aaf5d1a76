#include "balance/quiet.h"

enum {
	LEAST = 15000, /* ms */
	PART = 8,      /* of the setting: the least */
	LASTS = 60000, /* ms after which a raise was worth it */
	TELEGRAMS = 5, /* that a quiet time has at least */
};

void quiet_start(struct quiet *q)
{
	q->learnt = 0;
	q->open = false;
}

static int64_t bounded(int64_t time, int64_t most)
{
	int64_t least = most / PART > LEAST ? most / PART : LEAST;

	time = time > least ? time : least;
	return time < most ? time : most;
}

/* The time of the last five telegrams; INT64_MAX while there were fewer. */
static int64_t spanned(const struct history *telegrams)
{
	const struct history_sample *first = history_back(telegrams, TELEGRAMS);

	return first ? history_held(telegrams, 0)->time - first->time : INT64_MAX;
}

int64_t quiet_time(const struct quiet *q, int64_t most, const struct history *telegrams)
{
	int64_t span = spanned(telegrams);

	return bounded(span > q->learnt ? span : q->learnt, most);
}

bool quiet_settles(const struct quiet *q, int64_t most, const struct history *telegrams)
{
	return quiet_time(q, most, telegrams) > bounded(q->learnt, most);
}

void quiet_raised(struct quiet *q)
{
	q->open = true;
}

void quiet_lowered(struct quiet *q, int64_t most, int64_t lasted, bool excess)
{
	if (!q->open || (lasted < LASTS && !excess))
		return;
	q->open = false;
	q->learnt = lasted < LASTS ? most : bounded(bounded(q->learnt, most) / 2, most);
}
