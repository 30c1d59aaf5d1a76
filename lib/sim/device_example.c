/* The values of a simulated device at the start. */
#include "sim/device.h"

#include <string.h>

#include "base/error.h"
#include "base/hex.h"
#include "device/registers.h"

/* `#0123ABCD`: the registers as hex digits, for values that are not numbers */
static int raw_words(const struct device_register *row, const char *hex, uint16_t *words)
{
	if (strlen(hex) != 4u * row->count)
		return EM_SYNTAX;
	for (unsigned i = 0; i < row->count; i++)
		if (hex_word(&words[i], hex + 4 * i))
			return EM_SYNTAX;
	return 0;
}

static int example_words(const struct device_register *row, const char *value, uint16_t *words)
{
	struct decimal number;
	size_t length = strlen(value);

	memset(words, 0, REGISTER_WORDS * sizeof *words);
	if (*value == '#')
		return raw_words(row, value + 1, words);
	if (row->type == REGISTER_TEXT) {
		if (length > 2u * row->count)
			return EM_SYNTAX;
		for (size_t i = 0; i < length; i++)
			words[i / 2] = (uint16_t)(words[i / 2] | (uint8_t)value[i]
			                                                 << (i % 2 ? 0 : 8));
		return 0;
	}
	if (!strcmp(value, "-")) {
		memset(words, 0xFF, REGISTER_WORDS * sizeof *words);
		return 0;
	}
	if (decimal_parse(&number, value, length))
		return EM_SYNTAX;
	return register_encode(row, number, words);
}

int sim_device_set(struct sim_device *s, const struct device_register *row, unsigned socket,
                   const char *value)
{
	uint16_t words[REGISTER_WORDS];
	struct decimal number;

	if (row->bits) { /* beside other fields */
		if (decimal_parse(&number, value, strlen(value)))
			return EM_SYNTAX;
		sim_device_show(s, row, socket, number);
		return 0;
	}
	if (example_words(row, value, words))
		return EM_SYNTAX;
	sim_device_put(s, row, socket, words);
	return 0;
}

int sim_device_example(struct sim_device *s, unsigned sockets)
{
	const struct device *d = s->device;
	uint16_t words[REGISTER_WORDS];

	for (const char *const *line = d->example; line && *line; line++) {
		const char *equals = strchr(*line, '=');
		const struct device_register *row = NULL;
		char name[64];

		if (equals && (size_t)(equals - *line) < sizeof name) {
			memcpy(name, *line, (size_t)(equals - *line));
			name[equals - *line] = '\0';
			row = device_row(d, name);
		}
		if (!row || example_words(row, equals + 1, words))
			return EM_SYNTAX;
		if (d->socket_count && !strcmp(name, d->socket_count))
			words[0] = (uint16_t)sockets;
		for (unsigned i = 1; i <= (row->place == PLACE_SOCKET ? sockets : 1); i++)
			sim_device_put(s, row, i, words);
	}
	return s->image.count ? 0 : EM_NO_MEMORY;
}
