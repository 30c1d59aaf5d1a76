/* `emtool balance run`: the live controller between a meter and a charger. */
#include <stdlib.h>

#include "base/error.h"
#include "cmd/balance/grid.h"
#include "cmd/balance/run.h"
#include "cmd/session/offers.h"
#include "cmd/session/say.h"
#include "io/listener.h"
#include "modbus/server.h"
#include "modbus/target.h"

#define FIELD(name) offsetof(struct run_options, name)

static const char charger_urls[] =
#define DEVICE(name, about, choice) #name "://HOST, "
#include "device/devices.def"
#undef DEVICE
	"SCHEME+serial:///dev/ttyUSB1 or none";

/* abb://, abb+serial:///dev/, ..., none */
static bool offer_chargers(struct text *out, size_t index)
{
	static const char *const ends[] = {"://", "+serial:///dev/", "+rtu+tcp://"};

	for (size_t i = 0; devices[i]; i++) {
		size_t forms = !charger_steerable(devices[i]) ? 0 : devices[i]->line ? 3 : 1;

		if (index < forms) {
			text_printf(out, "%s%s", devices[i]->name, ends[index]);
			return true;
		}
		index -= forms;
	}
	if (!index)
		text_puts(out, "none");
	return !index;
}

static const struct option_row rows[] = {
	{"p1", 0, OPTION_TEXT, FIELD(p1), "SOURCE", "the smart meter's P1 port",
         .offer = offer_sources},
	{"grid", 0, OPTION_TEXT, FIELD(grid), "[KIND:]SOURCE",
         "any other meter: p1, dlms, json (mqtt://BROKER/TOPIC), meter, sunspec",
         .offer = balance_offer_grid},
	{"charger", 0, OPTION_TEXT, FIELD(charger.url), "URL", charger_urls,
         .offer = offer_chargers},
	{"server", 0, OPTION_TEXT, FIELD(server), "URL",
         "serve the register table, and pass other units to the charger: tcp-listen://127.0.0.1:5020",
         .words = "tcp-listen://127.0.0.1:5020|rtu+tcp-listen://127.0.0.1:5020|serial:///dev/"},
	{"state", 0, OPTION_TEXT, FIELD(state), "FILE",
         "keep settings, override, mode and pause between runs"},
	{"control", 0, OPTION_TEXT, FIELD(control), "URL",
         "take override, mode and pause from mqtt[s]://[USER@]HOST[:PORT]/PREFIX",
         .words = "mqtt://|mqtts://"},
	{"dry-run", 0, OPTION_FLAG, FIELD(charger.dry), NULL, "decide and print, write nothing"},
	{"tick", 0, OPTION_REAL, FIELD(tick), "S",
         "time between looks at the charger without telegrams, at most 1 (1)", .min = 0.05,
         .max = 60},
	{"charger-timeout", 0, OPTION_INT, FIELD(charger_timeout), "S",
         "seconds of silence after which the charger falls back by itself (60)", .min = 10,
         .max = 600},
	{"unarmed", 0, OPTION_FLAG, FIELD(charger.unarmed), NULL,
         "also steer a charger that accepts no fallback"},
	{"safe-current-checked", 0, OPTION_FLAG, FIELD(charger.safe_checked), NULL,
         "also steer an Alfen whose safe current is above the fuse or not known"},
	{"disarm", 0, OPTION_FLAG, FIELD(disarm), NULL,
         "give the charger its own time-out and fallback back, and end"},
	KEY_OPTIONS(struct run_options, keys),
	{0}};

/* Algorithm, fuse and settings, from the command line and then from the state file. */
static int choose(const struct run_options *options, struct controller_options *o, int *unit)
{
	const struct balance_options *b = &options->balance;
	struct balance_rules rules;
	int status = balance_fuse(b, &o->fuse);

	o->algorithm = balance_algorithm(b);
	rules = balance_rules_of(o->algorithm, o->fuse.rated);
	if (!status)
		status = balance_settings_for(b, &rules, &o->settings);
	if (!status)
		status = balance_shared(b, &rules, 1);
	if (!status)
		status = balance_agree(&o->settings, &rules, NULL);
	return status ? status : saved_load(options, &rules, &o->settings, unit);
}

