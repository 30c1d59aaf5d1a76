/* The list of outputs, and the output that prints to a file descriptor. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "io/whole.h"
#include "output/output.h"

enum { SINK_LIMIT = 1 << 16 }; /* bytes at which the buffer is written without a flush */

struct sink {
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

static int sink_close(struct output *output)
{
	struct sink *s = output->state;
	int status = sink_flush(output);

	if (s->owned && close(s->fd) && !status)
		status = EM_SYSTEM;
	text_free(&s->buffer);
	text_free(&s->state.columns);
	text_free(&s->state.header);
	free(s);
	return status;
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

struct output *output_print(int fd, bool owned, const char *name, format_function *format,
                            const struct style *style)
{
	static const struct output_kind kind = {sink_write, sink_flush, sink_close};
	struct output *output = calloc(1, sizeof *output);
	struct sink *sink = calloc(1, sizeof *sink);

	if (!output || !sink) {
		free(output);
		free(sink);
		return NULL;
	}
	*sink = (struct sink){.fd = fd, .owned = owned, .format = format, .state.style = *style};
	*output = (struct output){.kind = &kind, .name = name, .state = sink};
	if (owned && format == format_csv)
		read_header(&sink->state.header, name);
	return output;
}

int output_write(struct output *list, const struct record *r, const struct output **failed)
{
	int first = 0;

	for (struct output *o = list; o; o = o->next) {
		int status = r->failed ? EM_NO_MEMORY : o->kind->write(o, r);

		if (status && !first) {
			first = status;
			*failed = o;
		}
	}
	return first;
}

int output_flush(struct output *list, const struct output **failed)
{
	int first = 0;

	for (struct output *o = list; o; o = o->next) {
		int status = o->kind->flush(o);

		if (status && !first) {
			first = status;
			*failed = o;
		}
	}
	return first;
}

bool output_kept(struct output *list, int ms)
{
	for (struct output *o = list; o; o = o->next)
		if (o->kind->kept && !o->kind->kept(o, ms))
			return false;
	return true;
}

int output_close(struct output *list, const struct output **failed)
{
	static struct output culprit; /* lives longer than the list; only its text is used */
	int first = 0;

	while (list) {
		struct output *next = list->next;
		int status = list->kind->close(list);

		if (status && !first) {
			first = status;
			culprit.name = list->name;
			memcpy(culprit.problem, list->problem, sizeof culprit.problem);
			*failed = &culprit;
		}
		free(list);
		list = next;
	}
	return first;
}
