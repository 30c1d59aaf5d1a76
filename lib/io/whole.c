#include "io/whole.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "base/error.h"

/* Whether a call that failed should be repeated. */
static bool again(int fd, short events)
{
	if (errno == EAGAIN || errno == EWOULDBLOCK)
		poll(&(struct pollfd){.fd = fd, .events = events}, 1, -1);
	else if (errno != EINTR)
		return false;
	return true;
}

int write_whole(int fd, const void *data, size_t size)
{
	const char *p = data;

	while (size) {
		ssize_t n = write(fd, p, size);

		if (n < 0 && !again(fd, POLLOUT))
			return EM_SYSTEM;
		p += n > 0 ? n : 0;
		size -= n > 0 ? (size_t)n : 0;
	}
	return 0;
}

int read_whole(int fd, void *data, size_t size, size_t *got)
{
	ssize_t n = 1;

	for (*got = 0; *got < size && n;) {
		n = read(fd, (char *)data + *got, size - *got);
		if (n < 0 && !again(fd, POLLIN))
			return EM_SYSTEM;
		*got += n > 0 ? (size_t)n : 0;
	}
	return 0;
}

int read_rest(int fd, struct text *out, size_t limit)
{
	size_t got = 1;
	int error = 0;

	while (!error && got) {
		size_t room;

		if (!text_room(out, 1 << 16))
			return EM_NO_MEMORY;
		room = out->capacity - out->length;
		error = read_whole(fd, out->data + out->length, room, &got);
		out->length += error ? 0 : got;
		if (out->length > limit)
			error = EM_RANGE;
	}
	return error;
}

int file_load(const char *path, struct text *out, size_t limit)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), error, saved;

	if (fd < 0)
		return EM_SYSTEM;
	error = read_rest(fd, out, limit);
	saved = errno;
	close(fd);
	errno = saved;
	return error;
}

int file_save(const char *path, const struct text *text)
{
	int fd, error;

	if (text->failed)
		return EM_NO_MEMORY;
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0)
		return EM_SYSTEM;
	error = write_whole(fd, text->data, text->length);
	if (error) {
		int saved = errno;

		close(fd);
		errno = saved;
		return error;
	}
	return close(fd) ? EM_SYSTEM : 0;
}
