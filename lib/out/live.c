#include "out/live.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "out/live_table.h"

enum { EVERY = 200 }; /* ms between two drawings at least; ages make it draw each second anyway */

struct live {
	int fd;
	struct style style;
	bool utf8;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct live_table table;
	bool dirty, closing;
	int error;
	/* the thread's own */
	struct text screen;
	int drawn, columns, lines;
};

static int64_t clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void wait_ms(struct live *l, int64_t ms)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	ms += until.tv_nsec / 1000000;
	until.tv_sec += (time_t)(ms / 1000);
	until.tv_nsec = (long)(ms % 1000) * 1000000;
	pthread_cond_timedwait(&l->changed, &l->lock, &until);
}

/* A resized terminal has moved our lines we know not where: begin again on an empty screen. */
static void begin(struct live *l)
{
	struct winsize size = {0};
	int columns = 80, lines = 24;

	if (!ioctl(l->fd, TIOCGWINSZ, &size) && size.ws_col && size.ws_row) {
		columns = size.ws_col;
		lines = size.ws_row;
	}
	l->screen.length = 0;
	if (l->columns && (columns != l->columns || lines != l->lines))
		text_puts(&l->screen, "\x1B[H\x1B[2J");
	else if (l->drawn)
		text_printf(&l->screen, "\r\x1B[%dA", l->drawn);
	l->columns = columns;
	l->lines = lines;
}

/* One write per drawing, so that nothing flickers. The lock is held. */
static void draw(struct live *l)
{
	size_t done = 0;

	begin(l);
	l->drawn = live_layout(&l->screen, &l->table, clock_ms(), l->columns, l->lines, l->style.color,
	                       l->utf8);
	text_puts(&l->screen, "\x1B[J");
	l->dirty = false;
	while (!l->error && !l->screen.failed && done < l->screen.length) {
		ssize_t n = write(l->fd, l->screen.data + done, l->screen.length - done);

		if (n < 0 && errno != EINTR && errno != EAGAIN)
			l->error = errno;
		done += n > 0 ? (size_t)n : 0;
	}
}

static void *run(void *argument)
{
	struct live *l = argument;
	int64_t last = 0;

	pthread_mutex_lock(&l->lock);
	while (!l->closing) {
		int64_t now = clock_ms(), due = last + (l->dirty ? EVERY : 1000);

		if (now < due) {
			wait_ms(l, due - now);
			continue;
		}
		draw(l);
		last = now;
	}
	draw(l);
	pthread_mutex_unlock(&l->lock);
	return NULL;
}

static int live_write(struct output *output, const struct record *r)
{
	struct live *l = output->state;
	bool fine;

	pthread_mutex_lock(&l->lock);
	fine = live_update(&l->table, r, clock_ms());
	if (!l->dirty)
		pthread_cond_signal(&l->changed);
	l->dirty = true;
	errno = l->error;
	pthread_mutex_unlock(&l->lock);
	return errno ? EM_SYSTEM : fine ? 0 : EM_NO_MEMORY;
}

static int live_flush(struct output *output)
{
	(void)output;
	return 0;
}

static int live_close(struct output *output)
{
	struct live *l = output->state;
	int error;

	pthread_mutex_lock(&l->lock);
	l->closing = true;
	pthread_cond_signal(&l->changed);
	pthread_mutex_unlock(&l->lock);
	pthread_join(l->thread, NULL);
	error = l->error;
	live_free(&l->table);
	text_free(&l->screen);
	free(l);
	errno = error;
	return error ? EM_SYSTEM : 0;
}

static bool speaks_utf8(void)
{
	static const char *const variables[] = {"LC_ALL", "LC_CTYPE", "LANG"};

	for (size_t i = 0; i < 3; i++) {
		const char *value = getenv(variables[i]);

		if (value && *value)
			return strstr(value, "UTF-8") || strstr(value, "utf8");
	}
	return false;
}

static int start(struct live *l)
{
	pthread_condattr_t monotonic;
	sigset_t all, before;
	int status;

	pthread_mutex_init(&l->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&l->changed, &monotonic);
	pthread_condattr_destroy(&monotonic);
	sigfillset(&all); /* signals are for the program's own thread */
	pthread_sigmask(SIG_SETMASK, &all, &before);
	status = pthread_create(&l->thread, NULL, run, l);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return status;
}

struct output *output_live(int fd, const char *name, const struct style *style)
{
	static const struct output_kind kind = {live_write, live_flush, live_close};
	struct output *output = calloc(1, sizeof *output);
	struct live *l = calloc(1, sizeof *l);

	if (l)
		*l = (struct live){.fd = fd, .style = *style, .utf8 = speaks_utf8()};
	if (!output || !l || start(l)) {
		free(output);
		free(l);
		return NULL;
	}
	*output = (struct output){.kind = &kind, .name = name, .state = l};
	return output;
}
