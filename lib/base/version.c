#include "base/version.h"

const char *version_text(void)
{
	return EMTOOL_VERSION;
}
