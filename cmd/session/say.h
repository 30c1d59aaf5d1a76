/*
 * Messages on stderr, one line each (`emtool: sniff: ...`), and the exit codes that scripts use.
 */
#ifndef CMD_SESSION_SAY_H
#define CMD_SESSION_SAY_H

#include <stdbool.h>

#include "base/news.h"

enum exit_code {
	EXIT_OK = 0,      /* at least one record */
	EXIT_DEVICE = 1,  /* the device or peer failed */
	EXIT_USAGE = 2,   /* usage or configuration */
	EXIT_INVALID = 3, /* data came, none of it valid; with --strict: some was not */
	EXIT_LOCAL = 4,   /* file, stdout, database, memory */
	EXIT_TIMEOUT = 5, /* timed out with no data */
	EXIT_KEY = 6,     /* wrong key or failed authentication */
	EXIT_SIGNAL = 128 /* + SIGINT or SIGTERM, after flushing */
};

/* Sets the name of the command for all later lines: "sniff", "alfen dump". */
void say_as(const char *command);

/* The name that say_as() set, "" before. */
const char *say_name(void);

/* -1 quiet (errors only), 0 normal, 1.. verbose */
void say_level(int level);

/*
 * Holds lines back while the live view is on the terminal; `told` gets each line. say_release()
 * prints them. `told` is also called by threads that have news, until say_unseen(), which comes
 * before the end of `context`.
 */
void say_hold(void (*told)(void *context, const char *line), void *context);
void say_unseen(void);
void say_release(void);

/*
 * A live command does not wait for stderr either: messages that it does not take are dropped, and
 * the next one is preceded by their number.
 */
void say_at_once(bool on);

/* A command that tries again and again leaves out a line that equals the one before it. */
void say_changes(bool on);

#if defined(__GNUC__)
#define SAY_FORMAT __attribute__((format(printf, 1, 2)))
#else
#define SAY_FORMAT
#endif

/*
 * Escape control characters in the text and add a newline. A possible key (32 hexadecimal digits)
 * and the password of a URL print as stars, so that a key given in place of a file name does not
 * end up in a log.
 */
SAY_FORMAT void say_error(const char *format, ...);
SAY_FORMAT void say_warning(const char *format, ...); /* not with -q */
SAY_FORMAT void say_note(const char *format, ...);    /* only with -v */
SAY_FORMAT void say_detail(const char *format, ...);  /* only with -vv */

/* Prints the news of the library; a news_listener. */
void say_news(enum news_level level, const char *text);

/* Prints "WHAT: REASON", with the reason from errno for EM_SYSTEM. Returns EXIT_LOCAL. */
int say_failure(const char *what, int error);

/* Prints a usage error and a second line that points to the help. Returns EXIT_USAGE. */
SAY_FORMAT int say_usage(const char *format, ...);

#endif
