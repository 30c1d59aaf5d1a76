#include "control/pass_through.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/news.h"
#include "control/charger_access.h"
#include "frame/adu_build.h"

struct pass_request {
	struct pass_request *next;
	struct charger *charger;
	struct modbus_later *later; /* NULL: it was answered already */
	uint64_t deadline;          /* of the loop, ms */
	int unit, function, exception;
	unsigned address, count;
	uint16_t words[]; /* count */
};

static bool reads(int function)
{
	return adu_is_read((unsigned)function);
}

/* Whether the balancer needs this row for itself. */
static bool owned(const struct device *d, const struct device_register *row)
{
	if (!(row->access & ACCESS_W))
		return false;
	switch (row->role) {
	case ROLE_NONE: return false;
	case ROLE_SETPOINT:
	case ROLE_CONTROL:
	case ROLE_LIFE_SIGN:
	case ROLE_WATCHDOG_TIMEOUT:
	case ROLE_FALLBACK_CURRENT: return true;
	default: return row->role == d->charger.pause.role || row->role == d->charger.resume.role;
	}
}

static bool bits(unsigned function)
{
	return function == ADU_WRITE_COIL || function == ADU_WRITE_COILS;
}

/* The owned row that a write would touch. A charger may ignore the unit, so it does not count. */
static const struct device_register *touches(const struct device *d, const struct modbus_call *call)
{
	for (size_t i = 0; i < d->count; i++) {
		const struct device_register *row = &d->rows[i];

		if (owned(d, row) &&
		    bits(device_writes(d, row)) == bits((unsigned)call->function) &&
		    call->address < (unsigned)row->address + row->count &&
		    row->address < call->address + call->count)
			return row;
	}
	return NULL;
}

static int refuse_write(struct pass_through *p, const struct modbus_call *call)
{
	const struct charger *c = p->charger;
	const struct device_register *row = touches(c->device, call);

	if (!row && !c->options.dry)
		return 0;
	if (!p->told)
		news(NEWS_WARNING,
		     "a client's write to register 0x%X of the charger is refused: %s%s",
		     call->address, row ? "the balancer steers " : "dry run", row ? row->name : "");
	p->told = true;
	return ADU_ILLEGAL_VALUE;
}

static void finish(struct pass_request *r, int exception)
{
	if (r->later)
		modbus_answer(r->later, exception,
		              !exception && reads(r->function) ? r->words : NULL);
	r->later = NULL;
}

static int run(struct job *job)
{
	struct pass_request *r = job->data;
	struct charger *c = r->charger;
	int error;

	charger_keep_gap(c);
	error = reads(r->function) ? modbus_client_read(c->client, r->unit, r->function, r->address,
	                                                r->count, r->words)
	                           : modbus_client_write_by(c->client, r->unit, r->function,
	                                                    r->address, r->count, r->words);
	r->exception = error == EM_EXCEPTION ? modbus_client_exception(c->client) : 0;
	if (error && !r->exception)
		r->exception = ADU_TARGET_SILENT;
	c->spoke = charger_clock();
	return error;
}

static void watch(struct pass_through *p);

static void expire(struct pass_through *p, uint64_t now)
{
	if (p->running && now >= p->running->deadline)
		finish(p->running, ADU_TARGET_SILENT);
	while (p->first && now >= p->first->deadline) {
		struct pass_request *r = p->first;

		p->first = r->next;
		finish(r, ADU_TARGET_SILENT);
		free(r);
	}
}

static void on_time(uv_timer_t *timer)
{
	struct pass_through *p = timer->data;

	expire(p, uv_now(timer->loop));
	watch(p);
}

/* Sets the timer to the first deadline: the running request is the oldest. */
static void watch(struct pass_through *p)
{
	const struct pass_request *r = p->running && p->running->later ? p->running : p->first;
	uint64_t now = uv_now(p->timer.loop);

	if (r)
		uv_timer_start(&p->timer, on_time, r->deadline > now ? r->deadline - now : 0, 0);
	else
		uv_timer_stop(&p->timer);
}

static void next(struct pass_through *p);

static void done(struct job *job, int error)
{
	struct pass_request *r = job->data;
	struct charger *c = r->charger;
	struct pass_through *p = c->guests;

	(void)error;
	finish(r, job->unable ? ADU_TARGET_SILENT : r->exception);
	free(r);
	p->running = NULL;
	c->busy = false;
	if (!atomic_load(&c->stop) && c->missed)
		charger_poll(c);
	next(p);
	watch(p);
}

/* Starts the next request when nothing runs; drops all when the charger has gone. */
static void next(struct pass_through *p)
{
	struct charger *c = p->charger;
	struct pass_request *r = p->first;

	if (c->busy || !r || atomic_load(&c->stop))
		return;
	if (c->link != CHARGER_READY) {
		expire(p, UINT64_MAX);
		return;
	}
	p->first = r->next;
	p->running = r;
	c->busy = true;
	c->job = (struct job){.run = run, .done = done, .data = r};
	job_start(c->loop, &c->job);
}

static void idle(struct charger *c)
{
	struct pass_through *p = c->guests;

	next(p);
	watch(p);
}

void pass_through_start(struct pass_through *p, struct charger *charger)
{
	*p = (struct pass_through){.charger = charger};
	uv_timer_init(charger->loop, &p->timer);
	p->timer.data = p;
	charger->guests = p;
	charger->idle = idle;
}

static int queue(struct pass_through *p, const struct modbus_call *call)
{
	struct pass_request *r = calloc(1, sizeof *r + call->count * sizeof *r->words), **end;

	if (!r)
		return ADU_BUSY;
	r->charger = p->charger;
	r->later = modbus_later(call);
	if (!r->later) {
		free(r);
		return ADU_BUSY;
	}
	r->deadline = uv_now(p->timer.loop) + p->charger->options.reply;
	r->unit = call->unit;
	r->function = call->function;
	r->address = call->address;
	r->count = call->count;
	if (!reads(call->function))
		memcpy(r->words, call->words, call->count * sizeof *r->words);
	for (end = &p->first; *end; end = &(*end)->next)
		;
	*end = r;
	idle(p->charger);
	return MODBUS_LATER;
}

int pass_through_request(struct pass_through *p, const struct modbus_call *call)
{
	int exception = 0;

	if (!call->count)
		return 0;
	if (!reads(call->function))
		exception = refuse_write(p, call);
	if (!exception && p->charger->link != CHARGER_READY)
		exception = ADU_TARGET_SILENT;
	return exception ? exception : queue(p, call);
}

void pass_through_end(struct pass_through *p)
{
	p->charger->idle = NULL;
	expire(p, UINT64_MAX);
	uv_close((uv_handle_t *)&p->timer, NULL);
}
