#include "record/json.h"

#include <string.h>

#include "api/api.h"

size_t emtool_record_json(const struct emtool_record *r, unsigned flags, char *buffer, size_t size)
{
	struct text out = {0};
	size_t length = 0;

	record_json(&out, api_inner(r), flags & EMTOOL_JSON_UNITS);
	if (!out.failed && !api_inner(r)->failed)
		length = out.length;
	if (size) {
		size_t fits = length < size ? length : size - 1;

		if (fits)
			memcpy(buffer, out.data, fits);
		buffer[fits] = '\0';
	}
	text_free(&out);
	return length;
}

int emtool_record_json_write(const struct emtool_record *r, unsigned flags,
                             void (*write)(void *context, const char *data, size_t size),
                             void *context)
{
	struct text out = {0};
	int error;

	record_json(&out, api_inner(r), flags & EMTOOL_JSON_UNITS);
	error = out.failed || api_inner(r)->failed ? EMTOOL_NO_MEMORY : EMTOOL_OK;
	if (!error)
		write(context, out.data, out.length);
	text_free(&out);
	return error;
}
