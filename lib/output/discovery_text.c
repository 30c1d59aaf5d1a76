#include "output/discovery_text.h"

#include "base/version.h"

void discovery_id(struct text *out, const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		char c = text[i];
		bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		             (c >= '0' && c <= '9');

		text_char(out, plain ? c : '_');
	}
}

void discovery_pair(struct text *out, const char *name, const char *value)
{
	if (!value)
		return;
	text_printf(out, ",\"%s\":", name);
	text_json(out, value, strlen(value));
}

void discovery_label(struct text *out, const char *part, const char *name)
{
	struct text t = {0};

	text_puts(&t, part);
	if (*part)
		text_char(&t, ' ');
	text_puts(&t, name);
	for (size_t i = 0; i < t.length; i++)
		if (t.data[i] == '_')
			t.data[i] = ' ';
	if (t.length && t.data[0] >= 'a' && t.data[0] <= 'z')
		t.data[0] = (char)(t.data[0] - 'a' + 'A');
	discovery_pair(out, "name", text_string(&t));
	out->failed = out->failed || t.failed;
	text_free(&t);
}

void discovery_head(struct text *out, const char *device, const char *name,
                    const char *availability)
{
	name = *name ? name : device;
	text_printf(out, "{\"dev\":{\"ids\":[\"%s\"],\"name\":", device);
	text_json(out, name, strlen(name));
	text_printf(out, "},\"o\":{\"name\":\"emtool\",\"sw\":\"%s\"}", version_text());
	discovery_pair(out, "availability_topic", availability);
	text_puts(out, ",\"qos\":1,\"cmps\":{");
}
