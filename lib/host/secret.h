/*
 * Keys and passwords come from the environment or from files, never from arguments. Once one is in
 * memory, the process writes no core file and no other process of the same user may look into it.
 */
#ifndef HOST_SECRET_H
#define HOST_SECRET_H

#include <stddef.h>

/*
 * The value of NAME, or the first line of the file that NAME_FILE names, into out[0..size); "" and
 * EM_UNKNOWN when neither is set. Other failures: EM_SYSTEM, errno set; EM_RANGE, too long. *file is
 * then the file's name for the message.
 */
int secret_read(const char *name, char *out, size_t size, const char **file);

/*
 * A whole file that holds keys, to be given back with secret_free(), which wipes it. NULL with errno
 * set. That other users can read it is news, once in a process.
 */
char *secret_load(const char *path, size_t *size);
void secret_free(char *data, size_t size);

/* No core files, no debuggers but root's, from now on; done by the two above. */
void secret_hide(void);

#endif
