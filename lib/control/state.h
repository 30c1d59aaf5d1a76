/*
 * The file of --state: the settings of a load balancer as lines of text, and the unit of its register
 * table. A new file is written beside the old one and renamed, so that after a power loss the old one
 * or the new one is there, never half of one.
 */
#ifndef CONTROL_STATE_H
#define CONTROL_STATE_H

#include "balance/settings.h"

/*
 * Reads the file over settings and unit; 0 as well when there is no file. EM_SYSTEM with errno, or
 * what is wrong in line *line (from 1; 0: it is no line that is wrong).
 */
int state_load(const char *path, struct balance_settings *settings, int *unit, int *line);

/* 0, EM_NO_MEMORY, or EM_SYSTEM with errno. */
int state_save(const char *path, const struct balance_settings *settings, int unit);

#endif
