/*
 * What the parts of `emtool balance run` share. run.c opens and closes everything, live.c handles
 * the events, control.c takes orders over MQTT, saved.c keeps settings and orders between runs,
 * disarm.c takes a charger back.
 */
#ifndef CMD_BALANCE_RUN_H
#define CMD_BALANCE_RUN_H

#include "cmd/balance/balance.h"
#include "cmd/session/keys.h"
#include "cmd/session/refused.h"
#include "control/charger.h"
#include "control/controller.h"
#include "control/grid_meter.h"
#include "control/order_link.h"
#include "control/pass_through.h"
#include "control/table_server.h"

struct run_options {
	struct balance_options balance;
	const char *p1; /* the meter's SOURCE, as messages name it; of --p1 or --grid */
	const char *grid, *server, *state, *control;
	struct charger_options charger;
	struct key_options keys;
	double tick;
	long charger_timeout;
	bool disarm;
};

struct run {
	struct run_options options;
	struct session session;
	struct controller controller;
	struct orders
		orders; /* of the user; the override in force is in the controller's settings */
	struct order_link link;
	int32_t announced; /* mA: the greatest override that Home Assistant knows of */
	struct register_table table;
	struct charger charger;
	struct pass_through through; /* other units, to the charger */
	struct table_server server;
	struct grid_source grid;
	struct grid_meter *meter;
	unsigned estimated; /* what was said about its currents, enum grid_estimate */
	struct glo_keyring ring;
	struct seals seals;
	struct refused refused; /* telegrams that were reported */
	struct plans plans;
	struct plans_watch watch;
	uv_timer_t timer;
	bool reading;      /* a stream is open */
	bool messages;     /* each of its chunks is a message */
	bool told;         /* a telegram was in the last bytes */
	bool due;          /* it waits for the charger's currents before it is decided on */
	uv_timer_t saving; /* active: the orders were saved a short while ago */
	bool unsaved;      /* others came since */
	bool unsavable;    /* it was said that the state file cannot be written */
};

/* Reads the meter and steers the charger until the session ends. */
void run_live(struct run *r);

/* Decides with what has changed, unless a decision is near. */
void run_ordered(struct run *r);

/*
 * Orders of --control. Opens the connection: the exit code. Tells what is in force, after each
 * decision. Closes it.
 */
int control_open(struct run *r);
void control_tell(struct run *r);
void control_close(struct run *r);

/* The whole of `balance run --disarm`: takes the charger back to what it was. The exit code. */
int run_disarm(const struct run_options *options);

/* Callbacks of meter and charger; `context` is a struct run. */
void run_telegram(void *context, const struct grid_reading *reading);
void run_refused(void *context, enum refusal refusal, const char *text);
void run_exchanged(void *context);

/*
 * Loads the saved settings, which override the command line; judges them by the rules and reports
 * differences. The exit code.
 */
int saved_load(const struct run_options *o, const struct balance_rules *rules,
               struct balance_settings *settings, int *unit);

/* Loads the orders of the user and makes the controller follow them. */
void saved_load_orders(struct run *r);

/* Callbacks of struct register_table: keep settings, and the orders at most every 30 s. */
int saved_keep(void *run, const struct balance_settings *settings, int unit);
void saved_orders(void *run);

/* Saves orders that wait. */
void saved_end(struct run *r);

#endif
