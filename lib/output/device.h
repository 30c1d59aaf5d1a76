/*
 * Which device a record speaks of, for outputs that keep things per device: history rows, Home
 * Assistant, the live table, tags and labels. The same record keys give the same name in every run:
 * neither a peer's port, which changes with each connection, nor what may become known later, as a
 * meter's name, is part of it.
 */
#ifndef OUTPUT_DEVICE_H
#define OUTPUT_DEVICE_H

#include "base/text.h"
#include "record/record.h"

/*
 * Appends the device's name: meter_id or system_title; else source (without the port) and unit,
 * `192.168.1.40/1`. Nothing when the record tells none of them.
 */
void device_name(struct text *out, const struct record *r);

/*
 * Appends what tells records of one device apart: `socket_1`, `model_103_1`; nothing for most.
 */
void device_part(struct text *out, const struct record *r);

/* Appends type, name and part: what tells this record's device from all others. */
void device_key(struct text *out, const struct record *r);

/* Whether a top-level value names the device or what is known about it: unit, meter, model, ... */
bool device_tag(const struct value *v);

/* Whether it is about the exchange, not about the device: function, address, registers, ... */
bool device_exchange(const struct record *r, const struct value *v);

/* The text of a value that is a word or a number, as printed in JSON without quotes. */
void value_plain(struct text *out, const struct value *v);

#endif
