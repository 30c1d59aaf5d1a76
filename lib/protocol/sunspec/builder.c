#include "protocol/sunspec/builder.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"

enum { GROUPS = 64, ROWS = 0xFF00 };

/* A table that grows. */
struct builder_rows {
	void *data;
	size_t count, capacity;
};

/* A group of the model that is being built; its points are in `pending`. */
struct node {
	struct sunspec_group row;
	int parent;
	bool closed; /* a group within it has begun: no more points */
};

struct builder {
	struct builder_rows text, symbols, points, groups, models, pending;
	struct node nodes[GROUPS];
	int node_count, open; /* innermost open group, -1: no model is open */
	unsigned symbols_begin;
	int error;
	const char *why;
};

static void fail(struct builder *b, int error, const char *why)
{
	if (b->error)
		return;
	b->error = error;
	b->why = why;
}

/* Room for n more rows at the end, zeroed and counted; NULL after an error. */
static void *add(struct builder *b, struct builder_rows *rows, size_t size, size_t n)
{
	void *at;

	if (b->error)
		return NULL;
	if (rows->count + n > ROWS) {
		fail(b, EM_RANGE, "more definitions than fit a table");
		return NULL;
	}
	if (rows->count + n > rows->capacity) {
		size_t capacity = rows->capacity * 2 > rows->count + n ? rows->capacity * 2
		                                                       : rows->count + n + 64;
		void *data = realloc(rows->data, capacity * size);

		if (!data) {
			fail(b, EM_NO_MEMORY, "out of memory");
			return NULL;
		}
		rows->data = data;
		rows->capacity = capacity;
	}
	at = (char *)rows->data + rows->count * size;
	memset(at, 0, n * size);
	rows->count += n;
	return at;
}

struct builder *builder_new(void)
{
	struct builder *b = calloc(1, sizeof *b);

	if (!b)
		return NULL;
	b->open = -1;
	add(b, &b->text, 1, 1);
	add(b, &b->symbols, sizeof(struct sunspec_symbol), 1);
	b->symbols_begin = 1;
	return b;
}

void builder_free(struct builder *b)
{
	if (!b)
		return;
	free(b->text.data);
	free(b->symbols.data);
	free(b->points.data);
	free(b->groups.data);
	free(b->models.data);
	free(b->pending.data);
	free(b);
}

/* The place of a name in the text, equal names share one; 0 for none. */
static uint16_t name_of(struct builder *b, const char *name)
{
	const char *text = b->text.data;
	size_t length, at;
	char *new;

	if (!name || !*name || b->error)
		return 0;
	length = strlen(name);
	if (length > SUNSPEC_NAME) {
		fail(b, EM_RANGE, "a name that is too long");
		return 0;
	}
	for (at = 1; at < b->text.count; at += strlen(text + at) + 1)
		if (!strcmp(text + at, name))
			return (uint16_t)at;
	new = add(b, &b->text, 1, length + 1);
	if (new)
		memcpy(new, name, length);
	return (uint16_t)at;
}

/* A number within low..high, with nothing after it. */
static bool number(const char *text, long low, long high, long *out)
{
	char *end;

	*out = strtol(text, &end, 10);
	return end != text && !*end && *out >= low && *out <= high;
}

static int new_group(struct builder *b, const char *name, int parent)
{
	struct node *node = &b->nodes[b->node_count];

	if (b->node_count == GROUPS) {
		fail(b, EM_RANGE, "a model with too many groups");
		return b->open;
	}
	*node = (struct node){.parent = parent};
	node->row.name = name_of(b, name);
	node->row.point = (uint16_t)b->pending.count;
	return b->node_count++;
}

void builder_group(struct builder *b, const char *name, const char *count)
{
	int depth = 0;
	uint16_t coded = 0;
	long times;

	if (b->error)
		return;
	for (int n = b->open; n >= 0; n = b->nodes[n].parent)
		depth++;
	if (b->open < 0 || depth > SUNSPEC_DEPTH || !name || !*name) {
		fail(b, EM_SYNTAX, "a group without name or model, or too deep");
		return;
	}
	if (count && !strcmp(count, "*"))
		coded = SUNSPEC_FILLS;
	else if (count && number(count, 1, 254, &times))
		coded = (uint16_t)(SUNSPEC_TIMES + (unsigned)times);
	else
		coded = name_of(b, count);
	b->nodes[b->open].closed = true;
	b->open = new_group(b, name, b->open);
	b->nodes[b->open].row.count = coded;
}

void builder_group_end(struct builder *b)
{
	if (b->error)
		return;
	if (b->open <= 0)
		fail(b, EM_SYNTAX, "a group end without a beginning");
	else
		b->open = b->nodes[b->open].parent;
}

static uint16_t scale_of(struct builder *b, const char *scale)
{
	long power;

	if (scale && number(scale, -10, 10, &power))
		return (uint16_t)(SUNSPEC_POWER + 64 + (unsigned)power);
	return name_of(b, scale);
}

