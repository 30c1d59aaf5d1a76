#include "io/replace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/error.h"

static int write_all(int fd, const char *data, size_t size)
{
	while (size) {
		ssize_t n = write(fd, data, size);

		if (n < 0 && errno != EINTR)
			return EM_SYSTEM;
		data += n > 0 ? n : 0;
		size -= n > 0 ? (size_t)n : 0;
	}
	return 0;
}

int file_replace(const char *path, const char *data, size_t size)
{
	char fresh[4096];
	int fd, error, saved;

	if (snprintf(fresh, sizeof fresh, "%s.new", path) >= (int)sizeof fresh) {
		errno = ENAMETOOLONG;
		return EM_SYSTEM;
	}
	fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0)
		return EM_SYSTEM;
	error = write_all(fd, data, size);
	saved = errno;
	if (close(fd) && !error) {
		error = EM_SYSTEM;
		saved = errno;
	}
	if (!error && rename(fresh, path) == 0)
		return 0;
	saved = error ? saved : errno;
	unlink(fresh);
	errno = saved;
	return EM_SYSTEM;
}
