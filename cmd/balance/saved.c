/* `emtool balance run --state`: settings that are kept between runs. */
#include <string.h>

#include "base/error.h"
#include "cmd/balance/run.h"
#include "cmd/session/say.h"
#include "control/state.h"

int saved_load(const struct run_options *o, struct balance_settings *settings, int *unit)
{
	struct balance_settings given = *settings;
	const char *path = o->state;
	int line, error = path ? state_load(path, settings, unit, &line) : 0;

	if (error == EM_SYSTEM)
		return say_failure(path, error);
	if (error) {
		say_error(
			"%s:%d: %s; remove the file to start with the settings of the command line",
			path, line, error_text(error));
		return EXIT_USAGE;
	}
	for (size_t i = 0; i < o->balance.set.count; i++) {
		const char *item = o->balance.set.items[i];
		const struct balance_setting *row = balance_setting_named(item, strcspn(item, "="));

		if (row && *balance_setting_at(settings, row) != *balance_setting_at(&given, row))
			say_warning("%s: the saved %s goes before --set %s", path, row->name, item);
	}
	return EXIT_OK;
}

int saved_keep(void *path, const struct balance_settings *settings, int unit)
{
	int error = path ? state_save(path, settings, unit) : 0;

	if (!path)
		say_warning(
			"the new settings last until this program ends; --state FILE keeps them");
	if (error)
		say_failure(path, error);
	return error;
}
