/*
 * What the parts of the SQL output share: database.c opens and closes it and takes records on the
 * main thread, database_thread.c writes them.
 */
#ifndef OUTPUT_DATABASE_THREAD_H
#define OUTPUT_DATABASE_THREAD_H

#include <pthread.h>

#include "output/database.h"
#include "output/database_batch.h"

enum { DATABASE_PLENTY = 1 << 21 }; /* bytes that are written at once, before their time is over */

struct database {
	const struct database_engine *engine;
	void *state; /* state of the engine; only the thread uses it */
	struct url url;
	const char *path, *name;
	double retain_days;
	bool live;
	struct slots slots;

	struct row_maker maker; /* used on the main thread only */

	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct text waiting; /* entries, see database_batch.h */
	int64_t since;       /* when the first of them arrived */
	size_t rows, taken;  /* rows among them, and in the batch of the thread */
	bool trouble;        /* locked or away */
	bool opened;         /* the thread has tried to open it */
	bool closing, finished;
	int64_t deadline; /* of closing */
	bool hurry, busy; /* hurry: somebody waits for a commit; busy: the thread writes a batch */
	int error;
	char problem[200];
};

/* Waits for a change, at most `ms`. The caller holds the lock. */
void database_wait(struct database *d, int64_t ms);

int64_t database_clock(void); /* the time of day in ms */

/* The thread's main function. */
void *database_run(void *database);

#endif
