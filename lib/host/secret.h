/*
 * Keys and passwords come from the environment or from files, never from arguments. As soon as one
 * is in memory, the process writes no core file and other processes of the user can't debug it.
 */
#ifndef HOST_SECRET_H
#define HOST_SECRET_H

#include <stddef.h>

/*
 * Copies the value of NAME, or the first line of the file that NAME_FILE names, into out[0..size).
 * EM_UNKNOWN and "" when neither is set; EM_SYSTEM with errno; EM_RANGE when it is too long. After
 * a failure *file is the name of the file, for the message.
 */
int secret_read(const char *name, char *out, size_t size, const char **file);

/*
 * Reads a whole file of keys. The caller gives it back to secret_free(), which wipes it. NULL with
 * errno. If other users can read the file, news says so, once per process.
 */
char *secret_load(const char *path, size_t *size);
void secret_free(char *data, size_t size);

/* From now on no core files, and no debuggers except root's. The two functions above call it. */
void secret_hide(void);

#endif
