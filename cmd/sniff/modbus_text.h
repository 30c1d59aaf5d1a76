/*
 * Text output of records of type "modbus"; other types print as format_text() does.
 */
#ifndef CMD_SNIFF_MODBUS_TEXT_H
#define CMD_SNIFF_MODBUS_TEXT_H

#include "output/output.h"

format_function format_modbus;

#endif
