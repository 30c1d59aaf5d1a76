#include "protocol/sunspec/model.h"

#include <string.h>

static const struct {
	char name[11];
	uint8_t size;
} types[SUNSPEC_TYPES] = {
	[SUNSPEC_INT16] = {"int16", 1},
	[SUNSPEC_INT32] = {"int32", 2},
	[SUNSPEC_INT64] = {"int64", 4},
	[SUNSPEC_UINT16] = {"uint16", 1},
	[SUNSPEC_UINT32] = {"uint32", 2},
	[SUNSPEC_UINT64] = {"uint64", 4},
	[SUNSPEC_ACC16] = {"acc16", 1},
	[SUNSPEC_ACC32] = {"acc32", 2},
	[SUNSPEC_ACC64] = {"acc64", 4},
	[SUNSPEC_ENUM16] = {"enum16", 1},
	[SUNSPEC_ENUM32] = {"enum32", 2},
	[SUNSPEC_BITFIELD16] = {"bitfield16", 1},
	[SUNSPEC_BITFIELD32] = {"bitfield32", 2},
	[SUNSPEC_BITFIELD64] = {"bitfield64", 4},
	[SUNSPEC_COUNT] = {"count", 1},
	[SUNSPEC_SUNSSF] = {"sunssf", 1},
	[SUNSPEC_PAD] = {"pad", 1},
	[SUNSPEC_STRING] = {"string", 0},
	[SUNSPEC_FLOAT32] = {"float32", 2},
	[SUNSPEC_FLOAT64] = {"float64", 4},
	[SUNSPEC_IPADDR] = {"ipaddr", 2},
	[SUNSPEC_IPV6ADDR] = {"ipv6addr", 8},
	[SUNSPEC_EUI48] = {"eui48", 4},
};

static const struct sunspec_model *find_here(const struct sunspec_set *set, unsigned id)
{
	size_t low = 0, high = set->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (set->models[middle].id == id)
			return &set->models[middle];
		if (set->models[middle].id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

const struct sunspec_model *sunspec_find(const struct sunspec_set *set, unsigned id,
                                         const struct sunspec_set **where)
{
	for (; set; set = set->next) {
		const struct sunspec_model *model = find_here(set, id);

		if (model) {
			*where = set;
			return model;
		}
	}
	return NULL;
}

const char *sunspec_symbol(const struct sunspec_set *set, const struct sunspec_point *point,
                           uint32_t value)
{
	const struct sunspec_symbol *s = set->symbols + point->symbols;

	for (; point->symbols && s->name; s++)
		if (((uint32_t)s->high << 16 | s->low) == value)
			return set->text + s->name;
	return NULL;
}

static bool is_among(const char *name, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(name, names[i]))
			return true;
	return false;
}

static bool group_has(const struct sunspec_set *set, const struct sunspec_group *group,
                      const char *const *names, size_t count)
{
	for (unsigned i = 0; i < group->points; i++)
		if (is_among(set->text + set->points[group->point + i].name, names, count))
			return true;
	for (unsigned i = 0; i < group->groups; i++) {
		const struct sunspec_group *sub = &set->groups[group->group + i];

		if (is_among(set->text + sub->name, names, count) ||
		    group_has(set, sub, names, count))
			return true;
	}
	return false;
}

bool sunspec_has(const struct sunspec_set *set, const struct sunspec_model *model,
                 const char *const *names, size_t count)
{
	return group_has(set, &set->groups[model->group], names, count);
}

unsigned sunspec_points_size(const struct sunspec_set *set, const struct sunspec_group *group)
{
	unsigned size = 0;

	for (unsigned i = 0; i < group->points; i++)
		size += set->points[group->point + i].size;
	return size;
}

const char *sunspec_type_name(enum sunspec_type type)
{
	return types[type].name;
}

int sunspec_type_named(const char *name, size_t length)
{
	for (int i = 0; i < SUNSPEC_TYPES; i++)
		if (strlen(types[i].name) == length && !memcmp(types[i].name, name, length))
			return i;
	return -1;
}

unsigned sunspec_type_size(enum sunspec_type type)
{
	return types[type].size;
}
