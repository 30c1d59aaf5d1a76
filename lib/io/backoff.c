#include "io/backoff.h"

unsigned backoff_next(struct backoff *b)
{
	unsigned wait = b->wait ? b->wait : b->first;

	b->wait = wait < b->most / 2 ? wait * 2 : b->most;
	return wait;
}

void backoff_reset(struct backoff *b)
{
	b->wait = 0;
}
