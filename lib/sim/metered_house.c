#include "sim/metered_house.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NIGHT, DAY, QUARTER_MS = 900000 };

void metered_house_start(struct metered_house *h, const struct telegram_model *model, uint64_t seed)
{
	*h = (struct metered_house){.model = model,
	                            .random = random_seed(seed),
	                            .import = {2345678, 1987654},
	                            .export = {345678, 834567},
	                            .reactive_import = 120721,
	                            .reactive_export = 697336,
	                            .gas = 1234.567,
	                            .water = 345.678};
}

/* W of the phases that their loads take together, at 230 V. */
static double loaded(const struct metered_house *h)
{
	return ((double)h->loads[0] + h->loads[1] + h->loads[2]) * 0.23;
}

/* W of each phase, less the solar power. */
static void phase_power(struct metered_house *h, const struct stamp *clock, double seconds,
                        double power[3])
{
	double hour = clock->hour + clock->minute / 60.0;
	double sun = hour > 6 && hour < 20 ? 4200 * sin((hour - 6) / 14 * 3.14159265) : 0;

	if (h->kettle <= 0 && random_unit(&h->random) < seconds / 1800)
		h->kettle = 180;
	h->kettle -= seconds;
	power[0] = 120 + 60 * random_unit(&h->random) + (h->kettle > 0 ? 2000 : 0);
	power[1] = 80 + 30 * random_unit(&h->random) + (hour > 17 && hour < 20 ? 1900 : 0);
	power[2] = 60 + 20 * random_unit(&h->random) - sun * (0.7 + 0.3 * random_unit(&h->random));
	for (int i = 0; i < 3; i++)
		power[i] = floor(power[i]);
}

static void put_phases(struct metered_house *h, int64_t *v, const double power[3])
{
	for (int i = 0; i < 3; i++) {
		double volts = 2290 + (double)random_below(&h->random, 40);

		v[TELEGRAM_power_import_l1 + i] = power[i] > 0 ? (int64_t)power[i] * 1000 : 0;
		v[TELEGRAM_power_export_l1 + i] = power[i] < 0 ? (int64_t)-power[i] * 1000 : 0;
		v[TELEGRAM_reactive_power_import_l1 + i] = 5000 + 1000 * (int64_t)random_below(
										 &h->random, 9);
		v[TELEGRAM_voltage_l1 + i] = (int64_t)volts * 100;
		v[TELEGRAM_current_l1 + i] = (int64_t)(fabs(power[i]) / volts * 10000);
	}
	v[TELEGRAM_reactive_power_import] = v[TELEGRAM_reactive_power_import_l1] +
	                                    v[TELEGRAM_reactive_power_import_l2] +
	                                    v[TELEGRAM_reactive_power_import_l3];
	v[TELEGRAM_power_factor] = 930 + (int64_t)random_below(&h->random, 70);
	v[TELEGRAM_frequency] = 49980 + (int64_t)random_below(&h->random, 4) * 10;
}

/* The day tariff is 7 to 23 h on weekdays. */
static int tariff_of(const struct stamp *clock)
{
	int64_t day = days_from_civil(clock->year, clock->month, clock->day);
	int64_t weekday = (day + 4) % 7;

	return weekday >= 1 && weekday <= 5 && clock->hour >= 7 && clock->hour < 23 ? DAY : NIGHT;
}

static void put_energy(const struct metered_house *h, int64_t *v, int tariff)
{
	int first = h->model->day_first ? DAY : NIGHT;

	v[TELEGRAM_energy_import_t1] = (int64_t)h->import[first] * 1000;
	v[TELEGRAM_energy_import_t2] = (int64_t)h->import[!first] * 1000;
	v[TELEGRAM_energy_export_t1] = (int64_t)h->export[first] * 1000;
	v[TELEGRAM_energy_export_t2] = (int64_t)h->export[!first] * 1000;
	v[TELEGRAM_energy_import] = v[TELEGRAM_energy_import_t1] + v[TELEGRAM_energy_import_t2];
	v[TELEGRAM_energy_export] = v[TELEGRAM_energy_export_t1] + v[TELEGRAM_energy_export_t2];
	v[TELEGRAM_reactive_energy_import] = (int64_t)h->reactive_import * 1000;
	v[TELEGRAM_reactive_energy_export] = (int64_t)h->reactive_export * 1000;
	v[TELEGRAM_tariff] = tariff == first ? 1000 : 2000;
}

