#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/decimal.h"
#include "base/error.h"
#include "mqtt/connection.h"
#include "host/secret.h"

static int number(const char *text, int otherwise, uint32_t most)
{
	uint32_t n;

	if (!text)
		return otherwise;
	return decimal_whole(&n, text, strlen(text), most) || !n ? -1 : (int)n;
}

static int read_version(const char *text)
{
	if (!text || !strcmp(text, "3.1.1") || !strcmp(text, "3") || !strcmp(text, "4"))
		return 3;
	return !strcmp(text, "5") || !strcmp(text, "5.0") ? 5 : -1;
}

static int read_password(struct mqtt_settings *s, char password[256], char *problem, size_t size)
{
	const char *file;
	int error = secret_read("EMTOOL_MQTT_PASSWORD", password, 256, &file);

	if (error == EM_UNKNOWN)
		return 0;
	if (error) {
		snprintf(problem, size, "%s: %s", file,
		         error == EM_SYSTEM ? strerror(errno) : error_text(error));
		return error;
	}
	s->password = password;
	return 0;
}

int mqtt_settings(struct mqtt_settings *s, const struct url *u, char password[256], char *problem,
                  size_t size)
{
	*s = (struct mqtt_settings){
		.host = u->host,
		.user = u->user ? u->user : getenv("EMTOOL_MQTT_USER"),
		.tls = !strcmp(u->scheme, "mqtts"),
		.insecure = url_flag(u, "insecure"),
		.ca = url_option(u, "ca"),
		.cert = url_option(u, "cert"),
		.key = url_option(u, "key"),
		.client = url_option(u, "client"),
		.session = url_flag(u, "session"),
		.version = read_version(url_option(u, "version")),
		.keepalive = number(url_option(u, "keepalive"), 30, 65535),
	};
	if (s->key)
		secret_hide(); /* the library reads it later */
	s->port = u->port ? u->port : s->tls ? 8883 : 1883;
	if (!*s->host) {
		snprintf(problem, size, "no host in the URL");
		return EM_SYNTAX;
	}
	if (s->version < 0 || s->keepalive < 0) {
		snprintf(problem, size, "%s",
		         s->version < 0 ? "version must be 3.1.1 or 5"
		                        : "keepalive must be 1 to 65535 seconds");
		return EM_RANGE;
	}
	if (s->session && !s->client) {
		snprintf(problem, size, "session=1 also needs client=NAME");
		return EM_SYNTAX;
	}
	return read_password(s, password, problem, size);
}
