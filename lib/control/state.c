#include "control/state.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/error.h"
#include "io/replace.h"
#include "io/whole.h"

enum { STATE_SIZE = 16384 };

int state_load(const char *path, struct balance_settings *settings, int *unit,
               const struct balance_rules *rules, struct settings_place *place)
{
	char data[STATE_SIZE];
	size_t size;
	int fd = open(path, O_RDONLY | O_CLOEXEC), error;

	*place = (struct settings_place){0};
	if (fd < 0)
		return errno == ENOENT ? 0 : EM_SYSTEM;
	error = read_whole(fd, data, sizeof data, &size) ? errno : 0;
	close(fd);
	errno = error;
	return error ? EM_SYSTEM : settings_read(settings, unit, data, size, rules, place);
}

int state_save(const char *path, const struct balance_settings *settings, int unit)
{
	struct text text = {0};
	int error = EM_NO_MEMORY;

	settings_text(&text, settings, unit);
	if (!text.failed)
		error = file_replace(path, text.data, text.length, REPLACE_PRIVATE);
	text_free(&text);
	return error;
}
