#include "io/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/news.h"
#include "base/text.h"
#include "io/thread.h"
#include "io/wait.h"

enum {
	SLICE = 100,    /* ms after which a stop is noticed */
	SILENCE = 5000, /* ms without a reader after which that is said */
	RETRY = 1000,   /* ms until a descriptor that failed is tried again */
	REMNANT = 300   /* ms for the thread to notice that the deadline has passed */
};

/* Pieces one behind the other; the size of each tells where it ends. */
struct load {
	struct text bytes;
	size_t count;
	uint32_t sizes[WRITER_PIECES];
};

struct writer {
	const char *name, *path;
	pthread_t thread;
	pthread_mutex_t lock; /* protects what follows */
	pthread_cond_t changed;
	int fd; /* only the thread changes it */
	struct load loads[2], *waiting;
	size_t pieces, bytes;   /* in both loads */
	uint64_t dropped, told; /* told: how many of them were said */
	bool trouble, idle, finished;
	bool closed; /* the reader is gone for good */
	char problem[160];
	int64_t deadline; /* 0: not closing */
	atomic_bool stop;
	/* of the thread */
	struct load *batch;
	size_t written;   /* bytes of the batch */
	int64_t progress; /* ms, the last time that something was written or nothing waited */
};

/* ---- trouble: said once, and once when it is over ---- */

/* The caller holds the lock. */
static void set_trouble(struct writer *w, const char *problem)
{
	snprintf(w->problem, sizeof w->problem, "%s", problem);
	if (!w->trouble && w->closed)
		news(NEWS_WARNING, "%s: %s; its records are dropped", w->name, w->problem);
	else if (!w->trouble)
		news(NEWS_WARNING, "%s: %s; up to %d records wait, others are dropped", w->name,
		     w->problem, WRITER_PIECES);
	w->trouble = true;
}

static void begin_trouble(struct writer *w, const char *problem)
{
	pthread_mutex_lock(&w->lock);
	set_trouble(w, problem);
	pthread_mutex_unlock(&w->lock);
}

/* The caller holds the lock. */
static void end_trouble(struct writer *w)
{
	if (w->trouble)
		news(NEWS_WARNING, "%s: takes records again, %llu were dropped", w->name,
		     (unsigned long long)(w->dropped - w->told));
	w->told = w->dropped;
	w->trouble = false;
}

/* ---- the thread ---- */

/*
 * Waits between two attempts; false when there is no more time. A closing writer waits for a reader
 * but not for a disk.
 */
static bool pause_writer(struct writer *w, int ms)
{
	bool go_on;

	pthread_mutex_lock(&w->lock);
	go_on = !w->deadline || ms < RETRY;
	if (go_on)
		thread_wait(&w->lock, &w->changed, ms);
	go_on &= !atomic_load(&w->stop);
	pthread_mutex_unlock(&w->lock);
	return go_on;
}

/* Without a reader for a while: says so. */
static void wait_silently(struct writer *w)
{
	if (wait_clock() - w->progress > SILENCE)
		begin_trouble(w, "nobody reads");
}

/* Errors of a disk or of the system that pass. */
static bool may_pass(int reason)
{
	return reason == ENOSPC || reason == EDQUOT || reason == EFBIG || reason == EIO ||
	       reason == EMFILE || reason == ENFILE || reason == ENOMEM;
}

static int open_path(const char *path)
{
	return open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0644);
}

/* Opens the path; false when it has to wait. */
static bool reopen(struct writer *w)
{
	int fd = open_path(w->path);

	if (fd < 0 && errno == ENXIO)
		wait_silently(w);
	else if (fd < 0)
		begin_trouble(w, strerror(errno));
	pthread_mutex_lock(&w->lock);
	w->fd = fd;
	pthread_mutex_unlock(&w->lock);
	return fd >= 0;
}

static void lose_reader(struct writer *w)
{
	if (w->path) {
		close(w->fd);
		pthread_mutex_lock(&w->lock);
		w->fd = -1;
		pthread_mutex_unlock(&w->lock);
		return;
	}
	pthread_mutex_lock(&w->lock);
	w->closed = true;
	set_trouble(w, "closed by its reader");
	pthread_mutex_unlock(&w->lock);
}

