#include "cmd/balance/plan_files.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "cmd/session/say.h"
#include "io/whole.h"

enum { FILE_LIMIT = 8 << 20 };

static int fail(char message[PLAN_MESSAGE], const char *path, int error)
{
	snprintf(message, PLAN_MESSAGE, "%s: %s", path,
	         error == EM_SYSTEM ? strerror(errno) : error_text(error));
	return error;
}

static int load_prices(struct plans *p, const char *path, char message[PLAN_MESSAGE])
{
	struct text file = {0};
	char why[PRICES_WHY];
	int error = file_load(path, &file, FILE_LIMIT);

	if (error)
		fail(message, path, error);
	else
		error = prices_read(&p->prices, file.data, file.length, &p->settings.goal.zone,
		                    why);
	if (error == EM_SYNTAX)
		snprintf(message, PLAN_MESSAGE, "%s: %s", path, why);
	else if (error == EM_NO_MEMORY)
		fail(message, path, error);
	text_free(&file);
	return error;
}

static int load_table(struct plans *p, const char *path, char message[PLAN_MESSAGE])
{
	struct text file = {0};
	const char *wrong = "";
	unsigned line = 0;
	int error = file_load(path, &file, FILE_LIMIT);

	if (error)
		fail(message, path, error);
	else
		error = timetable_parse(&p->table, file.data, file.length, &line, &wrong);
	if (error == EM_SYNTAX)
		snprintf(message, PLAN_MESSAGE, "%s:%u: %s", path, line, wrong);
	text_free(&file);
	return error;
}

int plan_files_load(struct plans *p, char message[PLAN_MESSAGE])
{
	const struct plan_options *o = p->options;
	int error = o->plan ? load_table(p, o->plan, message) : 0;

	if (!error && o->price)
		error = load_prices(p, o->price, message);
	return error;
}

/* Prices per kWh are below it in all currencies that lists leave out. */
static bool seems_per_mwh(const struct prices *p)
{
	for (size_t i = 0; i < p->count; i++)
		if (p->slots[i].price >= 10 * PRICE_ONE)
			return p->no_unit;
	return false;
}

void plan_files_doubts(const struct plans *p)
{
	const struct prices *list = &p->prices;
	const char *path = p->options->price;

	if (list->left_out)
		say_warning("%s: %zu prices more than %d are left out", path, list->left_out,
		            PRICES_MOST);
	if (list->overlapping)
		say_warning("%s: %zu prices are left out, because their time overlaps that of "
		            "others",
		            path, list->overlapping);
	if (list->holes || list->unknown)
		say_warning("%s: prices are missing between others (%zu times): these hours count "
		            "as the most expensive",
		            path, list->holes ? list->holes : list->unknown);
	if (seems_per_mwh(list))
		say_warning("%s: it names no unit: taken as per kWh; name the column as EUR/MWh "
		            "if it is that",
		            path);
}
