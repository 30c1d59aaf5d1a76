/* What Tab offers for the options of `emtool balance`. */
#include "cmd/balance/balance.h"

static bool offer_name(struct text *out, const char *name)
{
	if (name)
		text_printf(out, "%s=", name);
	return name != NULL;
}

bool balance_offer_settings(struct text *out, size_t index)
{
	return offer_name(out,
	                  index < balance_setting_count ? balance_setting_rows[index].name : NULL);
}

bool balance_offer_sets(struct text *out, size_t index)
{
	for (size_t i = 0; balance_algorithm_names[i]; i++, index--) {
		if (index)
			continue;
		text_puts(out, balance_algorithm_names[i]);
		return true;
	}
	return balance_offer_settings(out, index);
}

bool balance_offer_car(struct text *out, size_t index)
{
	return offer_name(out, car_property(index));
}

bool balance_offer_faults(struct text *out, size_t index)
{
	return offer_name(out, fault_name(index));
}