void builder_point(struct builder *b, const struct builder_point *p)
{
	struct sunspec_point *row;
	unsigned size;

	if (b->error)
		return;
	if (b->open < 0 || b->nodes[b->open].closed || !p->name || !*p->name) {
		fail(b, EM_SYNTAX, "a point without name or outside of its group");
		return;
	}
	if (p->type < 0) {
		fail(b, EM_UNKNOWN, "a point of an unknown type");
		return;
	}
	size = sunspec_type_size((enum sunspec_type)p->type);
	if (!size)
		size = p->size;
	if (size < 1 || size > UINT8_MAX || (p->size && p->size != size)) {
		fail(b, EM_RANGE, "a point whose size does not suit its type");
		return;
	}
	row = add(b, &b->pending, sizeof *row, 1);
	if (!row)
		return;
	*row = (struct sunspec_point){.name = name_of(b, p->name),
	                              .unit = name_of(b, p->unit),
	                              .scale = scale_of(b, p->scale),
	                              .type = (unsigned)p->type & 31u,
	                              .symbols = (uint16_t)p->symbols,
	                              .flags = p->flags & 7u,
	                              .size = (uint8_t)size};
	b->nodes[b->open].row.points++;
}

void builder_symbol(struct builder *b, const char *name, uint32_t value)
{
	uint16_t at = name_of(b, name);
	struct sunspec_symbol *s = at ? add(b, &b->symbols, sizeof *s, 1) : NULL;

	if (s)
		*s = (struct sunspec_symbol){at, (uint16_t)(value >> 16), (uint16_t)value};
}

/* Equal rows are kept once. */
unsigned builder_symbols_end(struct builder *b)
{
	const struct sunspec_symbol *all;
	size_t begin = b->symbols_begin, n = b->symbols.count - begin;

	if (!n || !add(b, &b->symbols, sizeof *all, 1))
		return 0;
	all = b->symbols.data;
	for (size_t i = 1; i + n < begin; i++) {
		if (!memcmp(all + i, all + begin, (n + 1) * sizeof *all)) {
			b->symbols.count = begin;
			return (unsigned)i;
		}
	}
	b->symbols_begin = (unsigned)b->symbols.count;
	return (unsigned)begin;
}

/* Puts a group's points into the table, or finds the same row of points there. */
static uint16_t place_points(struct builder *b, const struct sunspec_group *group)
{
	const struct sunspec_point *new, *all = b->points.data;
	size_t n = group->points, i;
	void *at;

	if (!n)
		return 0;
	new = (const struct sunspec_point *)b->pending.data + group->point;
	for (i = 0; i + n <= b->points.count; i++)
		if (!memcmp(all + i, new, n * sizeof *new))
			return (uint16_t)i;
	i = b->points.count;
	at = add(b, &b->points, sizeof *new, n);
	if (at)
		memcpy(at, new, n * sizeof *new);
	return (uint16_t)i;
}

static void end_model(struct builder *b)
{
	int order[GROUPS] = {0}, placed = 1;
	size_t base = b->groups.count;

	if (b->error || b->open < 0)
		return;
	if (b->open > 0) {
		fail(b, EM_SYNTAX, "a group does not end");
		return;
	}
	for (int i = 0; i < placed; i++) { /* breadth first: the groups of a group are adjacent */
		struct node *node = &b->nodes[order[i]];

		node->row.group = (uint16_t)(base + (size_t)placed);
		for (int child = order[i] + 1; child < b->node_count; child++)
			if (b->nodes[child].parent == order[i])
				order[placed++] = child;
		node->row.groups = (uint16_t)(base + (size_t)placed - node->row.group);
	}
	for (int i = 0; i < placed; i++) {
		struct sunspec_group row = b->nodes[order[i]].row, *at;

		row.point = place_points(b, &row);
		at = add(b, &b->groups, sizeof row, 1);
		if (at)
			*at = row;
	}
	b->open = -1;
}

static struct sunspec_model *new_model(struct builder *b, unsigned id, const char *name)
{
	struct sunspec_model *model;

	end_model(b);
	if (id < 1 || id >= 0xFFFF) {
		fail(b, EM_RANGE, "a model id outside 1..65534");
		return NULL;
	}
	model = add(b, &b->models, sizeof *model, 1);
	if (model)
		*model = (struct sunspec_model){(uint16_t)id, name_of(b, name),
		                                (uint16_t)b->groups.count};
	return model;
}

void builder_model(struct builder *b, unsigned id, const char *name)
{
	if (!new_model(b, id, name))
		return;
	b->node_count = 0;
	b->pending.count = 0;
	b->open = new_group(b, name, -1);
}

void builder_same(struct builder *b, unsigned id)
{
	struct sunspec_model *models = b->models.data;

	if (b->error || b->open < 0)
		return;
	for (size_t i = 0; i + 1 < b->models.count; i++) {
		if (models[i].id == id) {
			models[b->models.count - 1].group = models[i].group;
			b->open = -1;
			return;
		}
	}
	fail(b, EM_UNKNOWN, "a model that is not defined before");
}

static int by_id(const void *a, const void *b)
{
	const struct sunspec_model *left = a, *right = b;

	return (left->id > right->id) - (left->id < right->id);
}

int builder_finish(struct builder *b, struct sunspec_set *out, const char **why)
{
	struct sunspec_model *models;

	end_model(b);
	models = b->models.data;
	if (b->models.count)
		qsort(models, b->models.count, sizeof *models, by_id);
	for (size_t i = 1; i < b->models.count; i++)
		if (models[i].id == models[i - 1].id)
			fail(b, EM_SYNTAX, "a model is defined twice");
	*why = b->why;
	*out = (struct sunspec_set){.text = b->text.data,
	                            .symbols = b->symbols.data,
	                            .points = b->points.data,
	                            .groups = b->groups.data,
	                            .models = models,
	                            .count = b->models.count};
	return b->error;
}

struct builder_sizes builder_sizes(const struct builder *b)
{
	return (struct builder_sizes){b->text.count, b->symbols.count, b->points.count,
	                              b->groups.count, b->models.count};
}
