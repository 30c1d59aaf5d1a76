/* Model definitions: the files of --models, and `emtool sunspec models`. */
#include <stdlib.h>
#include <string.h>

#include "base/decimal.h"
#include "cmd/session/say.h"
#include "cmd/sim/server.h"
#include "cmd/sunspec/sunspec.h"
#include "protocol/sunspec/json.h"

struct definitions {
	struct builder *builder; /* NULL: only the built-in models */
	struct sunspec_set set;
};

static int read_file(struct definitions *d, const char *path)
{
	size_t length;
	char *text = sim_load(path, &length), why[JSON_WHY];
	int error;

	if (!text)
		return EXIT_LOCAL;
	error = sunspec_json(d->builder, text, length, why);
	free(text);
	if (!error)
		return 0;
	say_error("%s: %s", path, why);
	return EXIT_USAGE;
}

static int read_files(struct definitions *d, const struct option_list *files)
{
	const char *why = "";
	int status = 0;

	d->builder = builder_new();
	if (!d->builder)
		return say_failure("--models", EM_NO_MEMORY);
	for (size_t i = 0; !status && i < files->count; i++)
		status = read_file(d, files->items[i]);
	if (!status && builder_finish(d->builder, &d->set, &why)) {
		say_error("--models: %s", why);
		status = EXIT_USAGE;
	}
	d->set.next = &sunspec_builtin;
	return status;
}

struct definitions *definitions_read(const struct option_list *files, int *status)
{
	struct definitions *d = calloc(1, sizeof *d);

	*status = 0;
	if (!d) {
		*status = say_failure("--models", EM_NO_MEMORY);
		return NULL;
	}
	d->set = sunspec_builtin;
	if (files->count)
		*status = read_files(d, files);
	if (!*status)
		return d;
	definitions_free(d);
	return NULL;
}

const struct sunspec_set *definitions_set(const struct definitions *d)
{
	return &d->set;
}

void definitions_free(struct definitions *d)
{
	if (d)
		builder_free(d->builder);
	free(d);
}

static void add_symbols(struct record *r, const struct sunspec_set *set,
                        const struct sunspec_point *p)
{
	const struct sunspec_symbol *s = set->symbols + p->symbols;

	record_list(r, "symbols");
	for (; p->symbols && s->name; s++) {
		record_object(r, NULL);
		record_word(r, "name", set->text + s->name);
		record_int(r, "value", (int64_t)((uint32_t)s->high << 16 | s->low));
		record_end(r);
	}
	record_end(r);
}

static void add_point(struct record *r, const struct sunspec_set *set,
                      const struct sunspec_point *p)
{
	record_object(r, NULL);
	record_word(r, "name", set->text + p->name);
	record_word(r, "type", sunspec_type_name((enum sunspec_type)p->type));
	record_int(r, "size", p->size);
	if (sunspec_is_power(p->scale))
		record_int(r, "sf", sunspec_power(p->scale));
	else
		record_word(r, "sf", p->scale ? set->text + p->scale : NULL);
	record_word(r, "units", p->unit ? set->text + p->unit : NULL);
	record_word(r, "access", p->flags & SUNSPEC_WRITABLE ? "RW" : "R");
	record_bool(r, "mandatory", p->flags & SUNSPEC_MANDATORY);
	record_bool(r, "static", p->flags & SUNSPEC_STATIC);
	add_symbols(r, set, p);
	record_end(r);
}

static void add_group(struct record *r, const struct sunspec_set *set,
                      const struct sunspec_group *g)
{
	record_list(r, "points");
	for (unsigned i = 0; i < g->points; i++)
		add_point(r, set, &set->points[g->point + i]);
	record_end(r);
	if (!g->groups)
		return;
	record_list(r, "groups");
	for (unsigned i = 0; i < g->groups; i++) {
		const struct sunspec_group *sub = &set->groups[g->group + i];

		record_object(r, NULL);
		record_word(r, "name", set->text + sub->name);
		if (sub->count == SUNSPEC_FILLS)
			record_int(r, "count", 0);
		else if (sub->count >= SUNSPEC_TIMES)
			record_int(r, "count", sub->count - SUNSPEC_TIMES);
		else if (sub->count)
			record_word(r, "count", set->text + sub->count);
		add_group(r, set, sub);
		record_end(r);
	}
	record_end(r);
}

static void emit_model(struct session *s, const struct sunspec_set *set,
                       const struct sunspec_model *m, bool points)
{
	const struct sunspec_group *root = &set->groups[m->group];
	struct record *r = &s->record;

	record_begin(r, "sunspec_model");
	record_int(r, "model", m->id);
	record_word(r, "name", set->text + m->name);
	record_int(r, "length", sunspec_points_size(set, root));
	record_bool(r, "repeating", root->groups != 0);
	if (points)
		add_group(r, set, root);
	session_emit(s, r);
}

static int named_models(struct session *s, const struct sunspec_set *set, int count, char **names)
{
	for (int i = 0; i < count; i++) {
		uint32_t id;
		const struct sunspec_model *m;
		const struct sunspec_set *where;

		m = decimal_whole(&id, names[i], strlen(names[i]), 65535)
		            ? NULL
		            : sunspec_find(set, id, &where);
		if (!m)
			return say_usage("no model '%s'; 'emtool sunspec models' lists the models",
			                 names[i]);
		emit_model(s, where, m, true);
	}
	return 0;
}

int sunspec_models(void *options, int count, char **arguments)
{
	const struct sunspec_arguments *o = options;
	struct definitions *d;
	struct session s;
	int status;

	if (session_begin(&s, &o->reading, sunspec_text_models))
		return session_end(&s);
	d = definitions_read(&o->definitions, &status);
	if (d && count)
		status = named_models(&s, &d->set, count, arguments);
	for (const struct sunspec_set *set = d && !count ? &d->set : NULL; set; set = set->next)
		for (size_t i = 0; i < set->count; i++)
			emit_model(&s, set, &set->models[i], false);
	if (status)
		session_fail(&s, status);
	status = session_end(&s);
	definitions_free(d);
	return status;
}
