/*
 * The file of --meter-map: the user's own meter maps.
 */
#ifndef CMD_SNIFF_METER_FILE_H
#define CMD_SNIFF_METER_FILE_H

#include "device/meter_file.h"

/* Reads a file. NULL after an error line with the wrong line's number; *status is the exit code. */
struct meter_file *meter_file_open(const char *path, int *status);

#endif