/* The plans were opened before; they are watched from now on. */
static void start_plans(struct run *r)
{
	const struct plan_settings *plan = &r->plans.settings;
	instant now = loop_clock();

	if (!plans_any(&r->options.balance.plans))
		return;
	plans_cover(&r->plans, now, zone_next(&plan->goal.zone, now, plan->goal.until));
	ceilings_plan(&r->controller.balancer.ceilings, plan);
	plans_watch_start(&r->watch, &r->plans, loop_uv(r->session.loop));
}

/* The controller and its register table, from the options and the saved settings. */
static int start_controller(struct run *r)
{
	struct controller_options o = {.charger_timeout = r->options.charger_timeout * 1000};
	int unit = TABLE_UNIT;
	int status = choose(&r->options, &o, &unit);

	if (status)
		return status;
	controller_start(&r->controller, &o);
	start_plans(r);
	register_table_start(&r->table, &r->controller.balancer, unit);
	r->table.keep = saved_keep;
	r->table.overridden = saved_orders;
	r->table.context = r;
	saved_load_orders(r);
	uv_timer_init(loop_uv(r->session.loop), &r->saving);
	r->saving.data = r;
	return EXIT_OK;
}

static int open_meter(struct run *r)
{
	const int32_t *phases = &r->controller.balancer.settings.phases;
	const struct grid_settings settings = {
		.source = &r->grid,
		.seals = &r->seals,
		.rules = balance_grid_rules(&r->options.balance, phases)};

	r->seals.keys = &r->ring;
	r->meter = grid_meter_new(&settings, &(struct grid_events){run_telegram, run_refused, r});
	return r->meter ? EXIT_OK : say_failure("meter", EM_NO_MEMORY);
}

static int open_charger(struct run *r)
{
	double reply = r->options.balance.reading.timeout;
	int error;

	r->options.charger.timeout = (unsigned)r->options.charger_timeout;
	r->options.charger.state = r->options.state;
	r->options.charger.fuse = r->controller.balancer.fuse.rated;
	r->options.charger.reply = reply > 0 ? (unsigned)(reply * 1000) : 1000;
	r->charger.done = run_exchanged;
	r->charger.context = r;
	r->charger.measure = r->controller.balancer.algorithm == ALGORITHM_HEADROOM;
	error = charger_open(&r->charger, &r->options.charger, loop_uv(r->session.loop));
	r->charger.fallback = r->controller.wanted.fallback; /* it may be armed before a decision */
	if (error == EM_SYNTAX || error == EM_UNSUPPORTED)
		return say_usage("--charger: %s", r->charger.message);
	return error ? say_failure("charger", error) : EXIT_OK;
}

static int open_server(struct run *r)
{
	const char *address = r->options.server;
	int error;

	if (!address)
		return EXIT_OK;
	r->server.table = &r->table;
	if (r->charger.device) {
		pass_through_start(&r->through, &r->charger);
		r->server.through = &r->through;
	}
	error = table_server_open(&r->server, loop_uv(r->session.loop), address);
	if (error == EM_SYNTAX || error == EM_UNSUPPORTED)
		return say_usage("--server: '%s' %s", address, modbus_target_problem(error, true));
	if (error)
		say_error("%s: %s", address, listener_problem(error));
	return error ? EXIT_LOCAL : EXIT_OK;
}

static int start(struct run *r)
{
	int status = start_controller(r);

	if (!status)
		status = open_charger(r);
	if (!status)
		status = open_meter(r);
	if (!status)
		status = open_server(r);
	return status ? status : control_open(r);
}

