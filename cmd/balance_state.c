#include "cmd/balance_state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "balance/register_table.h"
#include "base/error.h"
#include "cmd/say.h"

enum { STATE_SIZE = 16384 };

int state_load(const char *path, struct balance_settings *settings, int *unit)
{
	char data[STATE_SIZE];
	size_t size = 0;
	ssize_t n;
	int fd = open(path, O_RDONLY | O_CLOEXEC), error, line;

	if (fd < 0)
		return errno == ENOENT ? EXIT_OK : say_failure(path, EM_SYSTEM);
	while ((n = read(fd, data + size, sizeof data - size)) > 0)
		size += (size_t)n;
	error = n < 0 ? errno : 0;
	close(fd);
	errno = error;
	if (error)
		return say_failure(path, EM_SYSTEM);
	error = settings_read(settings, unit, data, size, &line);
	if (!error)
		return EXIT_OK;
	say_error("%s:%d: %s; remove the file to start from the settings given", path, line,
	          error_text(error));
	return EXIT_USAGE;
}

static bool write_all(int fd, const char *data, size_t size)
{
	while (size) {
		ssize_t n = write(fd, data, size);

		if (n < 0 && errno != EINTR)
			return false;
		data += n > 0 ? n : 0;
		size -= n > 0 ? (size_t)n : 0;
	}
	return fsync(fd) == 0;
}

/* A rename lasts once its directory is on the disk. */
static void sync_directory(const char *path)
{
	const char *slash = strrchr(path, '/');
	char folder[4096] = ".";
	int fd;

	if (slash && (size_t)(slash - path) < sizeof folder)
		snprintf(folder, sizeof folder, "%.*s", slash == path ? 1 : (int)(slash - path),
		         path);
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return;
	fsync(fd);
	close(fd);
}

static bool replace(const char *path, const char *data, size_t size)
{
	char fresh[4096];
	int fd;
	bool good;

	if (snprintf(fresh, sizeof fresh, "%s.new", path) >= (int)sizeof fresh) {
		errno = ENAMETOOLONG;
		return false;
	}
	fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0)
		return false;
	good = write_all(fd, data, size);
	if (close(fd))
		good = false;
	if (good && rename(fresh, path) == 0) {
		sync_directory(path);
		return true;
	}
	unlink(fresh);
	return false;
}

int state_save(const char *path, const struct balance_settings *settings, int unit)
{
	struct text text = {0};
	bool good;

	settings_text(&text, settings, unit);
	good = !text.failed && replace(path, text.data, text.length);
	text_free(&text);
	if (good)
		return 0;
	say_failure(path, EM_SYSTEM);
	return EM_SYSTEM;
}
