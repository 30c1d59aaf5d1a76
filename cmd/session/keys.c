#include "cmd/session/keys.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/wipe.h"
#include "cmd/session/say.h"
#include "host/secret.h"

/* Overwrites a key in argv, which other users can read. */
static void wipe_argument(const char *argument)
{
	volatile char *p = (char *)(uintptr_t)argument;

	while (*p)
		*p++ = ' ';
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
	char *data = secret_load(path, &size);
	int error;

	if (!data)
		return say_failure(path, EM_SYSTEM);
	error = glo_keyring_parse(ring, data, size, &line);
	secret_free(data, size);
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
		                       glo_key_read(key, options->authentication,
		                                    strlen(options->authentication))
		               ? bad_key("--auth-key")
		               : EXIT_OK;
	data = secret_load(path, &size);
	if (!data)
		return say_failure(path, EM_SYSTEM);
	error = glo_key_read(key, data, size);
	secret_free(data, size);
	return error ? bad_key(path) : EXIT_OK;
}

static int add_encryption(struct glo_keyring *ring, const struct key_options *options)
{
	char *variable = getenv("EMTOOL_KEY");
	int status = EXIT_OK;

	if (options->key)
		status = add_key(ring, "--key", options->key);
	else if (options->key_file)
		status = add_file(ring, options->key_file);
	else if (variable && *variable)
		status = add_key(ring, "EMTOOL_KEY", variable);
	if (variable) /* also when the key is not used */
		wipe(variable, strlen(variable));
	return status;
}

int keys_load(struct glo_keyring *ring, const struct key_options *options)
{
	uint8_t key[GLO_KEY];
	int status;

	if (options->key && options->key_file)
		return say_usage("--key and --key-file exclude each other");
	if (options->authentication && options->authentication_file)
		return say_usage("--auth-key and --auth-key-file exclude each other");
	if (options->key || options->authentication || getenv("EMTOOL_KEY"))
		secret_hide(); /* reading a key file does this itself */
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
