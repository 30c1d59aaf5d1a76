/* The outputs that print: at once, or by a writer. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "io/whole.h"
#include "io/writer.h"
#include "output/output.h"

enum { SINK_LIMIT = 1 << 16 }; /* bytes at which the buffer is written without a flush */

struct sink {
	struct writer *writer; /* or NULL */
	int fd;
	bool owned;
	format_function *format;
	struct format_state state;
	struct text buffer;
};

static int sink_flush(struct output *output)
{
	struct sink *s = output->state;
	int status = EM_NO_MEMORY;

	if (!s->buffer.failed && !s->state.columns.failed)
		status = write_whole(s->fd, s->buffer.data, s->buffer.length);
	s->buffer.length = 0;
	return status;
}

static int sink_write(struct output *output, const struct record *r)
{
	struct sink *s = output->state;

	s->format(&s->buffer, &s->state, r);
	s->state.printed++;
	if (s->buffer.failed || s->state.columns.failed)
		return EM_NO_MEMORY;
	return s->buffer.length >= SINK_LIMIT ? sink_flush(output) : 0;
}

static void sink_free(struct sink *s)
{
	text_free(&s->buffer);
	text_free(&s->state.columns);
	text_free(&s->state.header);
	free(s);
}

static int sink_close(struct output *output)
{
	struct sink *s = output->state;
	int status = sink_flush(output);

	if (s->owned && close(s->fd) && !status)
		status = EM_SYSTEM;
	sink_free(s);
	return status;
}

/*
 * Formats only what the writer has room for, so that csv does not believe that a line with names
 * was printed. What was dropped is told by the writer and by the end.
 */
static int queue_write(struct output *output, const struct record *r)
{
	struct sink *s = output->state;

	if (!writer_room(s->writer))
		return 0;
	s->format(&s->buffer, &s->state, r);
	s->state.printed++;
	if (!s->buffer.failed && !s->state.columns.failed) {
		writer_put(s->writer, s->buffer.data, s->buffer.length);
		s->buffer.length = 0;
		return 0;
	}
	text_free(&s->buffer);
	text_free(&s->state.columns);
	return EM_NO_MEMORY;
}

static int queue_flush(struct output *output)
{
	(void)output; /* the thread writes as soon as it can */
	return 0;
}

static int queue_close(struct output *output)
{
	struct sink *s = output->state;
	int error = writer_close(s->writer, output->deadline, output->problem,
	                         sizeof output->problem);

	sink_free(s);
	return error;
}

/* The first line of a file that is continued; empty when there is none, or it is no file. */
static void read_header(struct text *header, const char *path)
{
	struct stat about;
	int fd = stat(path, &about) || !S_ISREG(about.st_mode) ? -1
	                                                       : open(path, O_RDONLY | O_CLOEXEC);
	const char *end = NULL;
	size_t got;

	if (fd < 0)
		return;
	if (text_room(header, SINK_LIMIT) && !read_whole(fd, header->data, SINK_LIMIT, &got))
		end = memchr(header->data, '\n', got);
	header->length = end ? (size_t)(end - header->data) + 1 : 0;
	close(fd);
}

static struct output *new_output(const char *name, const struct output_kind *kind,
                                 const struct sink *like, const char *path)
{
	struct output *output = calloc(1, sizeof *output);
	struct sink *sink = calloc(1, sizeof *sink);

	if (!output || !sink) {
		free(output);
		free(sink);
		return NULL;
	}
	*sink = *like;
	*output = (struct output){.kind = kind, .name = name, .state = sink};
	if (path && sink->format == format_csv)
		read_header(&sink->state.header, path);
	return output;
}

struct output *output_print(int fd, bool owned, const char *name, format_function *format,
                            const struct style *style)
{
	static const struct output_kind kind = {sink_write, sink_flush, sink_close};
	struct sink sink = {.fd = fd, .owned = owned, .format = format, .state.style = *style};

	return new_output(name, &kind, &sink, owned ? name : NULL);
}

struct output *output_queue(struct writer *writer, const char *path, format_function *format,
                            const struct style *style)
{
	static const struct output_kind kind = {queue_write, queue_flush, queue_close};
	struct sink sink = {.writer = writer, .format = format, .state.style = *style};

	return new_output(path ? path : "standard output", &kind, &sink, path);
}
