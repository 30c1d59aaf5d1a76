/* Plays recordings; recorder.h describes the format. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/hex.h"
#include "base/text.h"
#include "io/recorder.h"
#include "io/source_private.h"

bool recording_recognise(const uint8_t *data, size_t size)
{
	return size >= sizeof RECORDING_MAGIC - 1 &&
	       !memcmp(data, RECORDING_MAGIC, sizeof RECORDING_MAGIC - 1);
}

enum { PEER_LIMIT = 64 };

/* The stream of a peer, opened at its first line; NULL when memory is out. */
static struct source_stream *find_stream(struct source *source, const char *name, size_t length)
{
	char copy[PEER_LIMIT];

	memcpy(copy, name, length);
	copy[length] = '\0';
	if (!strcmp(copy, "-"))
		copy[0] = '\0';
	for (struct source_stream *stream = source->streams; stream; stream = stream->next)
		if (!strcmp(stream->name, copy))
			return stream;
	return stream_open(source, *copy ? copy : NULL, STREAM_BYTES, false);
}

/* The columns before the bytes. */
struct head {
	instant time;
	char what; /* < > x */
	const char *peer;
	size_t peer_length;
};

/* Returns what follows the head; NULL when the line is not valid. */
static const char *read_head(struct head *h, const char *line, const char *end)
{
	int64_t seconds = 0;
	const char *p = line;

	for (; p < end && p < line + 12 && *p >= '0' && *p <= '9'; p++)
		seconds = seconds * 10 + (*p - '0');
	if (p == line || end - p < 8 || p[0] != '.' || p[4] != ' ' || !p[5] ||
	    !strchr("<>x", p[5]) || p[6] != ' ')
		return NULL;
	h->time = seconds * 1000 + strtol((char[4]){p[1], p[2], p[3]}, NULL, 10);
	h->what = p[5];
	h->peer = p + 7;
	for (p = h->peer; p < end && *p != ' '; p++)
		;
	h->peer_length = (size_t)(p - h->peer);
	return p;
}

static int play_line(struct source *source, const char *line, size_t length, uint8_t *bytes,
                     instant *last)
{
	struct head head;
	const char *end = line + length, *rest = read_head(&head, line, end);
	struct chunk chunk = {.data = bytes};
	struct source_stream *stream;
	size_t digits;

	if (!rest || (rest < end) == (head.what == 'x'))
		return EM_SYNTAX;
	rest += rest < end;
	digits = (size_t)(end - rest);
	if (hex_read(bytes, digits / 2, rest, digits) || head.peer_length >= PEER_LIMIT)
		return EM_SYNTAX;
	stream = find_stream(source, head.peer, head.peer_length);
	if (!stream)
		return EM_NO_MEMORY;
	*last = head.time;
	if (head.what == 'x') {
		stream_close(stream, head.time);
		return 0;
	}
	chunk.time = head.time;
	chunk.direction = head.what == '>';
	chunk.size = digits / 2;
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
		source_broken(source, status, "%s: line %u is not a line of a recording",
		              source->config.url, number);
	while (source->streams)
		stream_close(source->streams, last);
	free(bytes);
	return status;
}
