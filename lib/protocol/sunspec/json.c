#include "protocol/sunspec/json.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"

struct loader {
	struct builder *builder;
	char *why;
	unsigned model;
};

static int refuse(struct loader *l, const char *what, const char *name)
{
	snprintf(l->why, JSON_WHY, "model %u: %s%s%.100s%s", l->model, what, *name ? " '" : "",
	         name, *name ? "'" : "");
	return EM_SYNTAX;
}

static const char *text_in(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

/* A text, or a whole number as text. */
static const char *number_or_text(const json_t *object, const char *key, char buffer[24])
{
	const json_t *value = json_object_get(object, key);

	if (!json_is_integer(value))
		return text_in(object, key);
	snprintf(buffer, 24, "%lld", (long long)json_integer_value(value));
	return buffer;
}

static unsigned load_symbols(struct loader *l, const json_t *point)
{
	const json_t *symbols = json_object_get(point, "symbols");

	for (size_t i = 0; i < json_array_size(symbols); i++) {
		const json_t *symbol = json_array_get(symbols, i);
		json_int_t value = json_integer_value(json_object_get(symbol, "value"));

		if (value >= 0 && value <= UINT32_MAX)
			builder_symbol(l->builder, text_in(symbol, "name"), (uint32_t)value);
	}
	return builder_symbols_end(l->builder);
}

static int load_point(struct loader *l, const json_t *point)
{
	struct builder_point p = {.name = text_in(point, "name"), .unit = text_in(point, "units")};
	const char *type = text_in(point, "type");
	json_int_t size = json_integer_value(json_object_get(point, "size"));
	char scale[24];

	if (!*p.name)
		return refuse(l, "a point without name", "");
	p.type = sunspec_type_named(type, strlen(type));
	if (p.type < 0)
		return refuse(l, "unknown type of point", p.name);
	if (size < 0 || size > UINT8_MAX)
		return refuse(l, "impossible size of point", p.name);
	p.size = (unsigned)size;
	p.scale = number_or_text(point, "sf", scale);
	if (!strcmp(p.scale, "0"))
		p.scale = "";
	p.flags |= *text_in(point, "mandatory") == 'M' ? SUNSPEC_MANDATORY : 0u;
	p.flags |= strchr(text_in(point, "access"), 'W') ? SUNSPEC_WRITABLE : 0u;
	p.flags |= *text_in(point, "static") == 'S' ? SUNSPEC_STATIC : 0u;
	p.symbols = load_symbols(l, point);
	builder_point(l->builder, &p);
	return 0;
}

static int load_group(struct loader *l, const json_t *group, size_t skip, unsigned depth);

static int load_subgroups(struct loader *l, const json_t *group, unsigned depth)
{
	const json_t *groups = json_object_get(group, "groups");
	int error = 0;

	for (size_t i = 0; !error && i < json_array_size(groups); i++) {
		const json_t *sub = json_array_get(groups, i);
		char number[24];
		const char *count = number_or_text(sub, "count", number);

		if (!strcmp(count, "0"))
			count = "*";
		else if (!strcmp(count, "1"))
			count = "";
		builder_group(l->builder, text_in(sub, "name"), count);
		error = load_group(l, sub, 0, depth + 1);
		builder_group_end(l->builder);
	}
	return error;
}

static int load_group(struct loader *l, const json_t *group, size_t skip, unsigned depth)
{
	const json_t *points = json_object_get(group, "points");
	int error = 0;

	if (depth > SUNSPEC_DEPTH)
		return refuse(l, "groups are nested too deep", "");
	for (size_t i = skip; !error && i < json_array_size(points); i++)
		error = load_point(l, json_array_get(points, i));
	return error ? error : load_subgroups(l, group, depth);
}

/* Whether the first points are ID and L; the builder adds them itself. */
static bool is_header(const json_t *group)
{
	const json_t *points = json_object_get(group, "points");

	return !strcmp(text_in(json_array_get(points, 0), "name"), "ID") &&
	       !strcmp(text_in(json_array_get(points, 1), "name"), "L");
}

static int load_model(struct loader *l, const json_t *model)
{
	const json_t *group = json_object_get(model, "group");
	json_int_t id = json_integer_value(json_object_get(model, "id"));

	l->model = id > 0 && id < 0xFFFF ? (unsigned)id : 0;
	if (!l->model)
		return refuse(l, "no id 1..65534", "");
	if (!is_header(group))
		return refuse(l, "its group does not begin with the points ID and L", "");
	builder_model(l->builder, l->model, text_in(group, "name"));
	return load_group(l, group, 2, 0);
}

int sunspec_json(struct builder *b, const char *text, size_t length, char why[JSON_WHY])
{
	struct loader l = {.builder = b, .why = why};
	json_error_t problem;
	json_t *all = json_loadb(text, length, JSON_REJECT_DUPLICATES, &problem);
	int error = 0;

	if (!all) {
		snprintf(why, JSON_WHY, "line %d: %.140s", problem.line, problem.text);
		return EM_SYNTAX;
	}
	if (!json_is_array(all))
		error = load_model(&l, all);
	for (size_t i = 0; !error && i < json_array_size(all); i++)
		error = load_model(&l, json_array_get(all, i));
	json_decref(all);
	return error;
}
