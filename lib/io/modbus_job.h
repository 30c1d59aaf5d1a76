/*
 * A Modbus exchange beside the event loop: `run` is called on a worker thread and may use blocking
 * client calls, `done` afterwards on the loop. The owner keeps the job, and the client that it uses,
 * until `done` was called, and starts no second job on the same client before.
 */
#ifndef IO_MODBUS_JOB_H
#define IO_MODBUS_JOB_H

#include <uv.h>

struct modbus_job {
	int (*run)(struct modbus_job *job);               /* on a worker thread: 0 or EM_* */
	void (*done)(struct modbus_job *job, int result); /* on the loop */
	void *data;                                       /* the owner's */
	uv_work_t work;                                   /* ours from here on */
	int result;
};

/* 0, or EM_SYSTEM: `done` will not be called. */
int modbus_job_start(uv_loop_t *loop, struct modbus_job *job);

#endif
