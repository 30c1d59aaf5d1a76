/* Files, standard input and fifos. Files that are captures or recordings are recognised. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "io/source_private.h"
#include "io/whole.h"

enum { BLOCK = 1 << 17, CAPTURE_LIMIT = 1 << 30 };

struct file {
	struct source *source;
	struct source_stream *stream;
	int fd;
	int flags; /* before uv_poll made it non-blocking; stdin is shared */
	bool regular;
	const char *path;
	uint8_t *block;
	uv_idle_t turn; /* regular files are always ready */
	uv_poll_t poll; /* pipes and terminals are not */
};

static void finish(struct file *file)
{
	if (file->stream)
		stream_close(file->stream, file->regular ? INSTANT_NONE : loop_clock());
	file->stream = NULL;
	if (file->regular)
		uv_idle_stop(&file->turn);
	else
		uv_poll_stop(&file->poll);
}

/* Ends the source when there is an error. */
static void fail(struct file *file, int error)
{
	if (error == EM_SYSTEM)
		source_broken(file->source, error, "%s: %s", file->path, strerror(errno));
	else if (error && !file->source->status)
		file->source->status = error;
}

/* Reads a capture or recording as a whole; the block has its first bytes. */
static bool play_whole(struct file *file, size_t have)
{
	struct source *source = file->source;
	bool capture = pcap_recognise(file->block, have);
	struct text all = {0};
	int error;

	if (!capture && !recording_recognise(file->block, have))
		return false;
	text_add(&all, (const char *)file->block, have);
	error = all.failed ? EM_NO_MEMORY : read_rest(file->fd, &all, CAPTURE_LIMIT);
	if (!error)
		error = capture ? pcap_play(source, (const uint8_t *)all.data, all.length)
		                : recording_play(source, all.data, all.length);
	text_free(&all);
	fail(file, error);
	finish(file);
	return true;
}

/* Reads a full block of a file. Of a pipe it reads what is there and does not wait for more. */
static int fill(struct file *file, size_t *got)
{
	ssize_t n;

	if (file->regular)
		return read_whole(file->fd, file->block, BLOCK, got);
	n = read(file->fd, file->block, BLOCK);
	*got = n > 0 ? (size_t)n : 0;
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return EM_TIMEOUT;
	return n < 0 ? EM_SYSTEM : 0;
}

/* Reads one block. The first one shows whether this is a capture, a recording or plain bytes. */
static void read_block(struct file *file)
{
	struct source *source = file->source;
	struct chunk chunk = {.data = file->block, .time = INSTANT_NONE};
	int error = fill(file, &chunk.size);

	if (error == EM_TIMEOUT)
		return;
	if (!error && !file->stream && file->regular && play_whole(file, chunk.size))
		return;
	if (!file->stream) /* an empty input is a stream, too */
		file->stream = stream_open(source, NULL, STREAM_BYTES, !file->regular);
	fail(file, file->stream ? error : EM_NO_MEMORY);
	if (source->status || !chunk.size) {
		finish(file);
		return;
	}
	if (!file->regular)
		chunk.time = loop_clock();
	stream_data(file->stream, &chunk);
}

static void on_turn(uv_idle_t *handle)
{
	read_block(handle->data);
}

static void on_ready(uv_poll_t *handle, int status, int events)
{
	(void)status;
	(void)events;
	read_block(handle->data);
}

static int open_descriptor(struct file *file, const char *path)
{
	struct stat about;

	file->path = path;
	file->fd = strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
	                             : dup(STDIN_FILENO);
	if (file->fd < 0 || fstat(file->fd, &about))
		return EM_SYSTEM;
	if (S_ISDIR(about.st_mode)) {
		errno = EISDIR;
		return EM_SYSTEM;
	}
	file->regular = S_ISREG(about.st_mode);
	file->flags = fcntl(file->fd, F_GETFL);
	return 0;
}

static void drop_file(uv_handle_t *handle)
{
	struct file *file = handle->data;

	fcntl(file->fd, F_SETFL, file->flags);
	close(file->fd);
	free(file->block);
	free(file);
}

static int file_open(struct source *source, const char *path)
{
	struct file *file = calloc(1, sizeof *file);
	uv_loop_t *uv = loop_uv(source->loop);

	if (!file)
		return EM_NO_MEMORY;
	file->source = source;
	file->fd = -1;
	file->block = malloc(BLOCK);
	if (!file->block || open_descriptor(file, path)) {
		source_fail(source, "%s: %s", path, strerror(errno));
		if (file->fd >= 0)
			close(file->fd);
		free(file->block);
		free(file);
		return EM_SYSTEM;
	}
	/* /dev/null and other devices that epoll refuses are read like regular files. */
	if (!file->regular && uv_poll_init(uv, &file->poll, file->fd))
		file->regular = true;
	if (file->regular) {
		uv_idle_init(uv, &file->turn);
		file->turn.data = file;
		uv_idle_start(&file->turn, on_turn);
	} else {
		file->poll.data = file;
		uv_poll_start(&file->poll, UV_READABLE | UV_DISCONNECT, on_ready);
	}
	source->state = file;
	return 0;
}

static void file_close(struct source *source)
{
	struct file *file = source->state;

	uv_close(file->regular ? (uv_handle_t *)&file->turn : (uv_handle_t *)&file->poll,
	         drop_file);
}

static int forced_pcap_open(struct source *source, const char *path)
{
	return file_open(source, path);
}

const struct source_kind source_file = {"", file_open, file_close, NULL};
const struct source_kind source_pcap = {"pcap:", forced_pcap_open, file_close, NULL};
