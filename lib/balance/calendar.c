#include "balance/calendar.h"

void simulation_each_day(struct simulation *s, simulation_day_end *told, void *context)
{
	s->days.told = told;
	s->days.context = context;
}

/* Days since 1970-01-01, when the clock is set. */
static int64_t date_of(const struct simulation *s, int64_t now)
{
	return (now + s->midnight - simulation_time_of_day(s, now)) / HOURS_DAY;
}

int32_t simulation_time_of_day(const struct simulation *s, int64_t now)
{
	int64_t second = (now + s->midnight) % HOURS_DAY;

	return (int32_t)(second < 0 ? second + HOURS_DAY : second);
}

void simulation_end_quarter(struct simulation *s)
{
	int64_t *peak = &s->totals.quarter_peak, *day_peak = &s->days.day.quarter_peak;

	*peak = s->quarter > *peak ? s->quarter : *peak;
	*day_peak = s->quarter > *day_peak ? s->quarter : *day_peak;
	s->quarter = 0;
	s->quarter_ends += SIMULATION_QUARTER;
}

void simulation_end_day(struct simulation *s)
{
	const struct day_sums sums = {.seconds = s->totals.seconds,
	                              .energy = s->car.energy,
	                              .stored = s->car.stored,
	                              .solar = s->totals.solar,
	                              .driven = s->garage.driven,
	                              .missed = s->garage.missed,
	                              .over = s->totals.seconds_over,
	                              .charging = s->totals.charging,
	                              .pauses = s->car.pauses};

	if (s->now >= s->quarter_ends)
		simulation_end_quarter(s);
	days_turn(&s->days, &sums, s->now, date_of(s, s->now));
	s->days.day.dated = s->midnight >= HOURS_DAY;
}

void simulation_turn(struct simulation *s)
{
	const struct simulation_settings *settings = &s->settings;
	const struct car one = {.current = 1};
	int32_t day = simulation_time_of_day(s, s->now);

	if (s->days.told && (s->now == s->begin || date_of(s, s->now) != s->days.day.date))
		simulation_end_day(s);
	if (s->now == s->begin)
		garage_start(&s->garage, settings->cars,
		             settings->open_loop ? 0 : 1 + settings->more_cars, &s->car, s->now,
		             day);
	else
		garage_turn(&s->garage, settings->cars, &s->car, s->now, day);
	for (int i = 0; i < BALANCE_PHASES; i++)
		s->uses[i] = !settings->open_loop && car_phase(&one, simulation_car(s), i);
	s->event = s->garage.change;
	if (s->days.told && s->now + HOURS_DAY - day < s->event)
		s->event = s->now + HOURS_DAY - day;
}
