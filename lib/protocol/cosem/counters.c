#include "protocol/cosem/counters.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/hex.h"

enum { FIRST = 64, DIGITS_LIMIT = 19, TITLE_DIGITS = 2 * COUNTER_TITLE };

/* The hash needs no salt: only titles of meters with a known key are stored. */
static size_t slot_of(const struct counters *c, const uint8_t *title)
{
	uint32_t hash = fnv32(FNV32_START, title, COUNTER_TITLE);
	size_t at;

	for (at = hash % c->capacity; c->slots[at].used; at = (at + 1) % c->capacity)
		if (!memcmp(c->slots[at].title, title, COUNTER_TITLE))
			break;
	return at;
}

bool counters_rising(const struct counters *c, const uint8_t title[COUNTER_TITLE], uint32_t number,
                     int64_t clock)
{
	const struct counter *known;

	if (!c->capacity)
		return true;
	known = &c->slots[slot_of(c, title)];
	if (!known->used || number > known->last)
		return true;
	return number == 0 && known->last > 0 && clock > known->clock && known->clock;
}

static int grow(struct counters *c)
{
	struct counters bigger = {.capacity = c->capacity ? 2 * c->capacity : FIRST};

	bigger.slots = calloc(bigger.capacity, sizeof *bigger.slots);
	if (!bigger.slots)
		return EM_NO_MEMORY;
	for (size_t i = 0; i < c->capacity; i++)
		if (c->slots[i].used)
			bigger.slots[slot_of(&bigger, c->slots[i].title)] = c->slots[i];
	free(c->slots);
	c->slots = bigger.slots;
	c->capacity = bigger.capacity;
	return 0;
}

int counters_set(struct counters *c, const uint8_t title[COUNTER_TITLE], uint32_t number,
                 int64_t clock)
{
	struct counter *known;

	if (c->count * 2 >= c->capacity && grow(c))
		return EM_NO_MEMORY;
	known = &c->slots[slot_of(c, title)];
	if (!known->used) {
		memcpy(known->title, title, COUNTER_TITLE);
		known->used = true;
		c->count++;
	}
	known->last = number;
	known->clock = clock;
	c->changed = true;
	return 0;
}

static const char *read_title(const char *p, const char *end, uint8_t title[COUNTER_TITLE])
{
	if (end - p < TITLE_DIGITS || hex_read(title, COUNTER_TITLE, p, TITLE_DIGITS))
		return NULL;
	return p + TITLE_DIGITS;
}

/* A blank and a number of at most `limit`. */
static const char *read_number(const char *p, const char *end, uint64_t limit, uint64_t *out)
{
	const char *first = ++p;

	*out = 0;
	if (p > end || p[-1] != ' ')
		return NULL;
	for (; p < end && *p >= '0' && *p <= '9' && p - first < DIGITS_LIMIT; p++)
		*out = *out * 10 + (uint64_t)(*p - '0');
	return p > first && *out <= limit ? p : NULL;
}

int counters_read(struct counters *c, const char *text, size_t size)
{
	const char *p = text, *end = text + size;

	while (p < end) {
		uint8_t title[COUNTER_TITLE];
		uint64_t number = 0, clock = 0;

		p = read_title(p, end, title);
		p = p ? read_number(p, end, UINT32_MAX, &number) : NULL;
		p = p ? read_number(p, end, INT64_MAX, &clock) : NULL;
		if (!p || (p < end && *p++ != '\n'))
			return EM_SYNTAX;
		if (counters_set(c, title, (uint32_t)number, (int64_t)clock))
			return EM_NO_MEMORY;
	}
	c->changed = false;
	return 0;
}

void counters_write(struct counters *c, struct text *out)
{
	for (size_t i = 0; i < c->capacity; i++) {
		const struct counter *slot = &c->slots[i];

		if (!slot->used)
			continue;
		text_hex(out, slot->title, COUNTER_TITLE);
		text_printf(out, " %" PRIu32 " %" PRId64 "\n", slot->last, slot->clock);
	}
	c->changed = false;
}

void counters_free(struct counters *c)
{
	free(c->slots);
	*c = (struct counters){0};
}
