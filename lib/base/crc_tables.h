/*
 * The slice-by-16 tables of the two polynomials, for crc.c only. [n][b] is what the byte b
 * contributes to the CRC n bytes later. tools/make_crc_tables.c calculates the tables when emtool
 * is built.
 */
#ifndef BASE_CRC_TABLES_H
#define BASE_CRC_TABLES_H

#include <stdint.h>

extern const uint16_t crc_table_8005[16][256];
extern const uint16_t crc_table_1021[16][256];

#endif
