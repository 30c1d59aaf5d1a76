/* `emtool balance run`: the live controller between a P1 port and a charger. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "balance/register_table.h"
#include "balance/summary.h"
#include "base/error.h"
#include "cmd/balance/balance.h"
#include "cmd/balance/charger.h"
#include "cmd/balance/meter.h"
#include "cmd/balance/state.h"
#include "cmd/session/say.h"
#include "modbus/server.h"
#include "modbus/target.h"

struct options {
	struct balance_options balance;
	const char *p1, *server, *state;
	struct charger_options charger;
	double tick;
	long charger_timeout;
};

#define FIELD(name) offsetof(struct options, name)

static const struct option_row rows[] = {
	{"p1", 0, OPTION_TEXT, FIELD(p1), "SOURCE", "the smart meter's P1 port"},
	{"charger", 0, OPTION_TEXT, FIELD(charger.url), "URL",
         "abb://HOST, abb+serial:///dev/ttyUSB1, alfen://HOST or none"},
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
	{0}};

struct run {
	struct options options;
	struct session session;
	struct balancer balancer;
	struct register_table table;
	struct charger charger;
	struct modbus_server *server;
	struct meter *meter;
	uv_timer_t timer;
	int32_t currents[BALANCE_PHASES];
	instant clock;               /* of the meter, in its last telegram */
	uint64_t clock_seen;         /* ms of the loop's clock when that was new */
	bool frozen;                 /* the meter's clock stands still: its data are old */
	bool phases[BALANCE_PHASES]; /* those that the meter has told */
	bool partial;                /* one of them is missing now */
	bool told;                   /* a telegram came since the last tick */
	bool known;                  /* at least one ever did */
	bool reading;                /* a stream is open */
	uint64_t ticks;
};

enum { CLOCK_PATIENCE = 3000 /* ms: several telegrams may carry the same second */ };

/* A relay or bridge may repeat an old telegram for ever: its clock gives it away. */
static bool is_frozen(struct run *r, instant clock)
{
	uint64_t now = uv_now(loop_uv(r->session.loop));
	bool frozen;

	if (clock != r->clock || clock == INSTANT_NONE)
		r->clock_seen = now;
	r->clock = clock;
	frozen = now - r->clock_seen > CLOCK_PATIENCE;
	if (frozen != r->frozen)
		say_warning("%s: %s", r->options.p1,
		            frozen ? "the same telegram again and again: taken as no data"
		                   : "the meter's clock goes on");
	r->frozen = frozen;
	return frozen;
}

/* A phase that was told once is not what it was for ever: without it a telegram is no data. */
static bool is_partial(struct run *r, const int32_t *currents)
{
	int missing = -1;

	for (int i = 0; i < r->balancer.settings.phases; i++) {
		r->phases[i] = r->phases[i] || currents[i] != CURRENT_NONE;
		if (r->phases[i] && currents[i] == CURRENT_NONE)
			missing = i;
	}
	if (missing >= 0 && !r->partial)
		say_warning("%s: no current of L%d any more: taken as no data", r->options.p1,
		            missing + 1);
	else if (missing < 0 && r->partial)
		say_warning("%s: all phases again", r->options.p1);
	r->partial = missing >= 0;
	return r->partial;
}

static void told(void *context, const struct meter_reading *reading)
{
	struct run *r = context;

	if (is_frozen(r, reading->clock) || is_partial(r, reading->currents))
		return;
	memcpy(r->currents, reading->currents, sizeof r->currents);
	for (int i = 0; i < BALANCE_PHASES; i++)
		r->told = r->told || reading->currents[i] != CURRENT_NONE;
	r->known = r->known || r->told;
}

