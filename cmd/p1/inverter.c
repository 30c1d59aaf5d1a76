/*
 * The inverter beside the meter: its SunSpec inverter model (101 to 103, 111 to 113), read each
 * second on a worker thread, wherever in the chain it stands. Its values go by the numbers that
 * they have in the inverters of SolarEdge and Fronius, as 40084 for the power.
 */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "cmd/p1/p1.h"
#include "cmd/session/say.h"
#include "cmd/sunspec/fetch.h"
#include "io/job.h"

enum { PERIOD = 1000, TIMEOUT = 2000, STALE = 10000 }; /* ms */

static const struct {
	uint16_t number; /* counted from 1 */
	const char *point;
} points[] = {
	{40072, "A"},       {40073, "AphA"},    {40074, "AphB"},    {40075, "AphC"},
	{40077, "PPVphAB"}, {40078, "PPVphBC"}, {40079, "PPVphCA"}, {40080, "PhVphA"},
	{40081, "PhVphB"},  {40082, "PhVphC"},  {40084, "W"},       {40086, "Hz"},
	{40088, "VA"},      {40090, "VAr"},     {40092, "PF"},      {40094, "WH"},
	{40097, "DCA"},     {40099, "DCV"},     {40101, "DCW"},     {40104, "TmpSnk"},
};

enum { POINTS = sizeof points / sizeof points[0] };

static const uint16_t models[] = {101, 102, 103, 111, 112, 113};

struct readings {
	struct decimal value[POINTS];
	bool valid[POINTS];
	bool found; /* an inverter model */
};

struct p1_inverter {
	struct modbus_client *client;
	struct sunspec_walk *walk;
	struct job job;
	int unit;
	uv_timer_t timer;
	struct record record; /* the worker's, as is `fresh` while a job runs */
	struct readings fresh, last;
	instant time; /* of `last` */
	atomic_bool stop;
	bool running, closing, warned;
	unsigned users; /* the timer, and a request under way */
};

static void inverter_free(struct p1_inverter *inverter)
{
	modbus_client_free(inverter->client);
	sunspec_walk_free(inverter->walk);
	record_free(&inverter->record);
	free(inverter);
}

static void release(struct p1_inverter *inverter)
{
	if (--inverter->users == 0)
		inverter_free(inverter);
}

/* Floats become the decimal that they print as. */
static bool take_number(const struct value *v, struct decimal *out)
{
	char text[FLOAT_TEXT];

	if (!v || (v->kind != VALUE_DECIMAL && v->kind != VALUE_FLOAT32))
		return false;
	if (v->kind == VALUE_FLOAT32) {
		if (!(v->as.f32 - v->as.f32 == 0))
			return false;
		return !decimal_parse(out, text, float32_format(text, v->as.f32));
	}
	*out = v->as.decimal;
	return true;
}

static void keep(struct p1_inverter *inverter, const struct sunspec_found *found)
{
	const struct sunspec_image *image = sunspec_walk_image(inverter->walk);
	const struct sunspec_options all = {0};
	struct readings *r = &inverter->fresh;

	if (r->found)
		return;
	r->found = true;
	sunspec_decode(&inverter->record, found, inverter->unit, image->words + found->address,
	               &all);
	for (size_t i = 0; i < POINTS && !inverter->record.failed; i++)
		r->valid[i] = take_number(record_find(&inverter->record, points[i].point),
		                          &r->value[i]);
}

/* On the worker thread. */
static int walk_all(struct job *job)
{
	struct p1_inverter *inverter = job->data;
	struct sunspec_found found;
	struct sunspec_want want;
	int error = 0;

	inverter->fresh = (struct readings){0};
	sunspec_walk_begin(inverter->walk);
	while (!error) {
		switch (sunspec_walk_next(inverter->walk, &want, &found)) {
		case SUNSPEC_READ:
			error = sunspec_fetch(inverter->walk, &want, inverter->client,
			                      inverter->unit, inverter->fresh.found);
			break;
		case SUNSPEC_MODEL: keep(inverter, &found); break;
		case SUNSPEC_END: return inverter->fresh.found ? 0 : EM_UNSUPPORTED;
		}
	}
	return error;
}

