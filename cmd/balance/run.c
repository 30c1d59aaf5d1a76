/* `emtool balance run`: the live controller between a P1 port and a charger. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "cmd/balance/balance.h"
#include "cmd/session/keys.h"
#include "cmd/session/refused.h"
#include "cmd/session/say.h"
#include "control/charger.h"
#include "control/controller.h"
#include "control/grid_meter.h"
#include "control/state.h"
#include "control/table_server.h"
#include "modbus/server.h"
#include "io/listener.h"
#include "modbus/target.h"

struct options {
	struct balance_options balance;
	const char *p1, *server, *state;
	struct charger_options charger;
	struct key_options keys;
	double tick;
	long charger_timeout;
};

enum { IDLE_SECONDS = 2 };

#define FIELD(name) offsetof(struct options, name)

static const char charger_urls[] =
#define DEVICE(name, about, choice) #name "://HOST, "
#include "device/devices.def"
#undef DEVICE
	"SCHEME+serial:///dev/ttyUSB1 or none";

static const struct option_row rows[] = {
	{"p1", 0, OPTION_TEXT, FIELD(p1), "SOURCE", "the smart meter's P1 port"},
	{"charger", 0, OPTION_TEXT, FIELD(charger.url), "URL", charger_urls},
	{"server", 0, OPTION_TEXT, FIELD(server), "SOURCE",
         "serve the register table: tcp-listen://127.0.0.1:5020 or a serial line"},
	{"state", 0, OPTION_TEXT, FIELD(state), "FILE", "keep what is written to register 1091"},
	{"dry-run", 0, OPTION_FLAG, FIELD(charger.dry), NULL, "decide and print, write nothing"},
	{"tick", 0, OPTION_REAL, FIELD(tick), "S", "time between decisions; waits count ticks (1)",
         .min = 0.05, .max = 60},
	{"charger-timeout", 0, OPTION_INT, FIELD(charger_timeout), "S",
         "silence after which the charger falls back by itself (60)", .min = 10, .max = 600},
	{"unarmed", 0, OPTION_FLAG, FIELD(charger.unarmed), NULL,
         "steer a charger that accepts no fallback, too"},
	KEY_OPTIONS(struct options, keys),
	{0}};

struct run {
	struct options options;
	struct session session;
	struct controller controller;
	struct register_table table;
	struct charger charger;
	struct modbus_server *server;
	struct grid_meter *meter;
	struct glo_keyring ring;
	struct seals seals;
	struct refused refused; /* telegrams, as told of */
	uv_timer_t timer;
	bool reading; /* a stream is open */
};

static int64_t now(void)
{
	return (int64_t)(uv_hrtime() / 1000000);
}

static void say_events(const struct run *r, unsigned events)
{
	const char *p1 = r->options.p1;

	if (events & CONTROLLER_FROZEN)
		say_warning("%s: the same telegram again and again: taken as no data", p1);
	if (events & CONTROLLER_MOVES)
		say_warning("%s: the meter's clock goes on", p1);
	if (events & CONTROLLER_PARTIAL)
		say_warning("%s: no current of L%d any more: taken as no data", p1,
		            r->controller.missing + 1);
	if (events & CONTROLLER_WHOLE)
		say_warning("%s: all phases again", p1);
}

static void on_telegram(void *context, const struct grid_reading *reading)
{
	struct run *r = context;

	say_events(r,
	           controller_telegram(&r->controller, now(), reading->currents, reading->clock));
}

static void on_refused(void *context, enum refusal refusal, const char *text)
{
	struct run *r = context;

	say_refused(&r->refused, NULL, refusal, text, r->ring.count > 0);
}

static void on_tick(uv_timer_t *timer)
{
	struct run *r = timer->data;
	int64_t time = now();
	struct charger_state observed = charger_observed(&r->charger);
	struct controller_wanted wanted = controller_step(&r->controller, time, &observed);

	controller_describe(&r->controller, time, &observed, &r->session.record);
	r->session.record.time = loop_clock();
	session_emit(&r->session, &r->session.record);
	session_flush(&r->session);
	r->charger.set_point = wanted.set_point;
	r->charger.fallback = wanted.fallback;
	charger_poll(&r->charger);
}

