#include "cmd/sim/player.h"

#include <errno.h>

#include "base/error.h"
#include "cmd/session/say.h"

enum { READY = 20 }; /* ms until the next look whether somebody listens */

static double now(const struct player *p)
{
	return (double)uv_now(loop_uv(p->loop)) / 1000;
}

static int say_output(void)
{
	return errno == EPIPE ? EXIT_LOCAL : say_failure("output", EM_SYSTEM);
}

static void stop(struct player *p, int status)
{
	p->status = status;
	uv_timer_stop(&p->timer);
	loop_stop(p->loop);
}

/* Turns keep to the device's pace: one that was late does not delay the next. */
static void on_turn(uv_timer_t *timer)
{
	struct player *p = timer->data;
	double left;

	if (p->line && !line_ready(p->line)) {
		if (p->events->wait)
			p->events->wait(p->device);
		p->due = 0;
		uv_timer_start(timer, on_turn, READY, 0);
		return;
	}
	if (p->due <= 0)
		p->due = now(p);
	if (!p->events->turn(p->device)) {
		stop(p, say_output());
		return;
	}
	if (p->events->done(p->device)) {
		stop(p, EXIT_OK);
		return;
	}
	p->due += p->events->pause(p->device);
	left = p->due - now(p);
	uv_timer_start(timer, on_turn, left > 0 ? (uint64_t)(left * 1000) : 0, 0);
}

static int fill_file(const struct player *p)
{
	if (p->endless)
		return say_usage("--output needs --count, or the file grows for ever");
	do
		if (!p->events->turn(p->device))
			return say_output();
	while (!p->events->done(p->device));
	return EXIT_OK;
}

int player_run(struct player *p)
{
	if (p->line && line_is_file(p->line))
		return fill_file(p);
	uv_timer_init(loop_uv(p->loop), &p->timer);
	p->timer.data = p;
	if (p->duration > 0)
		loop_limit(p->loop, p->duration);
	uv_timer_start(&p->timer, on_turn, 0, 0);
	loop_run(p->loop);
	if (p->status == EXIT_OK && loop_signal(p->loop))
		p->status = EXIT_SIGNAL + loop_signal(p->loop);
	return p->status;
}

bool chance(struct random *random, double share)
{
	return share > 0 && random_unit(random) < share;
}

void spoil(struct random *random, double share, void *data, size_t size)
{
	if (size && chance(random, share))
		((unsigned char *)data)[random_below(random, size)] ^=
			(unsigned char)(1u << random_below(random, 8));
}
