/*
 * Plays a source to its end and tells in a text what came: streams, bytes with direction and time, ends,
 * and messages. play_text() and play_bytes() put what is played into a file of the test's own. Include
 * after cmocka.h.
 */
#ifndef TESTS_PLAYED_H
#define TESTS_PLAYED_H

#include <unistd.h>

#include "printed.h"
#include "base/error.h"
#include "io/source.h"

static char path[] = "/tmp/emtool-sources-XXXXXX";
static struct text told;

static inline void *on_open(void *context, const struct peer *peer)
{
	(void)context;
	text_printf(&told, "[%s%s] ", peer->kind == STREAM_FLOW ? "flow " : "",
	            peer->name ? peer->name : "");
	return &told;
}

/* ">0103@1000 ": direction, bytes, ms */
static inline void on_data(void *stream, const struct chunk *chunk)
{
	(void)stream;
	text_char(&told, chunk->direction ? '>' : '<');
	for (size_t i = 0; i < chunk->size; i++)
		text_printf(&told, "%02X", chunk->data[i]);
	if (chunk->time != INSTANT_NONE)
		text_printf(&told, "@%lld", (long long)chunk->time);
	text_char(&told, ' ');
}

static inline void on_close(void *stream, instant time)
{
	(void)stream;
	(void)time;
	text_puts(&told, "end ");
}

static inline void on_report(void *context, const char *message)
{
	(void)context;
	text_printf(&told, "{%s} ", strchr(message, ':') ? strrchr(message, ':') + 2 : message);
}

static const struct source_events events = {
	.open = on_open, .data = on_data, .close = on_close, .report = on_report};

/* The events of a source, from its opening to its end; or "usage: ..." or "failed: ...". */
static inline const char *play(const char *url)
{
	struct source_config config = {.url = url, .events = &events};
	struct loop *loop = loop_new();
	struct source *source;
	char message[200];
	bool usage;

	told.length = 0;
	assert_non_null(loop);
	source = source_open(loop, &config, message, sizeof message, &usage);
	if (source) {
		loop_run(loop);
		if (source_status(source))
			on_report(NULL, source_problem(source));
		source_close(source);
	} else {
		text_printf(&told, "%s: %s", usage ? "usage" : "failed", message);
	}
	loop_free(loop);
	return text_string(&told);
}

static inline const char *play_bytes(const void *data, size_t size)
{
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(data, 1, size, f), size);
	assert_int_equal(fclose(f), 0);
	return play(path);
}

static inline const char *play_text(const char *text)
{
	return play_bytes(text, strlen(text));
}

static inline int set_up(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	return fd < 0 ? -1 : close(fd);
}

static inline int end(void **state)
{
	(void)state;
	unlink(path);
	text_free(&told);
	return 0;
}

#endif