/* One write, of a size that a pipe with room takes without waiting. False when it has to wait. */
static bool write_some(struct writer *w)
{
	size_t left = w->batch->bytes.length - w->written;
	ssize_t n = write(w->fd, w->batch->bytes.data + w->written,
	                  left < PIPE_BUF ? left : PIPE_BUF);

	if (n >= 0) {
		w->written += (size_t)n;
		w->progress = wait_clock();
		return true;
	}
	if (errno == EINTR || errno == EAGAIN)
		return true;
	if (errno == EPIPE)
		lose_reader(w);
	else
		begin_trouble(w, strerror(errno));
	return false;
}

/* Moves on by one step: opens, waits for room, or writes. False when there is no more time. */
static bool step(struct writer *w)
{
	if (w->fd < 0 && !reopen(w))
		return pause_writer(w, SLICE);
	switch (wait_ready(w->fd, POLLOUT, wait_clock() + SLICE, &w->stop)) {
	case 0: return write_some(w) || pause_writer(w, w->fd < 0 ? SLICE : RETRY);
	case EM_TIMEOUT: wait_silently(w); return true;
	default: return pause_writer(w, SLICE);
	}
}

/* Writes the batch; false when there is no more time. */
static bool write_batch(struct writer *w)
{
	w->written = 0;
	w->progress = wait_clock();
	while (!w->closed && w->written < w->batch->bytes.length)
		if (!step(w))
			return false;
	return true;
}

/* The pieces of the batch that are not written in whole. */
static size_t unwritten(const struct writer *w)
{
	size_t count = w->batch->count, end = 0;

	for (size_t i = 0; i < w->batch->count; i++) {
		end += w->batch->sizes[i];
		count -= end <= w->written;
	}
	return count;
}

/* The batch is done with; the caller holds the lock. */
static void settle(struct writer *w)
{
	w->dropped += unwritten(w);
	w->pieces -= w->batch->count;
	w->bytes -= w->batch->bytes.length;
	w->batch->count = w->batch->bytes.length = 0;
	if (!w->pieces && !w->closed)
		end_trouble(w);
}

/* Takes what waits as the new batch; false when the writer closes and nothing is left. */
static bool take(struct writer *w)
{
	struct load *empty = w->batch;

	pthread_mutex_lock(&w->lock);
	settle(w);
	w->idle = true;
	while (!w->waiting->count && !w->deadline)
		pthread_cond_wait(&w->changed, &w->lock);
	w->idle = false;
	w->batch = w->waiting;
	w->waiting = empty;
	pthread_mutex_unlock(&w->lock);
	return w->batch->count > 0;
}

