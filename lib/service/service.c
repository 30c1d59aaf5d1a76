#include "service/service.h"

#include <stdio.h>

#include "base/error.h"

int service_address(struct address *out, const char *text, char *problem, size_t size)
{
	if (!address_parse(out, text) && out->port)
		return 0;
	snprintf(problem, size, "needs an address and a port, as 0.0.0.0:2001");
	return EM_SYNTAX;
}
