/*
 * The answers of the query service: a word names a command; the answer is text without a line end
 * about the last P1 telegram and an inverter beside the meter. Commands, names and units are those
 * of powermonitor. The answer for a missing value is `nan`, in `json` null.
 *
 * It owns a copy of the telegram and decodes it with the first query. It uses no socket and no
 * clock.
 */
#ifndef SERVICE_ANSWERS_H
#define SERVICE_ANSWERS_H

#include "base/text.h"
#include "frame/p1.h"
#include "service/inverter.h"

/* The answer to a word that names no command. */
extern const char answers_unknown[];

struct answers;

/* `inverter` is borrowed; NULL when there is none. Returns NULL when out of memory. */
struct answers *answers_new(int gas_channel, const struct inverter_reading *inverter);
void answers_free(struct answers *a);

/* Copies a telegram received at `time`; on EM_NO_MEMORY it keeps the last one. */
int answers_keep(struct answers *a, const struct p1_telegram *telegram, instant time);

/* Appends the answer to `word` at `now`. */
void answers_give(struct answers *a, const char *word, instant now, struct text *out);

#endif
