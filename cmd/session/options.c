#include "cmd/session/options.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "cmd/session/say.h"

enum { ROWS_LIMIT = 96, HELP_ROW = ROWS_LIMIT };

/* All rows of a command in one array, in the form that getopt_long needs. */
struct option_rows {
	const struct option_row *row[ROWS_LIMIT];
	struct option longs[ROWS_LIMIT + 2];
	char shorts[2 * ROWS_LIMIT + 4];
	size_t count;
};

static bool takes_value(const struct option_row *row)
{
	return row->kind != OPTION_FLAG && row->kind != OPTION_COUNT && row->kind != OPTION_EQUALS;
}

static void collect(const struct command *command, struct option_rows *rows)
{
	size_t letters = 0;

	memset(rows, 0, sizeof *rows);
	rows->shorts[letters++] = ':'; /* keeps getopt from printing errors */
	for (const struct option_row *const *table = command->options; table && *table; table++) {
		for (const struct option_row *row = *table; row->name; row++) {
			size_t i = rows->count;

			if (i == ROWS_LIMIT)
				abort(); /* a table exceeds the limit: every test fails */
			rows->row[i] = row;
			rows->longs[i] = (struct option){row->name, takes_value(row), NULL,
			                                 256 + (int)i};
			if (row->letter) {
				rows->shorts[letters++] = row->letter;
				if (takes_value(row))
					rows->shorts[letters++] = ':';
			}
			rows->count++;
		}
	}
	rows->longs[rows->count] = (struct option){"help", no_argument, NULL, 256 + HELP_ROW};
}

const char *nearest_command(const struct command *const *list, const char *name)
{
	struct nearest near = nearest_to(name);

	for (; *list; list++)
		nearest_consider(&near, (*list)->name);
	return near.best;
}

const struct command *command_find(const struct command *const *list, const char *name)
{
	for (; list && *list; list++)
		if (!strcmp((*list)->name, name))
			return *list;
	return NULL;
}

static int unknown_option(const struct option_rows *rows, const char *text)
{
	char name[64] = "";
	struct nearest near = nearest_to(name);

	if (text[0] != '-' || text[1] != '-')
		return say_usage("unknown option '%s'", text);
	snprintf(name, sizeof name, "%.*s", (int)strcspn(text + 2, "="), text + 2);
	for (size_t i = 0; i < rows->count; i++)
		nearest_consider(&near, rows->row[i]->name);
	if (near.best)
		return say_usage("unknown option '--%s', nearest is '--%s'", name, near.best);
	return say_usage("unknown option '--%s'", name);
}

static int store_word(const struct option_row *row, const char *value, const char **field)
{
	size_t length = strlen(value);

	for (const char *word = row->words; word; word = strchr(word, '|')) {
		word += *word == '|';
		if (length && strcspn(word, "|") == length && !strncmp(word, value, length)) {
			*field = value;
			return 0;
		}
	}
	return say_usage("--%s: '%s' is none of %s", row->name, value, row->words);
}

static int store_number(const struct option_row *row, const char *value, void *field)
{
	char *end;
	double number;

	errno = 0;
	if (row->kind == OPTION_INT)
		number = (double)(*(long *)field = strtol(value, &end, 0));
	else
		number = *(double *)field = strtod(value, &end);
	if (end == value || *end || !isfinite(number) || strspn(value, " \t\n"))
		return say_usage("--%s: '%s' is not a %snumber", row->name, value,
		                 row->kind == OPTION_INT ? "whole " : "");
	if (errno || number < row->min || number > row->max)
		return say_usage("--%s: %s is outside %.15g..%.15g", row->name, value, row->min,
		                 row->max);
	return 0;
}

