/* `emtool balance`: a load balancer for a car charger, simulated or live. */
#include "cmd/balance/balance.h"

#include <string.h>

#include "base/error.h"
#include "cmd/session/say.h"

#define FIELD(name) offsetof(struct balance_options, name)

const struct option_row balance_options[] = {
	{"algorithm", 'a', OPTION_WORD, FIELD(algorithm), NULL,
         "threshold: the firmware's five-state machine; headroom: as much as the fuse permits",
         .words = "threshold|headroom"},
	{"set", 's', OPTION_LIST, FIELD(set), "NAME=VALUE",
         "a setting, in A or s (see the man page)"},
	{"fuse", 0, OPTION_TEXT, FIELD(fuse), "[B|C|D|gG]A",
         "main fuse, as B16 or gG35; a number alone gives only the rating in A (25)"},
	{"phases", 0, OPTION_INT, FIELD(phases), "N", "phases of the connection (3)", .min = 1,
         .max = 3},
	{0}};

int balance_set(struct balance_settings *settings, const char *option, const char *text)
{
	const struct balance_setting *row;

	switch (balance_setting_parse(settings, text, &row)) {
	case 0: return EXIT_OK;
	case EM_UNKNOWN:
		return say_usage("--%s: no setting '%.*s'", option, (int)strcspn(text, "="), text);
	case EM_SYNTAX: return say_usage("--%s: '%s' is not NAME=NUMBER", option, text);
	default:
		return say_usage("--%s: %s is outside %.15g..%.15g%s%s", option, text,
		                 (double)row->least / row->scale, (double)row->most / row->scale,
		                 row->unit ? " " : "", row->unit ? row->unit : "");
	}
}

int balance_apply(const struct balance_options *options, enum balance_algorithm *algorithm,
                  struct balance_settings *settings, struct fuse *fuse)
{
	*algorithm = strcmp(options->algorithm, "headroom") ? ALGORITHM_THRESHOLD
	                                                    : ALGORITHM_HEADROOM;
	if (options->phases)
		settings->phases = (int32_t)options->phases;
	for (size_t i = 0; i < options->set.count; i++) {
		int status = balance_set(settings, "set", options->set.items[i]);

		if (status)
			return status;
	}
	if (fuse_parse(fuse, options->fuse))
		return say_usage("--fuse: '%s' is not a rating of 1 to 1000 A, as 25, B16 or gG35",
		                 options->fuse);
	return EXIT_OK;
}

int balance_car(struct car_settings *car, const struct option_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		for (const char *p = list->items[i]; *p;) {
			size_t length = strcspn(p, ",");
			int error = car_parse(car, p, length);

			if (error)
				return say_usage("--car: '%.*s': %s", (int)length, p,
				                 error == EM_UNKNOWN ? "no such property"
				                                     : error_text(error));
			p += length + (p[length] == ',');
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
	.example = "emtool balance simulate synthetic:seed=7,days=1 --algorithm headroom --fuse 25",
};
