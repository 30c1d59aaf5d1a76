/*
 * Meter maps that a user brings: CSV with a header line, columns meter, address, count, fc, dtype,
 * word_order, scale, unit, name (others are ignored), `value = raw * scale` in `unit`. Scales are
 * powers of ten. Units with a k are turned into the vocabulary's.
 */
#ifndef CMD_SNIFF_METER_FILE_H
#define CMD_SNIFF_METER_FILE_H

#include <stddef.h>

#include "device/meter.h"

struct meter_file;

/*
 * Reads a file. NULL on failure, after saying which line is wrong (*status is the exit code).
 */
struct meter_file *meter_file_open(const char *path, int *status);

/* Its maps, at most `limit`, into list; returns how many. They live until meter_file_close(). */
size_t meter_file_maps(const struct meter_file *file, const struct meter **list, size_t limit);

void meter_file_close(struct meter_file *file);

#endif
