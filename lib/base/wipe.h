/* Memory that held a secret. */
#ifndef BASE_WIPE_H
#define BASE_WIPE_H

#include <stddef.h>

/* Zeroes it in a way that a compiler must not drop, as it may a memset before a free. */
void wipe(void *data, size_t n);

#endif
