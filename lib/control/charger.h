/*
 * The charger behind a controller, steered by the rows and facts of its device. Exchanges run on a
 * worker thread, one at a time: connect, arm the charger's own time-out and fallback on each new
 * connection before anything else, read (the car's currents), write the set-point when it is not
 * there yet, feed the charger's watchdog. After a failure everything is armed and written anew, with
 * a growing pause between attempts.
 *
 * A controller opens one, sets `set_point`, `fallback` and `measure` whenever it likes, calls
 * charger_poll() at least once a second, is told the end of each exchange by `done` on its loop, and
 * reads what was found with charger_observed(). News ("away", "armed") go through base/news.h. The caller owns the struct; charger_close() releases what it holds.
 */
#ifndef CONTROL_CHARGER_H
#define CONTROL_CHARGER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "control/charger_state.h"
#include "device/charger.h"
#include "io/backoff.h"
#include "io/job.h"
#include "modbus/client.h"

struct charger_options {
	const char *url;             /* SCHEME://HOST[:PORT], SCHEME+serial:///dev/..., none */
	const struct device *device; /* NULL: the scheme tells; else url is a Modbus target */
	unsigned timeout;            /* s that the charger may wait for us before it falls back */
	unsigned reply;              /* ms to wait for a reply */
	bool dry;                    /* read only */
	bool unarmed;                /* steer it even when it has no fallback */
};

struct charger {
	struct charger_options options;
	const struct device *device; /* NULL: none */
	struct modbus_client *client;
	struct job job;
	uv_loop_t *loop;
	atomic_bool stop;
	bool busy;
	/* Wanted, from the loop; taken over when an exchange begins. */
	int32_t set_point; /* mA, CURRENT_NONE: leave it alone */
	int32_t fallback;  /* mA */
	bool measure;      /* the car's currents are wanted with every exchange */
	/* The exchange that runs. */
	int32_t order, order_fallback;
	bool look;
	struct image image;
	int32_t written; /* mA that it confirmed, CURRENT_NONE: none */
	enum { SESSION_UNKNOWN, SESSION_PAUSED, SESSION_RESUMED } session;
	int32_t car[BALANCE_PHASES];
	uint64_t measured; /* ms of the monotonic clock, 0: never */
	uint64_t looked;   /* last successful read, ms */
	uint64_t refresh;  /* set-points that expire: when to write again, ms */
	uint64_t fed;      /* last time that a write fed the watchdog, ms */
	uint64_t spoke;    /* last request, ms */
	unsigned armed;    /* number of the connection that was armed, 0: none */
	bool guarded;      /* that succeeded: the charger falls back by itself */
	int32_t armed_fallback;
	bool proven;   /* it was armed before: what it refuses now is a passing trouble */
	uint64_t next; /* no attempt before, ms */
	struct backoff backoff;
	unsigned failures;
	uint64_t since; /* first of these failures, ms */
	char message[512];
	/* What the last exchange found, for the loop. */
	enum charger_link link;
	int32_t shown[BALANCE_PHASES]; /* mA of the car */
	uint64_t shown_at;             /* ms when that was read, 0: not known */
	int32_t confirmed;             /* mA, CURRENT_NONE: none */
	/* Called on the loop after each exchange. */
	void (*done)(void *context);
	void *context;
};

/* 0, EM_NO_MEMORY, or EM_SYNTAX or EM_UNSUPPORTED with the reason in c->message. */
int charger_open(struct charger *c, const struct charger_options *options, uv_loop_t *loop);

/* Begins an exchange when there is a reason for one and none runs. */
void charger_poll(struct charger *c);

/* What the last exchanges found. */
struct charger_state charger_observed(const struct charger *c);

/* Ends a running exchange and closes; the charger is left to its fallback. */
void charger_close(struct charger *c);

/*
 * Times in ms: between two reads of a charger that falls back after `timeout` s of silence (a
 * quarter), between two writes that feed it (half), and until a set-point that is good for another
 * `seconds` is written again (a third).
 */
uint64_t charger_read_after(unsigned timeout);
uint64_t charger_feed_after(unsigned timeout);
uint64_t charger_refresh_after(int64_t seconds);

#endif
