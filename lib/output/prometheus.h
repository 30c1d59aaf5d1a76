/*
 * The output that keeps the newest value of every quantity of every device and writes all of them
 * in the text exposition format of Prometheus: to a file that is replaced as a whole, at most once
 * a second, as the textfile collector of node_exporter requires; or once, at the end, to a
 * descriptor.
 */
#ifndef OUTPUT_PROMETHEUS_H
#define OUTPUT_PROMETHEUS_H

#include "io/loop.h"
#include "output/output.h"

/* With `path` NULL it prints to fd at the end. Borrows path and name. NULL when memory is out. */
struct output *output_prometheus(struct loop *loop, const char *path, int fd, const char *name);

/* The values, separate from files and clocks. */
struct metrics;

struct metrics *metrics_new(void);
void metrics_free(struct metrics *m);

/* Takes the values of a record. `now` is for records without a time. 0 or EM_NO_MEMORY. */
int metrics_take(struct metrics *m, const struct record *r, instant now);

/* Appends all metrics, with the families in the order in which they first appeared. */
void metrics_print(struct metrics *m, struct text *out);

#endif
