/* Completions for bash. */
#include "cmd/completions/completions.h"

#include <stdio.h>
#include <string.h>

static const char head[] =
	"# bash completion for emtool; made by 'emtool completions bash', do not edit\n"
	"# shellcheck shell=bash disable=SC2034\n\n";

/* What each case sets: how (list, files, hosts, commands) and offers, the words. */
static const char tail[] =
	"# The words up to the cursor; bash splits them at = and :, which this undoes.\n"
	"_emtool_words()\n{\n"
	"\tlocal i piece glue=''\n"
	"\twords=('')\n"
	"\tfor ((i = 1; i <= COMP_CWORD; i++)); do\n"
	"\t\tpiece=${COMP_WORDS[i]}\n"
	"\t\tif [[ $glue || $piece == [=:]* ]] && ((i > 1)); then\n"
	"\t\t\twords[${#words[@]} - 1]+=$piece\n"
	"\t\telse\n"
	"\t\t\twords+=(\"$piece\")\n"
	"\t\tfi\n"
	"\t\tglue=''\n"
	"\t\t[[ $piece && $piece != *[!=:]* ]] && glue=1\n"
	"\tdone\n}\n\n"
	"# CURRENT OPTION=: what matches goes into COMPREPLY, without what bash has split off.\n"
	"_emtool_reply()\n{\n"
	"\tlocal current=$1 word before='' list=''\n"
	"\t[[ $how == *list* && $current == *,* ]] && list=${current%,*},\n"
	"\tfor word in \"${offers[@]}\"; do\n"
	"\t\t[[ $list$word == \"$current\"* ]] || continue\n"
	"\t\tCOMPREPLY+=(\"$2$list${word// /\\\\ }\")\n"
	"\tdone\n"
	"\tif ((${#COMPREPLY[@]} == 0)); then\n"
	"\t\tcase $how in\n"
	"\t\t*files*) word='file' ;;\n"
	"\t\t*hosts*) word='hostname' ;;\n"
	"\t\t*commands*) word='command' ;;\n"
	"\t\t*) return ;;\n"
	"\t\tesac\n"
	"\t\t[[ $word == hostname && $current == /* ]] && word='file'\n"
	"\t\tmapfile -t COMPREPLY < <(compgen -A $word -P \"$2\" -- \"$current\")\n"
	"\t\t[[ $word == file ]] && compopt -o filenames 2>/dev/null\n"
	"\telif [[ $how == *files* && -z $current ]]; then\n"
	"\t\tmapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -A file -P \"$2\")\n"
	"\tfi\n"
	"\tcurrent=$2$current\n"
	"\t[[ $COMP_WORDBREAKS == *=* && $current == *=* ]] && before=${current%\"${current##*=}\"}\n"
	"\tword=${current#\"$before\"}\n"
	"\t[[ $COMP_WORDBREAKS == *:* && $word == *:* ]] && before+=${word%\"${word##*:}\"}\n"
	"\tCOMPREPLY=(\"${COMPREPLY[@]#\"$before\"}\")\n"
	"\t[[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *[=:/,] ]] && compopt -o nospace 2>/dev/null\n"
	"\treturn 0\n}\n\n"
	"_emtool()\n{\n"
	"\tlocal words offers how='' path='' option='' options i count=0 current\n"
	"\tCOMPREPLY=()\n"
	"\t_emtool_words\n"
	"\tcurrent=${words[-1]}\n"
	"\tfor ((i = 1; i < ${#words[@]} - 1; i++)); do\n"
	"\t\t_emtool_path \"$path${path:+ }${words[i]}\" || break\n"
	"\t\tpath+=${path:+ }${words[i]}\n"
	"\tdone\n"
	"\tfor ((; i < ${#words[@]} - 1; i++)); do\n"
	"\t\tif [[ $option ]]; then option=''\n"
	"\t\telif [[ ${words[i]} == --*=* ]]; then :\n"
	"\t\telif [[ ${words[i]} == -?* ]]; then _emtool_value \"$path ${words[i]}\" && option=${words[i]}\n"
	"\t\telse ((count++)); fi\n"
	"\tdone\n"
	"\tif [[ $current == --*=* ]]; then\n"
	"\t\t_emtool_value \"$path ${current%%=*}\" && _emtool_reply \"${current#*=}\" \"${current%%=*}=\"\n"
	"\t\treturn\n"
	"\tfi\n"
	"\tif [[ $option ]]; then\n"
	"\t\t_emtool_value \"$path $option\" && _emtool_reply \"$current\" ''\n"
	"\t\treturn\n"
	"\tfi\n"
	"\t_emtool_options\n"
	"\tif [[ $current != -* ]]; then\n"
	"\t\t_emtool_arguments\n"
	"\t\t[[ $how || ${#offers[@]} -gt 0 ]] && _emtool_reply \"$current\" ''\n"
	"\tfi\n"
	"\tif [[ $current == -* || ( -z $current && ${#COMPREPLY[@]} -eq 0 ) ]]; then\n"
	"\t\tmapfile -t COMPREPLY < <(compgen -W \"$options\" -- \"$current\")\n"
	"\tfi\n}\n"
	"complete -F _emtool emtool\n";

