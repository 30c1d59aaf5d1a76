#include "io/loop.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "io/wait.h"

struct loop {
	uv_loop_t uv;
	uv_signal_t interrupt, terminate, hangup;
	uv_timer_t limit;
	int signal;
	int64_t ended; /* ms of a monotonic clock, 0: not yet */
	bool expired, stopped;
};

static void on_signal(uv_signal_t *handle, int number)
{
	struct loop *loop = handle->data;

	loop->signal = number;
	loop_stop(loop);
}

static void on_limit(uv_timer_t *handle)
{
	struct loop *loop = handle->data;

	loop->expired = true;
	loop_stop(loop);
}

/* Checks that there are descriptors left: libuv calls abort() when it can't make its first pipe. */
static bool has_descriptors(void)
{
	int pipes[2][2], made = 0, saved;

	while (made < 2 && !pipe(pipes[made]))
		made++;
	saved = errno;
	for (int i = 0; i < made; i++) {
		close(pipes[i][0]);
		close(pipes[i][1]);
	}
	errno = saved;
	return made == 2;
}

static bool is_ignored(int number)
{
	struct sigaction action;

	return !sigaction(number, NULL, &action) && action.sa_handler == SIG_IGN;
}

struct loop *loop_new(void)
{
	struct loop *loop = calloc(1, sizeof *loop);
	int status = loop && has_descriptors() ? uv_loop_init(&loop->uv) : -errno;

	if (!loop || status) {
		free(loop);
		errno = -status;
		return NULL;
	}
	uv_signal_init(&loop->uv, &loop->interrupt);
	uv_signal_init(&loop->uv, &loop->terminate);
	uv_signal_init(&loop->uv, &loop->hangup);
	uv_timer_init(&loop->uv, &loop->limit);
	loop->interrupt.data = loop->terminate.data = loop->hangup.data = loop->limit.data = loop;
	uv_signal_start(&loop->interrupt, on_signal, SIGINT);
	uv_signal_start(&loop->terminate, on_signal, SIGTERM);
	if (!is_ignored(SIGHUP)) /* as under nohup */
		uv_signal_start(&loop->hangup, on_signal, SIGHUP);
	/* The loop ends when only these are left. */
	uv_unref((uv_handle_t *)&loop->interrupt);
	uv_unref((uv_handle_t *)&loop->terminate);
	uv_unref((uv_handle_t *)&loop->hangup);
	uv_unref((uv_handle_t *)&loop->limit);
	return loop;
}

/* Leaves the handles of jobs alone, because their threads still use them. */
static void close_handle(uv_handle_t *handle, void *unused)
{
	(void)unused;
	if (!uv_is_closing(handle) && uv_handle_get_type(handle) != UV_ASYNC)
		uv_close(handle, NULL);
}

void loop_free(struct loop *loop)
{
	if (!loop)
		return;
	uv_walk(&loop->uv, close_handle, NULL);
	while (uv_run(&loop->uv, UV_RUN_DEFAULT))
		; /* a uv_stop() that is still pending ends only the first run */
	uv_loop_close(&loop->uv);
	free(loop);
}

void loop_run(struct loop *loop)
{
	if (!loop->signal && !loop->expired)
		uv_run(&loop->uv, UV_RUN_DEFAULT);
}

void loop_stop(struct loop *loop)
{
	loop->stopped = true;
	if (!loop->ended)
		loop->ended = wait_clock();
	uv_stop(&loop->uv);
}

int64_t loop_ended(const struct loop *loop)
{
	return loop->ended;
}

bool loop_stopped(const struct loop *loop)
{
	return loop->stopped;
}

void loop_limit(struct loop *loop, double seconds)
{
	uv_timer_start(&loop->limit, on_limit, (uint64_t)(seconds * 1000), 0);
}

void loop_expire(struct loop *loop)
{
	loop->expired = true;
	loop_stop(loop);
}

int loop_signal(const struct loop *loop)
{
	return loop->signal;
}

bool loop_expired(const struct loop *loop)
{
	return loop->expired;
}

uv_loop_t *loop_uv(struct loop *loop)
{
	return &loop->uv;
}

instant loop_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (instant)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
