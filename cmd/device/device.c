/* The commands of devices: one per line of device/devices.def, all with the same verbs. */
#include "cmd/device/device.h"

#define FIELD(name) offsetof(struct device_options, name)

/* clang-format off */
static const struct option_row retry_options[] = {
	{"retries", 0, OPTION_INT, FIELD(retries), "N", "further attempts when the device does not answer",
	 .max = 20},
	{0}};

static const struct option_row socket_options[] = {
	{"socket", 's', OPTION_INT, FIELD(socket), "N", "only this socket, from 1", .min = 1, .max = 2},
	{0}};
/* clang-format on */

static const struct option_row unit_options[] = {
	{"unit", 'u', OPTION_INT, FIELD(unit), "N", "Modbus unit of the device", .max = 255}, {0}};

static const struct option_row hold_options[] = {
	{"hold", 0, OPTION_FLAG, FIELD(hold), NULL,
         "write again before the value expires, until the command is stopped"},
	{0}};

static const struct device_options defaults = {
	.reading = {.format = "text", .color = "auto", .timeout = 2}, .unit = -1, .retries = 2};

#define READING_TABLES printing_options, polling_options, retry_options
static const struct option_row *const socket_read[] = {READING_TABLES, socket_options, NULL};
static const struct option_row *const socket_set[] = {READING_TABLES, socket_options, hold_options,
                                                      NULL};
static const struct option_row *const unit_read[] = {READING_TABLES, unit_options, NULL};
static const struct option_row *const unit_set[] = {READING_TABLES, unit_options, hold_options,
                                                    NULL};
static const struct option_row *const table_only[] = {printing_options, NULL};

#define VERB(dev, verb, call)                                               \
	static int dev##_##verb(void *options, int count, char **arguments) \
	{                                                                   \
		const struct device *d = &dev##_device;                     \
		const struct device_options *o = options;                   \
                                                                            \
		(void)count;                                                \
		(void)arguments;                                            \
		return call;                                                \
	}

/* clang-format off */
#define LEAF(dev, verb, about, form, least, most, tables, words)                \
	static const struct command dev##_##verb##_verb = {                        \
		.name = #verb, .summary = about, .arguments = form, .arguments_min = least, \
		.arguments_max = most, .options = tables, .size = sizeof defaults,      \
		.defaults = &defaults, .run = dev##_##verb, .offer = words};
/* clang-format on */

/* The names of the rows that can be read. */
static bool offer_readable(const struct device *d, struct text *out, size_t index)
{
	for (size_t i = 0; i < d->count; i++) {
		if (!(d->rows[i].access & ACCESS_R) || index--)
			continue;
		text_puts(out, d->rows[i].name);
		return true;
	}
	return false;
}

/* NAME= of the rows that can be written, or NAME=WORD for each of their words. */
static bool offer_writable(const struct device *d, struct text *out, size_t index)
{
	for (size_t i = 0; i < d->count; i++) {
		const struct device_register *row = &d->rows[i];
		size_t words = 0, offers;

		while (row->words && row->words[words].word)
			words++;
		offers = !(row->access & ACCESS_W) ? 0 : words ? words : 1;
		if (index < offers) {
			text_printf(out, "%s=%s", row->name, words ? row->words[index].word : "");
			return true;
		}
		index -= offers;
	}
	return false;
}

#define OFFER(dev, verb, list)                                           \
	static bool dev##_##verb##_offer(struct text *out, size_t index) \
	{                                                                \
		return list(&dev##_device, out, index);                  \
	}

#define DEVICE(name, about, choice)      \
	OFFER(name, get, offer_readable) \
	OFFER(name, set, offer_writable)
#include "device/devices.def"
#undef DEVICE

#define DEVICE(name, about, choice)                                                               \
	VERB(name, dump, device_dump(d, o, arguments))                                            \
	VERB(name, get, device_get(d, o, count, arguments))                                       \
	VERB(name, set, device_set(d, o, count, arguments))                                       \
	VERB(name, watch, device_watch(d, o, arguments))                                          \
	VERB(name, registers, device_registers(d, o))                                             \
	LEAF(name, dump, "print every register", "HOST[:PORT]", 1, 1, choice##_read, NULL)        \
	LEAF(name, get, "print some registers", "HOST[:PORT] NAME...", 2, -1, choice##_read,      \
	     name##_get_offer)                                                                    \
	LEAF(name, set, "write registers and read them back", "HOST[:PORT] NAME=VALUE...", 2, -1, \
	     choice##_set, name##_set_offer)                                                      \
	LEAF(name, watch, "print a record per interval and mark changes", "HOST[:PORT]", 1, 1,    \
	     choice##_read, NULL)                                                                 \
	LEAF(name, registers, "print the register table", "", 0, 0, table_only, NULL)             \
	static const struct command *const name##_verbs[] = {                                     \
		&name##_dump_verb,  &name##_get_verb,       &name##_set_verb,                     \
		&name##_watch_verb, &name##_registers_verb, NULL};
#include "device/devices.def"
#undef DEVICE

#define DEVICE(title, about, choice)             \
	const struct command title##_command = { \
		.name = #title, .summary = about, .arguments = "", .verbs = title##_verbs};
#include "device/devices.def"
#undef DEVICE
