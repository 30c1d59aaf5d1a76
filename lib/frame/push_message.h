/*
 * The second half of the push framer: turns frames into messages, blocks into APDUs and text into
 * bytes. Internal to the push framer.
 */
#ifndef FRAME_PUSH_MESSAGE_H
#define FRAME_PUSH_MESSAGE_H

#include "frame/hdlc.h"
#include "frame/mbus.h"
#include "frame/push.h"

enum { PUSH_NONE = -1, PUSH_OVERLONG = -2 };

void push_fault(struct push_framer *f, enum push_loss loss, const char *what);

/* Passes an APDU to the sink; returns whether the sink found it sound. */
bool push_give(struct push_framer *f, const struct push_apdu *apdu);

/* The size of the APDU at data; 0: more bytes are needed; or PUSH_NONE, PUSH_OVERLONG. */
long push_extent(const struct push_framer *f, const uint8_t *data, size_t size);

void push_mbus(struct push_framer *f, const struct mbus_frame *frame);
void push_hdlc(struct push_framer *f, const struct hdlc_frame *frame);
void push_block(struct push_framer *f, const uint8_t *data, size_t size);

/* Reports open messages and transfers as lost. */
void push_abandon(struct push_framer *f);

/*
 * Adds bytes to the input, decoded if they are hexadecimal text. Returns whether the form is known,
 * so that the search may begin. `final` forces a decision.
 */
bool push_take(struct push_framer *f, const uint8_t *data, size_t size, bool final);

/*
 * Forgets the form: the next bytes may have another one. A stray digit must not make a line text.
 */
void push_forget(struct push_framer *f);

#endif
