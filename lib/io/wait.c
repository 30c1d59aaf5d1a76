#include "io/wait.h"

#include <errno.h>
#include <poll.h>
#include <stddef.h>

#include "base/error.h"

#define STOP_SLICE 100 /* ms after which *stop is noticed */

int wait_ready(int fd, short events, int64_t deadline, const atomic_bool *stop)
{
	struct pollfd p = {.fd = fd, .events = events};

	for (;;) {
		int64_t left = deadline - wait_clock();
		int n;

		if (stop && atomic_load(stop))
			return EM_CANCELLED;
		if (left < 0)
			left = 0;
		n = poll(&p, 1, (int)(stop && left > STOP_SLICE ? STOP_SLICE : left));
		if (n > 0)
			return 0;
		if (n < 0 && errno != EINTR)
			return EM_SYSTEM;
		if (!n && wait_clock() >= deadline)
			return EM_TIMEOUT;
	}
}