/* An exchange is over: another one follows when the limit has changed meanwhile. */
static void on_exchange(void *context)
{
	struct run *r = context;
	struct charger_state observed = charger_observed(&r->charger);

	if (observed.link == CHARGER_REFUSED) {
		say_error("%s: takes no time-out or fallback current; --unarmed steers it all the "
		          "same",
		          r->charger.options.url);
		session_fail(&r->session, EXIT_DEVICE);
		loop_stop(r->session.loop);
	} else if (controller_differs(&r->controller, &observed) && !r->options.charger.dry) {
		charger_poll(&r->charger);
	}
}

/* A client of the register table saves the settings. */
static int keep(void *context, const struct balance_settings *settings, int unit)
{
	struct run *r = context;
	int error;

	if (!r->options.state) {
		say_warning("settings were saved, but without --state they end with this program");
		return 0;
	}
	error = state_save(r->options.state, settings, unit);
	if (error)
		say_failure(r->options.state, error);
	return error;
}

static void *meter_opened(void *context, const struct peer *peer)
{
	struct run *r = context;

	(void)peer;
	if (r->reading)
		return NULL;
	r->reading = true;
	return r;
}

static void meter_chunk(void *stream, const struct chunk *chunk)
{
	struct run *r = stream;

	if (grid_meter_feed(r->meter, chunk->data, chunk->size))
		session_no_memory(&r->session);
}

static void meter_idle(void *stream, instant time)
{
	struct run *r = stream;

	(void)time;
	if (grid_meter_idle(r->meter))
		session_no_memory(&r->session);
}

/* A telegram that was cut off by a lost connection must not be joined with the next one. */
static void meter_closed(void *stream, instant time)
{
	struct run *r = stream;

	(void)time;
	if (grid_meter_cut(r->meter))
		session_no_memory(&r->session);
	r->reading = false;
}

/* Saved settings are newer than those of the command line; the difference is said. */
static int load_state(struct run *r, struct balance_settings *settings, int *unit)
{
	struct balance_settings given = *settings;
	const char *path = r->options.state;
	int line, error = path ? state_load(path, settings, unit, &line) : 0;

	if (error == EM_SYSTEM)
		return say_failure(path, error);
	if (error) {
		say_error("%s:%d: %s; remove the file to start from the settings given", path, line,
		          error_text(error));
		return EXIT_USAGE;
	}
	for (size_t i = 0; i < r->options.balance.set.count; i++) {
		const char *item = r->options.balance.set.items[i];
		const struct balance_setting *row = balance_setting_named(item, strcspn(item, "="));

		if (row && *balance_setting_at(settings, row) != *balance_setting_at(&given, row))
			say_warning("%s: the saved %s goes before --set %s", path, row->name, item);
	}
	return EXIT_OK;
}

/* The controller and its register table, from the options and the saved settings. */
static int start_controller(struct run *r)
{
	struct controller_options o = {.settings = balance_defaults(),
	                               .tick = (int64_t)(r->options.tick * 1000 + 0.5),
	                               .charger_timeout = r->options.charger_timeout * 1000};
	int unit = TABLE_UNIT;
	int status = balance_apply(&r->options.balance, &o.algorithm, &o.settings, &o.fuse);

	if (!status)
		status = load_state(r, &o.settings, &unit);
	if (status)
		return status;
	controller_start(&r->controller, &o);
	register_table_start(&r->table, &r->controller.balancer, unit);
	r->table.keep = keep;
	r->table.context = r;
	return EXIT_OK;
}

static int open_meter(struct run *r)
{
	r->seals.keys = &r->ring;
	r->meter = grid_meter_new(&r->seals, &(struct grid_events){on_telegram, on_refused, r});
	return r->meter ? EXIT_OK : say_failure("meter", EM_NO_MEMORY);
}

static int open_charger(struct run *r)
{
	double reply = r->options.balance.reading.timeout;
	int error;

	r->options.charger.timeout = (unsigned)r->options.charger_timeout;
	r->options.charger.reply = reply > 0 ? (unsigned)(reply * 1000) : 1000;
	r->charger.done = on_exchange;
	r->charger.context = r;
	r->charger.measure = r->controller.balancer.algorithm == ALGORITHM_HEADROOM;
	error = charger_open(&r->charger, &r->options.charger, loop_uv(r->session.loop));
	if (error == EM_SYNTAX || error == EM_UNSUPPORTED)
		return say_usage("--charger: %s", r->charger.message);
	return error ? say_failure("charger", error) : EXIT_OK;
}

