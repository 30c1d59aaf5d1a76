/* The running part of `emtool balance run`: telegrams, ticks and exchanges. */
#include "cmd/balance/grid.h"
#include "cmd/balance/run.h"
#include "base/error.h"
#include "cmd/session/say.h"
#include "io/monotonic.h"

/* READING: for so long a decision waits for what the charger tells. */
enum { IDLE_SECONDS = 2, READING = 300, SLACK = 200 /* ms */ };

/* What a user must know of meter and charger, in the order of the bits. */
static const struct {
	unsigned event;
	const char *text;
} events_said[] = {
	{CONTROLLER_FROZEN,
         "the meter repeats the same telegram again and again: taken as no data"},
	{CONTROLLER_MOVES, "the meter's clock runs again"},
	{CONTROLLER_ADVANCES, "the meter tells something new"},
	{CONTROLLER_CLOCK, "the meter's clock is back"},
	{CONTROLLER_WHOLE, "the meter sends all phases again"},
	{CONTROLLER_JUMPED,
         "the meter's clock has jumped: taken as no data until it runs steadily again"},
	{CONTROLLER_FRESH, "valid meter data: the limit follows them again"},
	{CONTROLLER_DISBELIEVES,
         "the car's currents that the charger tells contradict the meter: not used; check the "
         "charger's meter and --phase-order"},
	{CONTROLLER_BELIEVES, "the car's currents fit the meter again: used again"},
	{CONTROLLER_ADOPTED, "the car is charging: its limit goes on from there"},
};

static void say_missing(const struct run *r)
{
	const struct freshness *f = &r->controller.meter;
	const char *p1 = r->options.p1;

	if (!f->phases[0] && !f->phases[1] && !f->phases[2])
		say_warning(
			"%s: the meter tells no current or power of any phase: taken as no data; "
			"a total tells enough only with --phases 1",
			p1);
	else if (f->phases[r->controller.missing])
		say_warning("%s: no current of L%d any more: taken as no data", p1,
		            r->controller.missing + 1);
	else
		say_warning("%s: the meter does not tell L%d: taken as no data; for a house with "
		            "fewer phases say --phases",
		            p1, r->controller.missing + 1);
}

static void say_meter(const struct run *r, unsigned events)
{
	const struct controller *c = &r->controller;
	const char *p1 = r->options.p1;

	if (events & CONTROLLER_STANDS)
		say_warning("%s: the meter repeats old telegrams: its energy registers stand still "
		            "while it tells %g kW: taken as no data",
		            p1, (double)c->power / 1e6);
	if (events & CONTROLLER_OTHER)
		say_warning(
			"%s: telegrams of another meter, %s, come on the line of %s: ignored; give "
			"each meter a line of its own",
			p1, c->other, c->identity.held);
	if (events & CONTROLLER_UNCOUNTED)
		say_warning("%s: a current flows on L%d, and --phases %d leaves it out: nothing "
		            "protects the fuse of that phase",
		            p1, c->phases, c->balancer.settings.phases);
	if (events & CONTROLLER_EXCHANGED)
		say_warning("%s: the meter was exchanged: %s is used from now on", p1,
		            c->identity.held);
}

static void say_events(const struct run *r, unsigned events)
{
	const struct controller *c = &r->controller;
	const struct balance_settings *s = &c->balancer.settings;
	const char *p1 = r->options.p1;

	for (size_t i = 0; i < sizeof events_said / sizeof *events_said; i++)
		if (events & events_said[i].event)
			say_warning("%s: %s", p1, events_said[i].text);
	if (events & CONTROLLER_CLOCKLESS)
		say_warning("%s: the meter's clock has vanished: no data for %d s; then only "
		            "telegrams that contradict their energy registers are taken for old "
		            "ones",
		            p1, FRESHNESS_GONE / 1000);
	if (events & CONTROLLER_PARTIAL)
		say_missing(r);
	say_meter(r, events);
	if (events & CONTROLLER_LATE)
		say_warning("%s: telegrams come %lld s late: taken as no data", p1,
		            (long long)(c->lag / 1000));
	if (events & CONTROLLER_OLD)
		say_warning("%s: no valid meter data for %d s: fallback limit of %g A", p1,
		            s->fallback_wait, s->fallback_limit / 1000.0);
	if (events & CONTROLLER_LEARNT)
		say_warning("the charger's phases: --phase-order %d", c->order);
}

/* Above the fuse, or without data. */
static void say_disobedience(const struct run *r, const struct controller_wanted *wanted)
{
	const char *url = r->options.charger.url,
		   *why = r->controller.above ? "above the fuse" : "no valid meter data";

	if (r->options.charger.dry)
		return;
	if (wanted->events & CONTROLLER_UNGUARDED)
		say_warning("%s: %s, and the charger does not do what it is told and has no "
		            "time-out of its own: stop the car at the charger or at its breaker",
		            url, why);
	if (wanted->events & CONTROLLER_SILENCE)
		say_warning("%s: %s, and the charger does not do what it is told: nothing is sent "
		            "to it for %lld s, so that it falls back by itself%s",
		            url, why, (long long)wanted->silence / 1000,
		            wanted->events & CONTROLLER_VAIN
		                    ? "; that has not helped before: stop the car at "
		                      "the charger or at its breaker"
		                    : "");
}

static void run_on_time(uv_timer_t *timer);

/* A telegram a second comes before the timer does. Age and charger are looked at each second. */
static uint64_t period(const struct run *r)
{
	double tick = r->options.tick < 1 ? r->options.tick : 1;

	return (uint64_t)(tick * 1000 + SLACK);
}

