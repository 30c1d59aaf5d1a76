/* The running part of `emtool balance run`: telegrams, ticks and exchanges. */
#include "cmd/balance/run.h"
#include "cmd/session/say.h"

enum { IDLE_SECONDS = 2 };

static int64_t now(void)
{
	return (int64_t)(uv_hrtime() / 1000000);
}

static void say_events(const struct run *r, unsigned events)
{
	const char *p1 = r->options.p1;

	if (events & CONTROLLER_FROZEN)
		say_warning(
			"%s: the meter repeats the same telegram again and again: taken as no data",
			p1);
	if (events & CONTROLLER_MOVES)
		say_warning("%s: the meter's clock runs again", p1);
	if (events & CONTROLLER_PARTIAL)
		say_warning("%s: no current of L%d any more: taken as no data", p1,
		            r->controller.missing + 1);
	if (events & CONTROLLER_WHOLE)
		say_warning("%s: the meter sends all phases again", p1);
}

void run_telegram(void *context, const struct grid_reading *reading)
{
	struct run *r = context;

	say_events(r,
	           controller_telegram(&r->controller, now(), reading->currents, reading->clock));
}

void run_refused(void *context, enum refusal refusal, const char *text)
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

/* Called after each exchange: starts another one when the limit has changed meanwhile. */
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
	} else if (controller_differs(&r->controller, &observed) && !r->options.charger.dry) {
		charger_poll(&r->charger);
	}
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
	double wait = r->controller.balancer.settings.fallback_wait * r->options.tick;

	return wait > 15 ? wait : 15;
}

void run_live(struct run *r)
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
