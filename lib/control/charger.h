/*
 * The charger of a controller, steered with the rows and facts of its device. Exchanges run on a
 * worker thread, one at a time. An exchange connects, arms the charger's time-out and fallback
 * first on each new connection, reads the car's currents, writes the set-point when the charger
 * does not hold it yet, and feeds the charger's watchdog. After a failure it arms and writes
 * everything again, with a growing pause between attempts.
 *
 * A controller opens a charger, sets `set_point`, `fallback` and `measure` at any time, and calls
 * charger_poll() at least once a second. The charger calls `done` on the loop after each exchange;
 * charger_observed() returns the results. News ("away", "armed") go through base/news.h. The caller
 * owns the struct; charger_close() releases its contents.
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
	const struct device *device; /* NULL: from the scheme; else url is a Modbus target */
	unsigned timeout;            /* s of silence after which the charger falls back */
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
	/* Wanted values, set on the loop; an exchange copies them when it begins. */
	int32_t set_point; /* mA, CURRENT_NONE: do not write it */
	int32_t fallback;  /* mA */
	bool measure;      /* every exchange reads the car's currents */
	/* The running exchange. */
	int32_t order, order_fallback;
	bool look;
	struct image image;
	int32_t written; /* mA that the charger confirmed, CURRENT_NONE: none */
	enum { SESSION_UNKNOWN, SESSION_PAUSED, SESSION_RESUMED } session;
	int32_t car[BALANCE_PHASES];
	uint64_t measured; /* ms of the monotonic clock, 0: never */
	uint64_t looked;   /* last successful read, ms */
	uint64_t refresh;  /* time of the next write of a set-point that expires, ms */
	uint64_t fed;      /* last write that fed the watchdog, ms */
	uint64_t spoke;    /* last request, ms */
	unsigned armed;    /* number of the armed connection, 0: none */
	bool guarded;      /* arming succeeded: the charger falls back by itself */
	int32_t armed_fallback;
	bool proven;   /* it was armed before: a refusal now is temporary */
	uint64_t next; /* time of the next attempt, ms */
	struct backoff backoff;
	unsigned failures;
	uint64_t since; /* first of these failures, ms */
	char message[512];
	/* Results of the last exchange, for the loop. */
	enum charger_link link;
	int32_t shown[BALANCE_PHASES]; /* mA of the car */
	uint64_t shown_at;             /* time of that reading, ms, 0: none */
	int32_t confirmed;             /* mA, CURRENT_NONE: none */
	/* Called on the loop after each exchange. */
	void (*done)(void *context);
	void *context;
};

/* 0, EM_NO_MEMORY, or EM_SYNTAX or EM_UNSUPPORTED with the reason in c->message. */
int charger_open(struct charger *c, const struct charger_options *options, uv_loop_t *loop);

/* Begins an exchange when one is due and none is running. */
void charger_poll(struct charger *c);

/* The results of the last exchanges. */
struct charger_state charger_observed(const struct charger *c);

/* Ends a running exchange and closes; the charger then falls back by itself. */
void charger_close(struct charger *c);

/*
 * Times in ms: between two reads of a charger that falls back after `timeout` s of silence (a
 * quarter), between two writes that feed it (half), and until the next write of a set-point that is
 * valid for another `seconds` (a third).
 */
uint64_t charger_read_after(unsigned timeout);
uint64_t charger_feed_after(unsigned timeout);
uint64_t charger_refresh_after(int64_t seconds);

#endif
