/* `emtool balance run --state`: settings that are kept between runs. */
#include <string.h>

#include "base/error.h"
#include "cmd/balance/run.h"
#include "cmd/session/say.h"
#include "control/state.h"

static int refuse(const char *path, int error, const struct balance_rules *rules,
                  const struct settings_place *place)
{
	static const char remedy[] = "to start with the settings of the command line";

	if (error == EM_SYSTEM)
		return say_failure(path, error);
	if (place->high)
		say_error("%s:%d: %s is above the main fuse, --fuse %.15g; correct it, or remove "
		          "the file %s",
		          path, place->line, place->high->name, rules->fuse / 1000.0, remedy);
	else
		say_error("%s:%d: %s; remove the file %s", path, place->line, error_text(error),
		          remedy);
	return EXIT_USAGE;
}

static void tell_differences(const struct run_options *o, const struct balance_settings *given,
                             const struct balance_settings *loaded)
{
	struct balance_settings before = *given, after = *loaded;

	for (size_t i = 0; i < o->balance.set.count; i++) {
		const char *item = o->balance.set.items[i];
		const struct balance_setting *row = balance_setting_named(item, strcspn(item, "="));

		if (row && *balance_setting_at(&after, row) != *balance_setting_at(&before, row))
			say_warning("%s: the saved %s goes before --set %s", o->state, row->name,
			            item);
	}
}

int saved_load(const struct run_options *o, const struct balance_rules *rules,
               struct balance_settings *settings, int *unit)
{
	struct balance_settings given = *settings;
	const char *path = o->state;
	struct settings_place place;
	int error = path ? state_load(path, settings, unit, rules, &place) : 0;

	if (!path)
		return EXIT_OK;
	if (error)
		return refuse(path, error, rules, &place);
	if (place.clipped)
		say_warning("%s: %s is above the main fuse: %.15g A is the most", path,
		            place.clipped->name, rules->fuse / 1000.0);
	tell_differences(o, &given, settings);
	return balance_agree(settings, rules, path);
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
