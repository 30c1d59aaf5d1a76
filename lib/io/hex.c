/* hex:68FAFA...: literal bytes; blanks, colons and dashes may stand between them. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/hex.h"
#include "io/source_private.h"

struct literal {
	uv_idle_t turn;
	struct source *source;
	size_t size;
	uint8_t data[];
};

static void on_turn(uv_idle_t *handle)
{
	struct literal *literal = handle->data;
	struct chunk chunk = {.data = literal->data, .size = literal->size, .time = INSTANT_NONE};
	struct source_stream *stream = stream_open(literal->source, NULL, STREAM_BYTES, false);

	uv_idle_stop(handle);
	if (!stream) {
		literal->source->status = EM_NO_MEMORY;
		return;
	}
	stream_data(stream, &chunk);
	stream_close(stream, INSTANT_NONE);
}

/* Appends the bytes of the text; EM_SYNTAX for anything but pairs of digits. */
static int decode(struct literal *literal, const char *text)
{
	int high = -1;

	for (; *text; text++) {
		int n = hex_digit(*text);

		if (n < 0 && high < 0 && (isspace((unsigned char)*text) || strchr(":-", *text)))
			continue;
		if (n < 0)
			return EM_SYNTAX;
		if (high >= 0)
			literal->data[literal->size++] = (uint8_t)(high << 4 | n);
		high = high < 0 ? n : -1;
	}
	return high < 0 ? 0 : EM_SYNTAX;
}

static void drop_literal(uv_handle_t *handle)
{
	free(handle->data);
}

static void hex_close(struct source *source)
{
	struct literal *literal = source->state;

	uv_close((uv_handle_t *)&literal->turn, drop_literal);
}

static int hex_open(struct source *source, const char *rest)
{
	struct literal *literal = calloc(1, sizeof *literal + strlen(rest) / 2 + 1);

	if (!literal)
		return EM_NO_MEMORY;
	if (decode(literal, rest)) {
		source_fail(source,
		            "hex: needs pairs of hexadecimal digits, as hex:0103500A0002F509");
		free(literal);
		return EM_SYNTAX;
	}
	literal->source = source;
	source->state = literal;
	uv_idle_init(loop_uv(source->loop), &literal->turn);
	literal->turn.data = literal;
	uv_idle_start(&literal->turn, on_turn);
	return 0;
}

const struct source_kind source_hex = {"hex:", hex_open, hex_close, NULL};
