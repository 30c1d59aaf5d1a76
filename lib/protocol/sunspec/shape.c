#include "protocol/sunspec/shape.h"

#include <string.h>

enum { HEADER = 2, ENUMERATE = 2048, ABSENT = 0xFFFF };

static unsigned offset_in(const struct sunspec_set *set, const struct sunspec_group *group,
                          uint16_t name, unsigned begin, const struct sunspec_point **found)
{
	unsigned at = begin;

	for (unsigned i = 0; i < group->points; i++) {
		const struct sunspec_point *p = &set->points[group->point + i];

		if (p->name == name) {
			*found = p;
			return at;
		}
		at += p->size;
	}
	return 0;
}

static bool is_named(uint16_t count)
{
	return count && count < SUNSPEC_TIMES;
}

static void find_counts(struct shape *s, const struct sunspec_group *group)
{
	for (unsigned i = 0; i < group->groups; i++) {
		const struct sunspec_group *sub = &s->set->groups[group->group + i];
		const struct sunspec_point *point;
		unsigned known = 0;

		while (known < s->count && s->counts[known].name != sub->count)
			known++;
		if (is_named(sub->count) && known == s->count && s->count < SHAPE_COUNTS) {
			s->counts[s->count].name = sub->count;
			s->counts[s->count].offset = (uint16_t)offset_in(
				s->set, s->root, sub->count, HEADER, &point);
			s->counts[s->count++].value = -1;
		}
		find_counts(s, sub);
	}
}

void shape_make(struct shape *s, const struct sunspec_set *set, const struct sunspec_model *model,
                const uint16_t *words, unsigned known, unsigned total)
{
	*s = (struct shape){.set = set, .root = &set->groups[model->group], .total = total};
	find_counts(s, s->root);
	for (unsigned i = 0; i < s->count; i++) {
		unsigned at = s->counts[i].offset;

		if (at && at < known && words[at] != ABSENT)
			s->counts[i].value = words[at];
	}
	s->wanted = shape_size(s, s->root);
}

/* The stated count of a group, -1 when it is unknown or the group fills the length. */
static int stated(const struct shape *s, const struct sunspec_group *group)
{
	if (group->count == SUNSPEC_FILLS)
		return -1;
	if (!is_named(group->count))
		return group->count - (int)SUNSPEC_TIMES;
	for (unsigned i = 0; i < s->count; i++)
		if (s->counts[i].name == group->count)
			return s->counts[i].value;
	return -1;
}

int shape_size(const struct shape *s, const struct sunspec_group *group)
{
	int64_t size = sunspec_points_size(s->set, group) + (group == s->root ? HEADER : 0);

	for (unsigned i = 0; i < group->groups; i++) {
		const struct sunspec_group *sub = &s->set->groups[group->group + i];
		int one = shape_size(s, sub), times = sub->count ? stated(s, sub) : 1;

		if (one < 0 || times < 0)
			return -1;
		size += (int64_t)one * times;
		if (size > INT32_MAX) /* wrong counts: larger than any model */
			size = INT32_MAX;
	}
	return (int)size;
}

unsigned shape_instances(const struct shape *s, const struct sunspec_group *group, unsigned at,
                         bool *strange)
{
	int size = shape_size(s, group), wanted = stated(s, group);
	unsigned room = at < s->total ? s->total - at : 0, fit;

	if (size <= 0)
		return 0;
	fit = room / (unsigned)size;
	if (group->count == SUNSPEC_FILLS) {
		*strange = *strange || room % (unsigned)size;
		return fit;
	}
	if (s->wanted >= 0 && (unsigned)s->wanted == s->total)
		return (unsigned)wanted;
	*strange = true;
	return wanted > 0 && (unsigned)wanted <= fit ? (unsigned)wanted : fit;
}

unsigned shape_scale(const struct shape *s, const struct sunspec_group *group, unsigned begin,
                     const struct sunspec_point *point, const struct sunspec_point **scale)
{
	unsigned at = 0;

	if (!point->scale || sunspec_is_power(point->scale))
		return 0;
	if (group != s->root)
		at = offset_in(s->set, group, point->scale, begin, scale);
	return at ? at : offset_in(s->set, s->root, point->scale, HEADER, scale);
}

static unsigned visit_group(const struct shape *s, const struct sunspec_group *group, unsigned at,
                            shape_visitor *visit, void *context)
{
	unsigned begin = at;
	bool strange = false;

	for (unsigned i = 0; i < group->points && at < s->total; i++) {
		const struct sunspec_point *p = &s->set->points[group->point + i], *scale = NULL;
		unsigned scale_at = shape_scale(s, group, begin, p, &scale);

		visit(context, p, at, scale_at, scale && scale->flags & SUNSPEC_STATIC);
		at += p->size;
	}
	for (unsigned i = 0; i < group->groups && at < s->total; i++) {
		const struct sunspec_group *sub = &s->set->groups[group->group + i];
		unsigned times = sub->count ? shape_instances(s, sub, at, &strange) : 1;

		for (; times && at < s->total; times--)
			at = visit_group(s, sub, at, visit, context);
	}
	return at;
}

void shape_visit(const struct shape *s, shape_visitor *visit, void *context)
{
	visit_group(s, s->root, HEADER, visit, context);
}

struct marks {
	uint8_t *starts;
	unsigned total;
};

static void mark(void *context, const struct sunspec_point *point, unsigned at, unsigned scale,
                 bool fixed)
{
	struct marks *m = context;

	(void)scale;
	(void)fixed;
	for (unsigned i = 1; i < point->size && at + i < m->total; i++)
		m->starts[at + i] = 0;
}

static void mark_all(const struct shape *s, uint8_t *starts)
{
	struct marks m = {starts, s->total};

	shape_visit(s, mark, &m);
}

/*
 * Marks starts for all values of the counts from `index` on that fit the length; returns how many.
 */
static unsigned enumerate(struct shape *s, unsigned index, uint8_t *starts)
{
	unsigned found = 0;

	for (int value = 1; (unsigned)value <= s->total; value++) {
		s->counts[index].value = value;
		for (unsigned later = index + 1; later < s->count; later++)
			s->counts[later].value = 1;
		s->wanted = shape_size(s, s->root);
		if (s->wanted < 0 || (unsigned)s->wanted > s->total)
			break;
		if (index + 1 < s->count)
			found += enumerate(s, index + 1, starts);
		else if ((unsigned)s->wanted == s->total) {
			mark_all(s, starts);
			found++;
		}
	}
	return found;
}

void shape_starts(const struct shape *s, uint8_t *starts)
{
	unsigned root = HEADER + sunspec_points_size(s->set, s->root);
	bool known = true;

	memset(starts, 1, s->total);
	for (unsigned i = 0; i < s->count; i++)
		known = known && s->counts[i].value >= 0;
	if (known || root >= s->total) {
		mark_all(s, starts);
		return;
	}
	if (s->count <= 2 && s->total <= ENUMERATE) {
		struct shape trial = *s;

		if (enumerate(&trial, 0, starts))
			return;
	}
	/* Unknown yet: the registers after the points of the top level stay in one piece. */
	mark_all(s, starts);
	if (root + 1 < s->total)
		memset(starts + root + 1, 0, s->total - root - 1);
}
