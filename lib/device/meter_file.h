/*
 * Meter maps that a user brings: CSV with a header line, columns meter, address, count, fc, dtype,
 * word_order, scale, unit, name (others are ignored), `value = raw * scale` in `unit`. Scales are
 * powers of ten. Units with a k are turned into the vocabulary's.
 */
#ifndef DEVICE_METER_FILE_H
#define DEVICE_METER_FILE_H

#include <stddef.h>

#include "device/meter.h"

struct meter_file;

/* 0, EM_NO_MEMORY, or EM_SYNTAX with the number of the line and what is wrong with it. */
int meter_file_parse(struct meter_file **out, const char *text, size_t size, unsigned *line,
                     const char **wrong);

/* Its maps, at most `limit`, into list; returns how many. They live until meter_file_free(). */
size_t meter_file_maps(const struct meter_file *file, const struct meter **list, size_t limit);

/* NULL is fine. */
void meter_file_free(struct meter_file *file);

#endif