static void describe(struct run *r, const int32_t *car)
{
	static const char *const links[] = {"none", "away", "ready", "refused"};
	const struct balancer *b = &r->balancer;
	struct record *record = &r->session.record;

	record_begin(record, "balance");
	record->time = loop_clock();
	if (r->known)
		record_decimal(record, "used", "A", amperes(b->used));
	else
		record_null(record, "used");
	record_decimal(record, "limit", "A", amperes(b->limit));
	record_word(record, "state", balance_state_names[b->state]);
	record_int(record, "state_code", b->state);
	record_word(record, "reason", balancer_reason(b));
	record_decimal(record, "age", "s", decimal_i64(balancer_age(b), 0));
	record_decimal(record, "override_limit", "A", amperes(balance_override(&b->settings)));
	record_word(record, "charger", links[r->charger.link]);
	if (r->charger.confirmed != CURRENT_NONE)
		record_decimal(record, "set_point", "A", amperes(r->charger.confirmed));
	else
		record_null(record, "set_point");
	for (int i = 0; i < BALANCE_PHASES; i++) {
		static const char *const names[] = {"car_l1", "car_l2", "car_l3"};

		if (car)
			record_decimal(record, names[i], "A", amperes(car[i]));
		else
			record_null(record, names[i]);
	}
	record_word(record, "lamp", balance_lamp(b->state));
}

/*
 * Before the first telegram nothing is known: the charger is left alone until the fallback is due.
 */
static int32_t wanted(const struct run *r)
{
	const struct balancer *b = &r->balancer;

	if (!r->known && balancer_age(b) < b->settings.fallback_wait)
		return CURRENT_NONE;
	return b->limit;
}

static void tick(uv_timer_t *timer)
{
	static const int32_t nothing[BALANCE_PHASES];
	struct run *r = timer->data;
	uint64_t stale = (uint64_t)(3000 * (r->options.tick > 1 ? r->options.tick : 1));
	const int32_t *car = charger_car(&r->charger, stale);
	const struct balance_settings *settings = &r->balancer.settings;

	balancer_tick(&r->balancer, r->told ? r->currents : NULL,
	              car || !charger_lost(&r->charger) ? car : nothing);
	r->told = false;
	r->ticks++;
	describe(r, car);
	session_emit(&r->session, &r->session.record);
	session_flush(&r->session);
	r->charger.set_point = wanted(r);
	r->charger.fallback = settings->fallback_limit < settings->max_current
	                              ? settings->fallback_limit
	                              : settings->max_current;
	charger_poll(&r->charger);
}

/* An exchange is over: another one follows when the limit has changed meanwhile. */
static void exchanged(void *context)
{
	struct run *r = context;

	if (r->charger.link == CHARGER_REFUSED) {
		say_error("%s: takes no time-out or fallback current; --unarmed steers it all the "
		          "same",
		          r->charger.options.url);
		session_fail(&r->session, EXIT_DEVICE);
		loop_stop(r->session.loop);
	} else if (r->charger.link == CHARGER_READY && r->charger.set_point != CURRENT_NONE &&
	           r->charger.set_point != r->charger.confirmed && !r->options.charger.dry) {
		charger_poll(&r->charger);
	}
}

static int serve(void *data, const struct modbus_call *call)
{
	struct run *r = data;

	if (call->unit != r->table.unit)
		return MODBUS_SILENT;
	if (!call->count)
		return 0;
	switch (call->function) {
	case 3: return register_table_read(&r->table, call->address, call->count, call->words);
	case 6:
	case 16: return register_table_write(&r->table, call->address, call->count, call->words);
	default: return TABLE_NO_FUNCTION;
	}
}

static int keep(void *context, const struct balance_settings *settings, int unit)
{
	struct run *r = context;

	if (!r->options.state) {
		say_warning("settings were saved, but without --state they end with this program");
		return 0;
	}
	return state_save(r->options.state, settings, unit);
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

	if (meter_data(r->meter, chunk->data, chunk->size))
		session_no_memory(&r->session);
}

/* A telegram that was cut off by a lost connection must not be joined with the next one. */
static void meter_closed(void *stream, instant time)
{
	struct run *r = stream;

	(void)time;
	meter_cut(r->meter);
	r->reading = false;
}

/* Saved settings are newer than those of the command line; the difference is said. */
static int load_state(struct run *r, struct balance_settings *settings, int *unit)
{
	struct balance_settings given = *settings;
	int status;

	if (!r->options.state)
		return EXIT_OK;
	status = state_load(r->options.state, settings, unit);
	for (size_t i = 0; i < r->options.balance.set.count && !status; i++) {
		const char *item = r->options.balance.set.items[i];
		const struct balance_setting *row = balance_setting_named(item, strcspn(item, "="));

		if (row && *balance_setting_at(settings, row) != *balance_setting_at(&given, row))
			say_warning("%s: the saved %s goes before --set %s", r->options.state,
			            row->name, item);
	}
	return status;
}

