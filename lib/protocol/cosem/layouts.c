#include "protocol/cosem/layout.h"

#define LAYOUT(name) extern const struct layout layout_##name;
#include "protocol/cosem/layouts.def"
#undef LAYOUT

#define LAYOUT(name) &layout_##name,
const struct layout *const layouts[] = {
#include "protocol/cosem/layouts.def"
	NULL};
#undef LAYOUT
