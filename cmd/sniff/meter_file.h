/*
 * The file of --meter-map: maps of meters that the user brings.
 */
#ifndef CMD_SNIFF_METER_FILE_H
#define CMD_SNIFF_METER_FILE_H

#include "device/meter_file.h"

/* Reads a file. NULL on failure, after saying which line is wrong (*status is the exit code). */
struct meter_file *meter_file_open(const char *path, int *status);

#endif
