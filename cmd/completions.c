/* `emtool completions SHELL`: completions for bash, zsh and fish from the option rows. */
#include <stdio.h>
#include <string.h>

#include "cmd/session/options.h"
#include "cmd/session/say.h"

typedef void visit_function(const struct command *command, const char *path);

/* Calls the function for every command and verb: "sniff", "alfen", "alfen dump", ... */
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

static void put_names(const struct command *const *list)
{
	for (; list && *list; list++)
		printf("%s ", (*list)->name);
}

/* Prints the words of an option with spaces instead of bars. */
static void put_words(const char *words)
{
	for (; *words; words++)
		putchar(*words == '|' ? ' ' : *words);
}

static bool takes_value(const struct option_row *row)
{
	return row->kind != OPTION_FLAG && row->kind != OPTION_COUNT && row->kind != OPTION_EQUALS;
}

/* Escapes a help text for the single quotes of zsh and fish. */
static void put_quoted(const char *text, const char *quote)
{
	for (; *text; text++) {
		if (*text == '\'')
			printf("%s", quote);
		else
			putchar(*text);
	}
}

static void bash_values(const struct command *command, const char *path)
{
	for (const struct option_row *const *t = command->options; t && *t; t++) {
		for (const struct option_row *row = *t; row->name; row++) {
			if (row->kind != OPTION_WORD)
				continue;
			printf("\t'%s --%s') words='", path, row->name);
			put_words(row->words);
			printf("' ;;\n");
		}
	}
}

static void bash_options(const struct command *command, const char *path)
{
	printf("\t'%s') words='", path);
	put_names(command->verbs);
	for (const struct option_row *const *t = command->options; t && *t; t++)
		for (const struct option_row *row = *t; row->name; row++)
			printf("--%s ", row->name);
	printf("--help' ;;\n");
}

static void bash_paths(const struct command *command, const char *path)
{
	(void)command;
	printf(" '%s'", path);
}

static void bash(void)
{
	printf("# bash completion for emtool; made by 'emtool completions bash', do not edit\n"
	       "# shellcheck shell=bash disable=SC2207\n\n"
	       "_emtool()\n{\n"
	       "\tlocal current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}\n"
	       "\tlocal path='' words='' i known\n"
	       "\tlocal paths=(");
	each(commands, "", bash_paths);
	printf(" )\n"
	       "\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
	       "\t\tfor known in \"${paths[@]}\"; do\n"
	       "\t\t\t[[ $known == \"$path${path:+ }${COMP_WORDS[i]}\" ]] && path=$known && break\n"
	       "\t\tdone\n\tdone\n"
	       "\tcase \"$path $previous\" in\n");
	each(commands, "", bash_values);
	printf("\t*) case \"$path\" in\n\t'') words='");
	put_names(commands);
	printf("help --help --version' ;;\n");
	each(commands, "", bash_options);
	printf("\tesac ;;\n\tesac\n"
	       "\tCOMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
	       "\t[[ $current != -* && ${#COMPREPLY[@]} -eq 0 ]] && COMPREPLY=($(compgen -f -- \"$current\"))\n"
	       "}\ncomplete -o filenames -F _emtool emtool\n");
}

static void zsh_option(const struct option_row *row)
{
	printf("\t\t'%s--%s%s[", row->kind == OPTION_COUNT || row->kind == OPTION_LIST ? "*" : "",
	       row->name, takes_value(row) ? "=" : "");
	put_quoted(row->help, "'\\''");
	putchar(']');
	if (row->kind == OPTION_WORD) {
		printf(":%s:(", row->name);
		put_words(row->words);
		putchar(')');
	} else if (takes_value(row)) {
		printf(":%s:%s", row->name,
		       row->argument && strstr(row->argument, "FILE") ? "_files" : " ");
	}
	printf("' \\\n");
}

static void zsh_command(const struct command *command, const char *path)
{
	printf("\t'%s') _arguments \\\n", path);
	for (const struct option_row *const *t = command->options; t && *t; t++)
		for (const struct option_row *row = *t; row->name; row++)
			zsh_option(row);
	printf("\t\t'--help[show help]' ");
	if (command->verbs) {
		printf("'1:verb:(");
		put_names(command->verbs);
		printf(")' ");
	}
	printf("'*:file:_files' ;;\n");
}

static void zsh(void)
{
	printf("#compdef emtool\n# made by 'emtool completions zsh', do not edit\n\n"
	       "local path_='' known i\nlocal -a paths\npaths=(");
	each(commands, "", bash_paths);
	printf(" )\n"
	       "for ((i = 2; i < CURRENT; i++)); do\n"
	       "\tknown=\"$path_${path_:+ }$words[i]\"\n"
	       "\t(( ${paths[(Ie)$known]} )) && path_=$known\n"
	       "done\n"
	       "case \"$path_\" in\n\t'') _values command ");
	put_names(commands);
	printf("help ;;\n");
	each(commands, "", zsh_command);
	printf("esac\n");
}

static void fish_command(const struct command *command, const char *path)
{
	const char *last = strrchr(path, ' ') ? strrchr(path, ' ') + 1 : path;
	int parent = (int)(last > path ? last - path - 1 : 0);

	if (parent)
		printf("complete -c emtool -n '__fish_seen_subcommand_from %.*s' -a %s -d '",
		       parent, path, last);
	else
		printf("complete -c emtool -n __fish_use_subcommand -a %s -d '", last);
	put_quoted(command->summary, "\\'");
	printf("'\n");
	for (const struct option_row *const *t = command->options; t && *t; t++) {
		for (const struct option_row *row = *t; row->name; row++) {
			printf("complete -c emtool -n '__fish_seen_subcommand_from %s' -l %s", last,
			       row->name);
			if (row->letter)
				printf(" -s %c", row->letter);
			if (row->kind == OPTION_WORD) {
				printf(" -x -a '");
				put_words(row->words);
				putchar('\'');
			} else if (takes_value(row)) {
				printf(" -r");
			}
			printf(" -d '");
			put_quoted(row->help, "\\'");
			printf("'\n");
		}
	}
}

static void fish(void)
{
	printf("# fish completion for emtool; made by 'emtool completions fish', do not edit\n\n");
	each(commands, "", fish_command);
}

static int run(void *options, int count, char **arguments)
{
	(void)options;
	(void)count;
	if (!strcmp(arguments[0], "bash"))
		bash();
	else if (!strcmp(arguments[0], "zsh"))
		zsh();
	else if (!strcmp(arguments[0], "fish"))
		fish();
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
