#include "cmd/session/say.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "io/whole.h"

static char speaker[80];
static int loudness;
static bool at_once;
static bool only_changes;
static atomic_uint unsaid; /* messages that were dropped */

enum { HELD_LIMIT = 1 << 16, KEY_DIGITS = 32, MESSAGE = 1024, LINE = 4 * MESSAGE + 128 };

/* Threads tell news, too. */
static pthread_mutex_t held_lock = PTHREAD_MUTEX_INITIALIZER;

static struct {
	bool on;
	struct text lines;
	void (*told)(void *context, const char *line);
	void *context;
} held;

void say_as(const char *command)
{
	snprintf(speaker, sizeof speaker, "%s", command);
}

const char *say_name(void)
{
	return speaker;
}

void say_level(int level)
{
	loudness = level;
}

static void mask_keys(char *text)
{
	for (size_t length; *text; text += length ? length : 1) {
		length = strspn(text, "0123456789abcdefABCDEF");
		if (length == KEY_DIGITS)
			memset(text, '*', length);
	}
}

/* scheme://user:password@host */
static void mask_passwords(char *text)
{
	while ((text = strstr(text, "://"))) {
		size_t length = strcspn(text += 3, "/ \t\n");
		char *colon = memchr(text, ':', length), *at = NULL;

		for (char *p = text; p < text + length; p++)
			at = *p == '@' ? p : at;
		if (colon && at && colon < at)
			memset(colon + 1, '*', (size_t)(at - colon - 1));
	}
}

void say_at_once(bool on)
{
	at_once = on;
}

/* False when writing to stderr would have to wait, and must not. */
static bool takes_text(void)
{
	struct pollfd p = {.fd = STDERR_FILENO, .events = POLLOUT};

	return !at_once || poll(&p, 1, 0) != 0;
}

/* A pipe that takes text takes PIPE_BUF bytes at once; the rest may have to wait. */
static void write_text(const struct text *text)
{
	for (size_t at = 0, piece; at < text->length && takes_text(); at += piece) {
		piece = text->length - at < PIPE_BUF ? text->length - at : PIPE_BUF;
		write_whole(STDERR_FILENO, text->data + at, piece);
	}
}

/* An error of stderr cannot be reported. */
static void put(const struct text *line)
{
	char room[80];
	struct text missed = text_within(room, sizeof room);

	if (!takes_text()) {
		atomic_fetch_add(&unsaid, 1);
		return;
	}
	if (atomic_load(&unsaid)) {
		text_printf(&missed, "emtool: %u messages were dropped\n",
		            atomic_exchange(&unsaid, 0));
		write_text(&missed);
	}
	write_text(line);
}

/* Whether the line was held back for the end of the live view. */
static bool hold(struct text *line)
{
	bool on;

	pthread_mutex_lock(&held_lock);
	on = held.on;
	if (on && held.told)
		held.told(held.context, text_string(line));
	if (on && held.lines.length < HELD_LIMIT) {
		text_add(&held.lines, line->data, line->length);
		text_char(&held.lines, '\n');
	}
	pthread_mutex_unlock(&held_lock);
	return on;
}

void say_changes(bool on)
{
	only_changes = on;
}

static bool is_repeated(const char *line)
{
	static char before[LINE];
	bool repeated;

	pthread_mutex_lock(&held_lock);
	repeated = only_changes && !strcmp(line, before);
	snprintf(before, sizeof before, "%s", line);
	pthread_mutex_unlock(&held_lock);
	return repeated;
}

/*
 * Uses one write(2) per line, so that lines of several processes do not mix. Allocates nothing,
 * because it also reports that memory ran out.
 */
static void say(const char *format, va_list arguments)
{
	char message[MESSAGE], room[LINE];
	struct text line = text_within(room, sizeof room);

	vsnprintf(message, sizeof message, format, arguments);
	mask_keys(message);
	mask_passwords(message);
	text_puts(&line, "emtool: ");
	if (*speaker) {
		text_puts(&line, speaker);
		text_puts(&line, ": ");
	}
	text_printable(&line, message, strlen(message));
	if (is_repeated(text_string(&line)) || hold(&line))
		return;
	text_char(&line, '\n');
	put(&line);
}

void say_hold(void (*told)(void *context, const char *line), void *context)
{
	pthread_mutex_lock(&held_lock);
	held.on = true;
	held.told = told;
	held.context = context;
	pthread_mutex_unlock(&held_lock);
}

void say_unseen(void)
{
	pthread_mutex_lock(&held_lock);
	held.told = NULL;
	pthread_mutex_unlock(&held_lock);
}

void say_release(void)
{
	pthread_mutex_lock(&held_lock);
	held.on = false;
	write_text(&held.lines);
	text_free(&held.lines);
	pthread_mutex_unlock(&held_lock);
}

#define SAY_WHEN(condition)                  \
	do {                                 \
		va_list arguments;           \
		if (!(condition))            \
			return;              \
		va_start(arguments, format); \
		say(format, arguments);      \
		va_end(arguments);           \
	} while (0)

void say_error(const char *format, ...)
{
	SAY_WHEN(1);
}

void say_warning(const char *format, ...)
{
	SAY_WHEN(loudness >= 0);
}

void say_note(const char *format, ...)
{
	SAY_WHEN(loudness >= 1);
}

void say_detail(const char *format, ...)
{
	SAY_WHEN(loudness >= 2);
}

void say_news(enum news_level level, const char *text)
{
	switch (level) {
	case NEWS_WARNING: say_warning("%s", text); break;
	case NEWS_NOTE: say_note("%s", text); break;
	default: say_detail("%s", text);
	}
}

int say_failure(const char *what, int error)
{
	if (error == EM_SYSTEM && errno == ENOMEM)
		error = EM_NO_MEMORY; /* the same message as for EM_NO_MEMORY */
	say_error("%s: %s", what, error == EM_SYSTEM ? strerror(errno) : error_text(error));
	return EXIT_LOCAL;
}

int say_usage(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say(format, arguments);
	va_end(arguments);
	say_error("try 'emtool %s%s--help'", speaker, *speaker ? " " : "");
	return EXIT_USAGE;
}
