/*
 * The file of --state: the settings of a load balancer as lines of text, and the unit of its
 * register table. A save writes a new file and renames it, so that after a power loss either the
 * old or the new file is complete.
 *
 * Behind the last line of the settings, where readers of settings stop, stand two more parts. The
 * orders of the user: lines `order_NAME=WORD` for each that is not the default; an override in A
 * stands among the settings. Then what chargers held before they were armed for the first time:
 * lines `before_charger=NAME`, `before_timeout=SECONDS` and `before_fallback=AMPERES` for each
 * charger. A save of one part keeps the others; they may be saved from different threads.
 */
#ifndef CONTROL_STATE_H
#define CONTROL_STATE_H

#include <stdbool.h>

#include "balance/register_table.h"
#include "control/orders.h"

/*
 * Reads the file into settings and unit; 0 also without a file. EM_SYSTEM with errno, or an error
 * of settings_read() with its place.
 */
int state_load(const char *path, struct balance_settings *settings, int *unit,
               const struct balance_rules *rules, struct settings_place *place);

/* What a charger held before it was armed, as its registers show it. */
struct charger_before {
	bool has_timeout, has_fallback;
	struct decimal timeout, fallback; /* s and A */
};

/*
 * Reads what was kept for the charger of that name; both flags are false when nothing was. 0, or an
 * error as of state_save().
 */
int state_load_before(const char *path, const char *name, struct charger_before *before);

/* Keeps it; NULL: forgets it. Errors as of state_save(). */
int state_save_before(const char *path, const char *name, const struct charger_before *before);

/*
 * Reads what was ordered: over `orders` what the part of the orders says, which an override in A is
 * not in. EM_UNKNOWN when a word is not understood, or an error as of state_save().
 */
int state_load_orders(const char *path, struct orders *orders);

/* Keeps the orders and leaves the rest of the file as it is. Errors as of state_save(). */
int state_save_orders(const char *path, const struct orders *orders);

/* 0, EM_NO_MEMORY, EM_RANGE for a file that is too long, or EM_SYSTEM with errno. */
int state_save(const char *path, const struct balance_settings *settings, int unit);

#endif
