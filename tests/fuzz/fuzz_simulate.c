/*
 * The whole of `emtool balance simulate`: a recorded household of any bytes, as CSV or as a P1
 * log, and its settings. The first two bytes choose options, three lines are words of them, the
 * rest is the recording.
 */
#include <stdlib.h>
#include <string.h>

#include "balance/simulate.h"
#include "fuzz.h"

void __real_simulation_run(struct simulation *s, const struct simulation_run *run);
void __wrap_simulation_run(struct simulation *s, const struct simulation_run *run);

/* Years without a row would be simulated second by second: here an hour has to do. */
void __wrap_simulation_run(struct simulation *s, const struct simulation_run *run)
{
	struct simulation_run cut = *run;

	cut.seconds = cut.seconds > 3600 ? 3600 : cut.seconds;
	__real_simulation_run(s, &cut);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const options[] = {"--set",     "--car",  "--fault",
	                                      "--compare", "--fuse", "--sweep"};
	static const char *const flags[] = {"--open-loop", "--firmware-quirks", "--blind",
	                                    "--trace"};
	const char *words[24] = {"simulate", "--count", "30"};
	char *own[3] = {NULL};
	struct input in = {data, size}, line;
	unsigned choice = fuzz_byte(&in), format = fuzz_byte(&in);
	size_t count = 3;

	for (int i = 0; i < 3 && fuzz_line(&in, &line); i++) {
		unsigned option = fuzz_byte(&line);

		if (!line.size || option % 8 >= 6)
			continue;
		own[i] = strndup((const char *)line.data, line.size);
		words[count++] = options[option % 8];
		words[count++] = own[i];
	}
	for (unsigned i = 0; i < 4; i++)
		if (choice >> i & 1)
			words[count++] = flags[i];
	words[count++] = choice & 16 ? "--algorithm=headroom" : "--algorithm=threshold";
	words[count++] = fuzz_file(0, in.data, in.size);
	fuzz_print("balance", words, format);
	for (int i = 0; i < 3; i++)
		free(own[i]);
	return 0;
}
