#include "control/charger.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/news.h"
#include "base/text.h"
#include "control/charger_exchange.h"

enum { LONGEST_SILENCE = 10000, FIRST_PAUSE = 250, LONGEST_PAUSE = 5000 }; /* ms */

static uint64_t now_ms(void)
{
	return uv_hrtime() / 1000000;
}

uint64_t charger_read_after(unsigned timeout)
{
	uint64_t quarter = timeout * UINT64_C(1000) / 4;

	return quarter < LONGEST_SILENCE ? quarter : LONGEST_SILENCE;
}

uint64_t charger_feed_after(unsigned timeout)
{
	return timeout * UINT64_C(1000) / 2;
}

uint64_t charger_refresh_after(int64_t seconds)
{
	seconds = seconds < 3 ? 3 : seconds > 600 ? 600 : seconds;
	return (uint64_t)seconds * 1000 / 3;
}

/* Makes the text "'URL' is none of alfen://HOST, abb://HOST, abb+serial:///dev/..., ..., none". */
static void tell_schemes(struct charger *c)
{
	struct text out = {0};

	text_printf(&out, "'%s' is none of ", c->options.url);
	for (size_t i = 0; devices[i]; i++) {
		const char *name = devices[i]->name;

		if (!charger_steerable(devices[i]))
			continue;
		text_printf(&out, "%s://HOST, ", name);
		if (devices[i]->line)
			text_printf(&out, "%s+serial:///dev/..., %s+rtu+tcp://HOST:PORT, ", name,
			            name);
	}
	text_puts(&out, "none");
	snprintf(c->message, sizeof c->message, "%s", text_string(&out));
	text_free(&out);
}

static int parse(struct charger *c, struct modbus_target *target)
{
	struct modbus_target_defaults defaults = {0};
	const char *url = c->options.url, *text = url;
	size_t scheme;
	int error;

	c->device = c->options.device;
	if (!c->device) {
		text = modbus_target_of_url(url, &scheme);
		c->device = text ? device_by_name(url, scheme) : NULL;
	}
	if (!c->device || !charger_steerable(c->device)) {
		tell_schemes(c);
		return EM_SYNTAX;
	}
	defaults.port = c->device->port;
	defaults.line = c->device->line;
	error = modbus_target_parse(target, text, &defaults);
	if (error)
		snprintf(c->message, sizeof c->message, "'%s' %s", url,
		         error == EM_UNSUPPORTED ? modbus_target_problem(error, false)
		                                 : "names no charger to connect to");
	return error;
}

int charger_open(struct charger *c, const struct charger_options *options, uv_loop_t *loop)
{
	struct modbus_options modbus = {
		.timeout = options->reply, .steady = true, .stop = &c->stop};
	struct modbus_target target;
	int error;

	c->options = *options;
	c->backoff = (struct backoff){.first = FIRST_PAUSE, .most = LONGEST_PAUSE};
	c->loop = loop;
	c->set_point = c->written = c->confirmed = CURRENT_NONE;
	if (!options->device && !strcmp(options->url, "none"))
		return 0;
	error = parse(c, &target);
	if (error) {
		c->device = NULL;
		return error;
	}
	c->client = modbus_client_new(&target, &modbus);
	if (!c->client) {
		c->device = NULL;
		return EM_NO_MEMORY;
	}
	c->link = CHARGER_AWAY;
	return 0;
}

static int run(struct job *job)
{
	return charger_exchange(job->data);
}

static void succeeded(struct charger *c)
{
	bool written = device_role(c->device, ROLE_FALLBACK_CURRENT, ACCESS_W) != NULL;

	if (c->link != CHARGER_READY)
		news(NEWS_NOTE, "%s: %s, time-out and fallback %s", modbus_client_name(c->client),
		     c->device->title,
		     c->options.dry ? "left as they are"
		     : written      ? "armed"
		                    : "configured");
	c->link = CHARGER_READY;
	c->failures = 0;
	backoff_reset(&c->backoff);
	c->next = 0;
}

static void failed(struct charger *c, int error)
{
	const char *why = *c->message ? c->message : modbus_client_message(c->client);

	if (c->link != CHARGER_AWAY || c->failures == 0)
		news(NEWS_WARNING, "%s: %s", modbus_client_name(c->client), why);
	if (!c->failures++)
		c->since = now_ms();
	c->next = now_ms() + backoff_next(&c->backoff);
	c->measured = 0;
	c->link = !c->options.unarmed && charger_refuses(c, error) ? CHARGER_REFUSED : CHARGER_AWAY;
}

static void done(struct job *job, int error)
{
	struct charger *c = job->data;

	c->busy = false;
	if (job->unable)
		snprintf(c->message, sizeof c->message, "thread: %s", strerror(job->unable));
	memcpy(c->shown, c->car, sizeof c->shown);
	c->shown_at = error ? 0 : c->measured;
	c->confirmed = c->written;
	if (atomic_load(&c->stop))
		return;
	if (error)
		failed(c, error);
	else
		succeeded(c);
	*c->message = '\0';
	c->done(c->context);
}

void charger_poll(struct charger *c)
{
	uint64_t now = now_ms();
	bool due;

	if (!c->device || c->busy || now < c->next || c->link == CHARGER_REFUSED)
		return;
	c->order = c->set_point;
	c->order_fallback = c->fallback;
	due = now - c->looked >= charger_read_after(c->options.timeout) || !c->armed;
	c->look = c->measure || due || c->order != c->written;
	if (!c->look && !charger_stale(c, now) && !charger_hungry(c, now))
		return;
	c->job = (struct job){.run = run, .done = done, .data = c};
	c->busy = true;
	job_start(c->loop, &c->job);
}

struct charger_state charger_observed(const struct charger *c)
{
	struct charger_state state = {
		.link = c->link,
		.car_read = c->shown_at ? (int64_t)c->shown_at : CHARGER_NEVER,
		.silent_since = c->failures ? (int64_t)c->since : CHARGER_NEVER,
		.set_point = c->confirmed,
		.applied = CURRENT_NONE,
		.applied_read = CHARGER_NEVER,
		.most = CURRENT_NONE,
	};

	memcpy(state.car, c->shown, sizeof state.car);
	return state;
}

void charger_close(struct charger *c)
{
	atomic_store(&c->stop, true);
	while (c->busy)
		uv_run(c->loop, UV_RUN_ONCE);
	modbus_client_free(c->client);
	image_free(&c->image);
	c->client = NULL;
}
