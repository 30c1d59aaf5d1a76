/* `emtool completions SHELL`: completions for bash, zsh and fish from the option rows. */
#include "cmd/completions/completions.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "cmd/session/say.h"

static void each(const struct command *const *list, const char *parent, visit_function *visit)
{
	char path[80];

	for (; *list; list++) {
		int n = snprintf(path, sizeof path, "%s%s%s", parent, *parent ? " " : "",
		                 (*list)->name);

		if (n < 0 || (size_t)n >= sizeof path)
			continue; /* no command has names that long */
		visit(*list, path);
		if ((*list)->verbs)
			each((*list)->verbs, path, visit);
	}
}

void completions_each(visit_function *visit)
{
	each(commands, "", visit);
}

bool completion_takes_value(const struct option_row *row)
{
	return row->kind != OPTION_FLAG && row->kind != OPTION_COUNT && row->kind != OPTION_EQUALS;
}

/* What the name of a value in usage lines says about it. */
static enum tab_place place_of(const char *argument)
{
	static const struct {
		const char *part;
		enum tab_place place;
	} parts[] = {{"FILE", TAB_FILES}, {"SOURCE", TAB_FILES}, {"DEV", TAB_FILES},
	             {"LINK", TAB_FILES}, {"HOST", TAB_HOSTS},   {"CMD", TAB_COMMANDS}};

	for (size_t i = 0; argument && i < sizeof parts / sizeof *parts; i++)
		if (strstr(argument, parts[i].part))
			return parts[i].place;
	return TAB_NOTHING;
}

struct completion completion_of_option(const struct option_row *row)
{
	const char *argument = row->argument ? row->argument : "";

	return (struct completion){place_of(argument), row->words, row->offer,
	                           strstr(argument, ",...") || !strcmp(argument, "SET")};
}

struct completion completion_of_arguments(const struct command *command, bool *first)
{
	struct completion c = {place_of(command->arguments), NULL, command->offer, false};

	*first = c.place == TAB_HOSTS;
	if (!c.offer && strchr(command->arguments, '|') && c.place == TAB_NOTHING)
		c.words = command->arguments;
	return c;
}

/* The word number `index` between bars; NULL after the last. */
static const char *barred(const char *words, size_t index, size_t *length)
{
	while (words && index--) {
		words = strchr(words, '|');
		words = words ? words + 1 : NULL;
	}
	*length = words ? strcspn(words, "|") : 0;
	return words;
}

bool completion_word(const struct completion *c, char word[COMPLETION_ROOM], size_t index)
{
	struct text out = text_within(word, COMPLETION_ROOM);
	size_t length, count = 0;
	const char *barred_word = barred(c->words, index, &length);

	if (barred_word) {
		text_add(&out, barred_word, length);
	} else {
		while (barred(c->words, count, &length))
			count++;
		if (!c->offer || !c->offer(&out, index - count))
			return false;
	}
	text_char(&out, '\0');
	assert(!out.failed);
	return true;
}

void put_escaped(const char *text, const char *from, const char *const to[])
{
	for (; *text; text++) {
		const char *found = strchr(from, *text);

		if (found)
			printf("%s", to[found - from]);
		else
			putchar(*text);
	}
}

static int run(void *options, int count, char **arguments)
{
	(void)options;
	(void)count;
	if (!strcmp(arguments[0], "bash"))
		completions_bash();
	else if (!strcmp(arguments[0], "zsh"))
		completions_zsh();
	else if (!strcmp(arguments[0], "fish"))
		completions_fish();
	else
		return say_usage("'%s' is none of bash zsh fish", arguments[0]);
	return EXIT_OK;
}

const struct command completions_command = {
	.name = "completions",
	.summary = "print shell completions",
	.arguments = "bash|zsh|fish",
	.arguments_min = 1,
	.arguments_max = 1,
	.run = run,
	.example = "emtool completions bash > /etc/bash_completion.d/emtool",
};
