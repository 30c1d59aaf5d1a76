#include "control/standstill.h"

#include <string.h>

enum {
	SHORTEST = 10000, /* ms: some meters count at most every 10 s */
	GAP = 15000,      /* ms: what was told holds no longer than that */
	DIGITS = 10,
	HOUR = 3600 * 1000, /* ms */
};

#define MOST (INT64_C(1) << 60) /* mW ms, 320 MWh: more is not counted */

void standstill_start(struct standstill *s)
{
	memset(s, 0, sizeof *s);
}

static bool is_kept(const struct standstill *s, uint64_t content)
{
	bool kept = false;

	for (unsigned i = 0; i < s->count; i++)
		kept = kept || s->kept[i] == content;
	return kept;
}

static void keep(struct standstill *s, uint64_t content)
{
	s->kept[s->next] = content;
	s->next = (s->next + 1) % STANDSTILL_KEPT;
	s->count += s->count < STANDSTILL_KEPT;
}

/* Less than what has flowed since the last telegram. */
static int64_t flowed(const struct standstill *s, int64_t now, int64_t power)
{
	int64_t least = power < s->power ? power : s->power,
		time = now - s->told < GAP ? now - s->told : GAP;

	return s->count ? least * time : 0;
}

static void add(int64_t *energy, int64_t more)
{
	if (*energy < MOST)
		*energy += more;
}

/* The meter lives: what it told without moving a register is no proof. */
static void lives(struct standstill *s, int64_t now, const struct standstill_reading *reading)
{
	if (reading->registers != s->registers)
		s->unmoved = 0;
	if (s->unmoved > s->held)
		s->held = s->unmoved;
	s->registers = reading->registers;
	s->since = now;
	s->energy = 0;
	keep(s, reading->content);
}

bool standstill_look(struct standstill *s, int64_t now, const struct standstill_reading *reading)
{
	int64_t more = flowed(s, now, reading->unit ? reading->power : 0);

	add(&s->energy, more);
	add(&s->unmoved, more);
	s->told = now;
	s->power = reading->power;
	if (!is_kept(s, reading->content)) {
		lives(s, now, reading);
		return false;
	}
	return now - s->since >= SHORTEST && s->energy > 2 * s->held &&
	       s->energy >= DIGITS * reading->unit * HOUR && reading->unit > 0;
}
