#include "io/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/decimal.h"
#include "base/error.h"
#include "io/lookup.h"

static int parse_port(uint32_t *port, const char *text)
{
	return decimal_whole(port, text, strlen(text), 65535);
}

static int set_host(struct address *out, const char *host, size_t length)
{
	if (length >= sizeof out->host)
		return EM_RANGE;
	memcpy(out->host, host, length);
	out->host[length] = '\0';
	return 0;
}

/* An IPv6 address, perhaps with an interface behind %. */
static int set_v6(struct address *out, const char *host, size_t length)
{
	struct in6_addr bytes;
	char *scope;
	int status = set_host(out, host, length);

	if (status)
		return status;
	scope = strchr(out->host, '%');
	if (scope)
		*scope = '\0';
	if (inet_pton(AF_INET6, out->host, &bytes) != 1)
		return EM_SYNTAX;
	if (scope)
		*scope = '%';
	return 0;
}

int address_parse(struct address *out, const char *text)
{
	const char *colon = strchr(text, ':'), *close;
	int status;

	*out = (struct address){0};
	if (*text == '[') {
		close = strchr(text, ']');
		if (!close || close == text + 1)
			return EM_SYNTAX;
		status = set_v6(out, text + 1, (size_t)(close - text - 1));
		if (status || close[1] == '\0')
			return status;
		return close[1] == ':' ? parse_port(&out->port, close + 2) : EM_SYNTAX;
	}
	if (!*text || strpbrk(text, " /"))
		return EM_SYNTAX;
	if (!colon)
		return set_host(out, text, strlen(text));
	if (strchr(colon + 1, ':'))
		return set_v6(out, text, strlen(text));
	status = set_host(out, text, (size_t)(colon - text));
	return status ? status : parse_port(&out->port, colon + 1);
}

void address_format(char out[ADDRESS_TEXT], const struct sockaddr *address)
{
	char host[INET6_ADDRSTRLEN] = "";

	if (address->sa_family == AF_INET) {
		const struct sockaddr_in *v4 = (const struct sockaddr_in *)(const void *)address;

		inet_ntop(AF_INET, &v4->sin_addr, host, sizeof host);
		snprintf(out, ADDRESS_TEXT, "%s:%u", host, ntohs(v4->sin_port));
	} else if (address->sa_family == AF_INET6) {
		const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)(const void *)address;
		bool mapped = IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr);

		if (mapped)
			inet_ntop(AF_INET, v6->sin6_addr.s6_addr + 12, host, sizeof host);
		else
			inet_ntop(AF_INET6, &v6->sin6_addr, host, sizeof host);
		snprintf(out, ADDRESS_TEXT, mapped ? "%s:%u" : "[%s]:%u", host,
		         ntohs(v6->sin6_port));
	} else {
		strcpy(out, "?");
	}
}

/* Whether a listener at :: gets IPv4 as well on this machine. */
static bool dual_stack(void)
{
	struct sockaddr_in6 any = {.sin6_family = AF_INET6};
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0), only = 1;
	socklen_t size = sizeof only;
	bool both = fd >= 0 && !getsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, &size) && !only &&
	            !bind(fd, (const struct sockaddr *)&any, sizeof any);

	if (fd >= 0)
		close(fd);
	return both;
}

static int resolve(const struct address *address, int flags, const atomic_bool *stop,
                   struct sockaddr_storage *out)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = flags};
	struct addrinfo *found = NULL;
	char port[8];
	int status, error;

	if (address->host[0] == '\0' && flags & AI_PASSIVE)
		hints.ai_family = dual_stack() ? AF_INET6 : AF_INET;
	snprintf(port, sizeof port, "%u", address->port);
	error = lookup_host(*address->host ? address->host : NULL, port, &hints, stop, &status,
	                    &found);
	if (!error && (status || !found))
		error = EM_UNKNOWN;
	if (!error) {
		memset(out, 0, sizeof *out);
		memcpy(out, found->ai_addr, found->ai_addrlen);
	}
	if (found)
		freeaddrinfo(found);
	return error;
}

int address_numeric(const struct address *address, struct sockaddr_storage *out)
{
	return resolve(address, AI_NUMERICHOST, NULL, out);
}

int address_lookup(const struct address *address, const atomic_bool *stop,
                   struct sockaddr_storage *out)
{
	return resolve(address, 0, stop, out);
}

int address_resolve(const struct address *address, bool passive, struct sockaddr_storage *out)
{
	return resolve(address, passive ? AI_PASSIVE : 0, NULL, out);
}
