/* Functions of the C library that fail on request, see faults.h. */
#define _GNU_SOURCE
#include "shim.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <sanitizer/common_interface_defs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static struct faults none;
struct faults *faults = &none;
bool faults_on, faults_still;
static _Thread_local int spared; /* the sanitizer itself is at work */

bool shim_fails(enum fault_class which, int error)
{
	long n;

	if (!faults_on || spared)
		return false;
	n = atomic_fetch_add(&faults->calls[which], 1) + 1;
	if (faults->mode == FAULT_COUNT || which != faults->which || n < faults->nth ||
	    (n > faults->nth && faults->mode == FAULT_ONCE))
		return false;
	if (!atomic_exchange(&faults->fired, true) && faults->trace) {
		faults_on = false;
		__sanitizer_print_stack_trace();
		faults_on = true;
	}
	errno = error;
	return true;
}

/* Whether it is code of the program, or linked into it, and not of a shared library. */
static bool is_own(const void *code)
{
	extern const char __executable_start[], etext[];
	const char *p = code;

	return p >= __executable_start && p < etext;
}

bool shim_interrupted(const void *caller)
{
	static _Thread_local unsigned dice;

	if (!faults_on || !faults->interrupted || !is_own(caller))
		return false;
	dice = dice * 1103515245 + 12345;
	if (dice >> 16 & 1)
		return false;
	errno = EINTR;
	return true;
}

void *shim_real(const char *name)
{
	return dlsym(RTLD_NEXT, name);
}

/* ---- memory: these call the sanitizer's functions ---- */

void *__interceptor_malloc(size_t);
void *__interceptor_calloc(size_t, size_t);
void *__interceptor_realloc(void *, size_t);
int __interceptor_posix_memalign(void **, size_t, size_t);

static bool memory_fails(const void *caller)
{
	return shim_fails(is_own(caller) ? FAULT_memory : FAULT_foreign, ENOMEM);
}
#define MEMORY_FAILS memory_fails(__builtin_return_address(0))

void *malloc(size_t n)
{
	return MEMORY_FAILS ? NULL : __interceptor_malloc(n);
}

void *calloc(size_t n, size_t size)
{
	return MEMORY_FAILS ? NULL : __interceptor_calloc(n, size);
}

void *realloc(void *old, size_t n)
{
	return MEMORY_FAILS ? NULL : __interceptor_realloc(old, n);
}

int posix_memalign(void **out, size_t alignment, size_t n)
{
	return MEMORY_FAILS ? ENOMEM : __interceptor_posix_memalign(out, alignment, n);
}

char *strndup(const char *s, size_t n)
{
	size_t length = strnlen(s, n);
	char *copy = MEMORY_FAILS ? NULL : __interceptor_malloc(length + 1);

	if (copy) {
		memcpy(copy, s, length);
		copy[length] = '\0';
	}
	return copy;
}

char *strdup(const char *s)
{
	size_t size = strlen(s) + 1;
	char *copy = MEMORY_FAILS ? NULL : __interceptor_malloc(size);

	return copy ? memcpy(copy, s, size) : NULL;
}

/* ---- sockets ---- */

FAILING(socket, EMFILE, int, socket, (int domain, int type, int protocol), (domain, type, protocol),
        -1)
FAILING(socket, EMFILE, int, socketpair, (int domain, int type, int protocol, int pair[2]),
        (domain, type, protocol, pair), -1)
FAILING(socket, EADDRINUSE, int, bind, (int fd, const struct sockaddr *a, socklen_t n), (fd, a, n),
        -1)
FAILING(socket, EADDRINUSE, int, listen, (int fd, int backlog), (fd, backlog), -1)
BLOCKING(socket, EMFILE, int, accept4, (int fd, struct sockaddr *a, socklen_t *n, int flags),
         (fd, a, n, flags), -1)
FAILING(socket, ENOBUFS, int, setsockopt,
        (int fd, int level, int name, const void *value, socklen_t n), (fd, level, name, value, n),
        -1)
FAILING(socket, ENOBUFS, int, getsockname, (int fd, struct sockaddr *a, socklen_t *n), (fd, a, n),
        -1)
FAILING(socket, ENOTCONN, int, getpeername, (int fd, struct sockaddr *a, socklen_t *n), (fd, a, n),
        -1)
