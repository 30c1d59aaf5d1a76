/*
 * What a user orders while the load balancer runs: an override, a mode, a pause. Each order is a row
 * of a table: its name, how its words are read, and how they are told. Programs give orders over MQTT
 * (control/order_link.h), and the file of --state keeps them (control/state.h).
 */
#ifndef CONTROL_ORDERS_H
#define CONTROL_ORDERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "balance/balancer.h"
#include "base/text.h"

enum order { ORDER_OVERRIDE, ORDER_MODE, ORDER_PAUSE, ORDERS };

enum { ORDER_TEXT = 32 }; /* no order has more bytes */

/*
 * The override in mA, -1 when there is none; the number of the mode, see order_modes; whether there
 * is a pause.
 */
struct orders {
	int32_t of[ORDERS];
};

/* To add a mode, add a row; orders_apply() makes the balancer follow it. */
struct order_mode {
	const char *word;
	bool off;              /* the car gets nothing, as in a pause */
	enum solar_mode solar; /* as for the setting solar */
};

extern const struct order_mode order_modes[]; /* the first one is the default; ends with a NULL */
extern const char *const order_names[];       /* "override", "mode", "pause", NULL */

/* No override, the default mode, no pause. */
struct orders orders_none(void);

/* The order of that name, ORDERS when there is none. */
enum order order_named(const char *name, size_t length);

/* Reads the words of an order, in any case, blanks around them ignored. EM_SYNTAX for others. */
int order_read(enum order order, const char *words, size_t size, int32_t *value);

/* "8", "none", "normal", "ON" */
void order_write(struct text *out, enum order order, int32_t value);

/* What order_read() takes: "a number of A, none or auto" */
void order_words(struct text *out, enum order order);

/* What is in force: the override may have come from the register table. */
struct orders orders_present(const struct orders *orders, const struct balancer *b);

/* Makes the balancer follow the orders; an override is at most the charger's maximum. */
void orders_apply(const struct orders *orders, struct balancer *b);

#endif
