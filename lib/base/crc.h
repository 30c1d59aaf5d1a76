/*
 * The three 16-bit CRCs of meters and Modbus, all reflected:
 *   CRC-16/MODBUS  poly 0x8005, init FFFF              Modbus RTU, sent low byte first
 *   CRC-16/ARC     poly 0x8005, init 0000              P1 telegrams, printed as four hex digits
 *   CRC-16/X-25    poly 0x1021, init FFFF, inverted    HDLC header and frame check sequences
 */
#ifndef BASE_CRC_H
#define BASE_CRC_H

#include <stddef.h>
#include <stdint.h>

/* Continues a CRC of poly 0x8005 over more bytes; the two functions below begin one. */
uint16_t crc16_8005(uint16_t crc, const uint8_t *data, size_t size);

/* Continues until the CRC becomes 0: the number of bytes read until then, 0 if it never does. */
size_t crc16_8005_to_zero(uint16_t crc, const uint8_t *data, size_t size);

static inline uint16_t crc16_modbus(const uint8_t *data, size_t size)
{
	return crc16_8005(0xFFFF, data, size);
}

static inline uint16_t crc16_arc(const uint8_t *data, size_t size)
{
	return crc16_8005(0, data, size);
}

uint16_t crc16_x25(const uint8_t *data, size_t size);

#endif
