/* OBIS codes A-B:C.D.E as one number, five bytes from A down to E. */
#ifndef PROTOCOL_DSMR_OBIS_H
#define PROTOCOL_DSMR_OBIS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OBIS(a, b, c, d, e) \
	((uint64_t)(a) << 32 | (uint64_t)(b) << 24 | (uint64_t)(c) << 16 | (uint64_t)(d) << 8 | (e))
#define OBIS_A(code) ((unsigned)((code) >> 32))
#define OBIS_B(code) ((unsigned)((code) >> 24) & 0xFF)
#define OBIS_C(code) ((unsigned)((code) >> 16) & 0xFF)
#define OBIS_REST(code) ((uint32_t)((code)&0xFFFFFF)) /* C, D and E */

/* Reads text[0..length); false unless it is five groups of at most 255. */
bool obis_parse(uint64_t *code, const uint8_t *text, size_t length);

#endif
