/* Time that only goes forward, and also counts while the machine is suspended. */
#ifndef IO_MONOTONIC_H
#define IO_MONOTONIC_H

#include <stdint.h>

/* ms since some moment before the program began */
int64_t monotonic_ms(void);

#endif
