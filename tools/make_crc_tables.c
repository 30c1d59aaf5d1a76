/* Writes lib/base/crc_tables.h: the slice-by-16 tables of the two polynomials. */
#include <stdint.h>
#include <stdio.h>

static void table(const char *name, uint16_t poly)
{
	static uint16_t t[16][256];

	for (unsigned i = 0; i < 256; i++) {
		uint16_t crc = (uint16_t)i;

		for (int bit = 0; bit < 8; bit++)
			crc = (uint16_t)(crc & 1 ? crc >> 1 ^ poly : crc >> 1);
		t[0][i] = crc;
	}
	for (unsigned slice = 1; slice < 16; slice++)
		for (unsigned i = 0; i < 256; i++)
			t[slice][i] = (uint16_t)(t[slice - 1][i] >> 8 ^ t[0][t[slice - 1][i] & 0xFF]);
	printf("static const uint16_t %s[16][256] = {\n", name);
	for (unsigned slice = 0; slice < 16; slice++) {
		printf("\t{");
		for (unsigned i = 0; i < 256; i++)
			printf("%s0x%04X,", i % 12 ? " " : "\n\t\t", t[slice][i]);
		printf("\n\t},\n");
	}
	printf("};\n");
}

int main(void)
{
	printf("/* Slice-by-16 tables; made by tests/make_crc_tables.c, do not edit. */\n\n");
	table("table_8005", 0xA001);
	printf("\n");
	table("table_1021", 0x8408);
	return 0;
}
