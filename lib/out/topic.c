#include "out/topic.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "out/device.h"

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

/* U+FFFE, U+FDD0, ...: code points that are none, which brokers refuse as they do control characters. */
static bool is_noncharacter(const unsigned char *p, size_t length)
{
	if (length == 3 && p[0] == 0xEF && p[1] == 0xB7)
		return p[2] >= 0x90 && p[2] <= 0xAF;
	return length >= 3 && p[length - 2] == 0xBF && p[length - 1] >= 0xBE &&
	       (length == 3 ? p[0] == 0xEF : (p[1] & 0x0F) == 0x0F);
}

/* Whether the character at data may stand in a topic, as part of a level. */
static bool fits(const char *data, size_t length)
{
	const unsigned char *p = (const unsigned char *)data;

	if (length <= 1)
		return length && *p > ' ' && !strchr("/+#\x7F", *p);
	return !(p[0] == 0xC2 && p[1] < 0xA0) && !is_noncharacter(p, length);
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
	for (size_t i = start, n; i < out->length; i += n ? n : 1) {
		n = utf8_length(out->data + i, out->length - i);
		if (!fits(out->data + i, n))
			memset(out->data + i, '_', n ? n : 1);
	}
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
