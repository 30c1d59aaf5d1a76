/*
 * The whole path of `emtool sniff`: a file of any bytes (plain, capture, recording) in, JSON out. The
 * first byte chooses options.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cmd/options.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

extern const struct command sniff_command;

const struct command *const commands[] = {&sniff_command, NULL};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char path[64];
	static int input = -1;
	static const char *const choices[][2] = {
		{"--json", "--stats"}, {"--frames", "--json"}, {"--format", "text"}, {"--format", "csv"},
		{"--format", "influx"}, {"--meter", "eastron_sdm630"}, {"--json", "--units"},
		{"--json", "--strict"}};
	char *arguments[8] = {"sniff", "-q", "--output", "/dev/null"};

	if (size < 1)
		return 0;
	if (input < 0) {
		input = memfd_create("input", 0);
		snprintf(path, sizeof path, "/proc/self/fd/%d", input);
	}
	if (ftruncate(input, 0) || pwrite(input, data + 1, size - 1, 0) != (ssize_t)(size - 1))
		return 0;
	arguments[4] = (char *)(uintptr_t)choices[data[0] % 8][0];
	arguments[5] = (char *)(uintptr_t)choices[data[0] % 8][1];
	arguments[6] = path;
	command_call(&sniff_command, "sniff", 7, arguments);
	return 0;
}
