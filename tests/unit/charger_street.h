/*
 * A charger of the controller and a simulated device behind a Modbus server on the same loop. Each
 * request is logged.
 */
#ifndef UNIT_CHARGER_STREET_H
#define UNIT_CHARGER_STREET_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "control/charger.h"
#include "device/registers.h"
#include "io/loop.h"
#include "modbus/server.h"
#include "sim/car.h"

enum { CALLS = 2000, READS = -1 };

struct seen {
	int function;
	unsigned address, count;
	uint16_t word;
	uint64_t time; /* ms */
};

struct street {
	struct loop *loop;
	struct modbus_server *server;
	struct sim_device device;
	struct charger charger;
	struct seen calls[CALLS];
	size_t count;
	unsigned exchanges;
	int refuse;   /* exception for writes to `refused` */
	bool mute;    /* requests get no answer */
	bool unheard; /* requests are carried out and get no answer */
	bool deaf;    /* set-points are taken and not applied */
	unsigned refused;
};

static inline uint64_t now_ms(void)
{
	return uv_hrtime() / 1000000;
}

static inline int answer(void *data, const struct modbus_call *call)
{
	struct street *s = data;
	bool reads = call->function <= 4;
	int status;

	if (call->count && s->count < CALLS)
		s->calls[s->count++] = (struct seen){call->function, call->address, call->count,
		                                     reads ? 0 : call->words[0], now_ms()};
	if (s->mute)
		return MODBUS_SILENT;
	if (s->refuse && !reads && call->address == s->refused)
		return s->refuse;
	if (s->deaf && !reads &&
	    device_role(s->device.device, ROLE_SETPOINT, ACCESS_W)->address == call->address)
		return 0;
	status = sim_device_request(&s->device, (unsigned)call->unit, call->function, call->address,
	                            call->count, call->words, (instant)now_ms());
	return s->unheard ? MODBUS_SILENT : status;
}

static inline void exchanged(void *context)
{
	((struct street *)context)->exchanges++;
}

static inline struct street *street_open(const struct device *d, struct charger_options options)
{
	struct modbus_server_options serve = {.handler = answer};
	struct street *s = calloc(1, sizeof *s);
	char url[100];

	assert_non_null(s);
	serve.data = s;
	s->loop = loop_new();
	s->device = (struct sim_device){.device = d, .validity = 60};
	assert_int_equal(sim_device_example(&s->device, 1), 0);
	assert_int_equal(modbus_server_open(&s->server, loop_uv(s->loop), "127.0.0.1:0", &serve),
	                 0);
	snprintf(url, sizeof url, "%s%s%s", options.device ? "" : d->name,
	         options.device ? "" : "://", modbus_server_name(s->server));
	options.url = url;
	options.reply = options.reply ? options.reply : 2000;
	s->charger.done = exchanged;
	s->charger.context = s;
	s->charger.set_point = CURRENT_NONE;
	assert_int_equal(charger_open(&s->charger, &options, loop_uv(s->loop)), 0);
	s->charger.options.url = "charger";
	return s;
}

static inline void street_close(struct street *s)
{
	charger_close(&s->charger);
	modbus_server_close(s->server);
	loop_free(s->loop);
	image_free(&s->device.image);
	free(s);
}

static inline void wake(uv_timer_t *timer)
{
	charger_poll(timer->data);
}

/* Polls every 10 ms for so long, or until `exchanges` are over (0: no matter). */
static inline void play(struct street *s, uint64_t ms, unsigned exchanges)
{
	uint64_t end = now_ms() + ms;
	uv_timer_t timer;

	s->exchanges = 0;
	uv_timer_init(loop_uv(s->loop), &timer);
	timer.data = &s->charger;
	uv_timer_start(&timer, wake, 0, 10);
	while (now_ms() < end && (!exchanges || s->exchanges < exchanges))
		uv_run(loop_uv(s->loop), UV_RUN_ONCE);
	uv_timer_stop(&timer);
	while (s->charger.busy)
		uv_run(loop_uv(s->loop), UV_RUN_ONCE);
	uv_close((uv_handle_t *)&timer, NULL);
	uv_run(loop_uv(s->loop), UV_RUN_NOWAIT);
}

/* The set-point and one exchange for it. */
static inline void steer(struct street *s, int32_t current)
{
	s->charger.set_point = current;
	play(s, 5000, 1);
}

static inline size_t find(const struct street *s, size_t from, int function, unsigned address)
{
	while (from < s->count && ((function == READS ? s->calls[from].function > 4
	                                              : s->calls[from].function != function) ||
	                           s->calls[from].address != address))
		from++;
	return from;
}

static inline void assert_written(const struct street *s, size_t at, int function, unsigned address,
                                  unsigned word)
{
	assert_true(at < s->count);
	assert_int_equal(s->calls[at].function, function);
	assert_int_equal(s->calls[at].address, address);
	assert_int_equal(s->calls[at].word, word);
}

static inline struct decimal value_of(const struct street *s, const char *name)
{
	struct record r = {0};
	struct decimal d = {0};

	record_begin(&r, "");
	value_decimal(register_value(&r, s->device.device, device_row(s->device.device, name),
	                             &s->device.image, 1),
	              &d);
	record_free(&r);
	return d;
}

static inline double number(const struct street *s, const char *name)
{
	return decimal_double(value_of(s, name));
}

#endif
