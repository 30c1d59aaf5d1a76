/*
 * The file of --state: settings as lines of text. It is written beside itself and renamed, so that
 * after a power loss it is the old one or the new one, never half of one.
 */
#ifndef CMD_BALANCE_STATE_H
#define CMD_BALANCE_STATE_H

#include "balance/settings.h"

/* Reads the file over settings and unit if there is one. EXIT_OK, or the error said. */
int state_load(const char *path, struct balance_settings *settings, int *unit);

/* 0, or EM_SYSTEM with the error said. */
int state_save(const char *path, const struct balance_settings *settings, int unit);

#endif
