#include "balance/threshold.h"

const char *const balance_state_names[STATES] = {"normal", "lower", "upper", "alarm", "fallback"};

void threshold_start(struct threshold *t, bool quirks)
{
	*t = (struct threshold){.wait = -1, .quirks = quirks};
}

/* What the firmware keeps of a printed current: whole amperes without sign, in 16 bits of mA. */
static int32_t firmware_current(int32_t current)
{
	uint32_t magnitude = current < 0 ? 0U - (uint32_t)current : (uint32_t)current;

	return (uint16_t)(magnitude / 1000 * 1000);
}

static void take(struct threshold *t, const struct balance_settings *s, const int32_t *currents)
{
	bool any = false;

	for (int i = 0; i < BALANCE_PHASES; i++) {
		if (currents[i] == CURRENT_NONE)
			continue;
		any = true;
		t->currents[i] = t->quirks ? firmware_current(currents[i]) : currents[i];
	}
	if (!any)
		return;
	t->fresh = (int16_t)s->fallback_wait;
	t->age = -1; /* the tick makes it 0 */
	t->seen = true;
}

static int32_t worst(const struct threshold *t, int phases)
{
	int32_t used = t->currents[0];

	for (int i = 1; i < phases; i++)
		used = t->currents[i] > used ? t->currents[i] : used;
	return used;
}

static inline bool stale(const struct threshold *t, const struct balance_settings *s)
{
	return t->quirks ? t->fresh == 0 : !t->seen || t->age >= s->fallback_wait;
}

static enum balance_state judge(const struct threshold *t, const struct balance_settings *s)
{
	if (stale(t, s))
		return STATE_FALLBACK;
	if (t->used > s->alarm_limit)
		return STATE_ALARM;
	if (t->used > s->upper_limit)
		return STATE_UPPER;
	if (t->used <= s->lower_limit && t->limit < s->max_current)
		return STATE_LOWER;
	return STATE_NORMAL;
}

static void act(struct threshold *t, const struct balance_settings *s)
{
	switch (t->state) {
	case STATE_LOWER: t->limit += s->lower_step; break;
	case STATE_UPPER: t->limit -= s->upper_step; break;
	case STATE_ALARM: t->limit -= s->alarm_step; break;
	case STATE_FALLBACK: t->limit = s->fallback_limit; break;
	default: break;
	}
}

static int16_t wait_of(const struct balance_settings *s, unsigned state)
{
	const int32_t waits[STATES] = {0, s->lower_wait, s->upper_wait, s->alarm_wait,
	                               s->fallback_wait};

	return (int16_t)waits[state];
}

/* Arms the wait of a state, or acts when it is over. */
static void run_state(struct threshold *t, const struct balance_settings *s)
{
	if (t->state == STATE_FALLBACK && !t->quirks) {
		if (t->age >= s->fallback_wait)
			act(t, s);
	} else if (t->wait < 0) {
		t->wait = wait_of(s, t->state);
	} else if (t->wait == 0) {
		act(t, s);
		t->wait = -1;
	}
}

static void clamp(struct threshold *t, const struct balance_settings *s)
{
	int32_t most = balance_override(s);

	t->limit = t->limit < 0 ? 0 : t->limit > most ? most : t->limit;
}

bool threshold_tick(struct threshold *t, const struct balance_settings *s, const int32_t *currents)
{
	struct threshold before = *t;
	uint8_t state;

	if (currents)
		take(t, s, currents);
	t->age += t->age < INT32_MAX;
	t->wait = (int16_t)(t->wait - (t->wait > 0));
	t->fresh = (int16_t)(t->fresh - (t->fresh > 0));
	t->used = worst(t, s->phases);
	state = (uint8_t)judge(t, s);
	if (state != t->state) {
		t->state = state;
		t->wait = -1;
	}
	if (state != STATE_NORMAL)
		run_state(t, s);
	clamp(t, s);
	return t->limit != before.limit || t->state != before.state || t->wait != before.wait ||
	       t->fresh != before.fresh || t->age != before.age || t->used != before.used;
}
