/*
 * How records of type "modbus" are shown to people; other types as format_text() does.
 */
#ifndef CMD_MODBUS_TEXT_H
#define CMD_MODBUS_TEXT_H

#include "out/output.h"

format_function format_modbus;

#endif
