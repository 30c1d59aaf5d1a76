#include "output/database_batch.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/hash.h"
#include "output/device.h"
#include "record/quantity.h"

enum entry_kind { ENTRY_ROW, ENTRY_COLUMN };

/* Stored unaligned in the text; its strings follow: type, source, device, record; or a name. */
struct entry {
	size_t size; /* with the strings */
	instant time;
	size_t record_length;
	unsigned char kind;
	bool number;
};

static uint32_t hash(const char *name, size_t length)
{
	return fnv32(FNV32_START, name, length);
}

static bool grow_columns(struct row_maker *m)
{
	size_t capacity = m->column_capacity ? m->column_capacity * 2 : 256;
	char **columns = calloc(capacity, sizeof *columns);

	if (!columns)
		return false;
	for (size_t i = 0; i < m->column_capacity; i++) {
		char *name = m->columns[i];
		size_t at = name ? hash(name, strlen(name)) & (capacity - 1) : 0;

		if (!name)
			continue;
		while (columns[at])
			at = (at + 1) & (capacity - 1);
		columns[at] = name;
	}
	free(m->columns);
	m->columns = columns;
	m->column_capacity = capacity;
	return true;
}

/* Remembers a name and returns whether it is new. When memory is out, `entry` has failed. */
static bool new_column(struct row_maker *m, const char *name, size_t length)
{
	size_t at;

	if (m->column_count * 2 >= m->column_capacity && !grow_columns(m)) {
		m->entry.failed = true;
		return false;
	}
	at = hash(name, length) & (m->column_capacity - 1);
	for (; m->columns[at]; at = (at + 1) & (m->column_capacity - 1))
		if (!strncmp(m->columns[at], name, length) && !m->columns[at][length])
			return false;
	m->columns[at] = malloc(length + 1);
	if (!m->columns[at]) {
		m->entry.failed = true;
		return false;
	}
	memcpy(m->columns[at], name, length);
	m->columns[at][length] = '\0';
	m->column_count++;
	return true;
}

/* Whether the name can be a column: it needs no quotes and is none of the table's own names. */
static bool is_column(const struct value *v)
{
	static const char *const own[] = {"id", "time", "type", "source", "device", "record"};

	if (!v->name || v->name_length == 0 || v->name_length > 60 || v->kind >= VALUE_LIST)
		return false;
	if (v->kind == VALUE_NULL && !v->unit && !quantity_named(v->name, v->name_length))
		return false; /* its type is unknown until it has a value */
	for (size_t i = 0; i < v->name_length; i++) {
		char c = v->name[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
		      (i && c >= '0' && c <= '9')))
			return false;
	}
	for (size_t i = 0; i < sizeof own / sizeof *own; i++)
		if (strlen(own[i]) == v->name_length && !memcmp(own[i], v->name, v->name_length))
			return false;
	return true;
}

static void put_string(struct text *out, const char *data, size_t length)
{
	text_add(out, data, length);
	text_char(out, '\0');
}

static void put_column(struct row_maker *m, const struct value *v)
{
	struct entry entry = {.kind = ENTRY_COLUMN, .size = sizeof entry + v->name_length + 1};
	const struct quantity *q = quantity_named(v->name, v->name_length);

	entry.number = (v->kind >= VALUE_DECIMAL && v->kind <= VALUE_FLOAT64) ||
	               (v->kind == VALUE_NULL && (v->unit || (q && q->unit)));
	text_add(&m->entry, (const char *)&entry, sizeof entry);
	put_string(&m->entry, v->name, v->name_length);
}

static instant row_time(const struct record *r, instant now)
{
	instant time = record_instant(r);

	return time == INSTANT_NONE ? now : time;
}

static void put_row(struct row_maker *m, const struct record *r, instant now)
{
	const char *source = r->source ? r->source : "";
	struct entry entry = {.kind = ENTRY_ROW, .time = row_time(r, now)};
	size_t device;

	m->json.length = m->device.length = 0;
	format_json(&m->json, &m->state, r);
	device_name(&m->device, r);
	device = strlen(text_string(&m->device)); /* ends at a NUL that a device may have sent */
	entry.record_length = m->json.length ? m->json.length - 1 : 0; /* without its newline */
	entry.size = sizeof entry + strlen(r->type) + strlen(source) + device +
	             entry.record_length + 4;
	text_add(&m->entry, (const char *)&entry, sizeof entry);
	put_string(&m->entry, r->type, strlen(r->type));
	put_string(&m->entry, source, strlen(source));
	put_string(&m->entry, text_string(&m->device), device);
	put_string(&m->entry, m->json.data, entry.record_length);
	m->entry.failed |= m->json.failed || m->device.failed;
}

