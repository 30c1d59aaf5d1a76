/* How a controller leaves a charger: at its fallback, or as it was before it was armed. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/news.h"
#include "control/charger_access.h"
#include "control/charger_exchange.h"
#include "control/state.h"
#include "device/registers.h"

enum { RUNNING = 300, LEAVING = 700 }; /* ms for a running exchange, and for the last one */

static void wake(uv_timer_t *timer)
{
	(void)timer; /* uv_run() returns */
}

static void closed(uv_handle_t *timer)
{
	*(bool *)timer->data = true;
}

/* Waits for the running exchange, and cancels it after so many ms. */
static void await(struct charger *c, unsigned ms)
{
	uint64_t end = charger_clock() + ms;
	uv_timer_t timer;
	bool gone = false;

	uv_timer_init(c->loop, &timer);
	timer.data = &gone;
	uv_update_time(c->loop);
	uv_timer_start(&timer, wake, ms, ms);
	while (c->busy && charger_clock() < end)
		uv_run(c->loop, UV_RUN_ONCE);
	atomic_store(&c->stop, true);
	while (c->busy)
		uv_run(c->loop, UV_RUN_ONCE);
	uv_close((uv_handle_t *)&timer, closed);
	while (!gone) /* a uv_stop() that is still pending ends the first run before it begins */
		uv_run(c->loop, UV_RUN_NOWAIT);
}

static int leave(struct job *job)
{
	struct charger *c = job->data;
	int error = charger_make_safe(c); /* the connection may be a new one */

	c->written = CURRENT_NONE;
	c->session = SESSION_UNKNOWN;
	if (!error)
		error = charger_steer(c);
	if (!error) /* what it shows is told; what it does not show is no failure */
		c->limit = charger_look(c, false) ? CURRENT_NONE : c->limit;
	return error;
}

/* "it falls back by itself: time-out 60 s, fallback 6 A" */
static void tell_end(const struct charger *c, const char *what, const char *why)
{
	news(NEWS_WARNING, "%s: %s at %g A: %s; it %s%s", modbus_client_name(c->client), what,
	     c->order / 1000.0, why, c->guarded ? "falls back by itself: " : "keeps its last limit",
	     c->guarded ? c->arming : "");
}

static void tell_left(const struct charger *c)
{
	int32_t told = c->watch.told;
	char why[64];

	if (c->limit != CURRENT_NONE && !c->watch.paused && c->limit > told + WATCH_TOLERANCE) {
		snprintf(why, sizeof why, "its limit is still %g A", c->limit / 1000.0);
		tell_end(c, "told to stay", why);
	} else {
		news(NEWS_WARNING, "%s: left at %g A", modbus_client_name(c->client),
		     told / 1000.0);
	}
}

static void left(struct job *job, int error)
{
	struct charger *c = job->data;
	const char *why = *c->message ? c->message : modbus_client_message(c->client);

	c->busy = false;
	if (!error)
		tell_left(c);
	else
		tell_end(c, "it could not be left", job->unable ? strerror(job->unable) : why);
}

void charger_leave(struct charger *c)
{
	if (!c->device)
		return;
	c->next = UINT64_MAX; /* no further exchange */
	await(c, RUNNING);
	if (c->options.dry || !c->known || c->link == CHARGER_REFUSED)
		return;
	c->order = c->most != CURRENT_NONE && c->most < c->fallback ? c->most : c->fallback;
	if (c->link != CHARGER_READY) {
		tell_end(c, "it could not be left",
		         charger_clock() < c->quiet ? "it did not do what it was told"
		                                    : "it is away");
		return;
	}
	atomic_store(&c->stop, false);
	*c->message = '\0';
	c->job = (struct job){.run = leave, .done = left, .data = c};
	c->busy = true;
	job_start(c->loop, &c->job);
	await(c, LEAVING);
}

/* What the row that is armed for a role shows now. */
static bool shown(const struct charger *c, enum register_role role, struct decimal *value)
{
	return charger_number(c, charger_mirror(c, device_role(c->device, role, ACCESS_W)), value);
}

void charger_keep_before(struct charger *c)
{
	const char *name = modbus_client_name(c->client);
	struct charger_before before;
	int error;

	if (c->kept || c->options.dry || !c->options.state)
		return;
	c->kept = true;
	error = state_load_before(c->options.state, name, &before);
	if (!error && !before.has_timeout && !before.has_fallback) {
		before.has_timeout = shown(c, ROLE_WATCHDOG_TIMEOUT, &before.timeout);
		before.has_fallback = shown(c, ROLE_FALLBACK_CURRENT, &before.fallback);
		if (before.has_timeout || before.has_fallback)
			error = state_save_before(c->options.state, name, &before);
	}
	if (error)
		news(NEWS_WARNING,
		     "%s: the charger's own time-out and fallback cannot be kept: %s; --disarm will "
		     "write those of the factory",
		     c->options.state, error == EM_SYSTEM ? strerror(errno) : error_text(error));
}

