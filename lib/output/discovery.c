#include "output/discovery.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/news.h"
#include "output/device.h"
#include "output/discovery_text.h"
#include "record/quantity.h"

enum { LISTS = 4096, DEVICES_LIMIT = 10000 };

struct discovery_device {
	char *id;               /* object id of letters, digits and _ */
	char *name;             /* name for people */
	struct text known;      /* component names, each ended by NUL */
	struct text components; /* the JSON of the components, separated by commas */
	bool fresh;
	struct discovery_device *next;
};

struct discovery {
	const char *prefix, *availability;
	bool units;
	discovery_publish *publish;
	void *context;
	pthread_mutex_t lock; /* protects the list, which the thread of the connection also reads */
	struct discovery_device *devices[LISTS]; /* by a hash of the id */
	size_t count;
	bool full;         /* the limit was reached, and a warning said so */
	atomic_bool again; /* the list was in use; publish everything again later */
};

/* The name and the class that a unit has in Home Assistant. */
static const struct class
{
	const char *unit, *as, *device, *state;
} classes[] = {
	{"W", "W", "power", "measurement"},
	{"Wh", "Wh", "energy", "total_increasing"},
	{"V", "V", "voltage", "measurement"},
	{"A", "A", "current", "measurement"},
	{"var", "var", "reactive_power", "measurement"},
	{"varh", "varh", "reactive_energy", "total_increasing"},
	{"VA", "VA", "apparent_power", "measurement"},
	{"VAh", "VAh", NULL, "total_increasing"},
	{"Hz", "Hz", "frequency", "measurement"},
	{"m3", "m³", "volume", "total_increasing"},
	{"J", "J", "energy", "total_increasing"},
	{"degC", "°C", "temperature", "measurement"},
	{"%", "%", NULL, "measurement"},
	{"deg", "°", NULL, "measurement"},
	{"s", "s", "duration", "measurement"},
	{"ms", "ms", "duration", "measurement"},
	{"min", "min", "duration", "measurement"},
	/* the spelling of SunSpec */
	{"C", "°C", "temperature", "measurement"},
	{"Degrees", "°", NULL, "measurement"},
	{"Pct", "%", NULL, "measurement"},
	{"Secs", "s", "duration", "measurement"},
	{"Var", "var", "reactive_power", "measurement"},
	{"Varh", "varh", "reactive_energy", "total_increasing"},
	{"WH", "Wh", "energy", "total_increasing"},
	{"kWh", "kWh", "energy", "total_increasing"},
};

struct discovery *discovery_new(const char *prefix, const char *availability, bool units,
                                discovery_publish *publish, void *context)
{
	struct discovery *d = calloc(1, sizeof *d);

	if (!d)
		return NULL;
	d->prefix = prefix;
	d->availability = availability;
	d->units = units;
	d->publish = publish;
	d->context = context;
	pthread_mutex_init(&d->lock, NULL);
	return d;
}

void discovery_free(struct discovery *d)
{
	for (size_t i = 0; d && i < LISTS; i++) {
		while (d->devices[i]) {
			struct discovery_device *device = d->devices[i];

			d->devices[i] = device->next;
			text_free(&device->known);
			text_free(&device->components);
			free(device->id);
			free(device->name);
			free(device);
		}
	}
	if (d)
		pthread_mutex_destroy(&d->lock);
	free(d);
}

static struct discovery_device **list_of(struct discovery *d, const char *id)
{
	return &d->devices[fnv32(FNV32_START, id, strlen(id)) % LISTS];
}

/* Limits the devices, because a hostile device could fill memory and broker with names. */
static bool has_room(struct discovery *d)
{
	if (d->count < DEVICES_LIMIT)
		return true;
	if (!d->full)
		news(NEWS_WARNING,
		     "%d devices announced to Home Assistant: this is the limit, further ones are left out",
		     DEVICES_LIMIT);
	d->full = true;
	return false;
}

/* Finds or adds the device of a record; NULL when there is no room, or memory is out. */
static struct discovery_device *find_device(struct discovery *d, const struct record *r)
{
	struct text name = {0}, id = {0};
	struct discovery_device *device, **list;

	device_name(&name, r);
	text_puts(&id, "emtool_");
	discovery_id(&id, r->type, strlen(r->type));
	if (name.length)
		text_char(&id, '_');
	discovery_id(&id, name.data, name.length);
	list = list_of(d, text_string(&id));
	for (device = *list; device; device = device->next)
		if (!strcmp(device->id, text_string(&id)))
			break;
	if (!device && !id.failed && !name.failed && has_room(d)) {
		device = calloc(1, sizeof *device);
		if (device) {
			text_string(&id);
			text_string(&name);
			device->id = id.data;
			device->name = name.data;
			device->next = *list;
			*list = device;
			d->count++;
			return device;
		}
	}
	text_free(&id);
	text_free(&name);
	return device;
}

static bool knows(const struct text *known, const char *name, size_t length)
{
	const char *p = known->data, *end = p ? p + known->length : p;

	for (; p < end; p += strlen(p) + 1)
		if (strlen(p) == length && !memcmp(p, name, length))
			return true;
	return false;
}

/*
 * A template for the value. When a record of another kind arrives on the topic, the template
 * returns the old state; for a number without a state it returns nothing, which Home Assistant
 * ignores.
 */
