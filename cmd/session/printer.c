#include "cmd/session/printer.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/error.h"
#include "cmd/session/say.h"
#include "io/wait.h"
#include "io/writer.h"
#include "output/live.h"
#include "output/prometheus.h"

static format_function *find_format(const char *name, format_function *text)
{
	if (!strcmp(name, "json"))
		return format_json;
	if (!strcmp(name, "csv"))
		return format_csv;
	if (!strcmp(name, "influx"))
		return format_influx;
	return text ? text : format_text;
}

static bool is_dumb(void)
{
	const char *terminal = getenv("TERM");

	return terminal && !strcmp(terminal, "dumb");
}

static bool want_color(const struct reading *options, int fd)
{
	const char *none = getenv("NO_COLOR");

	if (strcmp(options->color, "auto"))
		return !strcmp(options->color, "always");
	return isatty(fd) && !(none && *none) && !is_dumb();
}

/* Uses block characters unless the locale clearly does not have them. */
static bool want_ascii(void)
{
	const char *locale = getenv("LC_ALL");

	if (!locale || !*locale)
		locale = getenv("LC_CTYPE");
	if (!locale || !*locale)
		locale = getenv("LANG");
	for (const char *p = locale; p && *p; p++)
		if (!strncasecmp(p, "utf-8", 5) || !strncasecmp(p, "utf8", 4))
			return false;
	return locale && *locale;
}

static void on_line(void *context, const char *line)
{
	live_message(context, line);
}

static struct output *open_live(struct session *s, int fd, const char *name,
                                const struct style *style)
{
	static char title[80]; /* one session per process */
	struct live_config config = {.fd = fd,
	                             .owned = s->options->output != NULL,
	                             .name = name,
	                             .title = title,
	                             .style = *style,
	                             .ascii = want_ascii()};

	struct output *live;

	snprintf(title, sizeof title, "emtool %s", say_name());
	live = output_live(s->loop, &config);
	if (live && isatty(STDERR_FILENO))
		say_hold(on_line, live);
	return live;
}

/* Does not open the file of --output: the output replaces it as a whole. */
static int open_prometheus(struct session *s)
{
	const char *name = s->options->output ? s->options->output : "standard output";

	s->outputs = output_prometheus(s->loop, s->options->output, STDOUT_FILENO, name);
	return s->outputs ? 0 : say_failure(name, EM_NO_MEMORY);
}

/* The output of a live command, which never waits. */
static int open_queue(struct session *s, format_function *text)
{
	const struct reading *options = s->options;
	const char *path = options->output;
	struct style style = {.units = options->units, .clock = true};
	struct writer *writer;
	int error = path ? writer_append(&writer, path)
	                 : writer_start(&writer, STDOUT_FILENO, "standard output");

	if (error)
		return say_failure(path ? path : "standard output", error);
	style.color = want_color(options, writer_fd(writer));
	style.terminal = isatty(writer_fd(writer));
	s->outputs = output_queue(writer, path, find_format(options->format, text), &style);
	if (s->outputs)
		return EXIT_OK;
	writer_close(writer, wait_clock(), (char[200]){0}, 200);
	return say_failure("output", EM_NO_MEMORY);
}

static bool wants_live_view(const struct reading *options, int fd)
{
	return !strcmp(options->format, "live") && isatty(fd) && !is_dumb();
}

int printer_open(struct session *s, format_function *text)
{
	const struct reading *options = s->options;
	const char *name = options->output ? options->output : "standard output";
	int fd = STDOUT_FILENO;
	struct style style;

	if (!strcmp(options->format, "prometheus"))
		return open_prometheus(s);
	if (options->live && (options->output || !wants_live_view(options, fd)))
		return open_queue(s, text);
	if (options->output) {
		fd = open(options->output, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
		if (fd < 0)
			return say_failure(options->output, EM_SYSTEM);
	}
	style = (struct style){.color = want_color(options, fd),
	                       .units = options->units,
	                       .clock = true,
	                       .terminal = isatty(fd)};
	if (wants_live_view(options, fd))
		s->outputs = open_live(s, fd, name, &style);
	else
		s->outputs = output_print(fd, options->output != NULL, name,
		                          find_format(options->format, text), &style);
	return s->outputs ? 0 : say_failure(name, EM_NO_MEMORY);
}
