/*
 * The second half of the push framer, shared by push.c and push_message.c only: frames into
 * messages, blocks into APDUs, text into bytes.
 */
#ifndef FRAME_PUSH_MESSAGE_H
#define FRAME_PUSH_MESSAGE_H

#include "frame/hdlc.h"
#include "frame/mbus.h"
#include "frame/push.h"

enum { PUSH_NONE = -1, PUSH_OVERLONG = -2 };

void push_fault(struct push_framer *f, enum push_loss loss, const char *what);

/* Hands an APDU over; whether the sink found it sound. */
bool push_give(struct push_framer *f, const struct push_apdu *apdu);

/* Size of the APDU that data starts with: 0 more bytes are needed, PUSH_NONE, PUSH_OVERLONG. */
long push_extent(const struct push_framer *f, const uint8_t *data, size_t size);

void push_mbus(struct push_framer *f, const struct mbus_frame *frame);
void push_hdlc(struct push_framer *f, const struct hdlc_frame *frame);
void push_block(struct push_framer *f, const uint8_t *data, size_t size);

/* Reports what is open as lost. */
void push_abandon(struct push_framer *f);

/*
 * Adds bytes to the input, or the bytes that hexadecimal text stands for. Returns whether the form
 * is known, so that the search may begin; `final` decides.
 */
bool push_take(struct push_framer *f, const uint8_t *data, size_t size, bool final);

/* What comes next may have another form: a stray digit must not make text of a whole line. */
void push_forget(struct push_framer *f);

#endif