/* The average of the current quarter hour, and the month's highest of complete ones. */
static void put_demand(struct metered_house *h, struct telegram_values *values, double used)
{
	int64_t *v = values->milli, quarter = values->time / QUARTER_MS * QUARTER_MS;

	if (!h->begun) {
		h->quarter = values->peak_time = quarter;
		v[TELEGRAM_peak_demand_import] = 3064000;
	}
	if (quarter != h->quarter) {
		if (telegram_clock(h->model, quarter).month !=
		    telegram_clock(h->model, h->quarter).month)
			v[TELEGRAM_peak_demand_import] = 0;
		if (h->quarter_import * 4000 > (double)v[TELEGRAM_peak_demand_import]) {
			v[TELEGRAM_peak_demand_import] = (int64_t)(h->quarter_import * 4000);
			values->peak_time = quarter;
		}
		h->quarter = quarter;
		h->quarter_import = 0;
	}
	h->quarter_import += used;
	v[TELEGRAM_demand_import] = (int64_t)(h->quarter_import * 4000);
}

/* Gas and water meters are read at their own times. */
static void put_gas(struct metered_house *h, struct telegram_values *values,
                    const struct stamp *clock, double seconds)
{
	int64_t period = h->model->gas_period ? (int64_t)h->model->gas_period * 1000 : 3600000;
	instant reading = values->time / period * period;

	h->gas += (clock->hour > 5 && clock->hour < 23 ? 0.4 : 0.05) * seconds / 3600;
	h->water += (clock->hour > 5 && clock->hour < 23 ? 0.02 : 0) * seconds / 3600;
	if (h->begun && reading == values->gas_time)
		return;
	values->gas_time = reading;
	values->milli[TELEGRAM_gas] = (int64_t)(h->gas * 1000);
	values->milli[TELEGRAM_water] = (int64_t)(h->water * 1000);
}

void metered_house_live(struct metered_house *h, struct telegram_values *values, instant time,
                        double seconds)
{
	struct stamp clock = telegram_clock(h->model, time);
	int tariff = tariff_of(&clock);
	double power[3], sum, hours = seconds / 3600;
	int64_t *v = values->milli;

	values->time = time;
	memset(power, 0, sizeof power);
	if (!h->bare)
		phase_power(h, &clock, seconds, power);
	sum = power[0] + power[1] + power[2];
	v[TELEGRAM_power_import] = sum > 0 ? (int64_t)sum * 1000 : 0;
	v[TELEGRAM_power_export] = sum < 0 ? (int64_t)-sum * 1000 : 0;
	v[TELEGRAM_reactive_power_export] = 0;
	put_phases(h, v, power);
	sum += loaded(h);
	h->import[tariff] += sum > 0 ? sum * hours : 0;
	h->export[tariff] += sum < 0 ? -sum * hours : 0;
	h->reactive_import += (double)v[TELEGRAM_reactive_power_import] / 1000 * hours;
	put_energy(h, v, tariff);
	put_demand(h, values, sum > 0 ? sum * hours : 0);
	put_gas(h, values, &clock, seconds);
	h->begun = true;
}

/* Splits a signed amount into import and export. */
static void put_sign(int64_t *v, enum telegram_value import, enum telegram_value export,
                     int64_t net)
{
	v[import] = net > 0 ? net : 0;
	v[export] = net < 0 ? -net : 0;
}

void metered_house_load(const struct metered_house *h, struct telegram_values *values)
{
	int64_t *v = values->milli, total = 0;

	for (int i = 0; i < 3; i++) {
		enum telegram_value import = TELEGRAM_power_import_l1 + (unsigned)i;
		enum telegram_value export = TELEGRAM_power_export_l1 + (unsigned)i;
		int64_t power = (int64_t)h->loads[i] * 230, net = v[import] - v[export];
		int64_t *current = &v[TELEGRAM_current_l1 + i];

		if (!h->loads[i])
			continue;
		*current = llabs((net < 0 ? -*current : *current) + h->loads[i]);
		put_sign(v, import, export, net + power);
		total += power;
	}
	if (total)
		put_sign(v, TELEGRAM_power_import, TELEGRAM_power_export,
		         v[TELEGRAM_power_import] - v[TELEGRAM_power_export] + total);
}
