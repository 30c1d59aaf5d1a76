/*
 * A tap on a charger for a meter that is simulated beside it: reads over Modbus, once a second on a
 * worker thread, which currents the charger tells. A charger that does not answer draws nothing; that is
 * said once through base/news.h. The caller owns the struct, which must live until loop_free().
 */
#ifndef SIM_CHARGER_PROBE_H
#define SIM_CHARGER_PROBE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "device/device.h"
#include "device/image.h"
#include "io/job.h"
#include "io/loop.h"
#include "modbus/client.h"

struct charger_probe {
	int32_t currents[3]; /* mA of the charger's L1..L3, as last read; 0 while it is lost */

	/* internal */
	const struct device *device;
	struct modbus_client *client;
	uv_loop_t *loop;
	uv_timer_t timer;
	struct job job;
	struct image image; /* belongs to the job while that runs */
	atomic_bool stop;
	bool busy, lost, known;
};

/*
 * Begins to read the charger of a URL, as abb://HOST. 0, EM_NO_MEMORY, or EM_SYNTAX with a text in
 * `problem`.
 */
int charger_probe_open(struct charger_probe *p, const char *url, struct loop *loop, char *problem,
                       size_t size);

/* Ends it, on the loop. Accepts one that was never opened. */
void charger_probe_close(struct charger_probe *p);

#endif
