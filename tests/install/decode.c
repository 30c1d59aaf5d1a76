#include <emtool/emtool.h>
#include <stdio.h>
#include <string.h>

static void print(void *context, const struct emtool_record *record)
{
	static char line[100000];

	if (emtool_record_json(record, 0, line, sizeof line) < sizeof line)
		fprintf((FILE *)context, "%s\n", line);
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "", *key = argc > 2 ? argv[2] : "";
	struct emtool_events events = {print, NULL, stdout};
	struct emtool_keys *keys = emtool_keys_new();
	struct emtool_decoder *decoder = !strcmp(what, "p1")     ? emtool_p1_new(keys, 0, &events)
	                                 : !strcmp(what, "push") ? emtool_push_new(keys, &events)
	                                                         : emtool_bus_new(NULL, &events);
	char data[4096];

	if (!keys || !decoder || (*key && emtool_keys_parse(keys, key, strlen(key))))
		return 1;
	for (size_t n; (n = fread(data, 1, sizeof data, stdin)) > 0;)
		emtool_feed(decoder, data, n, EMTOOL_NO_TIME);
	emtool_end(decoder);
	emtool_free(decoder);
	emtool_keys_free(keys);
}
