/*
 * The inverter beside the meter: its SunSpec common and inverter models (101 to 103), read with one
 * request each second. Registers are numbered from 1, as inverter manuals do.
 */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "cmd/p1.h"
#include "cmd/say.h"
#include "io/modbus_client.h"
#include "io/modbus_job.h"

enum { FIRST = 40001, BASE = 40000, COUNT = 109, UNIT = 1, PERIOD = 1000, STALE = 60000 };
enum type { U16, I16, ACC32 };

/* The registers that have a value, and where their scale factor is. */
static const struct {
	uint16_t number;
	uint8_t scale; /* registers further on */
	uint8_t type;
} points[] = {
	{40072, 4, U16}, {40073, 3, U16}, {40074, 2, U16}, {40075, 1, U16}, {40077, 6, U16},
	{40078, 5, U16}, {40079, 4, U16}, {40080, 3, U16}, {40081, 2, U16}, {40082, 1, U16},
	{40084, 1, I16}, {40086, 1, U16}, {40088, 1, I16}, {40090, 1, I16}, {40092, 1, I16},
	{40094, 2, ACC32}, {40097, 1, U16}, {40099, 1, U16}, {40101, 1, I16}, {40104, 3, I16},
};

struct p1_inverter {
	struct modbus_client *client;
	struct modbus_job job;
	uv_timer_t timer;
	uint16_t fresh[COUNT], words[COUNT];
	instant time;
	atomic_bool stop;
	bool running, closing, warned;
	unsigned users; /* the timer, and a request under way */
};

static void release(struct p1_inverter *inverter)
{
	if (--inverter->users)
		return;
	modbus_client_free(inverter->client);
	free(inverter);
}

/* The marker SunS, the common model, and an inverter model behind it. */
static bool recognise(const uint16_t *words)
{
	return words[0] == 0x5375 && words[1] == 0x6E53 && words[2] == 1 && words[69] >= 101 &&
	       words[69] <= 103;
}

static int read_all(struct modbus_job *job)
{
	struct p1_inverter *inverter = job->data;
	int error = modbus_client_read(inverter->client, UNIT, 3, BASE, COUNT, inverter->fresh);

	return error || recognise(inverter->fresh) ? error : EM_UNSUPPORTED;
}

static void on_read(struct modbus_job *job, int result)
{
	struct p1_inverter *inverter = job->data;
	const char *name = modbus_client_name(inverter->client);

	inverter->running = false;
	if (!inverter->closing && !result) {
		memcpy(inverter->words, inverter->fresh, sizeof inverter->words);
		inverter->time = loop_clock();
		if (inverter->warned)
			say_warning("--sunspec %s: answers again", name);
		inverter->warned = false;
	} else if (!inverter->closing && !inverter->warned) {
		say_warning("--sunspec %s: %s", name, result == EM_UNSUPPORTED ?
		            "no SunSpec inverter of models 101 to 103 at register 40001" :
		            modbus_client_message(inverter->client));
		inverter->warned = true;
	}
	release(inverter);
}

static void on_timer(uv_timer_t *timer)
{
	struct p1_inverter *inverter = timer->data;

	if (inverter->running)
		return;
	inverter->running = !modbus_job_start(timer->loop, &inverter->job);
	inverter->users += inverter->running;
}

struct p1_inverter *p1_inverter_open(struct p1 *p1, const char *text)
{
	struct p1_inverter *inverter = calloc(1, sizeof *inverter);
	struct modbus_target target;
	struct modbus_options options = {.timeout = 2000};

	if (!inverter || modbus_target_parse(&target, text, NULL)) {
		say_error("--sunspec %s: needs HOST[:PORT]", text);
		free(inverter);
		return NULL;
	}
	options.stop = &inverter->stop;
	inverter->client = modbus_client_new(&target, &options);
	if (!inverter->client) {
		say_failure("inverter", EM_NO_MEMORY);
		free(inverter);
		return NULL;
	}
	inverter->time = INSTANT_NONE;
	inverter->users = 1;
	inverter->job = (struct modbus_job){.run = read_all, .done = on_read, .data = inverter};
	uv_timer_init(loop_uv(p1->session.loop), &inverter->timer);
	inverter->timer.data = inverter;
	uv_timer_start(&inverter->timer, on_timer, 0, PERIOD);
	uv_unref((uv_handle_t *)&inverter->timer);
	return inverter;
}

/* Zero and all ones are "not implemented" where the type says so. */
static bool raw_value(const uint16_t *w, enum type type, int64_t *out)
{
	switch (type) {
	case U16: *out = w[0]; return w[0] != 0xFFFF;
	case I16: *out = (int16_t)w[0]; return w[0] != 0x8000;
	case ACC32: *out = (int64_t)w[0] << 16 | w[1]; return *out != 0 && *out != 0xFFFFFFFF;
	}
	return false;
}

bool p1_inverter_value(const struct p1_inverter *inverter, unsigned number, struct decimal *value)
{
	if (inverter->time == INSTANT_NONE || loop_clock() - inverter->time > STALE)
		return false;
	for (size_t i = 0; i < sizeof points / sizeof points[0]; i++) {
		const uint16_t *w = inverter->words + (points[i].number - FIRST);
		int16_t scale = (int16_t)w[points[i].scale];
		int64_t n;

		if (points[i].number != number)
			continue;
		if (scale < -10 || scale > 10 || !raw_value(w, points[i].type, &n))
			return false;
		*value = decimal_i64(n, scale);
		return true;
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
