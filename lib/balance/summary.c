#include "balance/summary.h"

static struct decimal watt_hours(int64_t millijoules)
{
	int64_t half = millijoules < 0 ? -180000 : 180000;

	return decimal_i64((millijoules + half) / 360000, -1);
}

static void trip(struct record *r, const struct simulation *s)
{
	int64_t when = -1;
	int phase = 0;
	bool must = simulation_verdict(s) == FUSE_MUST_TRIP;

	for (int i = 0; i < BALANCE_PHASES; i++) {
		int64_t t = must ? s->wear[i].slow.tripped : s->wear[i].fast.tripped;

		if (t >= 0 && (when < 0 || t < when)) {
			when = t;
			phase = i;
		}
	}
	if (when < 0)
		return;
	record_decimal(r, "trip_time", "s", decimal_i64(when, 0));
	record_int(r, "trip_phase", phase + 1);
}

static void figures_of_car(struct record *r, const struct simulation *s)
{
	record_decimal(r, "energy_battery", "Wh", watt_hours(s->car.stored));
	record_decimal(r, "energy_solar", "Wh", watt_hours(s->totals.solar));
	record_decimal(r, "seconds_charging", "s", decimal_i64(s->totals.charging, 0));
	record_decimal(r, "seconds_below_minimum", "s", decimal_i64(s->totals.below_minimum, 0));
}

/* Without a currency the unit is not told. */
static void figures_of_price(struct record *r, const struct simulation *s)
{
	const struct plan_settings *plan = s->settings.plan;
	const struct cost *cost = &s->totals.cost;

	if (!plan || !plan->by_price)
		return;
	record_decimal(r, "cost", *plan->goal.prices->currency ? plan->goal.prices->currency : NULL,
	               cost_total(cost));
	record_decimal(r, "mean_price", NULL, cost_mean(cost));
	record_decimal(r, "energy_unpriced", "Wh", watt_hours(cost->unpriced));
}

static void figures_of_grid(struct record *r, const struct simulation *s)
{
	const struct simulation_totals *t = &s->totals;

	record_decimal(r, "ampere_seconds_over", "As", decimal_i64(t->over, -3));
	record_int(r, "overloads", t->overloads);
	record_decimal(r, "longest_overload", "s", decimal_i64(t->longest_overload, 0));
	record_decimal(
		r, "mean_overload", "s",
		decimal_i64(t->overloads ? (t->seconds_over * 10 + t->overloads / 2) / t->overloads
	                                 : 0,
	                    -1));
	record_decimal(r, "quarter_hour_peak", "W", decimal_i64(t->quarter_peak / 900000, 0));
	record_decimal(r, "mean_unbalance", "A",
	               amperes(t->seconds ? t->unbalance / t->seconds : 0));
	record_decimal(r, "seconds_fallback", "s",
	               decimal_i64(t->state_seconds[STATE_FALLBACK], 0));
}

void balance_summary(struct record *r, const struct simulation *s, const char *name)
{
	const struct simulation_totals *t = &s->totals;
	int worn = simulation_worn_phase(s);

	record_begin(r, "balance_summary");
	if (name)
		record_word(r, "name", name);
	record_word(r, "algorithm", balance_algorithm_names[s->settings.algorithm]);
	record_decimal(r, "fuse", "A", amperes(s->settings.fuse.rated));
	record_decimal(r, "seconds", "s", decimal_i64(t->seconds, 0));
	record_decimal(r, "energy", "Wh", watt_hours(s->car.energy));
	record_decimal(r, "seconds_over_fuse", "s", decimal_i64(t->seconds_over, 0));
	record_int(r, "setpoint_changes", t->setpoint_changes);
	record_int(r, "pauses", s->car.pauses);
	record_decimal(r, "max_current", "A", amperes(t->max_current));
	record_int(r, "max_phase", t->max_phase + 1);
	record_decimal(r, "fuse_wear", NULL, decimal_i64(s->wear[worn].fast.peak / 1000000, -6));
	record_int(r, "worn_phase", worn + 1);
	record_word(r, "verdict", fuse_verdict_names[simulation_verdict(s)]);
	trip(r, s);
	figures_of_car(r, s);
	figures_of_price(r, s);
	figures_of_grid(r, s);
}

