#include "io/replace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "io/whole.h"

enum { PATH_LIMIT = 4096 };

/* Writes the folder to the disk, so that the rename is permanent; a failure is ignored. */
static void sync_directory(const char *path)
{
	const char *slash = strrchr(path, '/');
	char folder[PATH_LIMIT] = ".";
	int fd;

	if (slash)
		snprintf(folder, sizeof folder, "%.*s", slash == path ? 1 : (int)(slash - path),
		         path);
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return;
	fsync(fd);
	close(fd);
}

/* Creates the file anew: one that an earlier run left, or an attacker put there, is not reused. */
static int create(const char *path, enum replace_kind kind)
{
	int fd, flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;

	unlink(path);
	fd = open(path, flags, kind == REPLACE_PRIVATE ? 0600 : 0644);
	if (fd >= 0 && kind == REPLACE_PRIVATE)
		fchmod(fd, 0600);
	return fd;
}

static int fill(int fd, const char *data, size_t size, enum replace_kind kind)
{
	int error = write_whole(fd, data, size), saved;

	if (!error && kind == REPLACE_PRIVATE && fsync(fd))
		error = EM_SYSTEM;
	saved = errno;
	if (close(fd) && !error)
		return EM_SYSTEM;
	errno = saved;
	return error;
}

int file_replace(const char *path, const char *data, size_t size, enum replace_kind kind)
{
	char fresh[PATH_LIMIT];
	int fd, saved;

	if (snprintf(fresh, sizeof fresh, "%s.new", path) >= (int)sizeof fresh) {
		errno = ENAMETOOLONG;
		return EM_SYSTEM;
	}
	fd = create(fresh, kind);
	if (fd < 0)
		return EM_SYSTEM;
	if (!fill(fd, data, size, kind) && rename(fresh, path) == 0) {
		if (kind == REPLACE_PRIVATE)
			sync_directory(path);
		return 0;
	}
	saved = errno;
	unlink(fresh);
	errno = saved;
	return EM_SYSTEM;
}
