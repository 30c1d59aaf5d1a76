#include "base/url.h"

#include <stdlib.h>
#include <string.h>

#include "base/decimal.h"
#include "base/error.h"
#include "base/hex.h"

/* Decodes in place; false for a broken escape or an encoded NUL. */
static bool decode(char *text)
{
	char *out = text;

	for (char *p = text; *p; p++, out++) {
		int high, low;

		if (*p != '%') {
			*out = *p;
			continue;
		}
		high = hex_digit(p[1]);
		low = high < 0 ? -1 : hex_digit(p[2]);
		if (low < 0 || high * 16 + low == 0)
			return false;
		*out = (char)(high * 16 + low);
		p += 2;
	}
	*out = '\0';
	return true;
}

static int parse_port(struct url *u, const char *text)
{
	uint32_t port;

	if (decimal_whole(&port, text, strlen(text), 65535) || !port)
		return EM_SYNTAX;
	u->port = (int)port;
	return 0;
}

/* host, host:port, [v6], [v6]:port */
static int parse_host(struct url *u, char *host)
{
	char *end;

	if (*host == '[') {
		end = strchr(++host, ']');
		if (!end)
			return EM_SYNTAX;
		*end++ = '\0';
		if (*end && *end != ':')
			return EM_SYNTAX;
	} else {
		end = strchr(host, ':');
	}
	u->host = host;
	if (!end || !*end)
		return decode(host) ? 0 : EM_SYNTAX;
	*end++ = '\0';
	return decode(host) ? parse_port(u, end) : EM_SYNTAX;
}

static int parse_options(struct url *u, char *text)
{
	while (text && *text) {
		char *next = strchr(text, '&'), *value;

		if (next)
			*next++ = '\0';
		if (u->option_count == URL_OPTIONS)
			return EM_RANGE;
		value = strchr(text, '=');
		if (value)
			*value++ = '\0';
		else
			value = text + strlen(text);
		if (!decode(text) || !decode(value))
			return EM_SYNTAX;
		u->options[u->option_count].name = text;
		u->options[u->option_count++].value = value;
		text = next;
	}
	return 0;
}

static int parse_authority(struct url *u, char *text)
{
	char *at = strrchr(text, '@');

	if (at) {
		*at++ = '\0';
		if (strchr(text, ':'))
			return EM_UNSUPPORTED;
		if (!decode(text))
			return EM_SYNTAX;
		u->user = text;
		text = at;
	}
	return parse_host(u, text);
}

int url_parse(struct url *u, const char *text)
{
	const char *colon = strstr(text, "://");
	char *authority, *path, *query;
	int error;

	*u = (struct url){.path = "", .host = ""};
	if (!colon || colon == text)
		return EM_SYNTAX;
	u->store = malloc(strlen(text) + 1);
	if (!u->store)
		return EM_NO_MEMORY;
	strcpy(u->store, text);
	u->scheme = u->store;
	u->store[colon - text] = '\0';
	authority = u->store + (colon - text) + 3;
	query = strchr(authority, '?');
	if (query)
		*query++ = '\0';
	path = strchr(authority, '/');
	if (path) {
		*path++ = '\0';
		u->path = path;
	}
	error = path && !decode(path) ? EM_SYNTAX : parse_authority(u, authority);
	if (!error)
		error = parse_options(u, query);
	if (error)
		url_free(u);
	return error;
}

const char *url_option(const struct url *u, const char *name)
{
	for (size_t i = 0; i < u->option_count; i++)
		if (!strcmp(u->options[i].name, name))
			return u->options[i].value;
	return NULL;
}

bool url_flag(const struct url *u, const char *name)
{
	const char *value = url_option(u, name);

	return value && strcmp(value, "0") && strcmp(value, "no");
}

static bool listed(const char *name, const char *known)
{
	size_t length = strlen(name);

	for (const char *p = known; p; p = strchr(p, '|')) {
		p += *p == '|';
		if (!strncmp(p, name, length) && (p[length] == '|' || !p[length]))
			return true;
	}
	return false;
}

const char *url_unknown_option(const struct url *u, const char *known)
{
	for (size_t i = 0; i < u->option_count; i++)
		if (!listed(u->options[i].name, known))
			return u->options[i].name;
	return NULL;
}

void url_free(struct url *u)
{
	free(u->store);
	*u = (struct url){.path = "", .host = ""};
}
