#include "modbus/target.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"

struct target_form {
	const char *prefix;
	enum modbus_carrier carrier;
	enum modbus_framing framing;
	bool listen; /* only to listen at */
};

static const struct target_form target_forms[] = {
	{"tcp://", MODBUS_OVER_TCP, MODBUS_MBAP, false},
	{"rtu+tcp://", MODBUS_OVER_TCP, MODBUS_RTU, false},
	{"ascii+tcp://", MODBUS_OVER_TCP, MODBUS_ASCII, false},
	{"udp://", MODBUS_OVER_UDP, MODBUS_MBAP, false},
	{"serial://", MODBUS_OVER_SERIAL, MODBUS_RTU, false},
	{"tcp-listen://", MODBUS_OVER_TCP, MODBUS_MBAP, true},
	{"rtu+tcp-listen://", MODBUS_OVER_TCP, MODBUS_RTU, true},
	{"ascii+tcp-listen://", MODBUS_OVER_TCP, MODBUS_ASCII, true},
};

static int parse_host(struct modbus_target *out, const char *text,
                      const struct modbus_target_defaults *d)
{
	struct address *a = &out->address;

	if (d->listen && text[strspn(text, "0123456789")] == '\0' && *text)
		return EM_SYNTAX; /* a port alone would be taken for a host */
	if (address_parse(a, text) || strpbrk(text, "?#") || (!*a->host && !d->listen))
		return EM_SYNTAX;
	if (!a->port && !d->listen)
		a->port = d->port ? d->port : 502;
	if (!*a->host && d->host)
		snprintf(a->host, sizeof a->host, "%s", d->host);
	snprintf(out->name, sizeof out->name, strchr(a->host, ':') ? "[%s]:%u" : "%s:%u", a->host,
	         a->port);
	return 0;
}

/* Takes protocol=rtu|ascii out of a query; the rest are settings of the line. */
static int take_protocol(enum modbus_framing *framing, char *query)
{
	char *p = query, *end;

	while (*p && strncmp(p, "protocol=", 9) != 0) {
		p += strcspn(p, "&");
		p += *p == '&';
	}
	if (!*p)
		return 0;
	end = p + strcspn(p, "&");
	if (end - p == 12 && !memcmp(p + 9, "rtu", 3))
		*framing = MODBUS_RTU;
	else if (end - p == 14 && !memcmp(p + 9, "ascii", 5))
		*framing = MODBUS_ASCII;
	else
		return EM_SYNTAX;
	end += *end == '&';
	memmove(p, end, strlen(end) + 1);
	return 0;
}

static int parse_line(struct modbus_target *out, const char *text)
{
	size_t length = strcspn(text, "?");
	bool automatic = false;
	char query[128];

	if (*text != '/' || length < 2 || length >= sizeof out->address.host ||
	    strlen(text + length) >= sizeof query)
		return EM_SYNTAX;
	memcpy(out->address.host, text, length);
	memcpy(out->name, text, length);
	strcpy(query, text[length] ? text + length + 1 : "");
	if (take_protocol(&out->framing, query) || serial_line_parse(&out->line, query, &automatic))
		return EM_SYNTAX;
	return automatic ? EM_SYNTAX : 0; /* the active side cannot detect the settings */
}

/* The form of a text; *rest is the part after its prefix. */
static const struct target_form *form_of(const char *text, bool listen, const char **rest)
{
	static const struct target_form host = {"", MODBUS_OVER_TCP, MODBUS_MBAP, false};
	static const struct target_form path = {"", MODBUS_OVER_SERIAL, MODBUS_RTU, false};

	for (size_t i = 0; i < sizeof target_forms / sizeof *target_forms; i++) {
		const struct target_form *form = &target_forms[i];
		size_t length = strlen(form->prefix);

		if (strncmp(text, form->prefix, length) || (form->listen && !listen))
			continue;
		*rest = text + length;
		return form;
	}
	*rest = text;
	return *text == '/' ? &path : &host;
}

int modbus_target_parse(struct modbus_target *out, const char *text,
                        const struct modbus_target_defaults *defaults)
{
	static const struct modbus_target_defaults none = {0};
	const struct modbus_target_defaults *d = defaults ? defaults : &none;
	const struct target_form *form = form_of(text, d->listen, &text);
	bool automatic;
	int error;

	*out = (struct modbus_target){
		.carrier = form->carrier, .framing = form->framing, .line = {9600, 8, 'E', 1}};
	if (d->line && serial_line_parse(&out->line, d->line, &automatic))
		return EM_SYNTAX;
	error = form->carrier == MODBUS_OVER_SERIAL ? parse_line(out, text)
	                                            : parse_host(out, text, d);
	if (!error && (out->framing == MODBUS_ASCII || out->carrier == MODBUS_OVER_UDP))
		error = EM_UNSUPPORTED;
	return error;
}

const char *modbus_target_problem(int error, bool listen)
{
	if (error == EM_UNSUPPORTED)
		return "is Modbus ASCII or Modbus over UDP, which is not supported yet";
	return listen ? "is no ADDR:PORT and no serial line; a port alone is :PORT"
	              : "is no HOST[:PORT] and no serial line";
}

const char *modbus_target_of_url(const char *url, size_t *scheme)
{
	const char *colon = strstr(url, "://"), *plus = strchr(url, '+');

	if (!colon || colon == url || plus == url)
		return NULL;
	if (plus && plus < colon) {
		*scheme = (size_t)(plus - url);
		return plus + 1;
	}
	*scheme = (size_t)(colon - url);
	return strstr(colon + 3, "://") ? NULL : colon + 3;
}
