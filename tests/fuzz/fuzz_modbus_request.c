/* Requests as a server gets them: nothing is read twice, replies fit their frame. */
#include <stdint.h>
#include <stdlib.h>

#include "io/modbus_request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t frame[REQUEST_FRAME];
	struct modbus_request q = {.rtu = size && data[0] & 1};

	for (size_t at = 1; at < size;) {
		bool found = false;
		int n = request_take(&q, data + at, size - at, &found);

		if (n <= 0)
			break;
		if ((size_t)n > size - at)
			abort();
		if (found && (request_reply(&q, q.exception, frame) > sizeof frame ||
		              (!q.exception && (q.call.count < 1 || q.call.count > 125))))
			abort();
		at += (size_t)n;
	}
	return 0;
}