static void put_offers(const struct completion *c)
{
	char word[COMPLETION_ROOM];
	size_t i;

	if (c->place || c->list)
		printf(" how='%s%s'", c->list ? "list " : "",
		       (const char *const[]){"", "files", "hosts", "commands"}[c->place]);
	for (i = 0; completion_word(c, word, i); i++)
		printf("%s'%s'", i ? " " : " offers=(", word);
	printf("%s", i ? ")" : "");
}

static void put_names(const struct command *const *list)
{
	for (; list && *list; list++)
		printf("'%s' ", (*list)->name);
}

static void put_path(const struct command *command, const char *path)
{
	printf("%s'%s'", command == commands[0] ? "" : "|", path);
}

static void put_options(const struct command *command, const char *path)
{
	printf("\t'%s') options='", path);
	for (const struct option_row *const *t = command->options; t && *t; t++)
		for (const struct option_row *row = *t; row->name; row++)
			printf("--%s ", row->name);
	printf("--help' ;;\n");
}

static void put_values(const struct command *command, const char *path)
{
	for (const struct option_row *const *t = command->options; t && *t; t++) {
		for (const struct option_row *row = *t; row->name; row++) {
			struct completion c = completion_of_option(row);

			if (!completion_takes_value(row))
				continue;
			printf("\t'%s --%s'", path, row->name);
			if (row->letter)
				printf("|'%s -%c'", path, row->letter);
			printf(")");
			put_offers(&c);
			printf(" ;;\n");
		}
	}
}

/* HOST NAME...: the words are those of the names. */
static void put_arguments(const struct command *command, const char *path)
{
	bool first;
	struct completion c = completion_of_arguments(command, &first);

	if (command->verbs) {
		printf("\t'%s') offers=(", path);
		put_names(command->verbs);
		printf(") ;;\n");
	} else if (first) {
		printf("\t'%s') if ((count == 0)); then how=hosts; else", path);
		c.place = TAB_NOTHING;
		if (c.offer)
			put_offers(&c);
		else
			printf(" how=''");
		printf("; fi ;;\n");
	} else if (command->arguments_max) {
		printf("\t'%s')", path);
		put_offers(&c);
		printf(" ;;\n");
	}
}

void completions_bash(void)
{
	printf("%s# Is this a command, or a command and its verb?\n"
	       "_emtool_path()\n{\n\tcase $1 in\n\t",
	       head);
	completions_each(put_path);
	printf(") return 0 ;;\n\tesac\n\treturn 1\n}\n\n"
	       "# PATH OPTION: what its value may be; fails when it takes none.\n"
	       "_emtool_value()\n{\n\thow='' offers=()\n\tcase $1 in\n");
	completions_each(put_values);
	printf("\t*) return 1 ;;\n\tesac\n}\n\n"
	       "_emtool_options()\n{\n\tcase $path in\n\t'') [[ ${words[1]} == help ]] || options='--help --version' ;;\n");
	completions_each(put_options);
	printf("\tesac\n}\n\n"
	       "_emtool_arguments()\n{\n\thow='' offers=()\n\tcase $path in\n\t'') "
	       "if [[ ${words[1]} == help ]] && ((count == 1)) || ((count == 0)); then offers=(");
	put_names(commands);
	printf("); fi\n\t\t((count == 0)) && offers+=('help') ;;\n");
	completions_each(put_arguments);
	printf("\tesac\n}\n\n%s", tail);
}
