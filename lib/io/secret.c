#include "io/secret.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

static int read_line(const char *path, char *out, size_t size)
{
	FILE *file = fopen(path, "re");
	int error = 0;

	if (!file)
		return EM_SYSTEM;
	if (!fgets(out, (int)size, file)) {
		out[0] = '\0';
		error = ferror(file) ? EM_SYSTEM : 0;
	}
	if (strlen(out) == size - 1 && out[size - 2] != '\n')
		error = EM_RANGE;
	out[strcspn(out, "\r\n")] = '\0';
	fclose(file);
	return error;
}

int secret_read(const char *name, char *out, size_t size, const char **file)
{
	char variable[64];
	const char *value = getenv(name);

	out[0] = '\0';
	*file = name;
	if (value) {
		if (strlen(value) >= size)
			return EM_RANGE;
		strcpy(out, value);
		return 0;
	}
	snprintf(variable, sizeof variable, "%s_FILE", name);
	*file = getenv(variable);
	return *file ? read_line(*file, out, size) : EM_UNKNOWN;
}
