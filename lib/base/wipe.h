/* Clears memory that held a secret. */
#ifndef BASE_WIPE_H
#define BASE_WIPE_H

#include <stddef.h>

/* Fills the memory with zeros. A compiler may drop a memset() before free(), but not this. */
void wipe(void *data, size_t n);

#endif
