#include "base/wipe.h"

void wipe(void *data, size_t n)
{
	volatile unsigned char *p = data;

	while (n--)
		*p++ = 0;
}