FAILING(socket, ENOTCONN, int, shutdown, (int fd, int how), (fd, how), -1)
/* Not interrupted: no socket here blocks. */
FAILING(connect, ECONNREFUSED, int, connect, (int fd, const struct sockaddr *a, socklen_t n),
        (fd, a, n), -1)
FAILING(connect, 0, int, getaddrinfo,
        (const char *host, const char *port, const struct addrinfo *hints, struct addrinfo **out),
        (host, port, hints, out), EAI_AGAIN)

/* ---- the rest ---- */

FAILING(library, ENOENT, void *, dlopen, (const char *file, int flags), (file, flags), NULL)

FAILING(loop, EMFILE, int, epoll_create1, (int flags), (flags), -1)
int eventfd(unsigned value, int flags)
{
	static int (*behind)(unsigned, int);

	if (!behind)
		*(void **)&behind = REAL(eventfd);
	return shim_fails(FAULT_loop, EMFILE) ? -1 : shim_inner(behind(value, flags), true);
}

static int pipe_real(int ends[2], int flags)
{
	static int (*behind)(int[2], int);

	if (!behind)
		*(void **)&behind = REAL(pipe2);
	if (behind(ends, flags))
		return -1;
	shim_inner(ends[0], true);
	shim_inner(ends[1], true);
	return 0;
}

int pipe(int ends[2])
{
	return shim_fails(FAULT_loop, EMFILE) ? -1 : pipe_real(ends, 0);
}

/* libuv calls abort() when it does not get its first pipe; loop_new() looks before, with pipe(). */
int pipe2(int ends[2], int flags)
{
	bool first = !faults->piped;

	faults->piped = true;
	return !first && shim_fails(FAULT_loop, EMFILE) ? -1 : pipe_real(ends, flags);
}

FAILING(loop, EMFILE, int, timerfd_create, (clockid_t which, int flags), (which, flags), -1)
BLOCKING(loop, ENOMEM, int, poll, (struct pollfd * list, nfds_t n, int ms), (list, n, ms), -1)
BLOCKING(loop, ENOMEM, int, select, (int n, fd_set *r, fd_set *w, fd_set *e, struct timeval *t),
         (n, r, w, e, t), -1)

/* libuv calls abort() when the waiting itself fails, so a signal is all that comes in between. */
FUNCTION(int, epoll_wait, (int fd, struct epoll_event *list, int n, int ms), (fd, list, n, ms),
         interrupted(), -1)
FUNCTION(int, epoll_pwait, (int fd, struct epoll_event *list, int n, int ms, const sigset_t *mask),
         (fd, list, n, ms, mask), interrupted(), -1)
FUNCTION(pid_t, waitpid, (pid_t pid, int *status, int options), (pid, status, options),
         interrupted(), -1)

int __interceptor_pthread_create(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);

int pthread_create(pthread_t *out, const pthread_attr_t *a, void *(*run)(void *), void *argument)
{
	return shim_fails(FAULT_thread, 0) ? EAGAIN
	                                   : __interceptor_pthread_create(out, a, run, argument);
}

/* The sanitizer asks for it in every new thread and cannot do without. */
int pthread_getattr_np(pthread_t thread, pthread_attr_t *out)
{
	static int (*behind)(pthread_t, pthread_attr_t *);
	int status;

	if (!behind)
		*(void **)&behind = REAL(pthread_getattr_np);
	spared++;
	status = behind(thread, out);
	spared--;
	return status;
}

/* What the child does is its own. */
pid_t fork(void)
{
	static pid_t (*behind)(void);
	pid_t pid;

	if (!behind)
		*(void **)&behind = REAL(fork);
	if (shim_fails(FAULT_process, EAGAIN))
		return -1;
	spared += faults_on;
	pid = behind();
	spared -= faults_on && pid;
	return pid;
}

FAILING(process, ENOENT, int, execvp, (const char *file, char *const list[]), (file, list), -1)

/* The time of day is constant, so that outputs can be compared. */
int clock_gettime(clockid_t which, struct timespec *out)
{
	static int (*behind)(clockid_t, struct timespec *);

	if (!behind)
		*(void **)&behind = REAL(clock_gettime);
	if (which != CLOCK_REALTIME || !(faults_on || faults_still))
		return behind(which, out);
	*out = (struct timespec){.tv_sec = 1700000000};
	return 0;
}
