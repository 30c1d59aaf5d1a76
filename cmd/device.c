/* A command per line of device/devices.def, all with the same verbs. */
#include "cmd/device.h"
#include "cmd/say.h"

#define FIELD(name) offsetof(struct device_options, name)

static const struct option_row retry_options[] = {
	{"retries", 0, OPTION_INT, FIELD(retries), "N", "further attempts when no answer comes",
	 .max = 20},
	{0}};

static const struct option_row place_options[] = {
	{"socket", 's', OPTION_INT, FIELD(socket), "N", "that socket only, from 1 (alfen)", .min = 1,
	 .max = 2},
	{"unit", 'u', OPTION_INT, FIELD(unit), "N", "Modbus unit of the device (abb)", .max = 255},
	{0}};

static const struct option_row hold_options[] = {
	{"hold", 0, OPTION_FLAG, FIELD(hold), NULL, "write again before the value expires, until ended"},
	{0}};

static const struct device_options defaults = {
	.reading = {.format = "text", .color = "auto", .timeout = 2}, .unit = -1, .retries = 2};

/* A device has sockets or a unit, not both. */
static int usage(const struct device *d, const struct device_options *o)
{
	if (o->unit >= 0 && !d->unit_option)
		return say_usage("--unit: the units of this device are fixed");
	if (o->socket > d->sockets)
		return say_usage("--socket: this device has %d", d->sockets);
	return 0;
}

#define READING_TABLES printing_options, polling_options, retry_options, place_options
static const struct option_row *const read_tables[] = {READING_TABLES, NULL};
static const struct option_row *const set_tables[] = {READING_TABLES, hold_options, NULL};
static const struct option_row *const table_tables[] = {printing_options, NULL};

#define VERB(dev, verb, call)                                              \
	static int dev##_##verb(void *options, int count, char **arguments)  \
	{                                                                       \
		const struct device *d = &dev##_device;                      \
		const struct device_options *o = options;                       \
		int wrong = usage(d, o);                                        \
                                                                                \
		(void)count;                                                    \
		(void)arguments;                                                \
		return wrong ? wrong : call;                                    \
	}

#define LEAF(dev, verb, about, form, least, most, tables)                       \
	static const struct command dev##_##verb##_verb = {                        \
		.name = #verb, .summary = about, .arguments = form, .arguments_min = least, \
		.arguments_max = most, .options = tables, .size = sizeof defaults,      \
		.defaults = &defaults, .run = dev##_##verb};

#define DEVICE(name, about)                                                                    \
	VERB(name, dump, device_dump(d, o, arguments))                                            \
	VERB(name, get, device_get(d, o, count, arguments))                                       \
	VERB(name, set, device_set(d, o, count, arguments))                                       \
	VERB(name, watch, device_watch(d, o, arguments))                                          \
	VERB(name, registers, device_registers(d, o))                                             \
	LEAF(name, dump, "print every register", "HOST[:PORT]", 1, 1, read_tables)                \
	LEAF(name, get, "print some registers", "HOST[:PORT] NAME...", 2, -1, read_tables)        \
	LEAF(name, set, "write registers and read them back", "HOST[:PORT] NAME=VALUE...", 2, -1, \
	     set_tables)                                                                          \
	LEAF(name, watch, "a record per interval, changes marked", "HOST[:PORT]", 1, 1,           \
	     read_tables)                                                                         \
	LEAF(name, registers, "print the register table", "", 0, 0, table_tables)                 \
	static const struct command *const name##_verbs[] = {                                     \
		&name##_dump_verb, &name##_get_verb, &name##_set_verb, &name##_watch_verb,         \
		&name##_registers_verb, NULL};
#include "device/devices.def"
#undef DEVICE

#define DEVICE(title, about)                                                      \
	const struct command title##_command = {.name = #title, .summary = about, \
	                                        .arguments = "", .verbs = title##_verbs};
#include "device/devices.def"
#undef DEVICE