static int open_server(struct run *r)
{
	const char *address = r->options.server;
	int error = address ? table_server_open(&r->server, loop_uv(r->session.loop), address,
	                                        &r->table)
	                    : 0;

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
	return status ? status : open_server(r);
}

/* A meter that is silent for so long may hang on a dead connection: it is opened anew. */
static double patience(const struct run *r)
{
	double wait = r->controller.balancer.settings.fallback_wait * r->options.tick;

	return wait > 15 ? wait : 15;
}

static void control(struct run *r)
{
	struct streaming streaming = {.url = r->options.p1,
	                              .serial = "baud=115200&mode=8N1",
	                              .open = meter_opened,
	                              .data = meter_chunk,
	                              .idle = IDLE_SECONDS,
	                              .idle_event = meter_idle,
	                              .close = meter_closed,
	                              .context = r};
	uint64_t period = (uint64_t)(r->options.tick * 1000 + 0.5);

	uv_timer_init(loop_uv(r->session.loop), &r->timer);
	r->timer.data = r;
	uv_timer_start(&r->timer, on_tick, period, period);
	r->options.balance.reading.timeout = patience(r);
	session_run(&r->session, &streaming);
	uv_timer_stop(&r->timer);
}

static void end(struct run *r)
{
	charger_close(&r->charger);
	if (r->server)
		modbus_server_close(r->server);
	if (r->meter)
		r->session.rejected += grid_meter_refused(r->meter);
	grid_meter_free(r->meter);
}

static void confine(const struct run *r)
{
	const struct options *o = &r->options;
	const char *const urls[] = {o->p1, o->charger.url, o->server ? o->server : "", NULL};

	session_confine(&o->balance.reading, o->state, urls);
}

static int execute(struct run *r)
{
	int status = keys_load(&r->ring, &r->options.keys);

	if (status)
		return status;
	confine(r);
	if (session_begin(&r->session, &r->options.balance.reading, balance_text) == EXIT_OK) {
		session_fail(&r->session, start(r));
		if (r->session.status == EXIT_OK)
			control(r);
		end(r);
	}
	return session_end(&r->session);
}

static int run(void *options, int count, char **arguments)
{
	const struct options *o = options;
	struct run *r;
	int status;

	(void)count;
	(void)arguments;
	if (!o->p1 || !o->charger.url)
		return say_usage("missing --%s", o->p1 ? "charger" : "p1");
	r = calloc(1, sizeof *r);
	if (!r)
		return say_failure("balance", EM_NO_MEMORY);
	r->options = *o;
	session_loudness(&o->balance.reading);
	status = execute(r);
	seals_free(&r->seals);
	glo_keyring_free(&r->ring);
	free(r);
	return status;
}

static const struct option_row times[] = {
	{"duration", 'd', OPTION_REAL, offsetof(struct reading, duration), "S",
         "end after S seconds", .min = 0.001, .max = 1e9},
	{"timeout", 't', OPTION_REAL, offsetof(struct reading, timeout), "S",
         "wait S seconds for a reply of the charger (1)", .min = 0.05, .max = 60},
	{"record", 0, OPTION_TEXT, offsetof(struct reading, record), "FILE",
         "keep the raw P1 input; FILE is a SOURCE of simulate"},
	{0}};

const struct command balance_run_command = {
	.name = "run",
	.summary = "the same load balancer, live: P1 in, charger out",
	.arguments = "",
	.options = (const struct option_row *const[]){balance_options, rows, times,
                                                      printing_options, NULL},
	.size = sizeof(struct options),
	.defaults = &(const struct options){.balance = BALANCE_DEFAULTS,
                                            .tick = 1,
                                            .charger_timeout = 60},
	.run = run,
	.example = "emtool balance run --p1 /dev/ttyUSB0 --charger abb://192.168.1.50 --state "
		   "balance.conf",
};
