#include "cmd/balance/charger.h"

#include <stdio.h>
#include <string.h>

#include "cmd/session/say.h"

enum { LIFE_SIGN = 10000, LONGEST_PAUSE = 5000 }; /* ms */

static int parse(struct charger *c, struct modbus_target *target)
{
	struct modbus_target_defaults defaults = {0};
	const char *url = c->options.url, *text;
	size_t scheme;
	int error;

	text = modbus_target_of_url(url, &scheme);
	c->kind = text ? charger_kind_find(url, scheme) : NULL;
	if (!c->kind)
		return say_usage("--charger: '%s' is none of abb://HOST, abb+serial:///dev/..., "
		                 "abb+rtu+tcp://HOST:PORT, alfen://HOST, none",
		                 url);
	defaults.port = c->kind->port;
	defaults.line = c->kind->line;
	error = modbus_target_parse(target, text, &defaults);
	if (error == EM_UNSUPPORTED)
		return say_usage("--charger: '%s' %s", url, modbus_target_problem(error, false));
	if (error)
		return say_usage("--charger: '%s' names no charger to connect to", url);
	return EXIT_OK;
}

int charger_open(struct charger *c, const struct charger_options *options, uv_loop_t *loop)
{
	struct modbus_options modbus = {
		.timeout = options->reply, .steady = true, .stop = &c->stop};
	struct modbus_target target;
	int status;

	c->options = *options;
	c->loop = loop;
	c->set_point = c->written = c->confirmed = CURRENT_NONE;
	if (!strcmp(options->url, "none"))
		return EXIT_OK;
	status = parse(c, &target);
	if (status)
		return status;
	c->client = modbus_client_new(&target, &modbus);
	if (!c->client)
		return say_failure("charger", EM_NO_MEMORY);
	c->link = CHARGER_AWAY;
	return EXIT_OK;
}

static int read_words(struct charger *c, unsigned address, unsigned count, uint16_t *words)
{
	return modbus_client_read(c->client, c->kind->unit, 3, address, count, words);
}

/* What was written must stand there: else the charger would not do what we count on. */
static int write_checked(struct charger *c, unsigned address, unsigned back, uint16_t value)
{
	uint16_t word;
	int error = modbus_client_write_one(c->client, c->kind->unit, address, value);

	if (!error)
		error = read_words(c, back, 1, &word);
	if (!error && word != value) {
		snprintf(c->message, sizeof c->message,
		         "register 0x%X reads %u after %u was written", back, word, value);
		error = EM_UNSUPPORTED;
	}
	return error;
}

/* A fallback that is configured in the charger has to be one. */
static int check_safe(struct charger *c)
{
	uint16_t words[2];
	int error = read_words(c, c->kind->safe, 2, words);

	if (!error && charger_decode(c->kind, words) == CHARGER_NONE) {
		snprintf(c->message, sizeof c->message, "no safe current is configured");
		error = EM_UNSUPPORTED;
	}
	return error;
}

static int arm(struct charger *c)
{
	uint16_t fallback = (uint16_t)(c->order_fallback / 1000);
	int error;

	c->written = CURRENT_NONE;
	if (c->options.dry)
		return 0;
	if (!c->kind->timeout)
		return check_safe(c);
	if (fallback > c->kind->fallback_most)
		fallback = c->kind->fallback_most;
	error = write_checked(c, c->kind->timeout, c->kind->timeout_back,
	                      (uint16_t)c->options.timeout);
	return error ? error
	             : write_checked(c, c->kind->fallback, c->kind->fallback_back, fallback);
}

/*
 * Whether the charger will not be armed: a charger that is busy, or was armed before, is asked again
 * later; nothing is written to it meanwhile.
 */
static bool refuses(const struct charger *c, int error)
{
	switch (error == EM_EXCEPTION ? modbus_client_exception(c->client) : 0) {
	case 5: /* acknowledged, still at it */
	case 6: /* busy */
	case 10:
	case 11: return false; /* a gateway does not reach it */
	default: return (error == EM_EXCEPTION || error == EM_UNSUPPORTED) && !c->proven;
	}
}

