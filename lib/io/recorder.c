#include "io/recorder.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/hex.h"

struct recorder {
	FILE *file;
};

struct recorder *recorder_open(const char *path)
{
	struct recorder *recorder = calloc(1, sizeof *recorder);

	if (!recorder)
		return NULL;
	recorder->file = fopen(path, "ae"); /* e: the commands of --exec do not inherit it */
	if (!recorder->file) {
		free(recorder);
		return NULL;
	}
	if (ftell(recorder->file) <= 0)
		fputs(RECORDING_MAGIC, recorder->file);
	return recorder;
}

/* Writes the peer without blanks and control characters; it may be a topic with any characters. */
static void put_peer(FILE *file, const char *peer)
{
	for (const char *p = *peer ? peer : "-"; *p; p++)
		putc((unsigned char)*p <= ' ' || *p == 0x7F ? '_' : *p, file);
}

/* The first columns of a line: time, event and peer. */
static void begin_line(struct recorder *recorder, instant time, char what, const char *peer)
{
	if (time == INSTANT_NONE)
		time = loop_clock();
	fprintf(recorder->file, "%lld.%03d %c ", (long long)(time / 1000), (int)(time % 1000),
	        what);
	put_peer(recorder->file, peer);
}

static void put_bytes(FILE *file, const uint8_t *data, size_t size)
{
	char digits[512];

	for (size_t n; size; data += n, size -= n) {
		n = size < sizeof digits / 2 ? size : sizeof digits / 2;
		hex_write(digits, data, n);
		fwrite(digits, 1, 2 * n, file);
	}
}

int recorder_write(struct recorder *recorder, const char *peer, const struct chunk *chunk)
{
	begin_line(recorder, chunk->time, chunk->direction ? '>' : '<', peer);
	putc(' ', recorder->file);
	put_bytes(recorder->file, chunk->data, chunk->size);
	putc('\n', recorder->file);
	return fflush(recorder->file) || ferror(recorder->file) ? EM_SYSTEM : 0;
}

void recorder_gone(struct recorder *recorder, const char *peer, instant time)
{
	if (ferror(recorder->file)) /* a line is missing: write no more */
		return;
	begin_line(recorder, time, 'x', peer);
	putc('\n', recorder->file);
	fflush(recorder->file);
}

int recorder_close(struct recorder *recorder)
{
	bool failed = ferror(recorder->file);

	if (fclose(recorder->file))
		failed = true;
	free(recorder);
	return failed ? EM_SYSTEM : 0;
}
