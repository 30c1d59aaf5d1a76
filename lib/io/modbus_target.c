#include "io/modbus_target.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

static bool port_valid(const char *digits, size_t length, bool any)
{
	return length >= 1 && length <= 5 && strspn(digits, "0123456789") >= length &&
	       atol(digits) >= !any && atol(digits) <= 65535;
}

static bool mode_valid(const char *mode, size_t length)
{
	return length == 3 && strchr("5678", mode[0]) && strchr("NEO", mode[1]) &&
	       strchr("12", mode[2]);
}

/* `HOST`, `HOST:PORT`, `[V6]`, `[V6]:PORT`, or a bare V6 address: one with several colons. */
static int parse_host(struct modbus_target *out, const char *text,
                      const struct modbus_target_defaults *d)
{
	const char *host = text, *end, *colon;

	if (*text == '[') {
		host = text + 1;
		end = strchr(host, ']');
		if (!end || (end[1] && end[1] != ':'))
			return EM_SYNTAX;
		colon = end[1] ? end + 1 : NULL;
	} else {
		colon = strchr(text, ':');
		if (colon && strchr(colon + 1, ':'))
			colon = NULL;
		end = colon ? colon : text + strlen(text);
	}
	if (end == host || (size_t)(end - host) >= sizeof out->host || strpbrk(text, "/?# "))
		return EM_SYNTAX;
	if (colon && !port_valid(colon + 1, strlen(colon + 1), d->any_port))
		return EM_SYNTAX;
	memcpy(out->host, host, (size_t)(end - host));
	if (colon)
		snprintf(out->service, sizeof out->service, "%.5s", colon + 1);
	else
		snprintf(out->service, sizeof out->service, "%u", d->port ? d->port : 502u);
	snprintf(out->name, sizeof out->name, strchr(out->host, ':') ? "[%s]:%s" : "%s:%s",
	         out->host, out->service);
	return 0;
}

/* `baud=N&mode=8E1`, in any order */
static int parse_line(struct modbus_target *out, const char *query)
{
	while (*query) {
		size_t length = strcspn(query, "&");

		if (!strncmp(query, "baud=", 5) && length > 5 && length < 13 &&
		    strspn(query + 5, "0123456789") == length - 5)
			out->baud = atoi(query + 5);
		else if (!strncmp(query, "mode=", 5) && mode_valid(query + 5, length - 5))
			snprintf(out->mode, sizeof out->mode, "%.3s", query + 5);
		else
			return EM_SYNTAX;
		query += length;
		query += *query == '&';
	}
	return out->baud > 0 ? 0 : EM_SYNTAX;
}

static int parse_serial(struct modbus_target *out, const char *text)
{
	size_t length = strcspn(text, "?");

	out->kind = TARGET_SERIAL;
	if (*text != '/' || length < 2 || length >= sizeof out->host)
		return EM_SYNTAX;
	memcpy(out->host, text, length);
	memcpy(out->name, text, length);
	return parse_line(out, text[length] ? text + length + 1 : "");
}

int modbus_target_parse(struct modbus_target *out, const char *text,
                        const struct modbus_target_defaults *defaults)
{
	static const struct modbus_target_defaults none = {0};
	const struct modbus_target_defaults *d = defaults ? defaults : &none;

	*out = (struct modbus_target){.kind = TARGET_TCP, .baud = d->baud ? d->baud : 9600};
	snprintf(out->mode, sizeof out->mode, "%s", d->mode ? d->mode : "8E1");
	if (!strncmp(text, "tcp://", 6))
		return parse_host(out, text + 6, d);
	if (!strncmp(text, "rtu+tcp://", 10)) {
		out->kind = TARGET_RTU_TCP;
		return parse_host(out, text + 10, d);
	}
	if (!strncmp(text, "serial://", 9))
		return parse_serial(out, text + 9);
	if (*text == '/')
		return parse_serial(out, text);
	return parse_host(out, text, d);
}
