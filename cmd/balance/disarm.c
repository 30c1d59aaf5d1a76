/* `emtool balance run --disarm`: takes a charger back to what it was before it was armed. */
#include "base/error.h"
#include "cmd/balance/run.h"
#include "cmd/session/polling.h"
#include "cmd/session/say.h"

/* Tells what was written, as a record with the names of the charger's registers. */
static void describe(struct record *record, const struct charger_disarmed *rows, size_t count)
{
	record_begin(record, "disarm");
	record->time = loop_clock();
	for (size_t i = 0; i < count; i++)
		record_decimal(record, rows[i].row->name, rows[i].row->unit, rows[i].value);
}

static void say_source(const struct run_options *o, const struct charger_disarmed *rows,
                       size_t count)
{
	if (!count)
		say_warning(
			"%s: nothing of this charger is armed, so there is nothing to take back",
			o->charger.url);
	for (size_t i = 0; i < count; i++)
		if (rows[i].factory)
			say_warning("%s: %s was not kept%s; the factory's value is %s",
			            o->charger.url, rows[i].row->name,
			            o->state ? "" : " (--state FILE keeps it)",
			            o->charger.dry ? "what would be written" : "written");
}

struct disarm_watch {
	const struct session *session;
	struct charger *charger;
};

/* Once in each turn of the loop. */
static void watch(uv_prepare_t *turn)
{
	const struct disarm_watch *w = turn->data;

	if (polling_ended(w->session))
		atomic_store(&w->charger->stop, true);
}

/* A signal ends the exchange. */
static int write_back(const struct session *session, struct charger *c,
                      struct charger_disarmed *rows, size_t *count)
{
	struct disarm_watch data = {session, c};
	uv_prepare_t turn;
	int error;

	uv_prepare_init(loop_uv(session->loop), &turn);
	turn.data = &data;
	uv_prepare_start(&turn, watch);
	error = charger_disarm(c, rows, count);
	uv_close((uv_handle_t *)&turn, NULL);
	uv_run(loop_uv(session->loop), UV_RUN_NOWAIT);
	return error;
}

static int disarm(struct session *session, const struct run_options *o, struct charger *c)
{
	struct charger_disarmed rows[CHARGER_DISARMED];
	size_t count;
	int error = write_back(session, c, rows, &count);

	if (error == EM_CANCELLED && polling_ended(session)) {
		say_warning("%s: stopped before everything was written: run --disarm again",
		            o->charger.url);
		return EXIT_OK;
	}
	if (error) {
		say_error("%s: %s", o->charger.url, c->message);
		return EXIT_DEVICE;
	}
	say_source(o, rows, count);
	describe(&session->record, rows, count);
	session_emit(session, &session->record);
	return EXIT_OK;
}

static int open_charger(struct charger *c, const struct run_options *o, uv_loop_t *loop)
{
	struct charger_options options = o->charger;
	double reply = o->balance.reading.timeout;
	int error;

	options.state = o->state;
	options.reply = reply > 0 ? (unsigned)(reply * 1000) : 1000;
	error = charger_open(c, &options, loop);
	if (error == EM_SYNTAX || error == EM_UNSUPPORTED || (!error && !c->device))
		return say_usage("--charger: %s", error ? c->message : "there is none to disarm");
	return error ? say_failure("charger", error) : EXIT_OK;
}

int run_disarm(const struct run_options *o)
{
	struct session session = {0};
	struct charger charger = {0};
	int status;

	if (!o->charger.url)
		return say_usage("missing --charger");
	session_loudness(&o->balance.reading);
	session_confine(&o->balance.reading, o->state, (const char *const[]){o->charger.url, NULL});
	if (session_begin(&session, &o->balance.reading, NULL) == EXIT_OK) {
		status = open_charger(&charger, o, loop_uv(session.loop));
		if (!status)
			status = disarm(&session, o, &charger);
		session_fail(&session, status);
		charger_close(&charger);
	}
	return session_end(&session);
}
