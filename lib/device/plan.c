#include "device/plan.h"

enum { ROWS_LIMIT = 256 };

/* The readable rows of one place and function, sorted by address. */
struct sorted {
	const struct device_register *row[ROWS_LIMIT];
	bool wanted[ROWS_LIMIT];
	size_t count;
	uint8_t function;
};

static void insert(struct sorted *s, const struct device_register *row, bool wanted)
{
	size_t i = s->count++;

	for (; i && s->row[i - 1]->address > row->address; i--) {
		s->row[i] = s->row[i - 1];
		s->wanted[i] = s->wanted[i - 1];
	}
	s->row[i] = row;
	s->wanted[i] = wanted;
}

static bool is_wanted(const struct device *d, const bool *wanted, size_t i)
{
	if (!wanted || wanted[i])
		return true;
	for (size_t j = 0; j < d->count; j++) /* the companion of a wanted row */
		if (wanted[j] && d->rows[j].companion &&
		    d->rows[j].companion == d->rows[i].address &&
		    d->rows[j].place == d->rows[i].place)
			return true;
	return false;
}

static void sort(const struct device *d, const bool *wanted, int place, unsigned function,
                 struct sorted *s)
{
	s->count = 0;
	s->function = (uint8_t)function;
	for (size_t i = 0; i < d->count && s->count < ROWS_LIMIT; i++)
		if (d->rows[i].place == place && d->rows[i].access & ACCESS_R &&
		    device_reads(d, &d->rows[i]) == function)
			insert(s, &d->rows[i], is_wanted(d, wanted, i));
}

static unsigned end_of(const struct device_register *row)
{
	return row->address + row->count;
}

/*
 * Whether a read may end after row i: only when the next row begins at its end or later. Rows that
 * share registers (fields of one word) stay together.
 */
static bool may_cut(const struct sorted *s, size_t i, unsigned end)
{
	return i + 1 == s->count || s->row[i + 1]->address >= end;
}

struct plan {
	struct device_block *out;
	size_t count;
};

static void add(struct plan *p, const struct sorted *s, unsigned from, unsigned to)
{
	if (p->count < PLAN_LIMIT && to > from)
		p->out[p->count++] = (struct device_block){s->row[0]->place, s->function,
		                                           (uint16_t)from, (uint16_t)(to - from)};
}

/*
 * Cuts the rows first..last into `parts` reads of about the same size (a charger that was verified
 * with 62 + 64 registers may refuse 122 + 4). False when a part is too long.
 */
static bool cut(struct plan *p, const struct sorted *s, size_t first, size_t last, unsigned parts)
{
	unsigned from = s->row[first]->address, total = 0, end = from, size;
	size_t kept = p->count;

	for (size_t i = first; i <= last; i++)
		total = end_of(s->row[i]) - from > total ? end_of(s->row[i]) - from : total;
	size = (total + parts - 1) / parts;
	for (size_t i = first; i <= last; i++) {
		unsigned next = end_of(s->row[i]) > end ? end_of(s->row[i]) : end;
		bool nearer = next - from > size && next - from - size > size - (end - from);

		if (i > first && may_cut(s, i - 1, end) && end > from &&
		    (next - from > PLAN_READ || nearer)) {
			add(p, s, from, end);
			from = s->row[i]->address;
		}
		end = next;
		if (end - from > PLAN_READ) {
			p->count = kept;
			return false;
		}
	}
	add(p, s, from, end);
	if (p->count - kept <= parts)
		return true;
	p->count = kept;
	return false;
}

/*
 * The last row of the run that begins with `first`. A run has no gap wider than `gap` and ends with
 * a wanted row; it includes unwanted rows in between when that saves a read. A gap of -1 joins only
 * rows that share registers.
 */
static size_t run_end(const struct sorted *s, size_t first, int gap, bool all)
{
	unsigned end = end_of(s->row[first]), from = s->row[first]->address;
	size_t last = first;

	for (size_t i = first + 1; i < s->count && (int)s->row[i]->address <= (int)end + gap; i++) {
		end = end_of(s->row[i]) > end ? end_of(s->row[i]) : end;
		if (!all && end - from > PLAN_READ)
			break;
		if (s->wanted[i])
			last = i;
	}
	return last;
}

static void plan_run(struct plan *p, const struct sorted *s, size_t first, size_t last)
{
	for (unsigned parts = 1; parts < 16 && !cut(p, s, first, last, parts); parts++)
		;
}

size_t device_plan(const struct device *d, const bool *wanted, struct device_block out[PLAN_LIMIT])
{
	int gap = d->single ? -1 : d->gap;
	struct plan p = {.out = out};
	struct sorted s;

	for (int place = PLACE_STATION; place <= PLACE_SOCKET; place++) {
		for (unsigned function = 1; function <= 4; function++) {
			sort(d, wanted, place, function, &s);
			for (size_t i = 0; i < s.count; i++) {
				size_t last;

				if (!s.wanted[i])
					continue;
				last = run_end(&s, i, gap, !wanted);
				plan_run(&p, &s, i, last);
				i = last;
			}
		}
	}
	return p.count;
}
