#include "output/topic.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "output/device.h"

enum { KEY_LIMIT = 256 }; /* longest value in a topic, in bytes */

int topic_check(const char *topic)
{
	bool inside = false;

	if (!*topic || *topic == '/' || strpbrk(topic, "+#"))
		return EM_SYNTAX;
	for (const char *p = topic; *p; p++) {
		if (*p == '[' || *p == ']') {
			if (inside != (*p == ']') || (*p == ']' && p[-1] == '['))
				return EM_SYNTAX;
			inside = *p == '[';
		}
	}
	return inside ? EM_SYNTAX : 0;
}

/*
 * A value of a device must stay within its level of the topic. It therefore has no separators and
 * wildcards, no characters that a broker refuses, and no `$` in front, which marks topics of the
 * broker.
 */
static void clean(struct text *out, size_t start)
{
	size_t length;

	if (out->length - start > KEY_LIMIT)
		out->length = start + KEY_LIMIT;
	if (!start && out->length && *out->data == '$')
		*out->data = '_';
	for (size_t i = start; i < out->length; i += length) {
		length = utf8_length(out->data + i, out->length - i);
		if (length > 1 && !utf8_unseen(out->data + i, length))
			continue;
		if (length != 1 || (unsigned char)out->data[i] <= ' ' ||
		    strchr("/+#\x7F", out->data[i])) {
			length = length ? length : 1;
			memset(out->data + i, '_', length);
		}
	}
}

static void put_key(struct text *out, const char *key, size_t length, const struct record *r)
{
	char name[256]; /* no value has a longer one */
	size_t start = out->length;
	const struct value *v;

	snprintf(name, sizeof name, "%.*s", (int)length, key);
	v = record_find(r, name);
	if (!strcmp(name, "type"))
		text_puts(out, r->type);
	else if (!strcmp(name, "source") && r->source)
		text_puts(out, r->source);
	else if (v)
		value_plain(out, v);
	if (out->length == start)
		text_puts(out, "unknown");
	clean(out, start);
}

void topic_expand(struct text *out, const char *topic, const struct record *r)
{
	while (*topic) {
		size_t plain = strcspn(topic, "["), key;

		text_add(out, topic, plain);
		topic += plain;
		if (!*topic)
			break;
		key = strcspn(++topic, "]");
		put_key(out, topic, key, r);
		topic += key + (topic[key] == ']');
	}
}

void topic_root(struct text *out, const char *topic)
{
	size_t length = strcspn(topic, "[");

	if (topic[length])
		while (length && topic[length - 1] != '/')
			length--;
	while (length && topic[length - 1] == '/')
		length--;
	text_add(out, topic, length);
	if (!length)
		text_puts(out, "emtool");
}
