/*
 * Which device a record speaks of, for outputs that keep things per device: history rows, Home
 * Assistant, the live table. The same record keys give the same name in every run.
 */
#ifndef OUT_DEVICE_H
#define OUT_DEVICE_H

#include "base/text.h"
#include "record/record.h"

/*
 * Appends the device's name: meter_id or system_title; else source (without the port, which changes
 * with each connection) and unit, `192.168.1.40/1`. Nothing when the record tells none of them.
 */
void device_name(struct text *out, const struct record *r);

/*
 * Appends what tells records of one device apart: `socket_1`, `model_103_1`; nothing for most.
 */
void device_part(struct text *out, const struct record *r);

/* The text of a value that is a word or a number, as printed in JSON without quotes. */
void value_plain(struct text *out, const struct value *v);

#endif
