#include "cmd/sniff/meter_file.h"

#include "base/error.h"
#include "cmd/session/say.h"
#include "io/whole.h"

enum { FILE_LIMIT = 4 << 20 };

struct meter_file *meter_file_open(const char *path, int *status)
{
	struct meter_file *file = NULL;
	struct text text = {0};
	const char *wrong = "";
	unsigned line = 0;
	int error = file_load(path, &text, FILE_LIMIT);

	if (!error)
		error = meter_file_parse(&file, text.data, text.length, &line, &wrong);
	if (error == EM_SYNTAX) {
		say_error("%s:%u: %s", path, line, wrong);
		*status = EXIT_USAGE;
	} else if (error) {
		*status = say_failure(path, error);
	}
	text_free(&text);
	return file;
}
