/* What the meter tells: late, rounded, wrong or not at all. */
#include "worlds.h"

#include <string.h>

#include "base/hash.h"

enum { VOLTS = 230, HOUR = 3600 * 1000 };

void meter_start(struct world *w)
{
	w->meter = (struct world_meter){.random = random_seed(w->plan.seed ^ UINT64_C(0x3E7E12))};
	w->meter.next = random_between(&w->meter.random, 0, (int32_t)w->plan.interval) / STEP *
	                STEP;
}

static int32_t printed(const struct world *w, int32_t current)
{
	int32_t unit = w->plan.resolution, half = unit / 2;

	return (current < 0 ? current - half : current + half) / unit * unit;
}

/* ms by which the meter's clock was set before that time */
static int32_t corrected(const struct world *w, int64_t when)
{
	for (int i = 0; i < w->plan.count; i++)
		if (w->plan.events[i].kind == FAULT_clock_set && when >= w->plan.events[i].from)
			return w->plan.events[i].value;
	return 0;
}

int64_t meter_power(const struct world *w, int at)
{
	int64_t sum = 0;

	for (int i = 0; i < BALANCE_PHASES; i++)
		sum += w->grid[at][i];
	return sum * VOLTS;
}

void meter_register(struct world *w)
{
	int64_t power = meter_power(w, w->at);

	w->imported[w->at] = (w->at ? w->imported[w->at - 1] : 0) + (power > 0 ? power * STEP : 0);
	w->exported[w->at] = (w->at ? w->exported[w->at - 1] : 0) + (power < 0 ? -power * STEP : 0);
}

/* What it tells beside currents and clock: power in W, and registers. */
static struct standstill_reading registers(const struct world *w, int at,
                                           const struct world_telegram *t)
{
	struct standstill_reading s = {.unit = w->plan.unit, .registers = FNV64_START};
	int64_t power = meter_power(w, at), numbers[3] = {0};

	if (s.unit) {
		s.power = (power < 0 ? -power : power) / 1000 * 1000;
		numbers[0] = w->imported[at] / (s.unit * HOUR);
		numbers[1] = w->exported[at] / (s.unit * HOUR);
		numbers[2] = power / 1000;
		s.registers = fnv64(s.registers, numbers, sizeof numbers[0] * 2);
	}
	s.content = fnv64(fnv64(s.registers, numbers, sizeof numbers), t->currents,
	                  sizeof t->currents);
	return s;
}

static bool was_exchanged(const struct world *w, int64_t when)
{
	for (int i = 0; i < w->plan.count; i++)
		if (w->plan.events[i].kind == FAULT_exchanged && when >= w->plan.events[i].from)
			return true;
	return false;
}

/* The telegram that shows the world at that time. */
static struct world_telegram show(const struct world *w, int64_t when)
{
	struct world_telegram t = {.clock = w->plan.clock, .id = "ours", .honest = true};
	int64_t at = when < 0 ? 0 : when / STEP;

	for (int i = 0; i < BALANCE_PHASES; i++)
		t.currents[i] = i < w->plan.options.settings.phases ? printed(w, w->grid[at][i])
		                                                    : CURRENT_NONE;
	if (t.clock != INSTANT_NONE)
		t.clock = (t.clock + when + corrected(w, when)) / 1000 * 1000;
	t.still = registers(w, (int)at, &t);
	if (was_exchanged(w, when)) {
		t.id = "new";
		t.clock = t.clock == INSTANT_NONE ? INSTANT_NONE : t.clock - HOUR;
	}
	return t;
}

/* An old telegram with another clock. */
static struct world_telegram old(const struct world *w, int64_t from, int64_t seconds)
{
	struct world_telegram t = show(w, from - w->plan.lag);

	t.clock += seconds * 1000;
	t.honest = false;
	return t;
}

static const struct fault_event *present(const struct world *w)
{
	for (int i = 0; i < w->plan.count; i++) {
		const struct fault_event *e = &w->plan.events[i];

		if (fault_rows[e->kind].blind != HONEST && e->from <= w->now && w->now < e->to)
			return e;
	}
	return NULL;
}

