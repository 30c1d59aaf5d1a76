/* Files that readers see either as they were or as they are, never half written. */
#ifndef IO_REPLACE_H
#define IO_REPLACE_H

#include <stddef.h>

/* Writes PATH.new and renames it to PATH. 0, or EM_SYSTEM with errno set and PATH untouched. */
int file_replace(const char *path, const char *data, size_t size);

#endif
