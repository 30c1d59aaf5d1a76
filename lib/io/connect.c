#include "io/connect.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "io/lookup.h"
#include "io/wait.h"

/* Waits for the end of a connection attempt; sets errno when it failed. */
static int finish(int fd, int64_t deadline, const atomic_bool *stop)
{
	socklen_t size = sizeof(int);
	int error = wait_ready(fd, POLLOUT, deadline, stop);

	if (error)
		return error;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &errno, &size) || errno)
		return EM_UNREACHABLE;
	return 0;
}

static int connect_one(const struct addrinfo *a, int64_t deadline, const atomic_bool *stop)
{
	int fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK,
	                a->ai_protocol);
	int error = 0, saved;

	if (fd < 0)
		return errno == EAFNOSUPPORT ? EM_UNREACHABLE : EM_SYSTEM;
	if (connect(fd, a->ai_addr, a->ai_addrlen))
		error = errno == EINPROGRESS ? finish(fd, deadline, stop) : EM_UNREACHABLE;
	if (error) {
		saved = errno;
		close(fd);
		errno = saved;
		return error;
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
	return fd;
}

int connect_tcp(const struct address *address, int64_t deadline, const atomic_bool *stop,
                const char **why)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list, *a;
	char port[8];
	int fd = EM_UNREACHABLE, error, status;

	snprintf(port, sizeof port, "%u", address->port % 65536);
	error = lookup_host(address->host, port, &hints, stop, &status, &list);
	if (error || status) {
		*why = error ? error_text(error) : gai_strerror(status);
		return error ? error : EM_UNREACHABLE;
	}
	for (a = list; a && fd < 0 && fd != EM_CANCELLED; a = a->ai_next)
		fd = connect_one(a, deadline, stop);
	if (fd < 0)
		*why = fd == EM_TIMEOUT ? "no connection" : strerror(errno);
	freeaddrinfo(list);
	return fd;
}
