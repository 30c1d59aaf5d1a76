/*
 * URLs of brokers and databases: scheme://[user@]host[:port]/path[?name=value&...]. All parts are
 * percent-decoded and live in one allocation that url_free() gives back. A password in the URL is
 * refused: arguments are visible to every user of the machine.
 */
#ifndef BASE_URL_H
#define BASE_URL_H

#include <stdbool.h>
#include <stddef.h>

enum { URL_OPTIONS = 12 };

struct url {
	const char *scheme; /* "mqtt" */
	const char *user;   /* NULL when there is none */
	const char *host;   /* without the brackets of an IPv6 address; "" when there is none */
	const char *path;   /* without its leading slash; "" when there is none */
	int port;           /* 0 when there is none */
	struct {
		const char *name, *value; /* value: "" when there is only a name */
	} options[URL_OPTIONS];
	size_t option_count;
	char *store;
};

/*
 * Reads the whole text. EM_SYNTAX when it is no such URL, EM_UNSUPPORTED when it contains a
 * password, EM_NO_MEMORY.
 */
int url_parse(struct url *u, const char *text);

/* The value of an option, or NULL when it is not given. */
const char *url_option(const struct url *u, const char *name);

/* Whether an option is given and is neither "0" nor "no". */
bool url_flag(const struct url *u, const char *name);

/* The first option that is not in `known` ("ca|client|version"), or NULL. */
const char *url_unknown_option(const struct url *u, const char *known);

void url_free(struct url *u);

#endif
