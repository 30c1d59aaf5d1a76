/*
 * Answers that come later: the tie between a call and the channel that waits for it. Internal to the
 * server.
 */
#ifndef MODBUS_LATER_H
#define MODBUS_LATER_H

#include "modbus/handler.h"

/* The channel goes: its answer has nowhere to go. NULL: nothing. */
void modbus_later_forget(struct modbus_later *later);

#endif
