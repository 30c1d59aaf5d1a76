/*
 * The CRC of poly 0x8005 over long data with carry-less multiplication, for crc.c only. `finish`
 * calculates by table: it gets the last bytes, or all of them on a processor without the
 * instruction.
 */
#ifndef BASE_CRC_FOLD_H
#define BASE_CRC_FOLD_H

#include <stddef.h>
#include <stdint.h>

enum { CRC_FOLD_LEAST = 128 };

typedef uint16_t crc_finish(uint16_t crc, const uint8_t *data, size_t size);

uint16_t crc_fold_8005(uint16_t crc, const uint8_t *data, size_t size, crc_finish *finish);

#endif
