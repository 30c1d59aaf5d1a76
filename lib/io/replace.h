/* Replaces files as a whole: a reader sees the old or the new content, never a part. */
#ifndef IO_REPLACE_H
#define IO_REPLACE_H

#include <stddef.h>

enum replace_kind {
	REPLACE_SHARED,  /* for other programs to read, as the umask allows */
	REPLACE_PRIVATE, /* mode 0600 with any umask, and on the disk when the call returns */
};

/* Writes PATH.new and renames it to PATH. 0, or EM_SYSTEM with errno set and PATH untouched. */
int file_replace(const char *path, const char *data, size_t size, enum replace_kind kind);

#endif
