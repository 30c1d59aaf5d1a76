#include "output/discovery_controls.h"

#include "output/discovery_text.h"

/* The topics make it unique: emtool_control_house_car */
static void put_object(struct text *out, const struct discovery_controls *d)
{
	text_puts(out, "emtool_control_");
	discovery_id(out, d->topics, strlen(d->topics));
}

static void put_topic(struct text *out, const struct discovery_controls *d, const char *name,
                      const char *key, const char *end)
{
	struct text topic = {0};

	text_printf(&topic, "%s/%s%s", d->topics, name, end);
	discovery_pair(out, key, text_string(&topic));
	out->failed = out->failed || topic.failed;
	text_free(&topic);
}

static void put_decimal(struct text *out, const char *name, struct decimal value)
{
	text_printf(out, ",\"%s\":", name);
	text_decimal(out, value);
}

static void put_number(struct text *out, const struct discovery_control *row)
{
	put_decimal(out, "min", row->least);
	put_decimal(out, "max", row->most);
	put_decimal(out, "step", row->step);
	discovery_pair(out, "device_class", row->class);
	discovery_pair(out, "unit_of_measurement", row->unit);
	discovery_pair(out, "payload_reset", row->reset);
}

static void put_options(struct text *out, const char *const *options)
{
	text_puts(out, ",\"options\":[");
	for (size_t i = 0; options[i]; i++) {
		if (i)
			text_char(out, ',');
		text_json(out, options[i], strlen(options[i]));
	}
	text_char(out, ']');
}

static void put_control(struct text *out, const struct discovery_controls *d,
                        const struct discovery_control *row)
{
	text_printf(out, "\"%s\":{\"p\":\"%s\",\"unique_id\":\"", row->name, row->platform);
	put_object(out, d);
	text_printf(out, "_%s\"", row->name);
	discovery_label(out, "", row->name);
	put_topic(out, d, row->name, "state_topic", "");
	put_topic(out, d, row->name, "command_topic", "/set");
	if (row->unit)
		put_number(out, row);
	if (row->options)
		put_options(out, row->options);
	text_char(out, '}');
}

void discovery_controls(const struct discovery_controls *d, struct text *topic,
                        struct text *payload)
{
	text_printf(topic, "%s/device/", d->prefix);
	put_object(topic, d);
	text_puts(topic, "/config");
	discovery_head(payload, d->device, "", d->availability);
	for (size_t i = 0; i < d->count; i++) {
		if (i)
			text_char(payload, ',');
		put_control(payload, d, &d->rows[i]);
	}
	text_puts(payload, "}}");
}