static void figures_of_cars(struct record *r, const struct simulation *s)
{
	record_list(r, "cars");
	for (int i = 0; i < s->garage.count; i++) {
		const struct garage_car *car = &s->garage.cars[i];
		int64_t content = garage_content(&s->garage, &s->car, i);

		record_object(r, NULL);
		record_int(r, "car", i + 1);
		record_decimal(r, "energy_battery", "Wh", watt_hours(content + car->driven));
		record_decimal(r, "energy_driven", "Wh", watt_hours(car->driven));
		record_decimal(r, "missing", "Wh", watt_hours(car->missed));
		record_end(r);
	}
	record_end(r);
}

void balance_summary_days(struct record *r, const struct simulation *s)
{
	int64_t seconds = s->totals.seconds;

	record_decimal(r, "days", NULL, decimal_i64(seconds * 1000 / HOURS_DAY, -3));
	if (seconds < HOURS_DAY)
		record_null(r, "energy_per_day");
	else
		record_decimal(r, "energy_per_day", "Wh",
		               watt_hours(s->car.energy / seconds * HOURS_DAY +
		                          s->car.energy % seconds * HOURS_DAY / seconds));
	record_decimal(r, "energy_driven", "Wh", watt_hours(s->garage.driven));
	record_decimal(r, "missing", "Wh", watt_hours(s->garage.missed));
	if (s->garage.count > 1)
		figures_of_cars(r, s);
}

static void put_date(struct record *r, const struct simulation_day *day)
{
	struct stamp date = stamp_at(day->date * HOURS_DAY * 1000, 0);

	if (day->dated)
		record_printf(r, "date", "%04d-%02u-%02u", date.year, date.month, date.day);
}

void balance_day(struct record *r, const struct simulation_day *day, const char *name)
{
	const struct day_sums *sums = &day->sums;

	record_begin(r, "balance_day");
	if (name)
		record_word(r, "name", name);
	record_int(r, "day", day->number);
	put_date(r, day);
	record_decimal(r, "seconds", "s", decimal_i64(sums->seconds, 0));
	record_decimal(r, "energy", "Wh", watt_hours(sums->energy));
	record_decimal(r, "energy_battery", "Wh", watt_hours(sums->stored));
	record_decimal(r, "energy_solar", "Wh", watt_hours(sums->solar));
	record_decimal(r, "energy_driven", "Wh", watt_hours(sums->driven));
	record_decimal(r, "missing", "Wh", watt_hours(sums->missed));
	record_decimal(r, "quarter_hour_peak", "W", decimal_i64(day->quarter_peak / 900000, 0));
	record_decimal(r, "seconds_over_fuse", "s", decimal_i64(sums->over, 0));
	record_decimal(r, "seconds_charging", "s", decimal_i64(sums->charging, 0));
	record_int(r, "pauses", sums->pauses);
}

void balance_second(struct record *r, const struct simulation_tick *tick, const char *name)
{
	const struct balancer *b = tick->balancer;
	int32_t car = 0;

	record_begin(r, "balance");
	if (name)
		record_word(r, "name", name);
	record_int(r, "t", tick->t);
	record_decimal(r, "used", "A", amperes(b->used));
	record_decimal(r, "limit", "A", amperes(b->limit));
	record_word(r, "state", balance_state_names[b->state]);
	record_int(r, "state_code", b->state);
	if (!tick->closed)
		return;
	for (int i = 0; i < BALANCE_PHASES; i++)
		car = tick->car[i] > car ? tick->car[i] : car;
	record_decimal(r, "car", "A", amperes(car));
}
