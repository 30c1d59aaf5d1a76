#include "io/thread.h"

#include <errno.h>
#include <signal.h>
#include <time.h>

#include "base/error.h"

enum { STACK = 1 << 20 };

int thread_start(pthread_t *thread, void *(*run)(void *argument), void *argument)
{
	pthread_attr_t small;
	sigset_t all, before;
	int status;

	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, STACK);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	status = pthread_create(thread, &small, run, argument);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&small);
	errno = status;
	return status ? EM_SYSTEM : 0;
}

void thread_prepare(pthread_mutex_t *lock, pthread_cond_t *changed)
{
	pthread_condattr_t monotonic;

	pthread_mutex_init(lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(changed, &monotonic);
	pthread_condattr_destroy(&monotonic);
}

void thread_wait(pthread_mutex_t *lock, pthread_cond_t *changed, int64_t ms)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	ms += until.tv_nsec / 1000000;
	until.tv_sec += (time_t)(ms / 1000);
	until.tv_nsec = (long)(ms % 1000) * 1000000;
	pthread_cond_timedwait(changed, lock, &until);
}
