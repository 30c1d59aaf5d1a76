/* Completions for zsh. */
#include "cmd/completions/completions.h"

#include <stdio.h>
#include <string.h>

static const char head[] =
	"#compdef emtool\n# made by 'emtool completions zsh', do not edit\n\n"
	"# Words; those that end in = : / or , wait for more. Values of lists have commas between them.\n"
	"_emtool_offer() {\n"
	"\tlocal -a whole open\n"
	"\tlocal word\n"
	"\tcompset -P '*,'\n"
	"\tfor word; do\n"
	"\t\tif [[ $word == *[=:/,] ]]; then open+=($word); else whole+=($word); fi\n"
	"\tdone\n"
	"\tcompadd -S '' -a open\n"
	"\tcompadd -a whole\n"
	"}\n\n"
	"_emtool_plain() {\n"
	"\t[[ $PREFIX == -* ]] && compadd -- $@\n"
	"}\n\n"
	"_emtool_host() {\n"
	"\tif [[ $PREFIX == /* ]]; then _files; else _hosts; fi\n"
	"}\n\n";

/* In a text between single quotes, and between brackets of _arguments. */
static void put_text(const char *text)
{
	put_escaped(text, "'[]:", (const char *const[]){"'\\''", "\\[", "\\]", "\\:"});
}

static void put_action(const struct completion *c)
{
	static const char *const places[] = {"", "_files", "_emtool_host", "_command_names -e"};
	char word[COMPLETION_ROOM];
	size_t i;

	if (!c->words && !c->offer && !c->place) {
		putchar(' ');
		return;
	}
	putchar('{');
	for (i = 0; completion_word(c, word, i); i++) {
		printf("%s", i ? " " : "_emtool_offer ");
		put_escaped(word, " :", (const char *const[]){"\\ ", "\\:"});
	}
	printf("%s%s}", i && c->place ? "; " : "", places[c->place]);
}

static void put_option(const struct option_row *row)
{
	bool value = completion_takes_value(row);
	bool many = row->kind == OPTION_COUNT || row->kind == OPTION_LIST;
	struct completion c = completion_of_option(row);
	const char *equals = value ? "=" : "";

	if (!row->letter)
		printf("\t\t'%s--%s%s[", many ? "*" : "", row->name, equals);
	else if (many)
		printf("\t\t'*'{-%c%s,--%s%s}'[", row->letter, value ? "+" : "", row->name, equals);
	else
		printf("\t\t'(-%c --%s)'{-%c%s,--%s%s}'[", row->letter, row->name, row->letter,
		       value ? "+" : "", row->name, equals);
	put_text(row->help);
	printf("]");
	if (value) {
		printf(":%s:", row->name);
		put_action(&c);
	}
	printf("' \\\n");
}

static void put_list(const struct command *const *list)
{
	for (; *list; list++) {
		printf(" '%s:", (*list)->name);
		put_escaped((*list)->summary, "':", (const char *const[]){"'\\''", "\\:"});
		putchar('\'');
	}
}

static void put_arguments(const struct command *command)
{
	bool first;
	struct completion c = completion_of_arguments(command, &first);

	if (!command->arguments_max)
		return;
	if (first)
		printf(" '1:host:_emtool_host'");
	if (first && !c.offer)
		return;
	if (first)
		c.place = TAB_NOTHING;
	printf(" '*:argument:");
	put_action(&c);
	putchar('\'');
}

static void put_command(const struct command *command, const char *path)
{
	printf("\t'%s')\n", path);
	if (command->verbs) {
		printf("\t\tlist=(");
		put_list(command->verbs);
		printf(" )\n\t\t_describe verb list\n\t\t_emtool_plain --help ;;\n");
		return;
	}
	printf("\t\t_arguments \\\n");
	for (const struct option_row *const *t = command->options; t && *t; t++)
		for (const struct option_row *row = *t; row->name; row++)
			put_option(row);
	printf("\t\t'--help[show this help]'");
	put_arguments(command);
	printf(" ;;\n");
}

static void put_path(const struct command *command, const char *path)
{
	(void)command;
	printf(" '%s'", path);
}

void completions_zsh(void)
{
	printf("%slocal path_='' known\nlocal -a paths list\npaths=(", head);
	completions_each(put_path);
	printf(" )\n"
	       "while (( CURRENT > 2 )); do\n"
	       "\tknown=\"$path_${path_:+ }$words[2]\"\n"
	       "\t(( ${paths[(Ie)$known]} )) || break\n"
	       "\tpath_=$known\n"
	       "\tshift words\n"
	       "\t(( CURRENT-- ))\n"
	       "done\n"
	       "case \"$path_\" in\n\t'')\n\t\tlist=(");
	put_list(commands);
	printf(" )\n"
	       "\t\tif (( CURRENT == 2 )); then\n"
	       "\t\t\tlist+=('help:open a manual page')\n"
	       "\t\t\t_describe command list\n"
	       "\t\t\t_emtool_plain --help --version\n"
	       "\t\telif [[ $words[2] == help ]] && (( CURRENT == 3 )); then\n"
	       "\t\t\t_describe command list\n"
	       "\t\tfi ;;\n");
	completions_each(put_command);
	printf("esac\n");
}
