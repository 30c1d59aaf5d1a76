/* Passwords come from the environment or from a file that it names, never from arguments. */
#ifndef IO_SECRET_H
#define IO_SECRET_H

#include <stddef.h>

/*
 * The value of NAME, or the first line of the file that NAME_FILE names, into out[0..size); "" and
 * EM_UNKNOWN when neither is set. Other failures: EM_SYSTEM, errno set; EM_RANGE, too long. *file is
 * then the file's name for the message.
 */
int secret_read(const char *name, char *out, size_t size, const char **file);

#endif