struct text *row_make(struct row_maker *m, const struct record *r, instant now)
{
	const struct value *end = r->values + r->count;

	m->entry.length = 0;
	for (const struct value *v = r->values; v < end; v = value_next(r, v))
		if (is_column(v) && new_column(m, v->name, v->name_length))
			put_column(m, v);
	put_row(m, r, now);
	return &m->entry;
}

void row_maker_free(struct row_maker *m)
{
	for (size_t i = 0; i < m->column_capacity; i++)
		free(m->columns[i]);
	free(m->columns);
	text_free(&m->entry);
	text_free(&m->json);
	text_free(&m->device);
}

/* The next entry of a kind, from p on. */
static const char *find_entry(const struct text *batch, const char *p, enum entry_kind kind,
                              struct entry *entry)
{
	const char *end = batch->data + batch->length;

	for (; p < end; p += entry->size) {
		memcpy(entry, p, sizeof *entry);
		if (entry->kind == kind)
			return p + sizeof *entry;
	}
	return NULL;
}

const char *entry_row(const struct text *batch, const char *p, struct database_row *row)
{
	struct entry entry;
	const char *strings = find_entry(batch, p, ENTRY_ROW, &entry);

	if (!strings)
		return NULL;
	*row = (struct database_row){.time = entry.time, .type = strings};
	row->record_length = entry.record_length;
	row->source = row->type + strlen(row->type) + 1;
	row->device = row->source + strlen(row->source) + 1;
	row->record = row->device + strlen(row->device) + 1;
	return strings - sizeof entry + entry.size;
}

const char *entry_column(const struct text *batch, const char *p, const char **name, bool *number)
{
	struct entry entry;
	const char *strings = find_entry(batch, p, ENTRY_COLUMN, &entry);

	if (!strings)
		return NULL;
	*name = strings;
	*number = entry.number;
	return strings - sizeof entry + entry.size;
}

static struct slot *find_slot(struct slots *s, const struct database_row *row)
{
	size_t type = strlen(row->type) + 1, device = strlen(row->device) + 1;
	struct slot **list = &s->lists[hash(row->device, device) % SLOT_LISTS], *slot = *list;

	while (slot && (strcmp(slot->device, row->device) || strcmp(slot->type, row->type)))
		slot = slot->next;
	if (slot)
		return slot;
	slot = s->count < SLOTS_LIMIT ? calloc(1, sizeof *slot + type + device) : NULL;
	if (!slot)
		return NULL;
	s->count++;
	slot->type = (char *)(slot + 1);
	slot->device = slot->type + type;
	memcpy(slot->type, row->type, type);
	memcpy(slot->device, row->device, device);
	slot->number = slot->before = INT64_MIN;
	slot->next = *list;
	*list = slot;
	return slot;
}

static int64_t slot_number(const struct slots *s, instant time)
{
	return time / s->length - (time % s->length < 0);
}

bool slots_changed(struct slots *s, const struct database_row *row,
                   const struct database_engine *engine, void *state, int *error)
{
	struct slot *slot = find_slot(s, row);
	int64_t number = slot_number(s, row->time);
	bool changed;

	if (!slot && s->count < SLOTS_LIMIT)
		*error = EM_NO_MEMORY;
	if (!slot || !strcmp(row->type, "stats"))
		return false;
	if (slot->number == INT64_MIN) { /* continue with the slot of an earlier run */
		instant newest;

		*error = engine->newest(state, row->type, row->device, &newest);
		if (!*error && newest != INSTANT_NONE)
			slot->number = slot_number(s, newest);
	}
	changed = slot->number != INT64_MIN && slot->number != number;
	slot->number = number;
	if (!slot->is_touched) {
		slot->is_touched = true;
		slot->next_touched = s->touched;
		s->touched = slot;
	}
	return changed;
}

void slots_settle(struct slots *s, bool written)
{
	for (struct slot *slot = s->touched; slot; slot = slot->next_touched) {
		if (written)
			slot->before = slot->number;
		else
			slot->number = slot->before;
		slot->is_touched = false;
	}
	s->touched = NULL;
}

void slots_free(struct slots *s)
{
	for (size_t i = 0; i < SLOT_LISTS; i++) {
		while (s->lists[i]) {
			struct slot *next = s->lists[i]->next;

			free(s->lists[i]);
			s->lists[i] = next;
		}
	}
}
