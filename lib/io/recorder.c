#include "io/recorder.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "io/writer.h"

struct recorder {
	FILE *file;
	struct writer *writer; /* or NULL */
	struct text line;
};

/* Puts the line where it belongs. 0, or EM_SYSTEM. */
static int put_line(struct recorder *recorder)
{
	struct text *line = &recorder->line;

	if (line->failed) {
		text_free(line);
		errno = ENOMEM;
		return EM_SYSTEM;
	}
	if (recorder->writer) {
		writer_put(recorder->writer, line->data, line->length);
		return 0;
	}
	fwrite(line->data, 1, line->length, recorder->file);
	return fflush(recorder->file) || ferror(recorder->file) ? EM_SYSTEM : 0;
}

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

struct recorder *recorder_queue(struct writer *writer)
{
	struct recorder *recorder = calloc(1, sizeof *recorder);

	if (!recorder)
		return NULL;
	recorder->writer = writer;
	if (lseek(writer_fd(writer), 0, SEEK_END) <= 0)
		writer_put(writer, RECORDING_MAGIC, sizeof RECORDING_MAGIC - 1);
	return recorder;
}

/* The peer without blanks and control characters; it may be a topic with any characters. */
static void put_peer(struct text *line, const char *peer)
{
	for (const char *p = *peer ? peer : "-"; *p; p++)
		text_char(line, (unsigned char)*p <= ' ' || *p == 0x7F ? '_' : *p);
}

/* The first columns of a line: time, event and peer. */
static void begin_line(struct recorder *recorder, instant time, char what, const char *peer)
{
	if (time == INSTANT_NONE)
		time = loop_clock();
	recorder->line.length = 0;
	text_printf(&recorder->line, "%lld.%03d %c ", (long long)(time / 1000), (int)(time % 1000),
	            what);
	put_peer(&recorder->line, peer);
}

int recorder_write(struct recorder *recorder, const char *peer, const struct chunk *chunk)
{
	begin_line(recorder, chunk->time, chunk->direction ? '>' : '<', peer);
	text_char(&recorder->line, ' ');
	text_hex(&recorder->line, chunk->data, chunk->size);
	text_char(&recorder->line, '\n');
	return put_line(recorder);
}

void recorder_gone(struct recorder *recorder, const char *peer, instant time)
{
	if (recorder->file && ferror(recorder->file)) /* a line is missing: write no more */
		return;
	begin_line(recorder, time, 'x', peer);
	text_char(&recorder->line, '\n');
	put_line(recorder);
}

int recorder_close(struct recorder *recorder)
{
	bool failed = recorder->file && ferror(recorder->file);

	if (recorder->file && fclose(recorder->file))
		failed = true;
	text_free(&recorder->line);
	free(recorder);
	return failed ? EM_SYSTEM : 0;
}
