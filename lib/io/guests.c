#include "io/guests.h"

#include <sys/resource.h>

enum {
	WANTED = 16384, /* the number of descriptors that is asked for */
	RESERVE = 32,   /* descriptors kept for files, databases, brokers and resolvers */
	LISTENERS = 2,  /* listeners that may be full at the same time: a source and a relay */
	SILENCE = 60000 /* ms between two lines */
};

void guests_begin(struct guests *g, unsigned wanted)
{
	struct rlimit limit;
	rlim_t most;

	*g = (struct guests){.limit = wanted};
	if (getrlimit(RLIMIT_NOFILE, &limit))
		return;
	if (limit.rlim_cur < WANTED) {
		limit.rlim_cur = limit.rlim_max < WANTED ? limit.rlim_max : WANTED;
		if (setrlimit(RLIMIT_NOFILE, &limit) && getrlimit(RLIMIT_NOFILE, &limit))
			return;
	}
	most = limit.rlim_cur > RESERVE + LISTENERS ? (limit.rlim_cur - RESERVE) / LISTENERS : 1;
	if (most < wanted)
		g->limit = (unsigned)most;
}

bool guests_refused(struct guests *g, uint64_t now)
{
	if (g->told && now - g->told < SILENCE)
		return false;
	g->told = now ? now : 1;
	return true;
}
