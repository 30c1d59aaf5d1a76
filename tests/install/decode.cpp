#include <emtool/emtool.h>
#include <iostream>
#include <memory>
#include <string>

using decoder = std::unique_ptr<emtool_decoder, void (*)(emtool_decoder *)>;

static void print(void *context, const emtool_record *record)
{
	double watts = 0;

	if (emtool_record_number(record, static_cast<const char *>(context), &watts))
		std::cout << emtool_record_type(record) << ' ' << watts << '\n';
}

int main(int argc, char **argv)
{
	std::string what = argc > 1 ? argv[1] : "", key = argc > 2 ? argv[2] : "", line;
	const emtool_events events = {print, nullptr, const_cast<char *>("power_import")};
	std::unique_ptr<emtool_keys, void (*)(emtool_keys *)> keys(emtool_keys_new(), emtool_keys_free);
	decoder d(what == "p1"     ? emtool_p1_new(keys.get(), 0, &events)
	          : what == "push" ? emtool_push_new(keys.get(), &events)
	                           : emtool_bus_new("inepro_n1_ct", &events), emtool_free);

	if (!keys || !d || (!key.empty() && emtool_keys_parse(keys.get(), key.data(), key.size())))
		return 1;
	std::string data{std::istreambuf_iterator<char>(std::cin), {}};
	return emtool_feed(d.get(), data.data(), data.size(), EMTOOL_NO_TIME) || emtool_end(d.get());
}
