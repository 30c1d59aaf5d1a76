/*
 * What the fuzz targets share: taking an input apart, files made of it, and the checks of what is
 * printed. A check that fails ends the program, which libFuzzer counts as
 * a finding.
 */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "output/output.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	const uint8_t *data;
	size_t size;
};

/* The next byte, 0 at the end; the next n bytes, or what is left; a number of two bytes. */
unsigned fuzz_byte(struct input *in);
struct input fuzz_take(struct input *in, size_t n);
unsigned fuzz_word(struct input *in);

/* The bytes up to the next line end, which is taken too; false when nothing is left. */
bool fuzz_line(struct input *in, struct input *line);

/* Ends the program when it does not hold. */
void fuzz_require(bool holds, const char *what);

/* The path of file number `slot` (0..3), which holds these bytes. */
const char *fuzz_file(unsigned slot, const void *data, size_t size);

/* Prints a record in every format and checks each. */
void fuzz_record(const struct record *r);

/* Each line is an object without duplicate names. */
void fuzz_check_json(struct input printed);

/* Nothing in it could steer a terminal. */
void fuzz_check_text(struct input printed);

/* RFC 4180, as many cells in each row. */
void fuzz_check_csv(struct input printed);
void fuzz_check_influx(struct input printed);
void fuzz_check_prometheus(struct input printed);

/* Bytes as their CRC, length or tag wants them, appended. */
void fuzz_seal_telegram(struct text *out, struct input lines); /* /lines!CRC */
void fuzz_seal_rtu(struct text *out, struct input frame);

#endif
