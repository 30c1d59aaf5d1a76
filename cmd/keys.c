#include "cmd/keys.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "cmd/say.h"

enum { FILE_LIMIT = 1 << 24 };

static void wipe(void *data, size_t n)
{
	volatile unsigned char *p = data;

	while (n--)
		*p++ = 0;
}

/* Options are borrowed from argv, which other users can read: what was a key becomes blanks. */
static void wipe_argument(const char *argument)
{
	volatile char *p = (char *)(uintptr_t)argument;

	while (*p)
		*p++ = ' ';
}

/* A whole file in memory; NULL with errno set. */
static char *slurp(const char *path, size_t *size)
{
	FILE *file = fopen(path, "rb");
	char *data = NULL;
	long length = 0;

	if (!file)
		return NULL;
	for (*size = 0;; *size += (size_t)length) {
		char *grown = *size < FILE_LIMIT ? malloc(*size + BUFSIZ) : NULL;

		if (!grown) {
			errno = EFBIG;
			break;
		}
		if (data) {
			memcpy(grown, data, *size);
			wipe(data, *size);
			free(data);
		}
		data = grown;
		length = (long)fread(data + *size, 1, BUFSIZ, file);
		if (!length)
			break;
	}
	if (length || ferror(file)) {
		free(data);
		data = NULL;
	}
	fclose(file);
	return data;
}

static int bad_key(const char *what)
{
	say_error("%s: a key is 32 hexadecimal digits or 16 bytes", what);
	return EXIT_USAGE;
}

static int add_key(struct glo_keyring *ring, const char *what, const char *text)
{
	uint8_t key[GLO_KEY];
	int error = strlen(text) == GLO_KEY ? EM_SYNTAX : glo_key_read(key, text, strlen(text));

	if (!error)
		error = glo_keyring_add(ring, NULL, key, NULL);
	wipe(key, sizeof key);
	return error == EM_SYNTAX ? bad_key(what) : error ? say_failure(what, error) : EXIT_OK;
}

static int add_file(struct glo_keyring *ring, const char *path)
{
	unsigned line;
	size_t size;
	char *data = slurp(path, &size);
	int error;

	if (!data)
		return say_failure(path, EM_SYSTEM);
	error = glo_keyring_parse(ring, data, size, &line);
	wipe(data, size);
	free(data);
	if (!error)
		return EXIT_OK;
	if (error != EM_SYNTAX)
		return say_failure(path, error);
	say_error("%s: line %u: needs a key of 32 hexadecimal digits, or SYSTEMTITLE KEY [AUTHKEY]",
	          path, line);
	return EXIT_USAGE;
}

static int read_authentication(uint8_t key[GLO_KEY], const struct key_options *options)
{
	const char *path = options->authentication_file;
	size_t size;
	char *data;
	int error;

	if (options->authentication)
		return strlen(options->authentication) == GLO_KEY ||
		               glo_key_read(key, options->authentication, strlen(options->authentication))
		           ? bad_key("--auth-key")
		           : EXIT_OK;
	data = slurp(path, &size);
	if (!data)
		return say_failure(path, EM_SYSTEM);
	error = glo_key_read(key, data, size);
	wipe(data, size);
	free(data);
	return error ? bad_key(path) : EXIT_OK;
}

static int add_encryption(struct glo_keyring *ring, const struct key_options *options)
{
	const char *variable = getenv("EMTOOL_KEY");

	if (options->key)
		return add_key(ring, "--key", options->key);
	if (options->key_file)
		return add_file(ring, options->key_file);
	return variable && *variable ? add_key(ring, "EMTOOL_KEY", variable) : EXIT_OK;
}

int keys_load(struct glo_keyring *ring, const struct key_options *options)
{
	uint8_t key[GLO_KEY];
	int status;

	if (options->key && options->key_file)
		return say_usage("--key and --key-file exclude each other");
	if (options->authentication && options->authentication_file)
		return say_usage("--auth-key and --auth-key-file exclude each other");
	status = add_encryption(ring, options);
	if (!status && (options->authentication || options->authentication_file)) {
		status = read_authentication(key, options);
		if (!status)
			glo_keyring_authentication(ring, key);
		wipe(key, sizeof key);
	}
	if (options->key)
		wipe_argument(options->key);
	if (options->authentication)
		wipe_argument(options->authentication);
	return status;
}
