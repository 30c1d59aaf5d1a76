/*
 * Completions for shells, from the rows of commands and options. completions.c tells what Tab
 * offers for a value; bash.c, zsh.c and fish.c write it in the words of their shell.
 */
#ifndef CMD_COMPLETIONS_COMPLETIONS_H
#define CMD_COMPLETIONS_COMPLETIONS_H

#include "cmd/session/options.h"

/* What Tab offers beside words. */
enum tab_place {
	TAB_NOTHING,
	TAB_FILES,
	TAB_HOSTS,   /* names of hosts; files when the word begins with a slash */
	TAB_COMMANDS /* programs in PATH */
};

struct completion {
	enum tab_place place;
	const char *words; /* with bars between them, or NULL */
	offer_function *offer;
	bool list; /* values with commas between them: "NAME=VALUE,...", "SET" */
};

/* An option takes a value. */
bool completion_takes_value(const struct option_row *row);

struct completion completion_of_option(const struct option_row *row);

/* The arguments of a command; *first is set when the first one is a host and has no words. */
struct completion completion_of_arguments(const struct command *command, bool *first);

#define COMPLETION_ROOM 128 /* bytes of the longest word, with its NUL; nothing is allocated */

/* Word number `index`; false after the last. */
bool completion_word(const struct completion *c, char word[COMPLETION_ROOM], size_t index);

/* Calls the function for every command and verb: "sniff", "alfen", "alfen dump", ... */
typedef void visit_function(const struct command *command, const char *path);

void completions_each(visit_function *visit);

/* Prints a text; `from` characters become `to` texts: " " and "\\ ". */
void put_escaped(const char *text, const char *from, const char *const to[]);

/* The writers. */
void completions_bash(void), completions_zsh(void), completions_fish(void);

#endif
