/*
 * The user's own meter maps: CSV with a header line and the columns meter, address, count, fc,
 * dtype, word_order, scale, unit, name (others are ignored). `value = raw * scale` in `unit`.
 * Scales are powers of ten. Units with the prefix k become the vocabulary's units.
 */
#ifndef DEVICE_METER_FILE_H
#define DEVICE_METER_FILE_H

#include <stddef.h>

#include "device/meter.h"

struct meter_file;

/* 0, EM_NO_MEMORY, or EM_SYNTAX with the line number and what is wrong in that line. */
int meter_file_parse(struct meter_file **out, const char *text, size_t size, unsigned *line,
                     const char **wrong);

/*
 * Puts its maps, at most `limit`, into list; returns how many. They live until meter_file_free().
 */
size_t meter_file_maps(const struct meter_file *file, const struct meter **list, size_t limit);

/* Accepts NULL. */
void meter_file_free(struct meter_file *file);

#endif
