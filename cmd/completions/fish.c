/* Completions for fish. */
#include "cmd/completions/completions.h"

#include <stdio.h>
#include <string.h>

static const char head[] =
	"# Is the command so far this one, as \"balance run\"? \"\" stands for none.\n"
	"function __emtool_at\n"
	"\tset -l path ''\n"
	"\tfor word in (commandline -opc)[2..]\n"
	"\t\tset -l longer (string trim -- \"$path $word\")\n"
	"\t\tcontains -- $longer $__emtool_paths; or break\n"
	"\t\tset path $longer\n"
	"\tend\n"
	"\ttest \"$path\" = \"$argv[1]\"\n"
	"end\n\n"
	"# The words, after what stands before the last comma.\n"
	"function __emtool_list\n"
	"\tset -l before (commandline -ct | string replace -r '^--[^=]*=' '' | string match -r '.*,')\n"
	"\tprintf '%s\\n' \"$before\"$argv\n"
	"end\n\n"
	"# The host is there; how many words of the command precede it is the argument.\n"
	"function __emtool_hosted\n"
	"\tset -l words (string match -v -- '-*' (commandline -opc))\n"
	"\ttest (count $words) -gt $argv[1]\n"
	"end\n\n"
	"complete -c emtool -f\n";

static void put_text(const char *text)
{
	put_escaped(text, "'\\", (const char *const[]){"\\'", "\\\\"});
}

/* -a with the words, and what else is offered. */
static void put_offers(const struct completion *c)
{
	char word[COMPLETION_ROOM];
	size_t i;

	for (i = 0; completion_word(c, word, i); i++) {
		printf("%s", i ? " " : c->list ? " -a '(__emtool_list " : " -a '");
		put_escaped(word, " ", (const char *const[]){"\\\\ "});
	}
	printf("%s", !i ? "" : c->list ? ")'" : "'");
	if (c->place == TAB_FILES)
		printf(" -F");
	else if (c->place == TAB_HOSTS)
		printf(" -a '(__fish_print_hostnames)'");
	else if (c->place == TAB_COMMANDS)
		printf(" -a '(__fish_complete_command)'");
}

static void put_option(const struct option_row *row, const char *path)
{
	struct completion c = completion_of_option(row);

	printf("complete -c emtool -n '__emtool_at \"%s\"' -l %s", path, row->name);
	if (row->letter)
		printf(" -s %c", row->letter);
	if (completion_takes_value(row)) {
		printf(c.place == TAB_FILES ? " -r" : " -x");
		put_offers(&c);
	}
	printf(" -d '");
	put_text(row->help);
	printf("'\n");
}

static void put_arguments(const struct command *command, const char *path)
{
	bool first;
	struct completion c = completion_of_arguments(command, &first);
	int words = strchr(path, ' ') ? 2 : 1;

	if (!command->arguments_max)
		return;
	if (first && c.offer) {
		printf("complete -c emtool -n '__emtool_at \"%s\"; and not __emtool_hosted %d' -a "
		       "'(__fish_print_hostnames)'\n",
		       path, words + 1);
		c.place = TAB_NOTHING;
		printf("complete -c emtool -n '__emtool_at \"%s\"; and __emtool_hosted %d'", path,
		       words + 1);
	} else {
		printf("complete -c emtool -n '__emtool_at \"%s\"'", path);
	}
	put_offers(&c);
	printf("\n");
}

static void put_command(const struct command *command, const char *path)
{
	const char *last = strrchr(path, ' ');

	printf("complete -c emtool -n '__emtool_at \"%.*s\"' -a %s -d '",
	       last ? (int)(last - path) : 0, path, command->name);
	put_text(command->summary);
	printf("'\n");
	for (const struct option_row *const *t = command->options; t && *t; t++)
		for (const struct option_row *row = *t; row->name; row++)
			put_option(row, path);
	if (!command->verbs)
		put_arguments(command, path);
	printf("complete -c emtool -n '__emtool_at \"%s\"' -l help -d 'show this help'\n", path);
}

static void put_path(const struct command *command, const char *path)
{
	(void)command;
	printf(" '%s'", path);
}

void completions_fish(void)
{
	printf("# fish completion for emtool; made by 'emtool completions fish', do not edit\n\n"
	       "set -g __emtool_paths");
	completions_each(put_path);
	printf("\n\n%s", head);
	printf("complete -c emtool -n '__emtool_at \"\"' -a help -d 'open a manual page'\n"
	       "complete -c emtool -n '__emtool_at \"\"' -l help -d 'show this help'\n"
	       "complete -c emtool -n '__emtool_at \"\"' -l version -d 'print the version'\n");
	completions_each(put_command);
}
