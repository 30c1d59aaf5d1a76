#include "control/charger.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/news.h"
#include "base/text.h"
#include "control/charger_access.h"
#include "control/charger_exchange.h"

/* ms. A poll each second must not miss every second one, so looks may be a little closer. */
enum { LOOK = 900, SHORTEST = 80, FIRST_PAUSE = 250, LONGEST_PAUSE = 5000 };

uint64_t charger_read_after(unsigned timeout)
{
	uint64_t quarter = timeout * UINT64_C(1000) / 4;

	return quarter < LOOK ? quarter : LOOK;
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

static const struct charger_state nothing = {.car_read = CHARGER_NEVER,
                                             .silent_since = CHARGER_NEVER,
                                             .set_point = CURRENT_NONE,
                                             .ordered = CURRENT_NONE,
                                             .applied = CURRENT_NONE,
                                             .applied_read = CHARGER_NEVER,
                                             .most = CURRENT_NONE};

int charger_open(struct charger *c, const struct charger_options *options, uv_loop_t *loop)
{
	struct modbus_options modbus = {
		.timeout = options->reply, .steady = true, .stop = &c->stop};
	struct modbus_target target;
	int error;

	c->options = *options;
	c->backoff = (struct backoff){.first = FIRST_PAUSE, .most = LONGEST_PAUSE};
	c->loop = loop;
	c->set_point = c->written = c->tried = c->ceiling = c->limit = c->most = CURRENT_NONE;
	c->would = c->would_said = CURRENT_NONE;
	charger_watch_start(&c->watch);
	c->shown = nothing;
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

/* "armed: time-out 60 s, fallback 6 A" */
static void tell_ready(const struct charger *c)
{
	const char *name = modbus_client_name(c->client),
		   *what = c->known ? "charger is back" : c->device->title;

	if (c->options.dry)
		news(NEWS_WARNING, "%s: %s, dry run: would arm: %s; nothing is written", name, what,
		     *c->arming ? c->arming : "nothing");
	else if (!c->guarded)
		news(NEWS_WARNING,
		     "%s: %s, not armed: it keeps its last limit when this program or the network "
		     "fails",
		     name, what);
	else
		news(NEWS_WARNING, "%s: %s, armed: %s", name, what,
		     *c->arming ? c->arming : "it falls back by itself");
}

static void succeeded(struct charger *c)
{
	if (c->link != CHARGER_READY)
		tell_ready(c);
	if (c->would != c->would_said)
		news(NEWS_WARNING, "%s: dry run: would write the set-point %g A",
		     modbus_client_name(c->client), c->would / 1000.0);
	c->would_said = c->would;
	c->link = CHARGER_READY;
	c->known = true;
	c->failures = 0;
	c->quiet = 0;
	backoff_reset(&c->backoff);
	c->next = 0;
}

static void tell_failure(const struct charger *c, const char *why)
{
	const char *name = modbus_client_name(c->client);

	if (c->link == CHARGER_READY)
		news(NEWS_WARNING, "%s: charger lost: %s; tried again, it %s%s", name, why,
		     c->guarded ? "falls back by itself: " : "keeps its last limit",
		     c->guarded ? c->arming : "");
	else
		news(NEWS_WARNING, "%s: %s; tried again", name, why);
}

static void failed(struct charger *c, int error)
{
	const char *why = *c->message ? c->message : modbus_client_message(c->client);
	bool refused = c->unsafe || (!c->options.unarmed && charger_refuses(c, error));

	if (!refused && (c->link != CHARGER_AWAY || c->failures == 0))
		tell_failure(c, why);
	if (refused && !*c->message)
		snprintf(c->message, sizeof c->message, "%s", why);
	if (!c->failures++)
		c->since = charger_clock();
	c->next = charger_clock() + backoff_next(&c->backoff);
	c->measured = 0;
	c->reached = error != EM_UNREACHABLE;
	c->link = refused ? CHARGER_REFUSED : CHARGER_AWAY;
}

/* Takes over the results of an exchange, for the loop. */
static void show(struct charger *c, bool fresh)
{
	struct charger_state *s = &c->shown;

	memcpy(s->car, c->car, sizeof s->car);
	s->car_read = fresh && c->measured ? (int64_t)c->measured : CHARGER_NEVER;
	s->set_point = c->written == CURRENT_NONE ? CURRENT_NONE : c->watch.told;
	s->ordered = c->written;
	s->applied = fresh ? c->limit : CURRENT_NONE;
	s->applied_read = s->applied != CURRENT_NONE ? (int64_t)c->looked : CHARGER_NEVER;
	s->most = c->most;
}

void charger_silence(struct charger *c, uint64_t ms)
{
	c->quiet_since = charger_clock();
	c->quiet = c->quiet_since + ms;
	c->link = CHARGER_AWAY;
	c->shown.car_read = c->shown.applied_read = CHARGER_NEVER;
	c->shown.applied = c->shown.set_point = c->shown.ordered = CURRENT_NONE;
}

static bool is_quiet(const struct charger *c)
{
	return charger_clock() < c->quiet;
}

static void done(struct job *job, int error)
{
	struct charger *c = job->data;

	c->busy = false;
	c->ended = charger_clock();
	if (job->unable)
		snprintf(c->message, sizeof c->message, "thread: %s", strerror(job->unable));
	show(c, !error && !is_quiet(c));
	if (atomic_load(&c->stop))
		return;
	if (is_quiet(c)) /* it ended after the silence had begun */
		c->link = CHARGER_AWAY;
	else if (error)
		failed(c, error);
	else
		succeeded(c);
	c->done(c->context);
	*c->message = '\0';
	if (c->idle)
		c->idle(c);
}

/*
 * Whether it is time for an exchange. The same set-point again is no reason when the charger does
 * not hold it: the next regular look tells.
 */
static bool due(const struct charger *c, uint64_t now)
{
	if (!c->armed || c->set_point != c->order)
		return true;
	return (c->measure && now - c->ended >= SHORTEST) ||
	       now - c->began >= charger_read_after(c->options.timeout) || charger_stale(c, now) ||
	       charger_hungry(c, now);
}

void charger_poll(struct charger *c)
{
	uint64_t now = charger_clock();

	c->missed = c->busy;
	if (!c->device || c->busy || now < c->next || now < c->quiet ||
	    c->link == CHARGER_REFUSED || !due(c, now))
		return;
	if (c->quiet) { /* what was written before a silence does not hold after it */
		c->armed = 0;
		c->written = CURRENT_NONE;
	}
	c->order = c->set_point;
	c->order_fallback = c->fallback;
	c->began = now;
	c->job = (struct job){.run = run, .done = done, .data = c};
	c->busy = true;
	job_start(c->loop, &c->job);
}

struct charger_state charger_observed(const struct charger *c)
{
	struct charger_state state = c->shown;

	state.link = c->link;
	state.silent_since = c->quiet      ? (int64_t)c->quiet_since
	                     : c->failures ? (int64_t)c->since
	                                   : CHARGER_NEVER;
	state.reached = c->reached && !is_quiet(c);
	state.guarded = c->guarded;
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
