/* `emtool balance run --state`: settings that are kept between runs. */
#include <string.h>

#include "base/error.h"
#include "cmd/balance/run.h"
#include "cmd/session/say.h"
#include "control/state.h"

enum { SAVING_PAUSE = 30000 }; /* ms between two saves: a program may give orders often */

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
	char item[BALANCE_GIVEN];
	const char *option;

	for (size_t i = 0; balance_given(&o->balance, i, &option, item); i++) {
		const struct balance_setting *row = balance_setting_named(item, strcspn(item, "="));

		if (row && *balance_setting_at(&after, row) != *balance_setting_at(&before, row))
			say_warning("%s: the saved %s goes before --%s %s", o->state, row->name,
			            option, item);
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
	if (settings->override_limit >= 0 && settings->override_limit != given.override_limit)
		say_warning("%s: the override of %.15g A holds on", path,
		            settings->override_limit / 1000.0);
	tell_differences(o, &given, settings);
	return balance_agree(settings, rules, path);
}

/* One line for the settings that a client of the register table has changed. */
static void tell_changes(struct run *r, const struct balance_settings *settings)
{
	struct balance_settings before = r->controller.balancer.settings, after = *settings;
	const struct balance_rules rules = balance_rules_of(r->controller.balancer.algorithm, 0);
	struct text out = {0};

	for (size_t i = 0; i < balance_setting_count; i++) {
		const struct balance_setting *row = &balance_setting_rows[i];
		int32_t was = *balance_setting_at(&before, row),
			is = *balance_setting_at(&after, row);

		if (was != is && balance_setting_used(row, &rules))
			text_printf(&out, "%s%s=%.15g instead of %.15g", out.length ? ", " : "",
			            row->name, (double)is / row->scale, (double)was / row->scale);
	}
	if (out.length)
		say_warning("a client of the register table changed the settings: %s",
		            text_string(&out));
	text_free(&out);
}

int saved_keep(void *run, const struct balance_settings *settings, int unit)
{
	struct run *r = run;
	const char *path = r->options.state;
	int error = path ? state_save(path, settings, unit) : 0;

	if (!path)
		say_warning(
			"the new settings last until this program ends; --state FILE keeps them");
	if (error)
		say_failure(path, error);
	else
		tell_changes(r, settings);
	return error;
}

/* Without --control nobody could end a pause. */
static bool holds(const struct run *r, const struct orders *kept)
{
	bool plain = !kept->of[ORDER_PAUSE] && kept->of[ORDER_MODE] == orders_none().of[ORDER_MODE];

	if (!plain && !r->options.control)
		say_warning("%s: the saved pause and mode do not hold without --control",
		            r->options.state);
	return r->options.control != NULL;
}

static void tell_orders(const struct run *r)
{
	const char *state = r->options.state;
	int32_t mode = r->orders.of[ORDER_MODE];

	if (r->orders.of[ORDER_PAUSE])
		say_warning("%s: the user's pause holds on", state);
	if (mode != orders_none().of[ORDER_MODE])
		say_warning("%s: the mode %s holds on", state, order_modes[mode].word);
}

void saved_load_orders(struct run *r)
{
	struct orders kept = orders_none();
	int error = 0;

	kept.of[ORDER_OVERRIDE] = r->controller.balancer.settings.override_limit;
	r->orders = kept;
	if (r->options.state)
		error = state_load_orders(r->options.state, &kept);
	if (error)
		say_warning("%s: an order in it is not understood and not used", r->options.state);
	r->orders.of[ORDER_OVERRIDE] = kept.of[ORDER_OVERRIDE];
	if (holds(r, &kept))
		r->orders = kept;
	tell_orders(r);
	orders_apply(&r->orders, &r->controller.balancer);
}

static void save_orders(struct run *r)
{
	struct orders orders = r->orders;
	int error;

	orders.of[ORDER_OVERRIDE] = r->controller.balancer.settings.override_limit;
	error = state_save_orders(r->options.state, &orders);

	r->unsaved = error != 0;
	if (error && !r->unsavable)
		say_failure(r->options.state, error);
	r->unsavable = error != 0;
}

static void on_saving(uv_timer_t *timer)
{
	struct run *r = timer->data;

	if (!r->unsaved)
		return;
	save_orders(r);
	uv_timer_start(timer, on_saving, SAVING_PAUSE, 0);
}

void saved_orders(void *run)
{
	struct run *r = run;

	if (!r->options.state)
		return;
	r->unsaved = true;
	if (!uv_is_active((uv_handle_t *)&r->saving))
		on_saving(&r->saving);
}

void saved_end(struct run *r)
{
	if (r->unsaved)
		save_orders(r);
}
