#include "sim/charger_probe.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/news.h"
#include "device/charger.h"
#include "device/plan.h"

enum { EVERY = 1000, PATIENCE = 900 /* ms */, SOCKET = 1, PHASES = 3 };

static const struct device_register *row_of(const struct device *d, int phase)
{
	static const enum register_role roles[PHASES] = {ROLE_CURRENT_L1, ROLE_CURRENT_L2,
	                                                 ROLE_CURRENT_L3};

	return device_role(d, roles[phase], ACCESS_R);
}

static int read_block(struct charger_probe *p, const struct device_block *b)
{
	unsigned unit = b->place == PLACE_SOCKET ? SOCKET : p->device->unit;
	uint16_t words[PLAN_READ];
	int error = modbus_client_read(p->client, (int)unit, b->function, b->address, b->count,
	                               words);

	for (unsigned i = 0; !error && i < b->count; i++)
		error = image_put(&p->image, device_space(unit, b->function), b->address + i,
		                  words[i]);
	return error;
}

/* On the worker thread. */
static int read_currents(struct job *job)
{
	struct charger_probe *p = job->data;
	struct device_block blocks[PLAN_LIMIT];
	bool wanted[512] = {false};
	size_t count;
	int error = 0;

	for (int i = 0; i < PHASES; i++) {
		const struct device_register *row = row_of(p->device, i);

		if (row && (size_t)(row - p->device->rows) < sizeof wanted / sizeof *wanted)
			wanted[row - p->device->rows] = true;
	}
	count = device_plan(p->device, wanted, blocks);
	for (size_t i = 0; i < count && !error; i++)
		error = read_block(p, &blocks[i]);
	return error;
}

static void lose(struct charger_probe *p, int error)
{
	const char *name = modbus_client_name(p->client);

	memset(p->currents, 0, sizeof p->currents);
	if (!p->lost)
		news(NEWS_WARNING, "%s: the charger tells no currents (%s): it counts as 0 A", name,
		     error == EM_EXCEPTION ? modbus_client_message(p->client) : error_text(error));
	p->lost = true;
}

static void on_read(struct job *job, int error)
{
	struct charger_probe *p = job->data;

	p->busy = false;
	if (atomic_load(&p->stop))
		return;
	if (error) {
		lose(p, error);
		return;
	}
	if (p->lost)
		news(NEWS_WARNING, "%s: the charger tells its currents %s",
		     modbus_client_name(p->client), p->known ? "again" : "now");
	p->lost = false;
	p->known = true;
	for (int i = 0; i < PHASES; i++) {
		const struct device_register *row = row_of(p->device, i);
		int32_t current = row ? charger_current(p->device, row, &p->image, SOCKET) : 0;

		p->currents[i] = current == CHARGER_NONE ? 0 : current;
	}
}

static void on_time(uv_timer_t *timer)
{
	struct charger_probe *p = timer->data;

	if (p->busy)
		return;
	p->busy = true;
	job_start(p->loop, &p->job);
}

static int parse(struct charger_probe *p, const char *url, struct modbus_target *target)
{
	struct modbus_target_defaults defaults = {0};
	size_t scheme;
	const char *text = modbus_target_of_url(url, &scheme);

	p->device = text ? device_by_name(url, scheme) : NULL;
	if (!p->device || !row_of(p->device, 0))
		return EM_SYNTAX;
	defaults.port = p->device->port;
	defaults.line = p->device->line;
	return modbus_target_parse(target, text, &defaults);
}

int charger_probe_open(struct charger_probe *p, const char *url, struct loop *loop, char *problem,
                       size_t size)
{
	const struct modbus_options options = {.timeout = PATIENCE, .stop = &p->stop};
	struct modbus_target target;

	*p = (struct charger_probe){.loop = loop_uv(loop)};
	if (parse(p, url, &target)) {
		snprintf(
			problem, size,
			"'%s' names no charger, as alfen://HOST, abb://HOST or keba://HOST:PORT do",
			url);
		return EM_SYNTAX;
	}
	p->client = modbus_client_new(&target, &options);
	if (!p->client)
		return EM_NO_MEMORY;
	p->job = (struct job){.run = read_currents, .done = on_read, .data = p};
	uv_timer_init(p->loop, &p->timer);
	p->timer.data = p;
	uv_timer_start(&p->timer, on_time, 0, EVERY);
	return 0;
}

void charger_probe_close(struct charger_probe *p)
{
	if (!p->client)
		return;
	atomic_store(&p->stop, true);
	uv_close((uv_handle_t *)&p->timer, NULL);
	while (p->busy)
		uv_run(p->loop, UV_RUN_ONCE);
	modbus_client_free(p->client);
	image_free(&p->image);
	p->client = NULL;
}
