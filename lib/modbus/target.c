#include "modbus/target.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"

static int parse_host(struct modbus_target *out, const char *text,
                      const struct modbus_target_defaults *d)
{
	struct address *a = &out->address;

	if (address_parse(a, text) || strpbrk(text, "?#") || (!*a->host && !d->listen))
		return EM_SYNTAX;
	if (!a->port && !d->listen)
		a->port = d->port ? d->port : 502;
	snprintf(out->name, sizeof out->name, strchr(a->host, ':') ? "[%s]:%u" : "%s:%u", a->host,
	         a->port);
	return 0;
}

static int parse_line(struct modbus_target *out, const char *text)
{
	size_t length = strcspn(text, "?");
	bool automatic = false;

	out->kind = TARGET_SERIAL;
	if (*text != '/' || length < 2 || length >= sizeof out->address.host)
		return EM_SYNTAX;
	memcpy(out->address.host, text, length);
	memcpy(out->name, text, length);
	if (serial_line_parse(&out->line, text[length] ? text + length + 1 : "", &automatic))
		return EM_SYNTAX;
	return automatic ? EM_SYNTAX : 0; /* whoever speaks first has to know the settings */
}

int modbus_target_parse(struct modbus_target *out, const char *text,
                        const struct modbus_target_defaults *defaults)
{
	static const struct modbus_target_defaults none = {0};
	const struct modbus_target_defaults *d = defaults ? defaults : &none;
	bool automatic;

	*out = (struct modbus_target){.kind = TARGET_TCP, .line = {9600, 8, 'E', 1}};
	if (d->line && serial_line_parse(&out->line, d->line, &automatic))
		return EM_SYNTAX;
	if (!strncmp(text, "rtu+tcp://", 10)) {
		out->kind = TARGET_RTU_TCP;
		return parse_host(out, text + 10, d);
	}
	if (!strncmp(text, "serial://", 9))
		return parse_line(out, text + 9);
	if (*text == '/')
		return parse_line(out, text);
	return parse_host(out, strncmp(text, "tcp://", 6) ? text : text + 6, d);
}
