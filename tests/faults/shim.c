/* Functions of the C library that fail when they are told to, see faults.h. */
#define _GNU_SOURCE
#include "faults.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <sanitizer/common_interface_defs.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

static struct faults none;
struct faults *faults = &none;
bool faults_on, faults_still;
static _Thread_local int spared; /* the sanitizer itself is at work */

/* Counts a call; whether it is to fail. */
static bool fails(enum fault_class which, int error)
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

/*
 * Whether a call that a signal can interrupt is to be so this time: half of them are, by chance. Not
 * those of shared libraries: libmodbus reads after select(), when no signal can come in between.
 */
static bool interrupted_by(const void *caller)
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

#define interrupted() interrupted_by(__builtin_return_address(0))

/* The function of that name that stands behind ours. */
#define REAL(name) real(#name)
static void *real(const char *name)
{
	return dlsym(RTLD_NEXT, name);
}

#define FUNCTION(result, name, parameters, arguments, condition, failure)  \
	result name parameters                                             \
	{                                                                  \
		static result (*behind) parameters;                        \
                                                                           \
		if (!behind)                                               \
			*(void **)&behind = REAL(name);                    \
		return (condition) ? failure : behind arguments;           \
	}

#define FAILING(which, error, result, name, parameters, arguments, failure) \
	FUNCTION(result, name, parameters, arguments, fails(FAULT_##which, error), failure)
/* ... and a signal may interrupt it */
#define BLOCKING(which, error, result, name, parameters, arguments, failure) \
	FUNCTION(result, name, parameters, arguments, fails(FAULT_##which, error) || interrupted(), failure)

/* ---- memory: the sanitizer's functions stand behind ours ---- */

void *__interceptor_malloc(size_t);
void *__interceptor_calloc(size_t, size_t);
void *__interceptor_realloc(void *, size_t);
int __interceptor_posix_memalign(void **, size_t, size_t);

static bool memory_fails(const void *caller)
{
	return fails(is_own(caller) ? FAULT_memory : FAULT_foreign, ENOMEM);
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

/* ---- reading and writing ---- */

/*
 * Pipes and event counters within the program: the kernel lets no read or write of theirs fail, and
 * libuv calls abort() should it happen.
 */
static bool inner[1024];

static bool is_inner(int fd)
{
	return fd >= 0 && fd < 1024 && inner[fd];
}

static int mark_inner(int fd, bool on)
{
	if (fd >= 0 && fd < 1024)
		inner[fd] = on;
	return fd;
}

/* Streams may be cut anywhere, datagrams may not. */
static size_t portion(int fd, size_t n)
{
	int type = SOCK_STREAM, saved = errno;
	socklen_t size = sizeof type;

	if (!faults_on || !faults->small || n < 2 || is_inner(fd))
		return n;
	getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size);
	errno = saved;
	return type == SOCK_STREAM ? 1 : n;
}

/* Sets errno to what fits the descriptor; true. */
static bool fail_as(int fd, int of_file, int of_socket)
{
	static int (*behind)(int, struct stat *);
	struct stat about;

	if (!behind)
		*(void **)&behind = REAL(fstat);
	errno = behind(fd, &about) == 0 && S_ISSOCK(about.st_mode) ? of_socket : of_file;
	return true;
}
#define READ_FAILS (!is_inner(fd) && fails(FAULT_read, 0) && fail_as(fd, EIO, ECONNRESET))
#define WRITE_FAILS (!is_inner(fd) && fails(FAULT_write, 0) && fail_as(fd, ENOSPC, ECONNRESET))
#define READING(name, parameters, arguments) \
	FUNCTION(ssize_t, name, parameters, arguments, READ_FAILS || interrupted(), -1)
#define WRITING(name, parameters, arguments) \
	FUNCTION(ssize_t, name, parameters, arguments, WRITE_FAILS || interrupted(), -1)

READING(read, (int fd, void *data, size_t n), (fd, data, portion(fd, n)))
READING(pread64, (int fd, void *data, size_t n, off64_t at), (fd, data, portion(fd, n), at))
READING(recv, (int fd, void *data, size_t n, int flags), (fd, data, portion(fd, n), flags))
READING(recvfrom, (int fd, void *data, size_t n, int flags, struct sockaddr *from, socklen_t *length),
        (fd, data, portion(fd, n), flags, from, length))
READING(recvmsg, (int fd, struct msghdr *message, int flags), (fd, message, flags))
WRITING(write, (int fd, const void *data, size_t n), (fd, data, portion(fd, n)))
WRITING(pwrite64, (int fd, const void *data, size_t n, off64_t at), (fd, data, portion(fd, n), at))
WRITING(send, (int fd, const void *data, size_t n, int flags), (fd, data, portion(fd, n), flags))
WRITING(sendto, (int fd, const void *data, size_t n, int flags, const struct sockaddr *to, socklen_t size),
        (fd, data, portion(fd, n), flags, to, size))
WRITING(sendmsg, (int fd, const struct msghdr *message, int flags), (fd, message, flags))
FAILING(write, ENOSPC, int, ftruncate64, (int fd, off64_t n), (fd, n), -1)

/* The first part that is not empty, or all of them. */
static int parts(int fd, const struct iovec *list, int count, struct iovec *one)
{
	for (int i = 0; i < count; i++) {
		if (list[i].iov_len && portion(fd, 2) == 1) {
			*one = (struct iovec){list[i].iov_base, 1};
			return 1;
		}
	}
	return 0;
}

ssize_t readv(int fd, const struct iovec *list, int count)
{
	static ssize_t (*behind)(int, const struct iovec *, int);
	struct iovec one;

	if (!behind)
		*(void **)&behind = REAL(readv);
	if (READ_FAILS || interrupted())
		return -1;
	return parts(fd, list, count, &one) ? behind(fd, &one, 1) : behind(fd, list, count);
}

ssize_t writev(int fd, const struct iovec *list, int count)
{
	static ssize_t (*behind)(int, const struct iovec *, int);
	struct iovec one;

	if (!behind)
		*(void **)&behind = REAL(writev);
	if (WRITE_FAILS || interrupted())
		return -1;
	return parts(fd, list, count, &one) ? behind(fd, &one, 1) : behind(fd, list, count);
}

/* ---- files ---- */

static int open_real(const char *path, int flags, mode_t mode)
{
	static int (*behind)(const char *, int, ...);

	if (!behind)
		*(void **)&behind = REAL(open64);
	return fails(FAULT_open, EACCES) ? -1 : behind(path, flags, mode);
}

#define OPEN(name)                                                    \
	int name(const char *path, int flags, ...)                    \
	{                                                             \
		va_list rest;                                         \
		mode_t mode = 0;                                      \
                                                                      \
		va_start(rest, flags);                                \
		if (flags & O_CREAT)                                  \
			mode = va_arg(rest, mode_t);                  \
		va_end(rest);                                         \
		return open_real(path, flags, mode);                  \
	}
OPEN(open)
OPEN(open64)

int __open_2(const char *path, int flags);
int __open64_2(const char *path, int flags);

int __open_2(const char *path, int flags)
{
	return open_real(path, flags, 0);
}

int __open64_2(const char *path, int flags)
{
	return open_real(path, flags, 0);
}

static int fcntl_real(int fd, int command, void *argument)
{
	static int (*behind)(int, int, ...);

	if (!behind)
		*(void **)&behind = REAL(fcntl64);
	return fails(FAULT_file, EINVAL) ? -1 : behind(fd, command, argument);
}

#define FCNTL(name)                                                  \
	int name(int fd, int command, ...)                           \
	{                                                            \
		va_list rest;                                        \
		void *argument;                                      \
                                                                     \
		va_start(rest, command);                             \
		argument = va_arg(rest, void *);                     \
		va_end(rest);                                        \
		return fcntl_real(fd, command, argument);            \
	}
FCNTL(fcntl)
FCNTL(fcntl64)

int ioctl(int fd, unsigned long request, ...)
{
	static int (*behind)(int, unsigned long, ...);
	va_list rest;
	void *argument;

	if (!behind)
		*(void **)&behind = REAL(ioctl);
	va_start(rest, request);
	argument = va_arg(rest, void *);
	va_end(rest);
	return fails(FAULT_file, ENOTTY) ? -1 : behind(fd, request, argument);
}

/* A failing close has closed. */
int close(int fd)
{
	static int (*behind)(int);
	int status;

	if (!behind)
		*(void **)&behind = REAL(close);
	mark_inner(fd, false);
	status = behind(fd);
	return fails(FAULT_file, EIO) ? -1 : status;
}

FAILING(file, EIO, int, fstat, (int fd, struct stat *out), (fd, out), -1)
FAILING(file, EIO, int, fstat64, (int fd, struct stat64 *out), (fd, out), -1)
FAILING(file, EACCES, int, stat, (const char *path, struct stat *out), (path, out), -1)
FAILING(file, EACCES, int, stat64, (const char *path, struct stat64 *out), (path, out), -1)
FAILING(file, EACCES, int, lstat64, (const char *path, struct stat64 *out), (path, out), -1)
FAILING(file, EACCES, int, access, (const char *path, int mode), (path, mode), -1)
FAILING(file, EACCES, int, rename, (const char *from, const char *to), (from, to), -1)
FAILING(file, EACCES, int, unlink, (const char *path), (path), -1)
FAILING(file, EACCES, int, mkdir, (const char *path, mode_t mode), (path, mode), -1)
FAILING(file, EPERM, int, fchmod, (int fd, mode_t mode), (fd, mode), -1)
FAILING(file, EIO, int, fsync, (int fd), (fd), -1)
FAILING(file, EIO, int, fdatasync, (int fd), (fd), -1)
FAILING(file, EBADF, off64_t, lseek64, (int fd, off64_t at, int whence), (fd, at, whence), -1)
FAILING(file, EMFILE, int, dup, (int fd), (fd), -1)
FAILING(file, EIO, int, tcgetattr, (int fd, struct termios *out), (fd, out), -1)
FAILING(file, EIO, int, tcsetattr, (int fd, int when, const struct termios *in), (fd, when, in), -1)
FAILING(file, EMFILE, int, posix_openpt, (int flags), (flags), -1)
FAILING(file, ENOSYS, ssize_t, getrandom, (void *out, size_t n, unsigned flags), (out, n, flags), -1)

/* ---- stdio, whose own reads and writes stay within the C library: on top of the functions above ---- */

/*
 * stdio goes on after a short write and gives up after EINTR. The kernel says EINTR only after a
 * handler without SA_RESTART, and the program has none of those, so here it is tried again.
 */
static ssize_t stream_read(void *cookie, char *data, size_t n)
{
	return TEMP_FAILURE_RETRY(read((int)(intptr_t)cookie, data, n));
}

static ssize_t stream_write(void *cookie, const char *data, size_t n)
{
	size_t done = 0;

	while (done < n) {
		ssize_t step = TEMP_FAILURE_RETRY(write((int)(intptr_t)cookie, data + done, n - done));

		if (step < 0)
			break;
		done += (size_t)step;
	}
	return (ssize_t)done; /* less says that it failed */
}

static int stream_seek(void *cookie, off64_t *at, int whence)
{
	*at = lseek64((int)(intptr_t)cookie, *at, whence);
	return *at < 0 ? -1 : 0;
}

static int stream_close(void *cookie)
{
	return close((int)(intptr_t)cookie);
}

static FILE *stream(int fd, const char *mode)
{
	cookie_io_functions_t functions = {stream_read, stream_write, stream_seek, stream_close};
	FILE *file = fopencookie((void *)(intptr_t)fd, mode, functions);

	if (!file && fd > STDERR_FILENO)
		close(fd);
	return file;
}

static FILE *fopen_real(const char *path, const char *mode)
{
	int flags = *mode == 'r' ? O_RDONLY : O_WRONLY | O_CREAT | (*mode == 'a' ? O_APPEND : O_TRUNC);
	int fd = open(path, flags | O_CLOEXEC, 0666);

	if (fd >= 0 && *mode == 'a')
		lseek64(fd, 0, SEEK_END);
	return fd < 0 ? NULL : stream(fd, mode);
}

FILE *fopen(const char *path, const char *mode)
{
	return fopen_real(path, mode);
}

FILE *fopen64(const char *path, const char *mode)
{
	return fopen_real(path, mode);
}

__attribute__((constructor)) static void divert_stdout(void)
{
	stdout = stream(STDOUT_FILENO, "w");
}

/* ---- sockets ---- */

FAILING(socket, EMFILE, int, socket, (int domain, int type, int protocol), (domain, type, protocol), -1)
FAILING(socket, EMFILE, int, socketpair, (int domain, int type, int protocol, int pair[2]),
        (domain, type, protocol, pair), -1)
FAILING(socket, EADDRINUSE, int, bind, (int fd, const struct sockaddr *a, socklen_t n), (fd, a, n), -1)
FAILING(socket, EADDRINUSE, int, listen, (int fd, int backlog), (fd, backlog), -1)
BLOCKING(socket, EMFILE, int, accept4, (int fd, struct sockaddr *a, socklen_t *n, int flags),
         (fd, a, n, flags), -1)
FAILING(socket, ENOBUFS, int, setsockopt, (int fd, int level, int name, const void *value, socklen_t n),
        (fd, level, name, value, n), -1)
FAILING(socket, ENOBUFS, int, getsockname, (int fd, struct sockaddr *a, socklen_t *n), (fd, a, n), -1)
FAILING(socket, ENOTCONN, int, getpeername, (int fd, struct sockaddr *a, socklen_t *n), (fd, a, n), -1)
FAILING(socket, ENOTCONN, int, shutdown, (int fd, int how), (fd, how), -1)
/* Not interrupted: no socket here blocks. */
FAILING(connect, ECONNREFUSED, int, connect, (int fd, const struct sockaddr *a, socklen_t n), (fd, a, n),
         -1)
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
	return fails(FAULT_loop, EMFILE) ? -1 : mark_inner(behind(value, flags), true);
}

static int pipe_real(int ends[2], int flags)
{
	static int (*behind)(int[2], int);

	if (!behind)
		*(void **)&behind = REAL(pipe2);
	if (behind(ends, flags))
		return -1;
	mark_inner(ends[0], true);
	mark_inner(ends[1], true);
	return 0;
}

int pipe(int ends[2])
{
	return fails(FAULT_loop, EMFILE) ? -1 : pipe_real(ends, 0);
}

/* libuv calls abort() when it does not get its first pipe; loop_new() looks before, with pipe(). */
int pipe2(int ends[2], int flags)
{
	bool first = !faults->piped;

	faults->piped = true;
	return !first && fails(FAULT_loop, EMFILE) ? -1 : pipe_real(ends, flags);
}

FAILING(loop, EMFILE, int, timerfd_create, (clockid_t which, int flags), (which, flags), -1)
BLOCKING(loop, ENOMEM, int, poll, (struct pollfd *list, nfds_t n, int ms), (list, n, ms), -1)
BLOCKING(loop, ENOMEM, int, select, (int n, fd_set *r, fd_set *w, fd_set *e, struct timeval *t),
         (n, r, w, e, t), -1)

/* libuv calls abort() when the waiting itself fails, so a signal is all that comes in between. */
FUNCTION(int, epoll_wait, (int fd, struct epoll_event *list, int n, int ms), (fd, list, n, ms),
         interrupted(), -1)
FUNCTION(int, epoll_pwait, (int fd, struct epoll_event *list, int n, int ms, const sigset_t *mask),
         (fd, list, n, ms, mask), interrupted(), -1)
FUNCTION(pid_t, waitpid, (pid_t pid, int *status, int options), (pid, status, options), interrupted(), -1)

int __interceptor_pthread_create(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);

int pthread_create(pthread_t *out, const pthread_attr_t *a, void *(*run)(void *), void *argument)
{
	return fails(FAULT_thread, 0) ? EAGAIN : __interceptor_pthread_create(out, a, run, argument);
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
	if (fails(FAULT_process, EAGAIN))
		return -1;
	spared += faults_on;
	pid = behind();
	spared -= faults_on && pid;
	return pid;
}

FAILING(process, ENOENT, int, execvp, (const char *file, char *const list[]), (file, list), -1)

/* The hour stands still, so that what is printed can be compared. */
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
