/*
 * Commands and their options as constant rows. Parsing, --help, completions and the check of the
 * man pages all use these rows, so that nothing is listed twice.
 *
 * Each command has a struct for its options; a row gives the offset of its field. The struct starts
 * as a copy of `defaults` (or zero), parsing fills it, run() gets it with the positional arguments
 * and returns the exit code.
 */
#ifndef CMD_SESSION_OPTIONS_H
#define CMD_SESSION_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

enum option_kind {
	OPTION_FLAG,  /* bool: set to true */
	OPTION_COUNT, /* int: counts how often it is given */
	OPTION_TEXT,  /* const char *, borrowed from argv */
	OPTION_LIST,  /* struct option_list: may be given several times */
	OPTION_INT,   /* long, within min..max */
	OPTION_REAL,  /* double, within min..max: seconds, shares, amperes */
	OPTION_WORD,  /* const char *: one of `words` */
	OPTION_EQUALS /* const char *: flag that sets the field to `words`: --json = --format json */
};

#define OPTION_LIST_LIMIT 64

struct option_list {
	const char *items[OPTION_LIST_LIMIT];
	size_t count;
};

/*
 * Appends word number `index` (from 0) that Tab offers for a value; false when there is none.
 * A word that ends in `=`, `:` or `/` waits for more.
 */
typedef bool offer_function(struct text *out, size_t index);

struct option_row {
	const char *name; /* long name without dashes; NULL ends a table */
	char letter;      /* short name, 0 when there is none */
	enum option_kind kind;
	size_t offset;        /* of the field in the command's option struct */
	const char *argument; /* name of the value in help: "FILE" */
	const char *help;     /* one line */
	/*
	 * OPTION_WORD: "auto|always|never"; OPTION_EQUALS: the word; other kinds: words that Tab
	 * offers beside those of `offer`, and beside files when the argument is a FILE or SOURCE.
	 */
	const char *words;
	double min, max; /* OPTION_INT, OPTION_REAL */
	offer_function *offer;
};

struct command {
	const char *name;
	const char *summary;   /* one line for lists */
	const char *arguments; /* positional arguments in usage lines, "" when there are none */
	int arguments_min, arguments_max; /* how many of them; max -1: any number */
	const struct option_row *const
		*options;     /* tables, ended by NULL; NULL when there are none */
	size_t size;          /* of the option struct */
	const void *defaults; /* its initial contents, or NULL for zeros */
	int (*run)(void *options, int count, char **arguments);
	const struct command *const *verbs; /* subcommands, ended by NULL; then run may be NULL */
	const char *example;                /* one command line for --help, or NULL */
	offer_function
		*offer; /* words of the arguments; of those after HOST when that is the first */
};

/*
 * Finds the verb, parses the options and runs the command. `path` ("alfen dump") is its name in
 * usage and error lines. Returns the exit code; usage errors print two lines to stderr and give
 * EXIT_USAGE.
 */
int command_call(const struct command *command, const char *path, int argc, char **argv);

/* Prints the help of a command to stdout. */
void command_help(const struct command *command, const char *path);

/* The command of that name in a list ended by NULL, or NULL. */
const struct command *command_find(const struct command *const *list, const char *name);

/* The name in the list that is most similar to a misspelt one, or NULL if none is similar. */
const char *nearest_command(const struct command *const *list, const char *name);

/* All commands, ended by NULL (commands.def). */
extern const struct command *const commands[];

#endif
