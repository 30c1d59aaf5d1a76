/* make_crc_tables FILE.c: writes the tables of lib/base/crc_tables.h. */
#include <stdint.h>
#include <stdio.h>

/* Row 0 is the CRC after a single byte, row n the CRC after n more bytes of 0. */
static void write_table(FILE *out, const char *name, unsigned poly)
{
	unsigned row[256], first[256];

	for (unsigned i = 0; i < 256; i++) {
		row[i] = i;
		for (int bit = 0; bit < 8; bit++)
			row[i] = row[i] & 1 ? row[i] >> 1 ^ poly : row[i] >> 1;
		first[i] = row[i];
	}
	fprintf(out, "\nconst uint16_t %s[16][256] = {\n", name);
	for (int slice = 0; slice < 16; slice++) {
		fprintf(out, "\t{");
		for (unsigned i = 0; i < 256; i++) {
			fprintf(out, "0x%04X,%s", row[i], i % 12 == 11 ? "\n\t" : " ");
			row[i] = row[i] >> 8 ^ first[row[i] & 0xFF];
		}
		fprintf(out, "},\n");
	}
	fprintf(out, "};\n");
}

int main(int argc, char **argv)
{
	FILE *out = argc == 2 ? fopen(argv[1], "w") : NULL;

	if (!out) {
		fprintf(stderr, "make_crc_tables: cannot write %s\n",
		        argc == 2 ? argv[1] : "FILE.c");
		return 1;
	}
	fprintf(out, "/* Written by tools/make_crc_tables.c. */\n#include \"base/crc_tables.h\"\n");
	write_table(out, "crc_table_8005", 0xA001);
	write_table(out, "crc_table_1021", 0x8408);
	return fclose(out) != 0;
}
