#include "control/obedience.h"

enum {
	STEP = 500,                /* mA by which a charger that obeys late comes nearer */
	DRAWS = 1000,              /* mA that a car may draw above its limit, and a tenth */
	CALM = 600 * 1000,         /* ms of obedience after which the silences are short again */
	LONGEST_VAIN = 610 * 1000, /* ms: no time-out is longer */
	LONGEST = 3600 * INT64_C(1000) /* ms: then the charger may have changed its mind */
};

void obedience_start(struct obedience *o, int64_t timeout)
{
	*o = (struct obedience){.since = CHARGER_NEVER, .ends = CHARGER_NEVER};
	o->shortest = timeout + OBEDIENCE_MORE;
}

static int32_t highest(const int32_t *car)
{
	int32_t most = CURRENT_NONE;

	for (int i = 0; car && i < BALANCE_PHASES; i++)
		most = car[i] > most ? car[i] : most;
	return most;
}

/* A charger that requests do not reach falls back by itself. */
static bool disobeys(int32_t told, const struct charger_state *charger, int32_t car)
{
	if (charger->link != CHARGER_READY)
		return charger->link == CHARGER_AWAY && charger->reached;
	return (charger->applied != CURRENT_NONE && charger->applied > told + OBEDIENCE_ABOVE) ||
	       (car != CURRENT_NONE && car > told + told / 10 + DRAWS);
}

/* Whether it is less than before; small steps add up. */
static bool falls(int32_t *before, int32_t value)
{
	bool known = value != CURRENT_NONE && *before != CURRENT_NONE;
	bool falls = known && value <= *before - STEP;

	if (falls || !known)
		*before = value != CURRENT_NONE ? value : *before;
	return falls;
}

/* Whether it has not come nearer for the whole time. */
static bool refuses(struct obedience *o, int64_t now, const struct charger_state *charger,
                    int32_t car)
{
	int32_t applied = charger->link == CHARGER_READY ? charger->applied : CURRENT_NONE;
	bool begins = o->since == CHARGER_NEVER;

	if (begins)
		o->applied = o->car = CURRENT_NONE;
	if (falls(&o->applied, applied) || falls(&o->car, car) || begins)
		o->since = now;
	return now - o->since >= OBEDIENCE_WAIT;
}

/* Of the next silence. */
static int64_t next_length(const struct obedience *o)
{
	int64_t most = o->vain ? LONGEST_VAIN : LONGEST;

	return !o->length ? o->shortest : 2 * o->length < most ? 2 * o->length : most;
}

static void obeys(struct obedience *o, int64_t now)
{
	if (o->since != CHARGER_NEVER)
		o->ends = now;
	o->since = CHARGER_NEVER;
	if (o->ends == CHARGER_NEVER || now - o->ends < CALM)
		return;
	o->length = 0;
	o->told = false;
}

static unsigned fall_silent(struct obedience *o, int64_t now, bool guarded)
{
	bool told = o->told;

	if (!guarded) {
		o->told = true;
		return told ? 0 : OBEDIENCE_UNGUARDED;
	}
	o->silent = true;
	o->since = CHARGER_NEVER;
	o->length = next_length(o);
	o->ends = now + o->length;
	return OBEDIENCE_SILENCE | (o->vain ? OBEDIENCE_VAIN : 0);
}

unsigned obedience_step(struct obedience *o, int64_t now, bool needed, int32_t told,
                        const struct charger_state *charger, const int32_t *car)
{
	int32_t draws = highest(car);

	if (o->silent && now < o->ends)
		return 0;
	if (o->silent)
		o->vain = true; /* until the meter or the charger shows that it helped */
	o->silent = false;
	if (!needed || told == CURRENT_NONE || !disobeys(told, charger, draws)) {
		o->vain = o->vain && needed && charger->link != CHARGER_READY;
		obeys(o, now);
		return 0;
	}
	return refuses(o, now, charger, draws) ? fall_silent(o, now, charger->guarded) : 0;
}
