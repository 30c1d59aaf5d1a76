#include "base/crc.h"

#include "base/crc_fold.h"
#include "base/crc_tables.h"

/*
 * Slice by 16: the CRC of 16 bytes is the XOR of what each of them contributes, so the processor
 * can do their 16 look-ups at the same time. What is left is done by eight, by four and by single
 * bytes.
 */
static inline uint16_t sliced(const uint16_t t[16][256], uint16_t crc, const uint8_t *p, size_t n)
{
	for (; n >= 16; p += 16, n -= 16)
		crc = t[15][p[0] ^ (crc & 0xFF)] ^ t[14][p[1] ^ crc >> 8] ^ t[13][p[2]] ^
		      t[12][p[3]] ^ t[11][p[4]] ^ t[10][p[5]] ^ t[9][p[6]] ^ t[8][p[7]] ^
		      t[7][p[8]] ^ t[6][p[9]] ^ t[5][p[10]] ^ t[4][p[11]] ^ t[3][p[12]] ^
		      t[2][p[13]] ^ t[1][p[14]] ^ t[0][p[15]];
	if (n >= 8) {
		crc = t[7][p[0] ^ (crc & 0xFF)] ^ t[6][p[1] ^ crc >> 8] ^ t[5][p[2]] ^ t[4][p[3]] ^
		      t[3][p[4]] ^ t[2][p[5]] ^ t[1][p[6]] ^ t[0][p[7]];
		p += 8;
		n -= 8;
	}
	for (; n >= 4; p += 4, n -= 4)
		crc = t[3][p[0] ^ (crc & 0xFF)] ^ t[2][p[1] ^ crc >> 8] ^ t[1][p[2]] ^ t[0][p[3]];
	while (n--)
		crc = (uint16_t)(crc >> 8 ^ t[0][(crc ^ *p++) & 0xFF]);
	return crc;
}

static uint16_t sliced_8005(uint16_t crc, const uint8_t *data, size_t size)
{
	return sliced(crc_table_8005, crc, data, size);
}

uint16_t crc16_8005(uint16_t crc, const uint8_t *data, size_t size)
{
	if (size >= CRC_FOLD_LEAST)
		return crc_fold_8005(crc, data, size, sliced_8005);
	return sliced(crc_table_8005, crc, data, size);
}

/* Four at a time: the processor calculates the CRCs after each of four bytes in parallel. */
size_t crc16_8005_to_zero(uint16_t crc, const uint8_t *data, size_t size)
{
	const uint16_t(*t)[256] = crc_table_8005;
	size_t i = 0;

	for (; i + 4 <= size; i += 4) {
		const uint8_t *p = data + i;
		uint8_t a = p[0] ^ (uint8_t)crc, b = p[1] ^ (uint8_t)(crc >> 8);
		uint16_t one = crc >> 8 ^ t[0][a], two = t[1][a] ^ t[0][b],
			 three = t[2][a] ^ t[1][b] ^ t[0][p[2]];
		uint16_t four = t[3][a] ^ t[2][b] ^ t[1][p[2]] ^ t[0][p[3]];

		if (!one | !two | !three | !four)
			break;
		crc = four;
	}
	for (; i < size; i++) {
		crc = (uint16_t)(crc >> 8 ^ t[0][(crc ^ data[i]) & 0xFF]);
		if (crc == 0)
			return i + 1;
	}
	return 0;
}

uint16_t crc16_x25(const uint8_t *data, size_t size)
{
	return (uint16_t)~sliced(crc_table_1021, 0xFFFF, data, size);
}
