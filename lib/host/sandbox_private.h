/* What the two files of the sandbox share: sandbox.c (Landlock), sandbox_filter.c (seccomp). */
#ifndef HOST_SANDBOX_PRIVATE_H
#define HOST_SANDBOX_PRIVATE_H

#include <stdbool.h>

/* Installs the filter for all threads; false when the kernel refused. */
bool sandbox_filter(void);

/* Why this build must not be confined; NULL for an ordinary build. */
const char *sandbox_obstacle(void);

#endif
