#include "host/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/news.h"
#include "base/wipe.h"

enum { FIRST = 4096, LIMIT = 1 << 24 };

void secret_hide(void)
{
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

/* The credentials of a service manager are readable for a group through its access list. */
static bool is_credential(const char *path)
{
	const char *directory = getenv("CREDENTIALS_DIRECTORY");
	size_t length = directory ? strlen(directory) : 0;

	return length && !strncmp(path, directory, length) && path[length] == '/';
}

/* Says so once, as a database may ask for its password many times. */
static void tell_exposed(const char *path, int fd)
{
	static atomic_flag told = ATOMIC_FLAG_INIT;
	struct stat about;

	if (fstat(fd, &about) || !S_ISREG(about.st_mode) ||
	    !(about.st_mode & (S_IRWXG | S_IRWXO)) || is_credential(path) ||
	    atomic_flag_test_and_set(&told))
		return;
	news(NEWS_WARNING, "%s: other users can read it (mode %04o): chmod 600", path,
	     (unsigned)(about.st_mode & 07777));
}

/* Doubles the memory and wipes the old one. */
static char *grow(char *data, size_t used, size_t *capacity)
{
	char *grown = *capacity < LIMIT ? malloc(*capacity * 2) : NULL;

	if (grown)
		memcpy(grown, data, used);
	else
		errno = *capacity < LIMIT ? ENOMEM : EFBIG;
	secret_free(data, used);
	*capacity *= 2;
	return grown;
}

/* Does not use stdio, because nobody wipes its buffers. */
static char *read_all(int fd, size_t *size)
{
	size_t capacity = FIRST;
	char *data = malloc(capacity);
	ssize_t n = 1;

	for (*size = 0; data && n;) {
		n = read(fd, data + *size, capacity - *size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			secret_free(data, *size);
			return NULL;
		}
		*size += (size_t)n;
		if (*size == capacity)
			data = grow(data, *size, &capacity);
	}
	return data;
}

char *secret_load(const char *path, size_t *size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), saved;
	char *data;

	if (fd < 0)
		return NULL;
	secret_hide();
	tell_exposed(path, fd);
	data = read_all(fd, size);
	saved = errno;
	close(fd);
	errno = saved;
	return data;
}

void secret_free(char *data, size_t size)
{
	if (data)
		wipe(data, size);
	free(data);
}

static int read_line(const char *path, char *out, size_t size)
{
	size_t length, line = 0;
	char *data = secret_load(path, &length);
	int error = 0;

	if (!data)
		return EM_SYSTEM;
	while (line < length && !strchr("\r\n", data[line]))
		line++;
	if (line < size)
		memcpy(out, data, line);
	else
		error = EM_RANGE;
	out[error ? 0 : line] = '\0';
	secret_free(data, length);
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
		secret_hide();
		strcpy(out, value);
		return 0;
	}
	snprintf(variable, sizeof variable, "%s_FILE", name);
	*file = getenv(variable);
	return *file ? read_line(*file, out, size) : EM_UNKNOWN;
}
