/*
 * The device that a record is about, for outputs that keep data per device: history rows, Home
 * Assistant, the live table, tags and labels. The name is the same in every run. It therefore has
 * neither the port of a peer, which changes with each connection, nor values that become known
 * later, such as the name of a meter.
 */
#ifndef OUTPUT_DEVICE_H
#define OUTPUT_DEVICE_H

#include "base/text.h"
#include "record/record.h"

/*
 * Appends the name of the device: meter_id or system_title; else source (without the port) and
 * unit, `192.168.1.40/1`. Appends nothing when the record has none of them.
 */
void device_name(struct text *out, const struct record *r);

/*
 * Appends the part of the device that the record is about: `socket_1`, `model_103_1`; often
 * nothing.
 */
void device_part(struct text *out, const struct record *r);

/* Appends type, name and part, which together identify the device. */
void device_key(struct text *out, const struct record *r);

/* Whether a top-level value identifies or describes the device: unit, meter, model, ... */
bool device_tag(const struct value *v);

/* Whether it describes the exchange and not the device: function, address, registers, ... */
bool device_exchange(const struct record *r, const struct value *v);

/* Appends a word or a number, as in JSON but without quotes. */
void value_plain(struct text *out, const struct value *v);

#endif
