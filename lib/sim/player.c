#include "sim/player.h"

#include <errno.h>

#include "base/error.h"

enum { READY = 20 }; /* ms until the next check for a receiver */

static double now(const struct player *p)
{
	return (double)uv_now(loop_uv(p->loop)) / 1000;
}

static void stop(struct player *p, int error)
{
	p->error = error;
	p->reason = errno;
	uv_timer_stop(&p->timer);
	loop_stop(p->loop);
}

static bool is_heard(const struct player *p)
{
	return !p->output->ready || p->output->ready(p->output->context);
}

static void on_turn(uv_timer_t *timer);

static void wait_for_somebody(struct player *p)
{
	if (p->events->wait)
		p->events->wait(p->device);
	p->due = 0;
	uv_timer_start(&p->timer, on_turn, READY, 0);
}

/* Turns keep the device's interval: a late turn does not delay the next. */
static void on_turn(uv_timer_t *timer)
{
	struct player *p = timer->data;
	double left;

	if (!is_heard(p)) {
		wait_for_somebody(p);
		return;
	}
	if (p->due <= 0)
		p->due = now(p);
	if (!p->events->turn(p->device, p->output)) {
		stop(p, EM_SYSTEM);
		return;
	}
	if (p->events->done(p->device)) {
		stop(p, 0);
		return;
	}
	p->due += p->events->pause(p->device);
	left = p->due - now(p);
	uv_timer_start(timer, on_turn, left > 0 ? (uint64_t)(left * 1000) : 0, 0);
}

static int fill_file(const struct player *p)
{
	if (p->endless)
		return EM_RANGE;
	do
		if (!p->events->turn(p->device, p->output))
			return EM_SYSTEM;
	while (!p->events->done(p->device));
	return 0;
}

int player_run(struct player *p)
{
	if (p->output->file)
		return fill_file(p);
	uv_timer_init(loop_uv(p->loop), &p->timer);
	p->timer.data = p;
	if (p->duration > 0)
		loop_limit(p->loop, p->duration);
	uv_timer_start(&p->timer, on_turn, 0, 0);
	loop_run(p->loop);
	if (p->error)
		errno = p->reason;
	return p->error;
}
