/* `emtool balance`: a load balancer for a car charger, simulated or live. */
#include "cmd/balance/balance.h"

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
	{0}};

static int say_car(const char *text, size_t length, int error)
{
	size_t name = strcspn(text, "=,"), i = 0;
	double least, most;

	if (error == EM_UNKNOWN)
		return say_not_offered("car", "property", text, balance_offer_car);
	if (error != EM_RANGE)
		return say_usage("--car: '%.*s' is not NAME=NUMBER", (int)length, text);
	while (strncmp(car_property(i), text, name) != 0 || car_property(i)[name])
		i++;
	car_bounds(i, &least, &most);
	return say_usage("--car: %.*s is outside %.15g..%.15g", (int)length, text, least, most);
}

int balance_car(struct car_settings *car, const struct option_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		for (const char *p = list->items[i]; p;) {
			size_t length = strcspn(p, ",");
			int error = car_parse(car, p, length);

			if (error)
				return say_car(p, length, error);
			p = p[length] ? p + length + 1 : NULL;
		}
	}
	if (car->least > car->most)
		return say_usage("--car: min is greater than max");
	return EXIT_OK;
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
