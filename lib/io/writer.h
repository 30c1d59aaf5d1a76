/*
 * Writes pieces of bytes (records, lines) to a descriptor on a thread of its own, so that a full
 * pipe, a full or slow disk or a stopped terminal never delays the caller. At most WRITER_PIECES
 * pieces or WRITER_BYTES bytes wait; what does not fit is dropped and counted. A piece is written
 * in whole or, when the descriptor fails in the middle of it, completed once that is possible.
 *
 * A descriptor that fails is tried again each second; a file or pipe with a path is opened again.
 * News (base/news.h) tell once that the writer is in trouble, and once that it is over. Only a
 * reader that has closed a descriptor without a path is final: everything is dropped from then on.
 */
#ifndef IO_WRITER_H
#define IO_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/queue_limits.h"

enum { WRITER_PIECES = QUEUE_RECORDS, WRITER_BYTES = QUEUE_BYTES };

struct writer;

/*
 * Writes to a descriptor that stays the caller's; `name` stands in messages and is borrowed. 0,
 * EM_NO_MEMORY, or EM_SYSTEM with errno.
 */
int writer_start(struct writer **out, int fd, const char *name);

/*
 * Appends to a file or a pipe, or creates a file of mode 0644. A pipe that nobody reads yet,
 * and a disk that is full, are waited for on the thread. `path` is borrowed. Errors as above.
 */
int writer_append(struct writer **out, const char *path);

/* The descriptor; -1 when the thread still waits to open it. */
int writer_fd(struct writer *w);

/* Whether the next piece has room; if not, it counts as dropped. */
bool writer_room(struct writer *w);

/* Hands over a copy of a piece; false when it was dropped. Never waits. */
bool writer_put(struct writer *w, const void *data, size_t size);

/* The number of pieces dropped so far. */
uint64_t writer_dropped(struct writer *w);

/*
 * Writes what waits, until `deadline` (a time of wait_clock()), and frees the writer. 0, or
 * EM_SYSTEM when pieces were dropped or not written, or the last close failed; problem[] says why
 * and how many.
 */
int writer_close(struct writer *w, int64_t deadline, char *problem, size_t size);

#endif