/* A port alone is served on loopback only: whoever reaches the table can steer the charger. */
static int open_server(struct run *r)
{
	struct modbus_server_options options = {.handler = serve, .data = r, .host = "127.0.0.1"};
	int error;

	if (!r->options.server)
		return EXIT_OK;
	error = modbus_server_open(&r->server, loop_uv(r->session.loop), r->options.server,
	                           &options);
	if (error == EM_SYNTAX || error == EM_UNSUPPORTED)
		return say_usage("--server: '%s' %s", r->options.server,
		                 modbus_target_problem(error, true));
	return error ? say_failure(r->options.server, error) : EXIT_OK;
}

static int prepare(struct run *r)
{
	enum balance_algorithm algorithm;
	struct balance_settings settings = balance_defaults();
	struct fuse fuse;
	int unit = TABLE_UNIT, status;

	if (!r->options.p1 || !r->options.charger.url)
		return say_usage("missing --%s", r->options.p1 ? "charger" : "p1");
	status = balance_apply(&r->options.balance, &algorithm, &settings, &fuse);
	if (!status)
		status = load_state(r, &settings, &unit);
	if (status)
		return status;
	balancer_start(&r->balancer, algorithm, &settings, &fuse, false);
	register_table_start(&r->table, &r->balancer, unit);
	r->table.keep = keep;
	r->table.context = r;
	r->options.charger.timeout = (unsigned)r->options.charger_timeout;
	r->options.charger.reply = r->options.balance.reading.timeout > 0
	                                   ? (unsigned)(r->options.balance.reading.timeout * 1000)
	                                   : 1000;
	r->charger.done = exchanged;
	r->charger.context = r;
	r->charger.measure = algorithm == ALGORITHM_HEADROOM;
	status = charger_open(&r->charger, &r->options.charger, loop_uv(r->session.loop));
	r->meter = meter_new(told, r);
	if (!r->meter && !status)
		status = say_failure("meter", EM_NO_MEMORY);
	return status ? status : open_server(r);
}

/* A meter that is silent for so long may hang on a dead connection: it is opened anew. */
static double patience(const struct run *r)
{
	double wait = r->balancer.settings.fallback_wait * r->options.tick;

	return wait > 15 ? wait : 15;
}

static void control(struct run *r)
{
	struct streaming streaming = {.url = r->options.p1,
	                              .serial = "baud=115200&mode=8N1",
	                              .open = meter_opened,
	                              .data = meter_chunk,
	                              .close = meter_closed,
	                              .context = r};
	uint64_t period = (uint64_t)(r->options.tick * 1000 + 0.5);

	uv_timer_init(loop_uv(r->session.loop), &r->timer);
	r->timer.data = r;
	uv_timer_start(&r->timer, tick, period, period);
	r->options.balance.reading.timeout = patience(r);
	session_run(&r->session, &streaming);
	uv_timer_stop(&r->timer);
}

static int run(void *options, int count, char **arguments)
{
	struct run *r = calloc(1, sizeof *r);
	int status;

	(void)count;
	(void)arguments;
	if (!r)
		return say_failure("balance", EM_NO_MEMORY);
	r->options = *(struct options *)options;
	if (r->options.p1 && r->options.charger.url)
		session_confine(&r->options.balance.reading, r->options.state,
		                (const char *const[]){r->options.p1, r->options.charger.url,
		                                      r->options.server ? r->options.server : "",
		                                      NULL});
	if (session_begin(&r->session, &r->options.balance.reading, balance_text) == EXIT_OK) {
		session_fail(&r->session, prepare(r));
		if (r->session.status == EXIT_OK)
			control(r);
		charger_close(&r->charger);
		if (r->server)
			modbus_server_close(r->server);
		meter_free(r->meter);
	}
	status = session_end(&r->session);
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
