#include "protocol/cosem/dlms.h"

#include "base/error.h"

static int refuse(const char **reason, const char *words)
{
	*reason = words;
	return EM_SYNTAX;
}

static int body_error(const char **reason, int error)
{
	switch (error) {
	case EM_TRUNCATED: return refuse(reason, "the body ends inside a value");
	case EM_RANGE: return refuse(reason, "the body is nested too deep or too long");
	case EM_UNSUPPORTED: *reason = "compact array"; return EM_UNSUPPORTED;
	default: return refuse(reason, "value of an unknown type");
	}
}

int dlms_parse(struct dlms *d, const uint8_t *data, size_t size, const char **reason)
{
	struct reader reader = reader_make(data, size);
	struct layout_body body = {.items = d->items, .book = &d->book, .head = &d->head};
	int count;

	if (notification_read(&d->head, &reader))
		return refuse(reason, "the head of the notification");
	count = axdr_parse(d->items, &reader);
	if (count < 0)
		return body_error(reason, count);
	if (reader_left(&reader))
		return refuse(reason, "bytes after the body");
	if (!axdr_container(&d->items[0]))
		return refuse(reason, "the body is not a structure");
	body.count = (size_t)count;
	code_book_trim(&d->book);
	d->layout = layout_find(&body);
	d->count = layout_collect(d->layout, &body, d->samples);
	return d->count < 0 ? refuse(reason, "list and values do not agree") : 0;
}

bool dlms_is_plausible(const struct dlms *d)
{
	if (!notification_plausible(&d->head))
		return false;
	for (int i = 0; i < d->count; i++) {
		const struct axdr_item *item = d->samples[i].item;

		if (!d->samples[i].code || d->samples[i].code->kind != CODE_IDENTITY ||
		    !axdr_string(item))
			continue;
		for (uint32_t k = 0; k < item->length; k++)
			if (item->data[k] > 0x7E || (item->data[k] && item->data[k] < 0x20))
				return false;
	}
	return true;
}

const struct stamp *dlms_clock(const struct dlms *d)
{
	return d->head.has_time ? &d->head.time : NULL;
}

void dlms_head(const struct dlms *d, struct record *r)
{
	sample_head(d->samples, d->count, &d->head, r);
}

void dlms_values(const struct dlms *d, struct record *r)
{
	sample_values(d->samples, d->count, &d->head, r);
}
