#include "service/inverter.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/news.h"
#include "io/job.h"
#include "modbus/sunspec.h"
#include "protocol/sunspec/drive.h"

enum { PERIOD = 1000, TIMEOUT = 2000 }; /* ms */

static const struct {
	uint16_t number; /* counted from 1 */
	const char *point;
} points[INVERTER_POINTS] = {
	{40072, "A"},       {40073, "AphA"},    {40074, "AphB"},    {40075, "AphC"},
	{40077, "PPVphAB"}, {40078, "PPVphBC"}, {40079, "PPVphCA"}, {40080, "PhVphA"},
	{40081, "PhVphB"},  {40082, "PhVphC"},  {40084, "W"},       {40086, "Hz"},
	{40088, "VA"},      {40090, "VAr"},     {40092, "PF"},      {40094, "WH"},
	{40097, "DCA"},     {40099, "DCV"},     {40101, "DCW"},     {40104, "TmpSnk"},
};

static const uint16_t models[] = {101, 102, 103, 111, 112, 113};

struct inverter {
	struct modbus_client *client;
	struct sunspec_walk *walk;
	struct job job;
	int unit;
	uv_timer_t timer;
	struct record record; /* belongs to the worker while a job runs, like `fresh` and `found` */
	struct inverter_reading fresh, last;
	bool found; /* an inverter model was found; with `fresh` */
	atomic_bool stop;
	bool running, closing, warned;
	struct inverter_counts counts;
	unsigned users; /* the timer, and a running request */
};

static void inverter_free(struct inverter *inverter)
{
	modbus_client_free(inverter->client);
	sunspec_walk_free(inverter->walk);
	record_free(&inverter->record);
	free(inverter);
}

static void release(struct inverter *inverter)
{
	if (--inverter->users == 0)
		inverter_free(inverter);
}

/* Converts floats to the decimal that they print as. */
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

static int fetch(void *context, const struct sunspec_want *want)
{
	struct inverter *inverter = context;

	return modbus_sunspec_fetch(inverter->walk, want, inverter->client, inverter->unit,
	                            inverter->found);
}

static int keep(void *context, const struct sunspec_found *found)
{
	struct inverter *inverter = context;
	const struct sunspec_image *image = sunspec_walk_image(inverter->walk);
	const struct sunspec_options all = {0};
	struct inverter_reading *r = &inverter->fresh;

	if (inverter->found)
		return 0;
	inverter->found = true;
	sunspec_decode(&inverter->record, found, inverter->unit, image->words + found->address,
	               &all);
	for (size_t i = 0; i < INVERTER_POINTS && !inverter->record.failed; i++)
		r->valid[i] = take_number(record_find(&inverter->record, points[i].point),
		                          &r->value[i]);
	return 0;
}

/* Runs on the worker thread. */
static int walk_all(struct job *job)
{
	struct inverter *inverter = job->data;
	const struct sunspec_driver driver = {fetch, keep, inverter};
	int error;

	inverter->fresh = (struct inverter_reading){0};
	inverter->found = false;
	error = sunspec_drive(inverter->walk, &driver);
	return error || inverter->found ? error : EM_UNSUPPORTED;
}

/* Reports the first failure after a success. */
static void failed(struct inverter *inverter, int error, int unable)
{
	const char *why = error == EM_UNSUPPORTED
	                          ? "no SunSpec inverter (models 101 to 103, 111 to 113)"
	                  : unable ? strerror(unable)
	                           : modbus_client_message(inverter->client);

	inverter->counts.failed++;
	if (!inverter->warned)
		news(NEWS_WARNING, "inverter %s: %s", modbus_client_name(inverter->client), why);
	inverter->warned = true;
}

static void take(struct inverter *inverter)
{
	inverter->last = inverter->fresh;
	inverter->last.time = loop_clock();
	if (inverter->warned)
		news(NEWS_WARNING, "inverter %s: answers again",
		     modbus_client_name(inverter->client));
	inverter->warned = false;
}

static void on_read(struct job *job, int result)
{
	struct inverter *inverter = job->data;

	inverter->running = false;
	if (!inverter->closing && result)
		failed(inverter, result, job->unable);
	else if (!inverter->closing)
		take(inverter);
	release(inverter);
}

static void on_timer(uv_timer_t *timer)
{
	struct inverter *inverter = timer->data;

	if (inverter->running) {
		inverter->counts.skipped++;
		return;
	}
	inverter->counts.polls++;
	inverter->running = true;
	inverter->users++;
	job_start(timer->loop, &inverter->job);
}

static int prepare(struct inverter *inverter, const char *text, char *problem, size_t size)
{
	const struct modbus_options options = {.timeout = TIMEOUT, .stop = &inverter->stop};
	const struct sunspec_plan plan = {.set = &sunspec_builtin,
	                                  .base = -1,
	                                  .models = models,
	                                  .model_count = sizeof models / sizeof models[0]};
	struct modbus_target target;
	int error = modbus_target_parse(&target, text, NULL);

	if (error) {
		snprintf(problem, size, "%s", modbus_target_problem(error, false));
		return EM_SYNTAX;
	}
	inverter->client = modbus_client_new(&target, &options);
	inverter->walk = sunspec_walk_new(&plan);
	return inverter->client && inverter->walk ? 0 : EM_NO_MEMORY;
}

int inverter_open(struct inverter **out, struct loop *loop, const char *target, int unit,
                  char *problem, size_t size)
{
	struct inverter *inverter = calloc(1, sizeof *inverter);
	int error = inverter ? prepare(inverter, target, problem, size) : EM_NO_MEMORY;

	*out = NULL;
	if (error == EM_NO_MEMORY)
		snprintf(problem, size, "%s", error_text(error));
	if (error) {
		if (inverter)
			inverter_free(inverter);
		return error;
	}
	inverter->unit = unit;
	inverter->last.time = INSTANT_NONE;
	inverter->users = 1;
	inverter->job = (struct job){.run = walk_all, .done = on_read, .data = inverter};
	uv_timer_init(loop_uv(loop), &inverter->timer);
	inverter->timer.data = inverter;
	uv_timer_start(&inverter->timer, on_timer, 0, PERIOD);
	uv_unref((uv_handle_t *)&inverter->timer);
	*out = inverter;
	return 0;
}

bool inverter_value(const struct inverter_reading *r, unsigned number, instant now,
                    struct decimal *value)
{
	if (r->time == INSTANT_NONE || now - r->time > INVERTER_STALE)
		return false;
	for (size_t i = 0; i < INVERTER_POINTS; i++) {
		if (points[i].number != number)
			continue;
		*value = r->value[i];
		return r->valid[i];
	}
	return false;
}

const struct inverter_reading *inverter_last(const struct inverter *inverter)
{
	return &inverter->last;
}

struct inverter_counts inverter_counts(const struct inverter *inverter)
{
	return inverter->counts;
}

static void on_closed(uv_handle_t *handle)
{
	release(handle->data);
}

/* A running request ends soon; the last user frees the memory. */
void inverter_close(struct inverter *inverter)
{
	inverter->closing = true;
	atomic_store(&inverter->stop, true);
	uv_close((uv_handle_t *)&inverter->timer, on_closed);
}
