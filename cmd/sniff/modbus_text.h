/*
 * How records of type "modbus" are shown to people; other types as format_text() does.
 */
#ifndef CMD_SNIFF_MODBUS_TEXT_H
#define CMD_SNIFF_MODBUS_TEXT_H

#include "output/output.h"

format_function format_modbus;

#endif
