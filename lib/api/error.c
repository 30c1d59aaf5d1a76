#include "emtool/error.h"
#include "base/error.h"
#include "base/version.h"
#include "emtool/version.h"

_Static_assert((int)EMTOOL_OK == EM_OK && (int)EMTOOL_NO_MEMORY == EM_NO_MEMORY &&
                       (int)EMTOOL_SYNTAX == EM_SYNTAX && (int)EMTOOL_RANGE == EM_RANGE &&
                       (int)EMTOOL_UNKNOWN == EM_UNKNOWN,
               "the library's errors have their public numbers");

const char *emtool_error_text(int error)
{
	return error_text(error);
}

const char *emtool_version(void)
{
	return version_text();
}
