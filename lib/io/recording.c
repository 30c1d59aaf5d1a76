/* Playing recordings: recorder.h tells how they look. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "io/recorder.h"
#include "io/source_private.h"

bool recording_recognise(const uint8_t *data, size_t size)
{
	return size >= sizeof RECORDING_MAGIC - 1 && !memcmp(data, RECORDING_MAGIC, sizeof RECORDING_MAGIC - 1);
}

/* A stream by its peer's name, opened at its first line. */
static struct stream *find_stream(struct source *source, const char *name, size_t length)
{
	char copy[64];

	if (length >= sizeof copy)
		return NULL;
	memcpy(copy, name, length);
	copy[length] = '\0';
	if (!strcmp(copy, "-"))
		copy[0] = '\0';
	for (struct stream *stream = source->streams; stream; stream = stream->next)
		if (!strcmp(stream->name, copy))
			return stream;
	return stream_open(source, *copy ? copy : NULL, STREAM_BYTES, false);
}

static int nibble(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Bytes of a line's last column into out; their number, or -1. */
static long decode(uint8_t *out, const char *text, size_t length)
{
	if (length % 2)
		return -1;
	for (size_t i = 0; i < length; i += 2) {
		int high = nibble(text[i]), low = nibble(text[i + 1]);

		if (high < 0 || low < 0)
			return -1;
		out[i / 2] = (uint8_t)(high << 4 | low);
	}
	return (long)(length / 2);
}

static int play_line(struct source *source, const char *line, size_t length, uint8_t *bytes,
                     instant *last)
{
	const char *end = line + length, *peer, *space;
	struct chunk chunk = {.data = bytes};
	long long seconds = 0;
	int i = 0, used = 0;
	struct stream *stream;
	long size;

	for (; i < 12 && i < (int)length && line[i] >= '0' && line[i] <= '9'; i++)
		seconds = seconds * 10 + (line[i] - '0');
	used = i;
	if (used == 0 || end - line < used + 9 || line[used] != '.' || line[used + 4] != ' ' ||
	    !strchr("<>", line[used + 5]) || line[used + 6] != ' ')
		return EM_SYNTAX;
	chunk.time = seconds * 1000 + strtol((char[4]){line[used + 1], line[used + 2], line[used + 3]},
	                                     NULL, 10);
	chunk.direction = line[used + 5] == '>';
	peer = line + used + 7;
	space = memchr(peer, ' ', (size_t)(end - peer));
	if (!space)
		return EM_SYNTAX;
	size = decode(bytes, space + 1, (size_t)(end - space - 1));
	stream = size < 0 ? NULL : find_stream(source, peer, (size_t)(space - peer));
	if (!stream)
		return EM_SYNTAX;
	chunk.size = (size_t)size;
	*last = chunk.time;
	stream_data(stream, &chunk);
	return 0;
}

int recording_play(struct source *source, const char *data, size_t size)
{
	const char *end = data + size;
	uint8_t *bytes = malloc(size / 2 + 1);
	unsigned number = 0;
	instant last = INSTANT_NONE;
	int status = bytes ? 0 : EM_NO_MEMORY;

	while (!status && data < end) {
		const char *newline = memchr(data, '\n', (size_t)(end - data));
		size_t length = (size_t)((newline ? newline : end) - data);

		number++;
		if (length && *data != '#')
			status = play_line(source, data, length, bytes, &last);
		data += length + 1;
	}
	if (status == EM_SYNTAX)
		source_report(source, "%s: line %u is not a line of a recording", source->config.url,
		              number);
	while (source->streams)
		stream_close(source->streams, last);
	free(bytes);
	return status;
}
