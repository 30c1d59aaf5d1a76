#include "modbus/later.h"

#include <stdlib.h>
#include <string.h>

#include "modbus/channel.h"

struct modbus_later {
	struct modbus_channel *channel; /* NULL: it has gone */
};

struct modbus_later *modbus_later(const struct modbus_call *call)
{
	struct modbus_channel *c = call->origin;
	struct modbus_later *later = calloc(1, sizeof *later);

	if (!later)
		return NULL;
	later->channel = c;
	c->later = later;
	return later;
}

void modbus_later_forget(struct modbus_later *later)
{
	if (later)
		later->channel = NULL;
}

void modbus_answer(struct modbus_later *later, int exception, const uint16_t *words)
{
	struct modbus_channel *c = later->channel;

	free(later);
	if (!c)
		return;
	c->later = NULL;
	if (words)
		memcpy(c->request.words, words, c->request.call.count * sizeof *words);
	modbus_channel_reply(c, exception);
}