static void end(struct run *r)
{
	plans_watch_end(&r->watch);
	modbus_server_close(r->server.server);
	if (r->server.through)
		pass_through_end(r->server.through);
	charger_leave(&r->charger);
	charger_close(&r->charger);
	control_close(r);
	saved_end(r);
	if (r->controller.identity.ignored)
		say_warning("%s: %llu telegrams of other meters than %s were ignored",
		            r->options.p1, (unsigned long long)r->controller.identity.ignored,
		            r->controller.identity.held);
	if (r->meter)
		r->session.rejected += grid_meter_refused(r->meter);
	grid_meter_free(r->meter);
}

static void confine(const struct run *r)
{
	const struct run_options *o = &r->options;
	const char *const urls[] = {o->p1,
	                            grid_source_polled(&r->grid) ? "tcp://" : "",
	                            o->charger.url,
	                            o->server ? o->server : "",
	                            o->control ? o->control : "",
	                            NULL};

	session_confine(&o->balance.reading, o->state, urls);
}

static int execute(struct run *r)
{
	int status = keys_load(&r->ring, &r->options.keys);

	if (!status)
		status = plans_open(&r->plans, &r->options.balance.plans);
	if (status)
		return status;
	confine(r);
	if (session_begin(&r->session, &r->options.balance.reading, balance_text) == EXIT_OK) {
		session_fail(&r->session, start(r));
		if (r->session.status == EXIT_OK)
			run_live(r);
		end(r);
	}
	return session_end(&r->session);
}

/* From here on --p1 and --grid are one. */
static int choose_meter(struct run *r)
{
	struct run_options *o = &r->options;
	int status = balance_grid(&r->grid, o->p1, o->grid);

	if (status)
		return status;
	o->p1 = r->grid.url;
	if (!o->charger.url)
		return say_usage("missing --charger");
	if (balance_grid_clashes(&r->grid, o->charger.url))
		return say_usage("%s: meter and charger cannot share a serial line", o->p1);
	if (grid_source_polled(&r->grid) && o->balance.reading.record)
		return say_usage("--record: a Modbus meter sends nothing that can be recorded");
	return EXIT_OK;
}

static int run(void *options, int count, char **arguments)
{
	const struct run_options *o = options;
	struct run *r;
	int status;

	(void)count;
	(void)arguments;
	if (o->disarm)
		return run_disarm(o);
	r = calloc(1, sizeof *r);
	if (!r)
		return say_failure("balance", EM_NO_MEMORY);
	r->options = *o;
	r->options.balance.reading.live = true;
	r->options.balance.reading.announces = o->control != NULL;
	session_loudness(&o->balance.reading);
	status = choose_meter(r);
	if (!status)
		status = execute(r);
	seals_free(&r->seals);
	glo_keyring_free(&r->ring);
	plans_close(&r->plans);
	free(r);
	return status;
}

static const struct option_row times[] = {
	{"duration", 'd', OPTION_REAL, offsetof(struct reading, duration), "S",
         "end after S seconds", .min = 0.001, .max = 1e9},
	{"timeout", 't', OPTION_REAL, offsetof(struct reading, timeout), "S",
         "wait S seconds for a reply of the charger (1)", .min = 0.05, .max = 60},
	{"record", 0, OPTION_TEXT, offsetof(struct reading, record), "FILE",
         "save what the meter sends; simulate reads FILE"},
	{0}};

const struct command balance_run_command = {
	.name = "run",
	.summary = "run the load balancer: read a meter, steer a charger",
	.arguments = "",
	.options = (const struct option_row *const[]){balance_options, plan_options, rows, times,
                                                      printing_options, NULL},
	.size = sizeof(struct run_options),
	.defaults = &(const struct run_options){.balance = BALANCE_DEFAULTS,
                                                .tick = 1,
                                                .charger_timeout = 60},
	.run = run,
	.example = "emtool balance run --p1 /dev/ttyUSB0 --charger abb://192.168.1.50 --state "
		   "balance.conf",
};