static void on_read(struct job *job, int result)
{
	struct p1_inverter *inverter = job->data;
	const char *name = modbus_client_name(inverter->client);

	inverter->running = false;
	if (!inverter->closing && !result) {
		inverter->last = inverter->fresh;
		inverter->time = loop_clock();
		if (inverter->warned)
			say_warning("--sunspec %s: answers again", name);
		inverter->warned = false;
	} else if (!inverter->closing && !inverter->warned) {
		say_warning("--sunspec %s: %s", name,
		            result == EM_UNSUPPORTED
		                    ? "no SunSpec inverter (models 101 to 103, 111 to 113)"
		            : job->unable ? strerror(job->unable)
		                          : modbus_client_message(inverter->client));
		inverter->warned = true;
	}
	release(inverter);
}

static void on_timer(uv_timer_t *timer)
{
	struct p1_inverter *inverter = timer->data;

	if (inverter->running)
		return;
	inverter->running = true;
	inverter->users++;
	job_start(timer->loop, &inverter->job);
}

static int prepare(struct p1_inverter *inverter, const char *text)
{
	const struct modbus_options options = {.timeout = TIMEOUT, .stop = &inverter->stop};
	const struct sunspec_plan plan = {.set = &sunspec_builtin,
	                                  .base = -1,
	                                  .models = models,
	                                  .model_count = sizeof models / sizeof models[0]};
	struct modbus_target target;
	int error = modbus_target_parse(&target, text, NULL);

	if (error)
		return say_usage("--sunspec: '%s' %s", text, modbus_target_problem(error, false));
	inverter->client = modbus_client_new(&target, &options);
	inverter->walk = sunspec_walk_new(&plan);
	return inverter->client && inverter->walk ? 0 : say_failure("inverter", EM_NO_MEMORY);
}

struct p1_inverter *p1_inverter_open(struct p1 *p1, const char *text, int *status)
{
	struct p1_inverter *inverter = calloc(1, sizeof *inverter);

	if (!inverter) {
		*status = say_failure("inverter", EM_NO_MEMORY);
		return NULL;
	}
	*status = prepare(inverter, text);
	if (*status) {
		inverter_free(inverter);
		return NULL;
	}
	inverter->unit = (int)p1->options->sunspec_unit;
	inverter->time = INSTANT_NONE;
	inverter->users = 1;
	inverter->job = (struct job){.run = walk_all, .done = on_read, .data = inverter};
	uv_timer_init(loop_uv(p1->session.loop), &inverter->timer);
	inverter->timer.data = inverter;
	uv_timer_start(&inverter->timer, on_timer, 0, PERIOD);
	uv_unref((uv_handle_t *)&inverter->timer);
	return inverter;
}

bool p1_inverter_value(const struct p1_inverter *inverter, unsigned number, struct decimal *value)
{
	if (inverter->time == INSTANT_NONE || loop_clock() - inverter->time > STALE)
		return false;
	for (size_t i = 0; i < POINTS; i++) {
		if (points[i].number != number)
			continue;
		*value = inverter->last.value[i];
		return inverter->last.valid[i];
	}
	return false;
}

instant p1_inverter_time(const struct p1_inverter *inverter)
{
	return inverter->time;
}

static void on_closed(uv_handle_t *handle)
{
	release(handle->data);
}

/* A request that is under way ends soon; whoever comes last frees. */
void p1_inverter_close(struct p1_inverter *inverter)
{
	inverter->closing = true;
	atomic_store(&inverter->stop, true);
	uv_close((uv_handle_t *)&inverter->timer, on_closed);
}
