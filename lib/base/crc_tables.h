/*
 * The slice-by-16 tables of the two polynomials, for crc.c only. [n][b] is what the byte b leaves in
 * the CRC when n more bytes have passed. tools/make_crc_tables.c calculates them when emtool is built.
 */
#ifndef BASE_CRC_TABLES_H
#define BASE_CRC_TABLES_H

#include <stdint.h>

extern const uint16_t crc_table_8005[16][256];
extern const uint16_t crc_table_1021[16][256];

#endif
