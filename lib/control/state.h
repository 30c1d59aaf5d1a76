/*
 * The file of --state: the settings of a load balancer as lines of text, and the unit of its
 * register table. A save writes a new file and renames it, so that after a power loss either the
 * old or the new file is complete.
 */
#ifndef CONTROL_STATE_H
#define CONTROL_STATE_H

#include "balance/register_table.h"

/*
 * Reads the file into settings and unit; 0 also without a file. EM_SYSTEM with errno, or an error
 * of settings_read() with its place.
 */
int state_load(const char *path, struct balance_settings *settings, int *unit,
               const struct balance_rules *rules, struct settings_place *place);

/* 0, EM_NO_MEMORY, or EM_SYSTEM with errno. */
int state_save(const char *path, const struct balance_settings *settings, int unit);

#endif