/* Arms when the connection is new or the fallback has changed. */
static int make_safe(struct charger *c)
{
	unsigned connection;
	int error = modbus_client_connect(c->client);

	if (error)
		return error;
	connection = modbus_client_counts(c->client).connects;
	if (c->armed == connection && c->armed_fallback == c->order_fallback)
		return 0;
	c->armed = 0;
	*c->message = '\0';
	error = arm(c);
	if (error && !(c->options.unarmed && refuses(c, error)))
		return error;
	c->proven = c->proven || !error;
	c->armed = connection;
	c->armed_fallback = c->order_fallback;
	return 0;
}

static int look(struct charger *c)
{
	uint16_t words[2 * BALANCE_PHASES];
	int error = read_words(c, c->kind->currents, 2 * BALANCE_PHASES, words);
	bool known = true;

	if (error)
		return error;
	for (int i = 0; i < BALANCE_PHASES; i++) {
		c->car[i] = charger_decode(c->kind, words + 2 * i);
		known = known && c->car[i] != CHARGER_NONE;
	}
	c->looked = uv_hrtime() / 1000000;
	c->measured = known ? c->looked : 0;
	return 0;
}

/* A third of the time that a set-point is good for, if the charger tells. */
static int plan_refresh(struct charger *c)
{
	uint16_t words[2];
	int error;
	uint32_t seconds;

	if (!c->kind->remaining)
		return 0;
	error = read_words(c, c->kind->remaining, 2, words);
	seconds = error ? 0 : (uint32_t)words[0] << 16 | words[1];
	seconds = seconds < 3 ? 3 : seconds > 600 ? 600 : seconds;
	c->refresh = uv_hrtime() / 1000000 + seconds * 1000 / 3;
	return error;
}

static int steer(struct charger *c)
{
	bool expired = c->kind->remaining && uv_hrtime() / 1000000 >= c->refresh;
	uint16_t words[2];
	int error;

	if (c->options.dry || c->order == CURRENT_NONE || (c->order == c->written && !expired))
		return 0;
	charger_encode(c->kind, c->order, words);
	c->written = CURRENT_NONE;
	error = modbus_client_write(c->client, c->kind->unit, c->kind->set_point, 2, words);
	if (error)
		return error;
	c->written = c->order;
	return plan_refresh(c);
}

static int run(struct job *job)
{
	struct charger *c = job->data;
	int error = make_safe(c);

	if (!error && c->look)
		error = look(c);
	if (!error)
		error = steer(c);
	if (error) {
		c->armed = 0;
		c->written = CURRENT_NONE;
	}
	return error;
}

static void succeeded(struct charger *c)
{
	if (c->link != CHARGER_READY)
		say_note("%s: %s, time-out and fallback %s", modbus_client_name(c->client),
		         c->kind->name,
		         c->options.dry     ? "left as they are"
		         : c->kind->timeout ? "armed"
		                            : "configured");
	c->link = CHARGER_READY;
	c->failures = 0;
	c->next = 0;
}

static void failed(struct charger *c, int error)
{
	const char *why = *c->message ? c->message : modbus_client_message(c->client);
	unsigned pause = 250u << (c->failures < 5 ? c->failures : 5);

	if (c->link != CHARGER_AWAY || c->failures == 0)
		say_warning("%s: %s", modbus_client_name(c->client), why);
	if (!c->failures++)
		c->since = uv_hrtime() / 1000000;
	c->next = uv_hrtime() / 1000000 + (pause < LONGEST_PAUSE ? pause : LONGEST_PAUSE);
	c->measured = 0;
	c->link = !c->options.unarmed && refuses(c, error) ? CHARGER_REFUSED : CHARGER_AWAY;
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
	uint64_t now = uv_hrtime() / 1000000;
	uint64_t pause = c->options.timeout * 1000 / 4;
	bool due;

	if (!c->kind || c->busy || now < c->next || c->link == CHARGER_REFUSED)
		return;
	pause = pause < LIFE_SIGN ? pause : LIFE_SIGN;
	c->order = c->set_point;
	c->order_fallback = c->fallback;
	due = now - c->looked >= pause || !c->armed;
	c->look = c->measure || due || c->order != c->written;
	if (!c->look && !(c->kind->remaining && now >= c->refresh))
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
	c->client = NULL;
}