static void restart_timer(struct run *r, uint64_t wait)
{
	uv_timer_start(&r->timer, run_on_time, wait, period(r));
}

/* Decides, has the charger told, and prints, in this order. */
static void decide(struct run *r)
{
	int64_t time = monotonic_ms();
	struct charger_state observed = charger_observed(&r->charger);
	struct controller_wanted wanted;

	r->due = false;
	r->controller.wall = loop_clock();
	wanted = controller_step(&r->controller, time, &observed);
	r->charger.set_point = wanted.set_point;
	r->charger.fallback = wanted.fallback;
	if (wanted.silence && !r->options.charger.dry)
		charger_silence(&r->charger, (uint64_t)wanted.silence);
	if (controller_differs(&r->controller, &observed) && !r->options.charger.dry)
		charger_poll(&r->charger);
	restart_timer(r, period(r));
	say_events(r, wanted.events);
	say_disobedience(r, &wanted);
	controller_describe(&r->controller, time, &observed, &r->session.record);
	r->session.record.time = loop_clock();
	session_emit(&r->session, &r->session.record);
	session_flush(&r->session);
	control_tell(r);
}

void run_ordered(struct run *r)
{
	if (!r->due)
		decide(r);
}

/* A telegram came: reads the car's currents beside it, and decides when they are here. */
static void decide_soon(struct run *r)
{
	r->due = true;
	charger_poll(&r->charger);
	if (r->charger.busy)
		restart_timer(r, READING);
	else
		decide(r);
}

static void run_on_time(uv_timer_t *timer)
{
	struct run *r = timer->data;
	bool due = r->due;

	decide(r);
	if (!due)
		charger_poll(&r->charger);
}

void run_telegram(void *context, const struct grid_reading *reading)
{
	struct run *r = context;
	unsigned events = controller_telegram(&r->controller, monotonic_ms(), reading);

	r->told = true;
	r->table.phases = r->controller.phases;
	balance_say_estimates(r->options.p1, reading->estimated, r->options.balance.power_factor,
	                      &r->estimated);
	say_events(r, events);
	if (grid_source_polled(&r->grid) && !r->due)
		decide_soon(r);
}

void run_refused(void *context, enum refusal refusal, const char *text)
{
	struct run *r = context;

	say_refused(&r->refused, r->options.grid ? r->options.p1 : NULL, refusal, text,
	            r->ring.count > 0);
}

/* Called after each exchange. */
void run_exchanged(void *context)
{
	struct run *r = context;
	struct charger_state observed = charger_observed(&r->charger);

	if (observed.link == CHARGER_REFUSED) {
		say_error("%s: %s%s", r->charger.options.url, r->charger.message,
		          r->charger.unsafe ? ""
		                            : "; the charger accepts no time-out or fallback "
		                              "current, --unarmed steers it anyway");
		session_fail(&r->session, EXIT_DEVICE);
		loop_stop(r->session.loop);
	} else if (r->due) {
		decide(r);
	} else if (controller_differs(&r->controller, &observed) && !r->options.charger.dry) {
		charger_poll(&r->charger);
	}
}

static void *meter_opened(void *context, const struct peer *peer)
{
	struct run *r = context;

	if (r->reading)
		return NULL;
	r->reading = true;
	r->messages = peer->kind == STREAM_DATAGRAM;
	return r;
}

static void meter_chunk(void *stream, const struct chunk *chunk)
{
	struct run *r = stream;

	r->told = false;
	if (grid_meter_feed(r->meter, chunk->data, chunk->size, r->messages))
		session_no_memory(&r->session);
	if (r->told && !r->due)
		decide_soon(r);
}

static void meter_idle(void *stream, instant time)
{
	struct run *r = stream;

	(void)time;
	if (grid_meter_idle(r->meter))
		session_no_memory(&r->session);
}

/* Drops a telegram that a lost connection cut off, so that it is not joined with the next one. */
static void meter_closed(void *stream, instant time)
{
	struct run *r = stream;

	(void)time;
	if (grid_meter_cut(r->meter))
		session_no_memory(&r->session);
	r->reading = false;
}

/* A silent meter may be on a dead connection: after this time the connection is opened again. */
static double patience(const struct run *r)
{
	double wait = r->controller.balancer.settings.fallback_wait;

	return wait > 15 ? wait : 15;
}

static bool begin_polling(struct run *r)
{
	char problem[256];
	int error = grid_meter_poll(r->meter, loop_uv(r->session.loop), problem, sizeof problem);

	if (error == EM_SYNTAX)
		session_fail(&r->session, say_usage("--grid: %s", problem));
	else if (error)
		session_fail(&r->session, say_failure("meter", error));
	return !error;
}

void run_live(struct run *r)
{
	bool polled = grid_source_polled(&r->grid);
	struct streaming streaming = {.url = polled ? NULL : r->options.p1,
	                              .serial = grid_source_serial(&r->grid),
	                              .fresh = true,
	                              .open = meter_opened,
	                              .data = meter_chunk,
	                              .idle = IDLE_SECONDS,
	                              .idle_event = meter_idle,
	                              .close = meter_closed,
	                              .context = r};
	uv_timer_init(loop_uv(r->session.loop), &r->timer);
	r->timer.data = r;
	restart_timer(r, period(r));
	r->options.balance.reading.timeout = patience(r);
	if (!polled || begin_polling(r))
		session_run(&r->session, &streaming);
	uv_timer_stop(&r->timer);
}
