/*
 * The charger of a controller, steered with the rows and facts of its device. Exchanges run on a
 * worker thread, one at a time. The first exchange of each connection reads what the charger does
 * and arms its time-out and fallback. Each exchange writes the set-point when the charger does not
 * hold it yet, reads back everything that was written, the limit in force and the car's currents,
 * writes again what differs, and feeds the charger's watchdog. After a failure it arms and writes
 * everything again, with a growing pause between attempts.
 *
 * A controller sets `measure`, opens a charger, sets `set_point` and `fallback` at any time, and
 * calls charger_poll() for each telegram and at least once a second. The charger calls `done` on
 * the loop after each exchange; charger_observed() returns the results. News ("charger lost",
 * "armed", what somebody else changed) go through base/news.h. The caller owns the struct;
 * charger_close() releases its contents.
 */
#ifndef CONTROL_CHARGER_H
#define CONTROL_CHARGER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "control/charger_state.h"
#include "control/charger_watch.h"
#include "device/charger.h"
#include "io/backoff.h"
#include "io/job.h"
#include "modbus/client.h"

enum { CHARGER_ROWS = 256 };

struct charger_options {
	const char *url;             /* SCHEME://HOST[:PORT], SCHEME+serial:///dev/..., none */
	const struct device *device; /* NULL: from the scheme; else url is a Modbus target */
	unsigned timeout;            /* s of silence after which the charger falls back */
	unsigned reply;              /* ms to wait for a reply */
	const char *state;           /* file that keeps what it held before, or NULL */
	int32_t fuse;                /* mA, the rating of the house's fuse; 0: not known */
	bool safe_checked;           /* a safe current above the fuse is accepted */
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
	bool measure;      /* every poll reads, not only one a second */
	/* The running exchange. */
	int32_t order, order_fallback;
	uint64_t began, ended; /* ms of the monotonic clock, as all times here; 0: never */
	struct image image;
	bool refused[CHARGER_ROWS]; /* rows that this connection refuses to read */
	bool apart;                 /* it refuses reads across rows, so each is read alone */
	struct charger_watch watch;
	int32_t ceiling; /* mA: no blind write above it, CURRENT_NONE: none at all */
	int32_t written; /* the order that the charger holds, CURRENT_NONE: none */
	int32_t tried;   /* the last order that was written, with or without success */
	uint64_t wrote;  /* when */
	enum { SESSION_UNKNOWN, SESSION_PAUSED, SESSION_RESUMED } session;
	int32_t car[BALANCE_PHASES];
	int32_t limit;     /* mA in force, CURRENT_NONE: not known */
	int32_t most;      /* mA, its own maximum, CURRENT_NONE: not known */
	uint64_t measured; /* when `car` was read, 0: it is not known */
	uint64_t looked;   /* last successful look */
	uint64_t refresh;  /* time of the next write of a set-point that expires */
	uint64_t fed;      /* last write that fed the watchdog */
	uint64_t spoke;    /* last request */
	unsigned armed;    /* number of the armed connection, 0: none */
	bool guarded;      /* arming succeeded: the charger falls back by itself */
	int32_t armed_fallback;
	bool proven; /* it was armed before: a refusal now is temporary */
	bool unsafe; /* its safe current is above the fuse */
	bool kept;   /* what it held before is in the file of `state`, or cannot be kept */
	bool no_currents_said, unsafe_said, strange_said;
	int32_t would, would_said; /* dry: the set-point that is not written */
	uint64_t next;             /* time of the next attempt */
	struct backoff backoff;
	unsigned failures;
	bool reached;                /* the last failure was of a connection that stood */
	uint64_t quiet, quiet_since; /* until then nothing is sent, 0: no such silence */
	bool known;                  /* it was ready before */
	uint64_t since;              /* first of these failures */
	char message[512];
	char arming[160]; /* what was armed, for news */
	/* Results of the last exchange, for the loop. */
	enum charger_link link;
	struct charger_state shown;
	/* Called on the loop after each exchange. */
	void (*done)(void *context);
	void *context;
	/* Called on the loop when the connection may be used by others, who set `busy`; or NULL. */
	void (*idle)(struct charger *c);
	void *guests;
	bool missed; /* a poll came while the connection was in use */
};

/* 0, EM_NO_MEMORY, or EM_SYNTAX or EM_UNSUPPORTED with the reason in c->message. */
int charger_open(struct charger *c, const struct charger_options *options, uv_loop_t *loop);

/* Begins an exchange when one is due and none is running. */
void charger_poll(struct charger *c);

/*
 * Sends nothing at all for so many ms, so that the charger's own time-out acts; then everything is
 * read, armed and written again. A running exchange may still end.
 */
void charger_silence(struct charger *c, uint64_t ms);

/* The results of the last exchanges. */
struct charger_state charger_observed(const struct charger *c);

/*
 * The ordered end: leaves the charger at its fallback, at most at its maximum. It takes a second at
 * most; a running exchange is cancelled. Nothing is written to a charger that is dry, refused or
 * away. What is known of one that does not obey or is away is said. charger_close() follows.
 */
void charger_leave(struct charger *c);

/* What charger_disarm() wrote to a row, or would write. */
struct charger_disarmed {
	const struct device_register *row;
	struct decimal value;
	bool factory; /* nothing was kept, so it is the factory's value */
};

enum { CHARGER_DISARMED = 4 };

/*
 * Takes a charger that is open back to the time-out and fallback that it had before it was armed,
 * as the file of `state` tells, else to those of the factory, and forgets them in the file. Runs
 * the loop until it is done; no exchange may run. Fills `out` (at most CHARGER_DISARMED) and
 * *count, 0 when nothing of this charger is armed. 0 or EM_* with the reason in c->message.
 */
int charger_disarm(struct charger *c, struct charger_disarmed *out, size_t *count);

/*
 * Ends a running exchange and closes. Without charger_leave() the charger falls back when its
 * time-out is over.
 */
void charger_close(struct charger *c);

/*
 * Times in ms: between two reads of a charger that falls back after `timeout` s of silence (about a
 * second, at most a quarter), between two writes that feed it (half), and until the next write of a
 * set-point that is valid for another `seconds` (a third).
 */
uint64_t charger_read_after(unsigned timeout);
uint64_t charger_feed_after(unsigned timeout);
uint64_t charger_refresh_after(int64_t seconds);

#endif
