#include "cmd/inverter.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cmd/say.h"
#include "cmd/sunspec_fetch.h"
#include "io/modbus_job.h"

const struct inverter_register inverter_registers[] = {
	{40072, "A", "A", "current"},
	{40073, "AphA", "A", "current, phase A"},
	{40074, "AphB", "A", "current, phase B"},
	{40075, "AphC", "A", "current, phase C"},
	{40077, "PPVphAB", "V", "voltage AB"},
	{40078, "PPVphBC", "V", "voltage BC"},
	{40079, "PPVphCA", "V", "voltage CA"},
	{40080, "PhVphA", "V", "voltage AN"},
	{40081, "PhVphB", "V", "voltage BN"},
	{40082, "PhVphC", "V", "voltage CN"},
	{40084, "W", "W", "power"},
	{40086, "Hz", "Hz", "frequency"},
	{40088, "VA", "VA", "apparent power"},
	{40090, "VAr", "var", "reactive power"},
	{40092, "PF", "%", "power factor"},
	{40094, "WH", "Wh", "energy"},
	{40097, "DCA", "A", "DC current"},
	{40099, "DCV", "V", "DC voltage"},
	{40101, "DCW", "W", "DC power"},
	{40104, "TmpSnk", "C", "temperature of the heat sink"},
};

enum { REGISTERS = sizeof inverter_registers / sizeof *inverter_registers, STALE = 60000 };

const size_t inverter_register_count = REGISTERS;

static const uint16_t models[] = {101, 102, 103, 111, 112, 113};

struct inverter {
	struct loop *loop;
	struct modbus_client *client;
	struct sunspec_walk *walk;
	struct sunspec_found found; /* the first inverter of the chain; id 0: none */
	struct modbus_job job;
	uv_timer_t timer;
	struct record record;
	int unit;
	bool running, closing, lost;
	atomic_bool stop;
	instant time;
	struct {
		bool known;
		struct decimal value;
	} values[REGISTERS];
};

/* One walk, on a worker thread. */
static int poll_once(struct modbus_job *job)
{
	struct inverter *v = job->data;
	struct sunspec_found found;
	struct sunspec_want want;
	int error = 0;

	v->found.id = 0;
	sunspec_walk_begin(v->walk);
	while (!error) {
		switch (sunspec_walk_next(v->walk, &want, &found)) {
		case SUNSPEC_READ:
			error = sunspec_fetch(v->walk, &want, v->client, v->unit, v->found.id != 0);
			break;
		case SUNSPEC_MODEL:
			if (!v->found.id)
				v->found = found;
			break;
		case SUNSPEC_END: return v->found.id ? 0 : EM_UNSUPPORTED;
		}
	}
	return error;
}

/* Floats become the shortest decimal that means the same. */
static bool take(const struct value *value, struct decimal *out)
{
	char text[FLOAT_TEXT];

	if (value && value->kind == VALUE_DECIMAL) {
		*out = value->as.decimal;
		return true;
	}
	if (!value || value->kind != VALUE_FLOAT32)
		return false;
	return !decimal_parse(out, text, float32_format(text, value->as.f32));
}

static void take_all(struct inverter *v)
{
	static const struct sunspec_options plain;
	const struct sunspec_image *image = sunspec_walk_image(v->walk);

	sunspec_decode(&v->record, &v->found, v->unit, image->words + v->found.address, &plain);
	for (size_t i = 0; i < REGISTERS; i++)
		v->values[i].known = !v->record.failed &&
		                     take(record_find(&v->record, inverter_registers[i].point),
		                          &v->values[i].value);
	v->time = loop_clock();
}

static void polled(struct modbus_job *job, int error)
{
	struct inverter *v = job->data;

	v->running = false;
	if (!error) {
		if (v->lost)
			say_warning("--sunspec %s: answers again", modbus_client_name(v->client));
		v->lost = false;
		take_all(v);
		return;
	}
	if (!v->lost && !v->closing)
		say_warning("--sunspec %s: %s", modbus_client_name(v->client),
		            error == EM_UNSUPPORTED ? "no SunSpec inverter among its models"
		                                    : modbus_client_message(v->client));
	v->lost = true;
}

static void tick(uv_timer_t *timer)
{
	struct inverter *v = timer->data;

	if (v->running || v->closing)
		return;
	v->running = !modbus_job_start(loop_uv(v->loop), &v->job);
}

static void inverter_free(struct inverter *v)
{
	modbus_client_free(v->client);
	sunspec_walk_free(v->walk);
	record_free(&v->record);
	free(v);
}

static int open_client(struct inverter *v, const struct inverter_options *o)
{
	static const struct modbus_target_defaults defaults = {.line = "baud=9600&mode=8N1"};
	struct sunspec_plan plan = {.set = &sunspec_builtin, .base = -1, .models = models,
	                            .model_count = sizeof models / sizeof *models};
	struct modbus_options options = {.timeout = (unsigned)(o->timeout * 1000), .retries = 1,
	                                 .stop = &v->stop};
	struct modbus_target target;

	if (modbus_target_parse(&target, o->target, &defaults))
		return say_usage("--sunspec: '%s' is no HOST[:PORT] and no serial line", o->target);
	v->client = modbus_client_new(&target, &options);
	v->walk = sunspec_walk_new(&plan);
	return v->client && v->walk ? 0 : say_failure(o->target, EM_NO_MEMORY);
}

struct inverter *inverter_open(struct loop *loop, const struct inverter_options *options,
                               int *status)
{
	uint64_t interval = (uint64_t)((options->interval > 0 ? options->interval : 1) * 1000);
	struct inverter *v = calloc(1, sizeof *v);

	if (!v) {
		*status = say_failure(options->target, EM_NO_MEMORY);
		return NULL;
	}
	*status = open_client(v, options);
	if (*status) {
		inverter_free(v);
		return NULL;
	}
	v->loop = loop;
	v->unit = options->unit ? options->unit : 1;
	v->time = INSTANT_NONE;
	v->job = (struct modbus_job){.run = poll_once, .done = polled, .data = v};
	uv_timer_init(loop_uv(loop), &v->timer);
	v->timer.data = v;
	uv_timer_start(&v->timer, tick, 0, interval ? interval : 1);
	/* Beside a source: it alone is no reason to go on. */
	uv_unref((uv_handle_t *)&v->timer);
	return v;
}

static void closed(uv_handle_t *handle)
{
	inverter_free(handle->data);
}

void inverter_close(struct inverter *v)
{
	if (!v)
		return;
	v->closing = true;
	atomic_store(&v->stop, true);
	while (v->running)
		uv_run(loop_uv(v->loop), UV_RUN_ONCE);
	uv_close((uv_handle_t *)&v->timer, closed);
}

static bool value_of(const struct inverter *v, size_t index, struct decimal *out)
{
	instant now = loop_clock();

	if (v->time == INSTANT_NONE || now - v->time > STALE || now < v->time)
		return false;
	if (index == REGISTERS || !v->values[index].known)
		return false;
	*out = v->values[index].value;
	return true;
}

bool inverter_number(const struct inverter *v, unsigned number, struct decimal *out)
{
	size_t i = 0;

	while (i < REGISTERS && inverter_registers[i].number != number)
		i++;
	return value_of(v, i, out);
}

bool inverter_point(const struct inverter *v, const char *point, struct decimal *out)
{
	size_t i = 0;

	while (i < REGISTERS && strcmp(inverter_registers[i].point, point) != 0)
		i++;
	return value_of(v, i, out);
}

instant inverter_time(const struct inverter *v)
{
	return v->time;
}
