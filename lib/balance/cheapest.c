#include "balance/cheapest.h"

#include <stdlib.h>

enum { STRETCHES = 640 /* two days of the shortest slots */ };

#define PRICE_UNKNOWN INT64_MAX

/* A piece of time with one price, and the part of it in which to charge. */
struct charging_stretch {
	instant start, end;
	int64_t price;
	instant from, to; /* equal: not at all */
};

struct charging_stretches {
	struct charging_stretch items[STRETCHES];
	size_t count;
};

/* The prices from now to the deadline, without holes. What does not fit is unknown. */
static void divide(struct charging_stretches *s, const struct prices *p,
                   const struct charging_task *task)
{
	instant at = task->now;

	for (s->count = 0; at < task->deadline; s->count++) {
		const struct price_slot *next, *slot = prices_at(p, at, &next);
		instant end = slot ? slot->end : next ? next->start : task->deadline;
		struct charging_stretch *item = &s->items[s->count];

		if (end > task->deadline || s->count == STRETCHES - 1)
			end = task->deadline;
		*item = (struct charging_stretch){at, end, slot ? slot->price : PRICE_UNKNOWN, at,
		                                  at};
		at = end;
	}
}

static void use(struct charging_stretch *item)
{
	item->from = item->start;
	item->to = item->end;
}

static bool used(const struct charging_stretch *item)
{
	return item->to > item->from;
}

static int by_price(const void *a, const void *b)
{
	const struct charging_stretch *x = a, *y = b;

	return (x->price > y->price) - (x->price < y->price);
}

/*
 * The dearest price that is needed, and in *rest the ms that are needed at it; both 0 when hours
 * with a negative price suffice, which are used anyway.
 */
static int64_t dearest(const struct charging_stretches *s, int64_t *rest)
{
	struct charging_stretches sorted = *s;
	int64_t length = 0;

	qsort(sorted.items, sorted.count, sizeof *sorted.items, by_price);
	for (size_t i = 0; i < sorted.count; i++) {
		const struct charging_stretch *item = &sorted.items[i];

		length += item->end - item->start;
		if (i + 1 < sorted.count && sorted.items[i + 1].price == item->price)
			continue;
		if (item->price >= 0 && length >= *rest)
			return item->price;
		*rest = *rest > length ? *rest - length : 0;
		length = 0;
	}
	*rest = 0;
	return 0;
}

static void use_cheaper(struct charging_stretches *s, int64_t price)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->items[i].price < 0 || s->items[i].price < price)
			use(&s->items[i]);
}

/* The next one at that price to be used: the running one, one beside others, the earliest. */
static struct charging_stretch *pick(struct charging_stretches *s, int64_t price, bool charging)
{
	struct charging_stretch *first = NULL;

	for (size_t i = 0; i < s->count; i++) {
		struct charging_stretch *item = &s->items[i];

		if (item->price != price || used(item))
			continue;
		if ((i == 0 && charging) || (i > 0 && used(item - 1)) ||
		    (i + 1 < s->count && used(item + 1)))
			return item;
		if (!first)
			first = item;
	}
	return first;
}

/* Uses `rest` ms of the hours at that price; the last of them in part, beside its neighbour. */
static void use_equal(struct charging_stretches *s, int64_t price, int64_t rest, bool charging)
{
	while (rest > 0) {
		struct charging_stretch *item = pick(s, price, charging);
		size_t i = (size_t)(item - s->items);
		bool behind = i > 0 ? used(item - 1) : charging;

		use(item);
		if (item->end - item->start <= rest) {
			rest -= item->end - item->start;
			continue;
		}
		if (!behind && i + 1 < s->count && used(item + 1))
			item->from = item->end - rest;
		else
			item->to = item->start + rest;
		return;
	}
}

/* What the first stretches say of now. */
static struct charging_advice read_off(const struct charging_stretches *s,
                                       const struct charging_task *task, instant last)
{
	const struct charging_stretch *first = &s->items[0];
	struct charging_advice a = {task->missing > 0 ? CHARGING_WAITS : CHARGING_DONE,
	                            task->deadline};

	if (used(first) && first->from == task->now) {
		a.why = first->price < 0 ? CHARGING_NEGATIVE : CHARGING_CHEAP;
		a.until = first->to;
		return a;
	}
	for (size_t i = s->count; i-- > 0;)
		if (used(&s->items[i]))
			a.until = s->items[i].from;
	if (task->missing > 0 && last > task->now && last < a.until)
		a.until = last;
	return a;
}

/* ms of charging that are still to come */
static int64_t needed_by(const struct charging_task *task)
{
	if (task->missing <= 0)
		return 0;
	return (task->missing * 1000 + task->power - 1) / task->power + task->start;
}

struct charging_advice charging_advice(const struct prices *prices,
                                       const struct charging_task *task)
{
	int64_t needed = needed_by(task);
	int64_t margin = task->charging ? 2 * task->margin : task->margin;
	int64_t rest = needed, price;
	struct charging_stretches s;

	if (task->now >= task->deadline)
		return (struct charging_advice){CHARGING_WAITS, task->deadline};
	if (needed && needed + margin >= task->deadline - task->now)
		return (struct charging_advice){CHARGING_LAST, task->deadline};
	divide(&s, prices, task);
	price = dearest(&s, &rest);
	use_cheaper(&s, price);
	use_equal(&s, price, rest, task->charging);
	return read_off(&s, task, task->deadline - needed - task->margin);
}
