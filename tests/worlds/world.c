/* One world from start to end. */
#include "worlds.h"

#include <stdio.h>
#include <string.h>

const struct fault_event *world_fault(const struct world *w, enum fault_kind kind)
{
	for (int i = 0; i < w->plan.count; i++) {
		const struct fault_event *e = &w->plan.events[i];

		if (e->kind == kind && e->from <= w->now && w->now < e->to)
			return e;
	}
	return NULL;
}

void world_say(const struct world *w, const char *format, ...)
{
	va_list list;

	if (w->now < w->trace_from || w->now >= w->trace_to)
		return;
	printf("    %7.2f ", (double)w->now / 1e3);
	va_start(list, format);
	vprintf(format, list);
	va_end(list);
	putchar('\n');
}

static void show(const struct world *w)
{
	const int32_t *g = w->grid[w->at], *h = w->house.now;
	const struct headroom *headroom = &w->controller.balancer.headroom;

	world_say(w,
	          "grid %6d %6d %6d  house %6d %6d %6d  car %5d (%5d)  applied %5d  set-point %5d  "
	          "room %6d  delays %d..%d orders %02x%s",
	          g[0], g[1], g[2], h[0], h[1], h[2], w->car.current, w->judge.patient.current,
	          plant_applied(w), w->wanted.set_point, headroom->room,
	          headroom->house.alignment.earliest, headroom->house.alignment.latest,
	          headroom->house.alignment.orders,
	          house_load_believes(&headroom->house) ? "" : " disbelieved");
}

static void decide(struct world *w, const struct world_telegram *telegram)
{
	w->wanted = controller_step(&w->controller, ORIGIN + w->now, &w->charger.state);
	w->stepped = w->now;
	judge_decision(w, telegram);
	if (w->wanted.silence)
		exchange_silence(w, w->wanted.silence);
	exchange_begin(w);
}

static void hear(struct world *w, const struct world_telegram *t)
{
	struct grid_reading reading = {.clock = t->clock, .id = t->id, .still = t->still};

	memcpy(reading.currents, t->currents, sizeof reading.currents);
	controller_telegram(&w->controller, ORIGIN + w->now, &reading);
}

static void take_telegrams(struct world *w)
{
	struct world_telegram telegrams[QUEUE];
	int count = meter_step(w, telegrams);

	for (int i = 0; i < count; i++) {
		const struct world_telegram *t = &telegrams[i];

		world_say(w, "  telegram %d %d %d clock %.0f%s", t->currents[0], t->currents[1],
		          t->currents[2], (double)(t->clock - w->plan.clock) / 1e3,
		          t->honest ? "" : " (not the present)");
		hear(w, t);
		judge_telegram(w, t);
		w->more = i + 1 < count;
		decide(w, t);
	}
}

static void step(struct world *w)
{
	int32_t house[BALANCE_PHASES];

	for (int i = 0; i < BALANCE_PHASES; i++)
		house[i] = w->house.quiet[i];
	house_step(w);
	plant_step(w);
	for (int i = 0; i < BALANCE_PHASES; i++) {
		w->grid[w->at][i] = w->house.now[i] + car_on(w, i);
		w->house.rise[i] = w->house.quiet[i] - house[i];
	}
	meter_register(w);
	w->cars[w->at] = w->car.current;
	w->fits[w->at] = house_fits(w);
	w->fits_all[w->at] = house_fits_all(w);
	if (w->now % TURN == 0)
		show(w);
	exchange_step(w);
	take_telegrams(w);
	if (w->now - w->stepped >= TURN && !world_fault(w, FAULT_stopped))
		decide(w, NULL);
	judge_step(w);
}

void world_run(struct world *w, const struct world_plan *plan, int64_t trace_from, int64_t trace_to)
{
	w->plan = *plan;
	w->now = 0;
	w->at = 0;
	w->trace_from = trace_from;
	w->trace_to = trace_to;
	w->wanted = (struct controller_wanted){CURRENT_NONE, CURRENT_NONE};
	w->stepped = 0;
	w->more = false;
	house_start(w);
	plant_start(w);
	meter_start(w);
	judge_start(w);
	controller_start(&w->controller, &plan->options);
	for (; w->at < STEPS; w->at++, w->now += STEP)
		step(w);
	w->at--;
	w->now -= STEP;
	judge_end(w);
}