static int store(const struct option_row *row, const char *value, char *options)
{
	void *field = options + row->offset;
	struct option_list *list;

	switch (row->kind) {
	case OPTION_FLAG: *(bool *)field = true; return 0;
	case OPTION_COUNT: ++*(int *)field; return 0;
	case OPTION_EQUALS: *(const char **)field = row->words; return 0;
	case OPTION_TEXT: *(const char **)field = value; return 0;
	case OPTION_WORD: return store_word(row, value, field);
	case OPTION_INT:
	case OPTION_REAL: return store_number(row, value, field);
	case OPTION_LIST:
		list = field;
		if (list->count == OPTION_LIST_LIMIT)
			return say_usage("--%s: at most %d times", row->name, OPTION_LIST_LIMIT);
		list->items[list->count++] = value;
		return 0;
	}
	return 0;
}

/* Refuses the abbreviations of getopt_long, so that a new option never breaks a script. */
static bool abbreviated(char **argv, const struct option_row *row, const char *value)
{
	const char *text = argv[optind - 1];

	if (row && takes_value(row) && value == text)
		text = argv[optind - 2];
	if (strncmp(text, "--", 2))
		return false;
	return strcspn(text + 2, "=") != strlen(row ? row->name : "help");
}

static const struct option_row *row_of(const struct option_rows *rows, int found)
{
	for (size_t i = 0; i < rows->count; i++)
		if (found == 256 + (int)i || (found < 256 && rows->row[i]->letter == found))
			return rows->row[i];
	return NULL;
}

/* 0, EXIT_USAGE, or -1 for --help */
static int parse(const struct option_rows *rows, int argc, char **argv, char *options)
{
	int found;

	optind = 0; /* glibc: resets getopt */
	opterr = 0;
	while ((found = getopt_long(argc, argv, rows->shorts, rows->longs, NULL)) != -1) {
		const struct option_row *row = row_of(rows, found);
		const char *text = argv[optind - 1];
		char letter[3] = {'-', (char)optopt, '\0'};
		int status;

		if (found == ':')
			return say_usage("option '%s' needs a value", text);
		if (found == '?' && optopt >= 256)
			return say_usage("option '%.*s' takes no value", (int)strcspn(text, "="),
			                 text);
		if (found == '?')
			return unknown_option(rows, optopt ? letter : text);
		if (abbreviated(argv, row, optarg))
			return unknown_option(rows, row && takes_value(row) && optarg == text
			                                    ? argv[optind - 2]
			                                    : text);
		if (!row)
			return -1;
		status = store(row, optarg, options);
		if (status)
			return status;
	}
	return 0;
}

static int call_leaf(const struct command *command, const char *path, int argc, char **argv)
{
	struct option_rows rows;
	char *options = calloc(1, command->size ? command->size : 1);
	int status, count;

	if (!options)
		return say_failure("options", -1);
	if (command->defaults)
		memcpy(options, command->defaults, command->size);
	collect(command, &rows);
	status = parse(&rows, argc, argv, options);
	count = argc - optind;
	if (status == -1) {
		command_help(command, path);
		status = 0;
	} else if (status == 0 && count < command->arguments_min) {
		status = say_usage("missing argument: %s", command->arguments);
	} else if (status == 0 && command->arguments_max >= 0 && count > command->arguments_max) {
		status = say_usage("unexpected argument '%s'",
		                   argv[optind + command->arguments_max]);
	} else if (status == 0) {
		status = command->run(options, count, argv + optind);
	}
	free(options);
	return status;
}

int command_call(const struct command *command, const char *path, int argc, char **argv)
{
	const struct command *verb;
	char longer[80];
	const char *near;

	say_as(path);
	if (!command->verbs)
		return call_leaf(command, path, argc, argv);
	if (argc < 2)
		return say_usage("missing verb");
	if (!strcmp(argv[1], "--help")) {
		command_help(command, path);
		return EXIT_OK;
	}
	verb = command_find(command->verbs, argv[1]);
	if (verb) {
		snprintf(longer, sizeof longer, "%s %s", path, verb->name);
		return command_call(verb, longer, argc - 1, argv + 1);
	}
	if (command->run)
		return call_leaf(command, path, argc, argv);
	near = nearest_command(command->verbs, argv[1]);
	if (near)
		return say_usage("unknown verb '%s', nearest is '%s'", argv[1], near);
	return say_usage("unknown verb '%s'", argv[1]);
}
