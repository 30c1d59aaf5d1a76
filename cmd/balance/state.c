#include "cmd/balance/state.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "balance/register_table.h"
#include "base/error.h"
#include "cmd/session/say.h"
#include "io/replace.h"
#include "io/whole.h"

enum { STATE_SIZE = 16384 };

int state_load(const char *path, struct balance_settings *settings, int *unit)
{
	char data[STATE_SIZE];
	size_t size;
	int fd = open(path, O_RDONLY | O_CLOEXEC), error, line;

	if (fd < 0)
		return errno == ENOENT ? EXIT_OK : say_failure(path, EM_SYSTEM);
	error = read_whole(fd, data, sizeof data, &size) ? errno : 0;
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

int state_save(const char *path, const struct balance_settings *settings, int unit)
{
	struct text text = {0};
	int error = EM_NO_MEMORY;

	settings_text(&text, settings, unit);
	if (!text.failed)
		error = file_replace(path, text.data, text.length, REPLACE_PRIVATE);
	text_free(&text);
	if (error)
		say_failure(path, error);
	return error;
}
