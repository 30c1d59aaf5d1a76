/*
 * What a record says about whom: which of its values name the device (tags of influx, labels of
 * prometheus, headings of the live view), and which are only about the exchange that brought it.
 */
#ifndef OUT_SUBJECT_H
#define OUT_SUBJECT_H

#include "base/text.h"
#include "record/record.h"

/* Whether a top-level value names the device or what is known about it: unit, meter, model, ... */
bool subject_tag(const struct value *v);

/* Whether it is about the exchange, not about the device: function, address, registers, ... */
bool subject_bookkeeping(const struct record *r, const struct value *v);

/*
 * Appends what tells this record's device from all others, the same bytes each time: its type, and
 * what out/device.h says of it. Neither a peer's port, which changes with each connection, nor what
 * may become known later, as a meter's name, is part of it.
 */
void subject_key(struct text *out, const struct record *r);

#endif
