/* Prints --help of a command from its option rows. */
#include <stdio.h>
#include <string.h>

#include "cmd/session/options.h"

enum { HELP_COLUMN = 28 };

static void help_row(const struct option_row *row)
{
	char left[80];
	int n = 0;

	if (row->letter)
		n = snprintf(left, sizeof left, "  -%c, --%s", row->letter, row->name);
	else
		n = snprintf(left, sizeof left, "      --%s", row->name);
	if (row->kind == OPTION_WORD && !row->argument)
		snprintf(left + n, sizeof left - (size_t)n, " %s", row->words);
	else if (row->argument)
		snprintf(left + n, sizeof left - (size_t)n, " %s", row->argument);
	if (strlen(left) > HELP_COLUMN - 2)
		printf("%s\n%*s%s\n", left, HELP_COLUMN, "", row->help);
	else
		printf("%-*s%s\n", HELP_COLUMN, left, row->help);
}

void command_help(const struct command *command, const char *path)
{
	bool any = command->options && command->options[0];

	if (command->run)
		printf("usage: emtool %s%s%s%s\n", path, any ? " [OPTIONS]" : "",
		       *command->arguments ? " " : "", command->arguments);
	else
		printf("usage: emtool %s VERB [OPTIONS] [ARGUMENTS]\n", path);
	printf("%s\n", command->summary);
	if (command->verbs) {
		printf("\nverbs:\n");
		for (const struct command *const *verb = command->verbs; *verb; verb++)
			printf("  %-*s%s\n", HELP_COLUMN - 2, (*verb)->name, (*verb)->summary);
	}
	if (command->run)
		printf("\noptions:\n");
	for (const struct option_row *const *table = command->options; table && *table; table++)
		for (const struct option_row *row = *table; row->name; row++)
			help_row(row);
	if (command->run)
		printf("%-*s%s\n", HELP_COLUMN, "      --help", "show this help");
	if (command->example)
		printf("\nexample:\n  %s\n", command->example);
	printf("\nman page: emtool help %.*s\n", (int)strcspn(path, " "), path);
}
