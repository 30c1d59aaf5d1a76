/*
 * Reads and writes that do all of what is asked, in spite of signals, short counts and a terminal
 * that another program made non-blocking.
 */
#ifndef IO_WHOLE_H
#define IO_WHOLE_H

#include <stddef.h>

#include "base/text.h"

/* 0, or EM_SYSTEM. */
int write_whole(int fd, const void *data, size_t size);

/* Reads until `size` bytes are there or the input ends; *got is their number. 0, or EM_SYSTEM. */
int read_whole(int fd, void *data, size_t size, size_t *got);

/*
 * Appends everything up to the end of the input. 0, EM_SYSTEM, EM_NO_MEMORY, or EM_RANGE when there
 * are more than `limit` bytes.
 */
int read_rest(int fd, struct text *out, size_t limit);

/* Appends a file to a text; errors as read_rest(). */
int file_load(const char *path, struct text *out, size_t limit);

/* Writes a text into a file, old or new. 0, EM_SYSTEM, or EM_NO_MEMORY when the text failed. */
int file_save(const char *path, const struct text *text);

#endif
