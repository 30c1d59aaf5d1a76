#include <emtool/emtool.h>
#include <stdio.h>
#include <string.h>

static char data[4096], line[100000];

static void print(void *context, const struct emtool_record *record)
{
	if (emtool_record_json(record, 0, line, sizeof line) < sizeof line)
		fprintf((FILE *)context, "%s\n", line);
}

int main(int argc, char **argv)
{
	const char *what = argv[argc > 1], *key = argc > 2 ? argv[2] : "";
	struct emtool_events events = {print, NULL, stdout};
	struct emtool_keys *k = emtool_keys_new();
	struct emtool_decoder *d =
		!strcmp(what, "p1")     ? emtool_p1_new(k, 0, &events)
		: !strcmp(what, "push") ? emtool_push_new(k, &events)
					: emtool_bus_new(NULL, &events);

	if (!k || !d || (*key && emtool_keys_parse(k, key, strlen(key))))
		return 1;
	for (size_t n; (n = fread(data, 1, sizeof data, stdin)) > 0;)
		emtool_feed(d, data, n, EMTOOL_NO_TIME);
	emtool_end(d);
	emtool_free(d);
	emtool_keys_free(k);
}