static void put_template(struct text *out, const struct discovery *d, const struct record *r,
                         const struct value *v, bool number)
{
	const struct value *socket = record_find(r, "socket"), *model = record_find(r, "model");
	const struct value *instance = record_find(r, "instance");
	struct text t = {0};

	text_printf(&t, "{{ value_json['%.*s']", v->name_length, v->name);
	if (d->units && (v->unit || v->obis || v->address >= 0))
		text_puts(&t, ".value");
	text_printf(&t, " if value_json['%.*s'] is defined", v->name_length, v->name);
	if (socket && socket->kind == VALUE_DECIMAL) {
		text_puts(&t, " and value_json.socket == ");
		value_plain(&t, socket);
	}
	if (model && model->kind == VALUE_DECIMAL) {
		text_puts(&t, " and value_json.model == ");
		value_plain(&t, model);
		if (instance && instance->kind == VALUE_DECIMAL) {
			text_puts(&t, " and value_json.instance == ");
			value_plain(&t, instance);
		}
	}
	text_printf(&t, " else %s }}", number ? "''" : "this.state");
	discovery_pair(out, "value_template", text_string(&t));
	out->failed = out->failed || t.failed;
	text_free(&t);
}

static void put_class(struct text *out, const char *name, const char *unit)
{
	for (size_t i = 0; unit && i < sizeof classes / sizeof *classes; i++) {
		const struct class *c = &classes[i];
		const char *device = c->device;

		if (strcmp(c->unit, unit))
			continue;
		if (!strcmp(unit, "m3") && (!strncmp(name, "gas", 3) || !strncmp(name, "water", 5)))
			device = *name == 'g' ? "gas" : "water";
		discovery_pair(out, "device_class", device);
		discovery_pair(out, "state_class", c->state);
		discovery_pair(out, "unit_of_measurement", c->as);
		return;
	}
	if (unit && !strcmp(unit, "1")) {
		discovery_pair(out, "device_class", "power_factor");
		discovery_pair(out, "state_class", "measurement");
	} else if (unit) {
		discovery_pair(out, "unit_of_measurement", unit);
		discovery_pair(out, "state_class", "measurement");
	}
}

static void add_component(struct discovery *d, struct discovery_device *device,
                          const struct record *r, const struct value *v, const char *unit,
                          const char *part, const char *topic)
{
	struct text *out = &device->components, id = {0};
	char name[256];

	memcpy(name, v->name, v->name_length);
	name[v->name_length] = '\0';
	if (*part) {
		discovery_id(&id, part, strlen(part));
		text_char(&id, '_');
	}
	discovery_id(&id, name, v->name_length);
	out->failed = out->failed || id.failed;
	if (id.failed || knows(&device->known, id.data, id.length)) {
		text_free(&id);
		return;
	}
	text_add(&device->known, text_string(&id), id.length + 1);
	if (out->length)
		text_char(out, ',');
	text_printf(out, "\"%s\":{\"p\":\"sensor\",\"unique_id\":\"%s_%s\"", id.data, device->id,
	            id.data);
	discovery_label(out, part, name);
	discovery_pair(out, "state_topic", topic);
	put_template(out, d, r, v, unit != NULL);
	put_class(out, name, unit);
	if (!unit)
		discovery_pair(out, "entity_category", "diagnostic");
	text_char(out, '}');
	text_free(&id);
	device->fresh = true;
}

/* When memory is out, the device stays fresh. */
static void publish_device(struct discovery *d, struct discovery_device *device)
{
	struct text topic = {0}, out = {0};
	bool whole;

	text_printf(&topic, "%s/device/%s/config", d->prefix, device->id);
	discovery_head(&out, device->id, device->name, d->availability);
	text_add(&out, device->components.data, device->components.length);
	text_puts(&out, "}}");
	text_string(&topic);
	whole = !topic.failed && !out.failed && !device->components.failed;
	if (whole)
		d->publish(d->context, topic.data, out.data, out.length);
	device->fresh = !whole;
	text_free(&topic);
	text_free(&out);
}

/* Returns the unit; *worth says whether the value becomes a sensor. Frame counters do not. */
static const char *sensor_unit(const struct value *v, bool *worth)
{
	const struct quantity *q = quantity_named(v->name, v->name_length);

	*worth = v->kind < VALUE_LIST && (q || v->unit) &&
	         !(v->name_length == 13 && !memcmp(v->name, "frame_counter", 13));
	return v->unit ? v->unit : q ? q->unit : NULL;
}

int discovery_record(struct discovery *d, const struct record *r, const char *topic)
{
	const struct value *end = r->values + r->count;
	struct text part = {0};
	struct discovery_device *device;
	bool failed;

	if (!strcmp(r->type, "stats"))
		return 0;
	if (atomic_exchange(&d->again, false))
		discovery_repeat(d);
	pthread_mutex_lock(&d->lock);
	device = find_device(d, r);
	device_part(&part, r);
	for (const struct value *v = r->values; device && v < end; v = value_next(r, v)) {
		bool worth;
		const char *unit = v->name ? sensor_unit(v, &worth) : NULL;

		if (v->name && worth)
			add_component(d, device, r, v, unit, text_string(&part), topic);
	}
	if (device && device->fresh)
		publish_device(d, device);
	failed = part.failed ||
	         (device ? device->fresh || device->components.failed || device->known.failed
	                 : !d->full);
	pthread_mutex_unlock(&d->lock);
	text_free(&part);
	return failed ? EM_NO_MEMORY : 0;
}

void discovery_repeat_soon(struct discovery *d)
{
	atomic_store(&d->again, true);
}

/*
 * Does not wait for the lock: its holder may wait for room in the queue that this thread empties.
 */
void discovery_repeat(struct discovery *d)
{
	if (pthread_mutex_trylock(&d->lock)) {
		atomic_store(&d->again, true);
		return;
	}
	for (size_t i = 0; i < LISTS; i++)
		for (struct discovery_device *device = d->devices[i]; device; device = device->next)
			publish_device(d, device);
	pthread_mutex_unlock(&d->lock);
}
