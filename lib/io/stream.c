#include "io/stream.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "io/recorder.h"

void source_fail(struct source *source, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(source->message, source->message_size, format, arguments);
	va_end(arguments);
}

void source_report(struct source *source, const char *format, ...)
{
	char message[256];
	va_list arguments;

	if (!source->config.events->report)
		return;
	va_start(arguments, format);
	vsnprintf(message, sizeof message, format, arguments);
	va_end(arguments);
	source->config.events->report(source->config.context, message);
}

void source_broken(struct source *source, int status, const char *format, ...)
{
	va_list arguments;

	if (source->status == EM_SYSTEM || source->status == EM_NO_MEMORY)
		return; /* the first reason counts */
	source->status = status;
	va_start(arguments, format);
	vsnprintf(source->problem, sizeof source->problem, format, arguments);
	va_end(arguments);
}

bool query_value(const char *query, const char *key, char *out, size_t size)
{
	size_t length = strlen(key);

	for (const char *p = query; p && *p; p = strchr(p, '&')) {
		p += *p == '&';
		if (!strncmp(p, key, length) && p[length] == '=') {
			size_t n = strcspn(p + length + 1, "&");

			if (n >= size)
				return false;
			memcpy(out, p + length + 1, n);
			out[n] = '\0';
			return true;
		}
	}
	return false;
}

static double idle_time(const struct source *source)
{
	return source->config.idle > 0 ? source->config.idle : 0.1;
}

static void on_silence(uv_timer_t *timer)
{
	struct source_stream *stream = timer->data;

	stream->source->config.events->idle(stream->decoder, loop_clock());
}

static void drop_stream(uv_handle_t *handle)
{
	free(handle->data);
}

struct source_stream *stream_open(struct source *source, const char *name, enum stream_kind kind,
                                  bool timed)
{
	struct source_stream *stream = calloc(1, sizeof *stream);
	struct peer peer = {.kind = kind};

	if (!stream)
		return NULL;
	stream->source = source;
	stream->timed = timed;
	if (name)
		snprintf(stream->name, sizeof stream->name, "%s", name);
	peer.name = name ? stream->name : NULL;
	stream->decoder = source->config.events->open(source->config.context, &peer);
	if (!stream->decoder) {
		free(stream);
		return NULL;
	}
	uv_timer_init(loop_uv(source->loop), &stream->silence);
	stream->silence.data = stream;
	uv_unref((uv_handle_t *)&stream->silence);
	stream->next = source->streams;
	source->streams = stream;
	return stream;
}

void stream_data(struct source_stream *stream, const struct chunk *chunk)
{
	struct source *source = stream->source;

	source->bytes += chunk->size;
	if (source->recorder && recorder_write(source->recorder, stream->name, chunk)) {
		source_broken(source, EM_SYSTEM, "%s: %s", source->config.record, strerror(errno));
		loop_stop(source->loop);
	}
	source->config.events->data(stream->decoder, chunk);
	if (stream->timed && source->config.events->idle)
		uv_timer_start(&stream->silence, on_silence, (uint64_t)(idle_time(source) * 1000),
		               0);
}

void stream_close(struct source_stream *stream, instant time)
{
	struct source *source = stream->source;

	for (struct source_stream **link = &source->streams; *link; link = &(*link)->next) {
		if (*link == stream) {
			*link = stream->next;
			break;
		}
	}
	if (source->recorder)
		recorder_gone(source->recorder, stream->name, time);
	source->config.events->close(stream->decoder, time);
	uv_close((uv_handle_t *)&stream->silence, drop_stream);
}
