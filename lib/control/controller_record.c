#include "balance/summary.h"
#include "control/controller.h"

static const char *const links[] = {"none", "away", "ready", "refused"};

/* A current in mA, null when it is not known. */
static void describe_current(struct record *record, const char *name, int32_t current, bool known)
{
	if (known)
		record_decimal(record, name, "A", amperes(current));
	else
		record_null(record, name);
}

static void describe_charger(const struct charger_state *charger, const int32_t *car,
                             struct record *record)
{
	static const char *const names[] = {"car_l1", "car_l2", "car_l3"};

	record_word(record, "charger", links[charger->link]);
	describe_current(record, "set_point", charger->set_point,
	                 charger->set_point != CURRENT_NONE);
	for (int i = 0; i < BALANCE_PHASES; i++)
		describe_current(record, names[i], car ? car[i] : 0, car != NULL);
}

static void describe_grid(const struct controller *c, struct record *record)
{
	static const char *const names[] = {"grid_l1", "grid_l2", "grid_l3"};

	for (int i = 0; i < BALANCE_PHASES; i++)
		describe_current(record, names[i], c->currents[i],
		                 c->known && c->currents[i] != CURRENT_NONE);
}

/* What each rule alone would permit. */
static void describe_ceilings(const struct balancer *b, struct record *record)
{
	record_object(record, "ceilings");
	describe_current(record, "fuse", b->headroom.room,
	                 b->algorithm == ALGORITHM_HEADROOM && b->headroom.seen);
	for (int i = CEILING_FUSE + 1; i < CEILINGS; i++)
		if (b->ceilings.values[i] != CURRENT_NONE)
			record_decimal(record, ceiling_rows[i].name, "A",
			               amperes(b->ceilings.values[i]));
	record_end(record);
}

void controller_describe(const struct controller *c, int64_t now,
                         const struct charger_state *charger, struct record *record)
{
	const struct balancer *b = &c->balancer;

	record_begin(record, "balance");
	describe_current(record, "used", b->used, c->known);
	record_decimal(record, "limit", "A", amperes(b->limit));
	record_word(record, "state", balance_state_names[b->state]);
	record_int(record, "state_code", b->state);
	record_word(record, "reason", balancer_reason(b));
	record_decimal(record, "age", "s", decimal_i64(balancer_age(b), 0));
	record_decimal(record, "override_limit", "A", amperes(balance_override(&b->settings)));
	describe_grid(c, record);
	describe_current(record, "applied", charger->applied, charger->applied != CURRENT_NONE);
	describe_ceilings(b, record);
	describe_charger(charger, freshness_car(charger, now, c->car_patience), record);
	record_word(record, "lamp", balance_lamp(b->state));
}
