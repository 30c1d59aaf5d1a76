#include "io/monotonic.h"

#include <time.h>

int64_t monotonic_ms(void)
{
	struct timespec now = {0};

#ifdef CLOCK_BOOTTIME
	if (clock_gettime(CLOCK_BOOTTIME, &now))
#endif
		clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}
