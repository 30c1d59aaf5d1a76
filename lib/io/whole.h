/*
 * Reads and writes that do all of what is asked, whatever comes in between: signals, short counts, a
 * terminal that somebody made non-blocking.
 */
#ifndef IO_WHOLE_H
#define IO_WHOLE_H

#include <stddef.h>

#include "base/text.h"

/* 0, or EM_SYSTEM. */
int write_whole(int fd, const void *data, size_t size);

/* Until `size` bytes are there or the end comes; *got tells how many. 0, or EM_SYSTEM. */
int read_whole(int fd, void *data, size_t size, size_t *got);

/*
 * Appends what a descriptor still holds. 0, EM_SYSTEM, EM_NO_MEMORY, or EM_RANGE when it is more than
 * `limit` bytes.
 */
int read_rest(int fd, struct text *out, size_t limit);

/* A file into a text. As read_rest(). */
int file_load(const char *path, struct text *out, size_t limit);

/* A text into a file, which is made or emptied. 0, EM_SYSTEM or, when the text failed, EM_NO_MEMORY. */
int file_save(const char *path, const struct text *text);

#endif