static bool factory_of(const struct charger *c, enum register_role role, struct decimal *value)
{
	const struct charger_write *fact = c->device->charger.factory;

	while (fact && fact->role && fact->role != role)
		fact++;
	if (!fact || !fact->role)
		return false;
	*value = decimal_shift(decimal_u64(fact->value, 0),
	                       device_role(c->device, role, ACCESS_W)->scale);
	return true;
}

/* Whether a charger can have held a value: its row takes it, or the factory wrote it. */
static bool possible(const struct charger *c, const struct device_register *row,
                     struct decimal value)
{
	double amount = decimal_double(value);
	struct decimal factory;

	return (amount >= row->steering->min && amount <= row->steering->max) ||
	       (factory_of(c, row->role, &factory) && !decimal_compare(factory, value));
}

/* What the charger goes back to; false when neither file nor table tells. */
static bool find_before(const struct charger *c, const struct charger_before *before,
                        enum register_role role, struct charger_disarmed *out)
{
	bool timeout = role == ROLE_WATCHDOG_TIMEOUT;

	out->row = device_role(c->device, role, ACCESS_W);
	out->factory = !(timeout ? before->has_timeout : before->has_fallback);
	if (!out->row)
		return false;
	if (out->factory)
		return factory_of(c, role, &out->value);
	out->value = timeout ? before->timeout : before->fallback;
	return true;
}

/* A file that somebody has changed must not put a charger out of its range. */
static int judge_before(struct charger *c, const struct charger_disarmed *one)
{
	char value[DECIMAL_TEXT];

	if (possible(c, one->row, one->value))
		return 0;
	decimal_format(value, one->value);
	snprintf(c->message, sizeof c->message,
	         "%s: %s=%s is outside %g..%g %s; correct its line, or remove it for the factory's "
	         "value",
	         c->options.state, one->row->name, value, one->row->steering->min,
	         one->row->steering->max, one->row->unit);
	return EM_RANGE;
}

static int write_back(struct charger *c, const struct charger_disarmed *one)
{
	int error = charger_write_checked(c, one->row, one->value);
	char value[DECIMAL_TEXT];

	if (error && !*c->message) {
		decimal_format(value, one->value);
		snprintf(c->message, sizeof c->message, "%s=%s: %s", one->row->name, value,
		         modbus_client_message(c->client));
	}
	return error;
}

static int write_all(struct charger *c, const struct charger_disarmed *list, size_t count)
{
	int error = modbus_client_connect(c->client);

	if (error)
		snprintf(c->message, sizeof c->message, "%s", modbus_client_message(c->client));
	for (size_t i = 0; i < count && !error; i++)
		error = write_back(c, &list[i]);
	return error;
}

struct disarming {
	struct charger *charger;
	struct charger_disarmed *out;
	size_t count;
	int error;
};

static int disarm(struct job *job)
{
	struct disarming *d = job->data;
	struct charger *c = d->charger;
	const enum register_role *role = c->device->charger.arm;
	const char *name = modbus_client_name(c->client), *state = c->options.state;
	struct charger_before before = {0};
	int error = state ? state_load_before(state, name, &before) : 0;

	for (; role && *role && d->count < CHARGER_DISARMED; role++)
		d->count += find_before(c, &before, *role, &d->out[d->count]);
	for (size_t i = 0; i < d->count && !error; i++)
		error = judge_before(c, &d->out[i]);
	if (!error && d->count && !c->options.dry)
		error = write_all(c, d->out, d->count);
	if (!error && state && !c->options.dry && (before.has_timeout || before.has_fallback))
		error = state_save_before(state, name, NULL);
	if (error && !*c->message)
		snprintf(c->message, sizeof c->message, "%s: %s", state,
		         error == EM_SYSTEM ? strerror(errno) : error_text(error));
	return error;
}

static void disarmed(struct job *job, int error)
{
	struct disarming *d = job->data;

	if (job->unable)
		snprintf(d->charger->message, sizeof d->charger->message, "thread: %s",
		         strerror(job->unable));
	d->error = error;
	d->charger->busy = false;
}

int charger_disarm(struct charger *c, struct charger_disarmed *out, size_t *count)
{
	struct disarming d = {.charger = c, .out = out};

	*c->message = '\0';
	c->job = (struct job){.run = disarm, .done = disarmed, .data = &d};
	c->busy = true;
	job_start(c->loop, &c->job);
	while (c->busy)
		uv_run(c->loop, UV_RUN_ONCE);
	*count = d.count;
	return d.error;
}
