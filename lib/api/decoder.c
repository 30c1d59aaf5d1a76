#include "api/api.h"

_Static_assert((int)EMTOOL_REFUSED_CHECKSUM == REFUSED_CHECKSUM &&
                       (int)EMTOOL_REFUSED_WRONG_KEY == REFUSED_WRONG_KEY &&
                       (int)EMTOOL_REFUSED_REPLAY == REFUSED_REPLAY &&
                       (int)EMTOOL_REFUSED_MALFORMED == REFUSED_MALFORMED &&
                       (int)EMTOOL_REFUSED_MALFORMED == REFUSALS - 1,
               "refusals have their public numbers");

const char *emtool_refusal_name(enum emtool_refusal refusal)
{
	return refusal_name((enum refusal)refusal);
}

void api_record(struct emtool_decoder *d, const struct record *r)
{
	if (d->events.record)
		d->events.record(d->events.context, (const struct emtool_record *)r);
}

void api_refused(struct emtool_decoder *d, enum refusal refusal, const char *text)
{
	if (d->events.refused)
		d->events.refused(d->events.context, (enum emtool_refusal)refusal, text);
}

int emtool_feed(struct emtool_decoder *d, const void *data, size_t size, int64_t time)
{
	return size ? d->kind->feed(d, data, size, time) : EMTOOL_OK;
}

int emtool_idle(struct emtool_decoder *d)
{
	return d->kind->idle(d);
}

int emtool_end(struct emtool_decoder *d)
{
	return d->kind->end(d);
}

struct emtool_counts emtool_counts(struct emtool_decoder *d)
{
	return d->kind->counts(d);
}

void emtool_free(struct emtool_decoder *d)
{
	if (d)
		d->kind->free(d);
}