static struct world_telegram lagging(const struct world *w, int64_t when)
{
	struct world_telegram t = show(w, when);

	t.honest = false;
	return t;
}

static struct world_telegram without(const struct world *w, bool (*gone)(int phase, int32_t value),
                                     int32_t value)
{
	struct world_telegram t = show(w, w->now - w->plan.lag);

	for (int i = 0; i < BALANCE_PHASES; i++)
		if (gone(i, value))
			t.currents[i] = CURRENT_NONE;
	t.honest = false;
	return t;
}

static struct world_telegram clockless(struct world_telegram t)
{
	t.clock = INSTANT_NONE;
	return t;
}

static bool is(int phase, int32_t value)
{
	return phase == value;
}

static bool is_not(int phase, int32_t value)
{
	return phase != value;
}

/* One telegram as the fault makes it; false: none comes. */
static bool make(struct world *w, const struct fault_event *e, struct world_telegram *out)
{
	int64_t n = w->meter.sent++, since = e ? w->now - e->from : 0;

	*out = show(w, w->now - w->plan.lag);
	switch (e ? e->kind : FAULTS) {
	case FAULT_silent:
	case FAULT_exchanged: return false;
	case FAULT_still: *out = old(w, e->from, 0); return true;
	case FAULT_clock_gone: *out = clockless(old(w, e->from, 0)); return true;
	case FAULT_lossy: return !random_chance(&w->meter.random, e->value);
	case FAULT_frozen: *out = old(w, e->from, 0); return true;
	case FAULT_two_old: *out = old(w, e->from, -(n % 2)); return true;
	case FAULT_backwards: *out = old(w, e->from, -n); return true;
	case FAULT_alternating:
		if (n % 2)
			*out = old(w, e->from, INT64_C(2366841600)); /* 75 years */
		return true;
	case FAULT_lag_growing: *out = lagging(w, e->from + since / 5 - w->plan.lag); return true;
	case FAULT_lag_step: *out = lagging(w, w->now - 9000); return since > 4000;
	case FAULT_phase_gone: *out = without(w, is, e->value); return true;
	case FAULT_only_l1: *out = without(w, is_not, 0); return true;
	default: return true;
	}
}

static void keep(struct world_meter *m, const struct world_telegram *telegram)
{
	if (m->count == QUEUE) {
		memmove(m->kept, m->kept + 1, (QUEUE - 1) * sizeof *m->kept);
		m->count--;
	}
	m->kept[m->count++] = *telegram;
}

/* Half an interval after ours: another house that needs little. */
static void hear_other(struct world *w)
{
	struct world_meter *m = &w->meter;
	struct world_telegram t = show(w, w->now);

	if (!world_has(&w->plan, FAULT_other_meter) || !m->other || w->now < m->other)
		return;
	for (int i = 0; i < BALANCE_PHASES; i++)
		t.currents[i] = t.currents[i] == CURRENT_NONE ? CURRENT_NONE : 500;
	t.id = "other";
	t.honest = false;
	keep(m, &t);
	m->other = 0;
}

int meter_step(struct world *w, struct world_telegram *out)
{
	struct world_meter *m = &w->meter;
	const struct fault_event *e = present(w);
	struct world_telegram telegram;
	int count, last;

	if (!e)
		m->sent = 0;
	if (w->now >= m->next) {
		m->next += w->plan.interval;
		if (make(w, e, &telegram)) {
			keep(m, &telegram);
			m->other = w->now + w->plan.interval / 2;
			if (world_has(&w->plan, FAULT_repeats))
				keep(m, &telegram);
		}
	}
	hear_other(w);
	if (world_fault(w, FAULT_stopped) || (e && e->kind == FAULT_burst))
		return 0;
	memcpy(out, m->kept, (size_t)m->count * sizeof *out);
	count = m->count;
	m->count = 0;
	for (last = count - 1; last > 0 && !out[last].honest;)
		last--;
	for (int i = 0; i < last; i++)
		out[i].honest = false;
	return count;
}
