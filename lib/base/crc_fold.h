/*
 * CRC of poly 0x8005 over long data with carry-less multiplication, where the processor has it; for
 * crc.c only. Returns how many bytes were taken (a multiple of 16, 0 if the processor cannot), with
 * *crc carried on over them.
 */
#ifndef BASE_CRC_FOLD_H
#define BASE_CRC_FOLD_H

#include <stddef.h>
#include <stdint.h>

enum { CRC_FOLD_LEAST = 128 };

size_t crc_fold_8005(uint16_t *crc, const uint8_t *data, size_t size,
                     uint16_t (*finish)(uint16_t crc, const uint8_t *data, size_t size));

#endif
