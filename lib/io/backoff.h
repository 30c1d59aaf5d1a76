/* Waits between attempts: each one is twice as long as the last, up to a limit. */
#ifndef IO_BACKOFF_H
#define IO_BACKOFF_H

struct backoff {
	unsigned first, most; /* ms, first <= most */
	unsigned wait;        /* ms, the next one; 0: the first */
};

/* For peers in a network: a broker, a converter, a meter. */
#define BACKOFF_NETWORK ((struct backoff){.first = 250, .most = 30000})

/* The wait before the next attempt, in ms. */
unsigned backoff_next(struct backoff *b);

/* An attempt succeeded: the next wait is the first again. */
void backoff_reset(struct backoff *b);

#endif
