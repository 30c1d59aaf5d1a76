#include "api/api.h"

/* Both are INT64_MIN today. NOLINTNEXTLINE(misc-redundant-expression) */
_Static_assert(EMTOOL_NO_TIME == INSTANT_NONE, "no time has its public number");

const char *emtool_record_type(const struct emtool_record *r)
{
	return api_inner(r)->type;
}

int64_t emtool_record_time(const struct emtool_record *r)
{
	return api_inner(r)->time;
}

size_t emtool_record_count(const struct emtool_record *r)
{
	return api_inner(r)->count;
}

const struct emtool_value *emtool_record_value(const struct emtool_record *r, size_t index)
{
	const struct record *inner = api_inner(r);

	return index < inner->count ? (const struct emtool_value *)&inner->values[index] : NULL;
}

const struct emtool_value *emtool_record_find(const struct emtool_record *r, const char *name)
{
	return (const struct emtool_value *)record_find(api_inner(r), name);
}

bool emtool_record_number(const struct emtool_record *r, const char *name, double *out)
{
	return emtool_value_number(emtool_record_find(r, name), out);
}
