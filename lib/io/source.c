#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "io/recorder.h"
#include "io/source_private.h"

/* clang-format off */
static const struct source_kind *const kinds[] = {
	&source_tcp, &source_listen, &source_udp, &source_serial, &source_pcap, &source_hex,
	&source_mqtt, &source_mqtts, NULL};
/* clang-format on */

const char *source_scheme(size_t index)
{
	const struct source_kind *const *kind = kinds;

	while (*kind && index--)
		kind++;
	return *kind ? (*kind)->scheme : NULL;
}

static void on_prepare(uv_prepare_t *handle)
{
	struct source *source = handle->data;

	source->config.events->flush(source->config.context);
}

static const struct source_kind *find_kind(const char *url, const char **rest)
{
	for (const struct source_kind *const *kind = kinds; *kind; kind++) {
		size_t length = strlen((*kind)->scheme);

		if (!strncmp(url, (*kind)->scheme, length)) {
			*rest = url + length;
			return *kind;
		}
	}
	*rest = url;
	if (!strncmp(url, "file://", 7))
		*rest = url + 7;
	else if (strstr(url, "://"))
		return NULL;
	else if (serial_is_device(url))
		return &source_serial;
	return &source_file;
}

enum source_nature source_nature(const char *url)
{
	const char *rest;
	const struct source_kind *kind = find_kind(url, &rest);

	if (kind == &source_serial || (!kind && (strstr(url, "serial:") || strstr(url, ":///"))))
		return SOURCE_SERIAL;
	return kind == &source_file || kind == &source_pcap || kind == &source_hex ? SOURCE_STORED
	                                                                           : SOURCE_LIVE;
}

struct source *source_open(struct loop *loop, const struct source_config *config, char *message,
                           size_t size, bool *usage)
{
	struct source *source = calloc(1, sizeof *source);
	const char *rest;
	int status = EM_UNKNOWN;

	*usage = false;
	snprintf(message, size, "%s: out of memory", config->url);
	if (!source)
		return NULL;
	source->config = *config;
	source->loop = loop;
	source->message = message;
	source->message_size = size;
	uv_prepare_init(loop_uv(loop), &source->flusher);
	source->flusher.data = source;
	uv_unref((uv_handle_t *)&source->flusher);
	source_flaps_begin(source);
	source->handles = 2;
	if (config->record || config->recording) {
		source->recorder = config->recording ? recorder_queue(config->recording)
		                                     : recorder_open(config->record);
		if (!source->recorder) {
			source_fail(source, "%s: %s", config->record ? config->record : "recording",
			            strerror(errno));
			goto failed;
		}
	}
	source->kind = find_kind(config->url, &rest);
	if (source->kind)
		status = source->kind->open(source, rest);
	else
		source_fail(source, "%s: unknown kind of source", config->url);
	*usage = status == EM_SYNTAX || status == EM_UNKNOWN;
	if (status) {
		source->kind = NULL; /* nothing was opened */
		goto failed;
	}
	if (config->events->flush)
		uv_prepare_start(&source->flusher, on_prepare);
	return source;
failed:
	source_close(source);
	return NULL;
}

int source_status(const struct source *source)
{
	return source->status;
}

const char *source_problem(struct source *source)
{
	if (!*source->problem)
		snprintf(source->problem, sizeof source->problem, "%s: %s", source->config.url,
		         error_text(source->status));
	return source->problem;
}

uint64_t source_bytes(const struct source *source)
{
	return source->bytes;
}

void source_judge(struct source *source, uint64_t good, uint64_t skipped)
{
	if (source->kind->judge)
		source->kind->judge(source, good, skipped);
}

static void drop_source(uv_handle_t *handle)
{
	struct source *source = handle->data;

	if (--source->handles == 0)
		free(source);
}

int source_close(struct source *source)
{
	int error = 0;

	if (!source)
		return 0;
	if (source->kind) /* this ends the streams of its connections */
		source->kind->close(source);
	while (source->streams)
		stream_close(source->streams, source->streams->timed ? loop_clock() : INSTANT_NONE);
	if (source->recorder)
		error = recorder_close(source->recorder);
	/*
	 * loop_free() frees the source before the handles of its kind, which do not use it any
	 * more.
	 */
	uv_close((uv_handle_t *)&source->late, drop_source);
	uv_close((uv_handle_t *)&source->flusher, drop_source);
	return error;
}
