/* What the two files of the sandbox share: sandbox.c (Landlock), sandbox_filter.c (seccomp). */
#ifndef HOST_SANDBOX_PRIVATE_H
#define HOST_SANDBOX_PRIVATE_H

#include <stdbool.h>

/* Refuses the calls for all threads; whether the kernel did it. */
bool sandbox_filter(void);

/* Why this build must not be confined, NULL for an ordinary one. */
const char *sandbox_obstacle(void);

#endif
