/* Reading, writing and files, see shim.h. */
#define _GNU_SOURCE
#include "shim.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

/* ---- reading and writing ---- */

static bool inner[1024];

static bool is_inner(int fd)
{
	return fd >= 0 && fd < 1024 && inner[fd];
}

int shim_inner(int fd, bool on)
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
#define READ_FAILS (!is_inner(fd) && shim_fails(FAULT_read, 0) && fail_as(fd, EIO, ECONNRESET))
#define WRITE_FAILS (!is_inner(fd) && shim_fails(FAULT_write, 0) && fail_as(fd, ENOSPC, ECONNRESET))
#define READING(name, parameters, arguments) \
	FUNCTION(ssize_t, name, parameters, arguments, READ_FAILS || interrupted(), -1)
#define WRITING(name, parameters, arguments) \
	FUNCTION(ssize_t, name, parameters, arguments, WRITE_FAILS || interrupted(), -1)

READING(read, (int fd, void *data, size_t n), (fd, data, portion(fd, n)))
READING(pread64, (int fd, void *data, size_t n, off64_t at), (fd, data, portion(fd, n), at))
READING(recv, (int fd, void *data, size_t n, int flags), (fd, data, portion(fd, n), flags))
READING(recvfrom,
        (int fd, void *data, size_t n, int flags, struct sockaddr *from, socklen_t *length),
        (fd, data, portion(fd, n), flags, from, length))
READING(recvmsg, (int fd, struct msghdr *message, int flags), (fd, message, flags))
WRITING(write, (int fd, const void *data, size_t n), (fd, data, portion(fd, n)))
WRITING(pwrite64, (int fd, const void *data, size_t n, off64_t at), (fd, data, portion(fd, n), at))
WRITING(send, (int fd, const void *data, size_t n, int flags), (fd, data, portion(fd, n), flags))
WRITING(sendto,
        (int fd, const void *data, size_t n, int flags, const struct sockaddr *to, socklen_t size),
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
	return shim_fails(FAULT_open, EACCES) ? -1 : behind(path, flags, mode);
}

#define OPEN(name)                                   \
	int name(const char *path, int flags, ...)   \
	{                                            \
		va_list rest;                        \
		mode_t mode = 0;                     \
                                                     \
		va_start(rest, flags);               \
		if (flags & O_CREAT)                 \
			mode = va_arg(rest, mode_t); \
		va_end(rest);                        \
		return open_real(path, flags, mode); \
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
	return shim_fails(FAULT_file, EINVAL) ? -1 : behind(fd, command, argument);
}

#define FCNTL(name)                                       \
	int name(int fd, int command, ...)                \
	{                                                 \
		va_list rest;                             \
		void *argument;                           \
                                                          \
		va_start(rest, command);                  \
		argument = va_arg(rest, void *);          \
		va_end(rest);                             \
		return fcntl_real(fd, command, argument); \
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
	return shim_fails(FAULT_file, ENOTTY) ? -1 : behind(fd, request, argument);
}

/* A failing close has closed. */
int close(int fd)
{
	static int (*behind)(int);
	int status;

	if (!behind)
		*(void **)&behind = REAL(close);
	shim_inner(fd, false);
	status = behind(fd);
	return shim_fails(FAULT_file, EIO) ? -1 : status;
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
FAILING(file, ENOSYS, ssize_t, getrandom, (void *out, size_t n, unsigned flags), (out, n, flags),
        -1)

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
		ssize_t step = TEMP_FAILURE_RETRY(
			write((int)(intptr_t)cookie, data + done, n - done));

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
	int flags = *mode == 'r' ? O_RDONLY
	                         : O_WRONLY | O_CREAT | (*mode == 'a' ? O_APPEND : O_TRUNC);
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
