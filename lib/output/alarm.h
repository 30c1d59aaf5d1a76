/*
 * A condition on a value of a record, such as `current_l1>25`. It reports when the condition
 * becomes true: once per device, and again only after it was false. A record without the value, or
 * with null, changes nothing.
 */
#ifndef OUTPUT_ALARM_H
#define OUTPUT_ALARM_H

#include "record/record.h"

struct alarm;

/*
 * NAME, one of > >= < <= = == !=, and a number or a word. EM_SYNTAX, or EM_NO_MEMORY. `text` is
 * borrowed for the life of the alarm.
 */
int alarm_new(struct alarm **out, const char *text);

void alarm_free(struct alarm *alarm);

/* The text of the condition, as given. */
const char *alarm_text(const struct alarm *alarm);

/* 1 when the condition becomes true with this record, else 0, or EM_NO_MEMORY. */
int alarm_begins(struct alarm *alarm, const struct record *r);

#endif