static void *run(void *argument)
{
	struct writer *w = argument;

	while (take(w) && write_batch(w))
		;
	pthread_mutex_lock(&w->lock);
	w->dropped += unwritten(w) + w->waiting->count;
	w->finished = true;
	pthread_cond_broadcast(&w->changed);
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

/* ---- the caller ---- */

static int start(struct writer **out, int fd, const char *path, const char *name)
{
	struct writer *w = calloc(1, sizeof *w);

	*out = NULL;
	if (!w)
		return EM_NO_MEMORY;
	w->name = name;
	w->path = path;
	w->fd = fd;
	w->waiting = &w->loads[0];
	w->batch = &w->loads[1];
	thread_prepare(&w->lock, &w->changed);
	if (thread_start(&w->thread, run, w)) {
		pthread_mutex_destroy(&w->lock);
		pthread_cond_destroy(&w->changed);
		free(w);
		return EM_SYSTEM;
	}
	*out = w;
	return 0;
}

int writer_start(struct writer **out, int fd, const char *name)
{
	return start(out, fd, NULL, name);
}

int writer_append(struct writer **out, const char *path)
{
	int fd = open_path(path), error;

	if (fd < 0 && errno != ENXIO && !may_pass(errno))
		return EM_SYSTEM;
	error = start(out, fd, path, path);
	if (error && fd >= 0) {
		int saved = errno;

		close(fd);
		errno = saved;
	}
	return error;
}

int writer_fd(struct writer *w)
{
	int fd;

	pthread_mutex_lock(&w->lock);
	fd = w->fd;
	pthread_mutex_unlock(&w->lock);
	return fd;
}

/* The caller holds the lock. */
static bool has_room(struct writer *w, size_t size)
{
	struct text *bytes = &w->waiting->bytes;

	if (w->pieces < WRITER_PIECES && w->bytes + size <= WRITER_BYTES) {
		if (text_room(bytes, size))
			return true;
		bytes->failed = false; /* memory may be there for the next one */
	}
	w->dropped++;
	if (!w->trouble)
		set_trouble(w, "its reader is too slow");
	return false;
}

bool writer_room(struct writer *w)
{
	bool room;

	pthread_mutex_lock(&w->lock);
	room = has_room(w, 1);
	pthread_mutex_unlock(&w->lock);
	return room;
}

bool writer_put(struct writer *w, const void *data, size_t size)
{
	bool room;

	if (!size)
		return true;
	pthread_mutex_lock(&w->lock);
	room = has_room(w, size);
	if (room) {
		text_add(&w->waiting->bytes, data, size);
		w->waiting->sizes[w->waiting->count++] = (uint32_t)size;
		w->pieces++;
		w->bytes += size;
		if (w->idle)
			pthread_cond_broadcast(&w->changed);
	}
	pthread_mutex_unlock(&w->lock);
	return room;
}

uint64_t writer_dropped(struct writer *w)
{
	uint64_t dropped;

	pthread_mutex_lock(&w->lock);
	dropped = w->dropped;
	pthread_mutex_unlock(&w->lock);
	return dropped;
}

/* What was dropped and what still waits. */
static uint64_t lost(struct writer *w)
{
	uint64_t count;

	pthread_mutex_lock(&w->lock);
	count = w->dropped + w->pieces;
	pthread_mutex_unlock(&w->lock);
	return count;
}

/* Waits for the thread until the deadline, then a little longer; whether it has ended. */
static bool end_thread(struct writer *w, int64_t deadline)
{
	bool finished;

	pthread_mutex_lock(&w->lock);
	w->deadline = deadline;
	pthread_cond_broadcast(&w->changed);
	for (int64_t now; !w->finished && (now = wait_clock()) < deadline + REMNANT;) {
		if (now >= deadline)
			atomic_store(&w->stop, true);
		thread_wait(&w->lock, &w->changed, now < deadline ? deadline - now : REMNANT);
	}
	finished = w->finished;
	pthread_mutex_unlock(&w->lock);
	return finished;
}

static int end_fd(const struct writer *w)
{
	return w->path && w->fd >= 0 && close(w->fd) ? EM_SYSTEM : 0;
}

/* Says what was lost. */
static int verdict(const struct writer *w, uint64_t dropped, char *problem, size_t size)
{
	if (!dropped)
		return 0;
	snprintf(problem, size, "%s; %llu records were dropped",
	         *w->problem ? w->problem : "nobody reads", (unsigned long long)dropped);
	return EM_SYSTEM;
}

int writer_close(struct writer *w, int64_t deadline, char *problem, size_t size)
{
	int error;

	if (!w)
		return 0;
	/* A thread that hangs in the kernel keeps the writer; the process is about to end. */
	if (!end_thread(w, deadline)) {
		error = verdict(w, lost(w), problem, size);
		pthread_detach(w->thread);
		return error;
	}
	pthread_join(w->thread, NULL);
	error = verdict(w, w->dropped, problem, size);
	if (end_fd(w) && !error) {
		snprintf(problem, size, "%s", strerror(errno));
		error = EM_SYSTEM;
	}
	text_free(&w->loads[0].bytes);
	text_free(&w->loads[1].bytes);
	pthread_mutex_destroy(&w->lock);
	pthread_cond_destroy(&w->changed);
	free(w);
	return error;
}
