/* Keeps lines without a name and damaged lines, so that nothing is lost. */
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "protocol/dsmr/parts.h"

static size_t hash(struct span code)
{
	uint32_t h = fnv32(FNV32_START, code.data, code.size);

	return (h ^ h >> 15) & 0xFF;
}

static bool same(struct span a, struct span b)
{
	return a.size == b.size && !memcmp(a.data, b.data, a.size);
}

static void leftovers_add(struct dsmr *d, struct leftovers *list, struct span code,
                          struct span groups)
{
	struct leftover *item;
	uint32_t *head;

	if (list->count == list->capacity) {
		size_t capacity = list->capacity ? list->capacity * 2 : 16;
		struct leftover *items = realloc(list->items, capacity * sizeof *items);

		if (!items) {
			d->failed = true;
			return;
		}
		list->items = items;
		list->capacity = capacity;
	}
	item = &list->items[list->count++];
	*item = (struct leftover){code, groups, 0, false};
	if (!code.size)
		return;
	head = &list->heads[hash(code)];
	for (uint32_t i = *head; i && !item->again; i = list->items[i - 1].next)
		item->again = same(list->items[i - 1].code, code);
	item->next = *head;
	*head = (uint32_t)list->count;
	list->used = true;
}

void dsmr_error(struct dsmr *d, struct span line)
{
	leftovers_add(d, &d->errors, (struct span){0}, line);
}

void dsmr_unknown(struct dsmr *d, const struct dsmr_line *line)
{
	if (line->code.size > CODE_LIMIT)
		dsmr_error(d, line->whole);
	else
		leftovers_add(d, &d->unknown, line->code, line->groups);
}

void leftovers_clear(struct leftovers *list)
{
	list->count = 0;
	if (list->used)
		memset(list->heads, 0, sizeof list->heads);
	list->used = false;
}

/* How often the code of an item occurs in the list, counted at its first occurrence. */
static size_t occurrences(const struct leftovers *list, const struct leftover *first)
{
	size_t n = 0;

	for (uint32_t i = list->heads[hash(first->code)]; i; i = list->items[i - 1].next)
		n += same(list->items[i - 1].code, first->code);
	return n;
}

static void add_unnamed(struct record *r, struct span text)
{
	record_null(r, NULL);
	set_text(r, r->count - 1, text, false);
}

static void add_code(struct record *r, const struct leftovers *list, size_t index)
{
	const struct leftover *item = &list->items[index];
	const char *name = (const char *)item->code.data;

	if (occurrences(list, item) == 1) {
		record_add_n(r, name, item->code.size);
		set_text(r, r->count - 1, item->groups, false);
		return;
	}
	record_add_n(r, name, item->code.size)->kind = VALUE_LIST;
	for (size_t i = index; i < list->count; i++)
		if (same(list->items[i].code, item->code))
			add_unnamed(r, list->items[i].groups);
	record_end(r);
}

/* A wrapped line was received as several. */
static void add_error(struct record *r, struct span line)
{
	const uint8_t *end = line.data + line.size, *next;

	for (const uint8_t *p = line.data; p < end; p = next + 1) {
		size_t n;

		next = memchr(p, '\n', (size_t)(end - p));
		next = next ? next : end;
		n = (size_t)(next - p);
		while (n && p[n - 1] == '\r')
			n--;
		if (n)
			add_unnamed(r, (struct span){p, n});
	}
}

void add_leftovers(struct dsmr *d)
{
	if (d->unknown.count) {
		record_object(d->record, "unknown");
		for (size_t i = 0; i < d->unknown.count; i++)
			if (!d->unknown.items[i].again)
				add_code(d->record, &d->unknown, i);
		record_end(d->record);
	}
	if (d->errors.count) {
		record_list(d->record, "errors");
		for (size_t i = 0; i < d->errors.count; i++)
			add_error(d->record, d->errors.items[i].groups);
		record_end(d->record);
	}
}
