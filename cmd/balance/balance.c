/* `emtool balance`: a load balancer for a car charger, simulated or live. */
#include "cmd/balance/balance.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "cmd/session/offers.h"
#include "cmd/session/say.h"

#define FIELD(name) offsetof(struct balance_options, name)

const struct option_row balance_options[] = {
	{"algorithm", 'a', OPTION_WORD, FIELD(algorithm), NULL,
         "headroom: as much as the fuse permits (default); threshold: the firmware's five states",
         .words = "headroom|threshold"},
	{"set", 's', OPTION_LIST, FIELD(set), "NAME=VALUE",
         "a setting, in A or s (see the man page)", .offer = balance_offer_settings},
	{"fuse", 0, OPTION_TEXT, FIELD(fuse), "[B|C|D|gG]A",
         "main fuse, as B16 or gG35; a number alone gives only the rating in A (25)",
         .words = "16|20|25|35|40|50|63|B16|B25|C25|gG35"},
	{"phases", 0, OPTION_INT, FIELD(phases), "N", "phases of the connection (3)",
         .words = "1|2|3", .min = 1, .max = 3},
	{"phase-order", 0, OPTION_WORD, FIELD(phase_order), NULL,
         "grid phases of the charger's L1, L2, L3; auto: learnt from the meter (auto)",
         .words = "auto|123|132|213|231|312|321"},
	{"power-factor", 0, OPTION_REAL, FIELD(power_factor), "F",
         "power factor of a house whose meter tells powers and no currents (0.95)", .min = 0.5,
         .max = 1},
	{"solar", 0, OPTION_WORD, FIELD(solar), NULL,
         "surplus: only what would be exported; minimum: at least the minimum",
         .words = "off|surplus|minimum"},
	{"peak", 0, OPTION_TEXT, FIELD(peak), "W|auto",
         "the most to import in the mean of a quarter of an hour; auto: the month's highest",
         .words = "auto|2500|5000"},
	{"peak-minutes", 0, OPTION_WORD, FIELD(peak_minutes), NULL, "period of the peak (15)",
         .words = "15|60"},
	{"dim", 0, OPTION_TEXT, FIELD(dim), "W", "what the grid operator leaves for the car",
         .words = "4200"},
	{"unbalance", 0, OPTION_TEXT, FIELD(unbalance), "A",
         "the most between two phases of the house", .words = "16|20"},
	{"override", 0, OPTION_TEXT, FIELD(override_limit), "A",
         "charge with that limit; only fuse, --dim and --unbalance go before it"},
	{0}};

static int say_hours(const char *text, size_t length, size_t row, int error)
{
	if (error == EM_RANGE)
		return say_usage("--car: '%.*s': hours are 0 to 24, and windows do not touch",
		                 (int)length, text);
	return say_usage("--car: '%.*s' is not %s=%s", (int)length, text, car_property(row),
	                 car_form(row));
}

static int say_car(const char *text, size_t length, int error)
{
	size_t name = strcspn(text, "=,"), i = 0;
	double least, most;

	if (error == EM_UNKNOWN)
		return say_not_offered("car", "property", text, balance_offer_car);
	while (strncmp(car_property(i), text, name) != 0 || car_property(i)[name])
		i++;
	if (car_form(i))
		return say_hours(text, length, i, error);
	if (error != EM_RANGE)
		return say_usage("--car: '%.*s' is not NAME=NUMBER", (int)length, text);
	car_bounds(i, &least, &most);
	return say_usage("--car: %.*s is outside %.15g..%.15g", (int)length, text, least, most);
}

static int change_car(struct car_settings *car, const char *words)
{
	for (const char *p = words; p;) {
		size_t length = strcspn(p, ",");
		int error = car_parse(car, p, length);

		if (error)
			return say_car(p, length, error);
		p = p[length] ? p + length + 1 : NULL;
	}
	return EXIT_OK;
}

static int judge_car(struct car_settings *car)
{
	car_settle(car);
	if (car->least > car->most)
		return say_usage("--car: min is greater than max");
	if (car->daily && !hours_outside(&car->home))
		return say_usage("--car: a car with daily= drives while it is not at home: home= "
		                 "has to leave time for that");
	return EXIT_OK;
}

/* The number before the colon of `2:max=16`, from 0; moves *text behind it. -1: not a car's. */
static int number_of_car(const char **text)
{
	char *end;
	long n;

	if (**text < '0' || **text > '9')
		return 0;
	n = strtol(*text, &end, 10);
	if (*end != ':' || n < 1 || n > GARAGE_CARS)
		return -1;
	*text = end + 1;
	return (int)n - 1;
}

int balance_cars(struct car_settings *cars, int *more, const struct option_list *list)
{
	bool known[GARAGE_CARS] = {true};
	int status = EXIT_OK;

	for (size_t i = 0; i < list->count && !status; i++) {
		const char *words = list->items[i];
		int n = number_of_car(&words);

		if (n < 0)
			return say_usage("--car: '%s': cars are 1: to %d:", words, GARAGE_CARS);
		known[n] = true;
		status = change_car(&cars[n], words);
	}
	*more = 0;
	for (int i = 0; i < GARAGE_CARS && !status; i++) {
		if (known[i] && i > *more + (i > 0))
			return say_usage("--car: there is a car %d:, but no car %d:", i + 1, i);
		if (known[i])
			status = judge_car(&cars[i]);
		*more = known[i] ? i : *more;
	}
	return status;
}

int balance_car(struct car_settings *car, const struct option_list *list)
{
	int status = EXIT_OK;

	for (size_t i = 0; i < list->count && !status; i++)
		status = change_car(car, list->items[i]);
	return status ? status : judge_car(car);
}

static const struct command *const verbs[] = {&balance_simulate_command, &balance_run_command,
                                              NULL};

const struct command balance_command = {
	.name = "balance",
	.summary = "share the main fuse between house and car: simulate or run a load balancer",
	.arguments = "",
	.verbs = verbs,
	.example = "emtool balance simulate synthetic:seed=7,days=1 --fuse 25",
};
