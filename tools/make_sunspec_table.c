/* Turns lib/protocol/sunspec/models.txt into a C file of constant tables: TABLE.txt TABLE.c */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/sunspec/builder.h"

enum { SETS = 512, WORD = 64, LINE = 4096 };

struct symbol_set {
	char name[WORD];
	unsigned symbols;
};

static struct symbol_set sets[SETS];
static unsigned set_count, line_number;

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "make_sunspec_table: line %u: %s\n", line_number, what);
	exit(1);
}

/* The next word, terminated in place; "" at the end of the line. */
static char *word(char **at)
{
	char *begin = *at + strspn(*at, " "), *end = begin + strcspn(begin, " ");

	*at = *end ? end + 1 : end;
	*end = '\0';
	return begin;
}

static const char *unless_dash(const char *text)
{
	return strcmp(text, "-") ? text : "";
}

static void read_set(struct builder *b, char *rest)
{
	const char *name = word(&rest);

	if (set_count == SETS || strlen(name) >= WORD)
		die("too many symbol sets, or a name is too long");
	for (char *s = strtok(rest, ";"); s; s = strtok(NULL, ";")) {
		char *equals = strrchr(s, '=');

		if (!equals)
			die("a symbol without value");
		*equals = '\0';
		builder_symbol(b, s, (uint32_t)strtoul(equals + 1, NULL, 0));
	}
	strcpy(sets[set_count].name, name);
	sets[set_count++].symbols = builder_symbols_end(b);
}

static unsigned find_set(const char *name)
{
	for (unsigned i = 0; i < set_count; i++)
		if (!strcmp(sets[i].name, name))
			return sets[i].symbols;
	die("a point names an unknown symbol set");
}

static void read_model(struct builder *b, char *rest)
{
	unsigned id = (unsigned)strtoul(word(&rest), NULL, 10);

	builder_model(b, id, word(&rest));
	if (!strcmp(word(&rest), "="))
		builder_same(b, (unsigned)strtoul(word(&rest), NULL, 10));
}

static unsigned flags_of(const char *letters)
{
	return (strchr(letters, 'm') ? SUNSPEC_MANDATORY : 0u) |
	       (strchr(letters, 'w') ? SUNSPEC_WRITABLE : 0u) |
	       (strchr(letters, 's') ? SUNSPEC_STATIC : 0u);
}

static void read_point(struct builder *b, const char *name, char *rest)
{
	struct builder_point p = {.name = name};
	char *type = word(&rest), *star = strchr(type, '*');
	const char *set;

	if (star) {
		*star = '\0';
		p.size = (unsigned)strtoul(star + 1, NULL, 10);
	}
	p.type = sunspec_type_named(type, strlen(type));
	p.flags = flags_of(word(&rest));
	p.scale = unless_dash(word(&rest));
	set = unless_dash(word(&rest));
	p.symbols = *set ? find_set(set + 1) : 0;
	p.unit = rest;
	builder_point(b, &p);
}

static void read_line(struct builder *b, char *line)
{
	char *rest = line, *first;

	line[strcspn(line, "\n")] = '\0';
	first = word(&rest);
	if (!*first || *first == '#')
		return;
	if (!strcmp(first, "set"))
		read_set(b, rest);
	else if (!strcmp(first, "model"))
		read_model(b, rest);
	else if (!strcmp(first, "}"))
		builder_group_end(b);
	else if (!strcmp(first, "{")) {
		char *name = word(&rest);

		builder_group(b, name, word(&rest));
	} else
		read_point(b, first, rest);
}

static void write_text(FILE *out, const struct sunspec_set *set, size_t size)
{
	fprintf(out, "static const char text[] = {\n\t0,");
	for (size_t at = 1; at < size; at += strlen(set->text + at) + 1) {
		fprintf(out, "\n\t");
		for (const char *c = set->text + at; *c; c++)
			fprintf(out, "%d, ", *c);
		fprintf(out, "0, /* %s */", set->text + at);
	}
	fprintf(out, "\n};\n\n");
}

static void write_tables(FILE *out, const struct sunspec_set *set, struct builder_sizes n)
{
	fprintf(out, "/* Made from models.txt, do not edit. */\n"
	             "#include \"protocol/sunspec/model.h\"\n\n");
	write_text(out, set, n.text);
	fprintf(out, "static const struct sunspec_symbol symbols[] = {\n");
	for (size_t i = 0; i < n.symbols; i++)
		fprintf(out, "\t{%u, %u, %u},\n", set->symbols[i].name, set->symbols[i].high,
		        set->symbols[i].low);
	fprintf(out, "};\n\nstatic const struct sunspec_point points[] = {\n");
	for (size_t i = 0; i < n.points; i++) {
		const struct sunspec_point *p = &set->points[i];

		fprintf(out, "\t{%u, %u, %u, %u, %u, %u, %u},\n", p->name, p->unit, p->scale,
		        p->symbols, p->type, p->flags, p->size);
	}
	fprintf(out, "};\n\nstatic const struct sunspec_group groups[] = {\n");
	for (size_t i = 0; i < n.groups; i++) {
		const struct sunspec_group *g = &set->groups[i];

		fprintf(out, "\t{%u, %u, %u, %u, %u, %u},\n", g->name, g->count, g->point,
		        g->points, g->group, g->groups);
	}
	fprintf(out, "};\n\nstatic const struct sunspec_model models[] = {\n");
	for (size_t i = 0; i < n.models; i++)
		fprintf(out, "\t{%u, %u, %u},\n", set->models[i].id, set->models[i].name,
		        set->models[i].group);
	fprintf(out,
	        "};\n\nconst struct sunspec_set sunspec_builtin = {\n"
	        "\t.text = text, .symbols = symbols, .points = points, .groups = groups,\n"
	        "\t.models = models, .count = %zu,\n};\n",
	        n.models);
}

int main(int argc, char **argv)
{
	static char line[LINE];
	struct builder *b = builder_new();
	struct sunspec_set set;
	const char *why;
	FILE *in, *out;

	in = argc == 3 && b ? fopen(argv[1], "r") : NULL;
	if (!in)
		die("usage: make_sunspec_table TABLE.txt TABLE.c");
	while (fgets(line, sizeof line, in)) {
		line_number++;
		if (!strchr(line, '\n'))
			die("a line is too long");
		read_line(b, line);
	}
	if (builder_finish(b, &set, &why))
		die(why);
	out = fopen(argv[2], "w");
	if (!out)
		die("cannot write the table");
	write_tables(out, &set, builder_sizes(b));
	fclose(in);
	builder_free(b);
	return fclose(out) ? 1 : 0;
}
