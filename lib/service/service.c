#include "service/service.h"

#include <stdio.h>
#include <uv.h>

#include "base/error.h"
#include "io/address.h"

int service_address(struct sockaddr_storage *out, const char *text, char *problem, size_t size)
{
	struct address address;

	if (!address_parse(&address, text) && address.port && !address_resolve(&address, true, out))
		return 0;
	snprintf(problem, size, "needs an address and a port, as 0.0.0.0:2001");
	return EM_SYNTAX;
}

int service_failed(int error, char *problem, size_t size)
{
	snprintf(problem, size, "%s", error_text(error));
	return error;
}

int service_unable(int status, char *problem, size_t size)
{
	snprintf(problem, size, "%s", uv_strerror(status));
	return EM_SYSTEM;
}
