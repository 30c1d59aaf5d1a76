/*
 * The output that keeps the newest value of every quantity of every device and writes all of them in
 * Prometheus' text exposition format: into a file that is replaced as a whole, at most once a
 * second, as node_exporter's textfile collector wants it; or once, at the end, to a descriptor.
 */
#ifndef OUTPUT_PROMETHEUS_H
#define OUTPUT_PROMETHEUS_H

#include "io/loop.h"
#include "output/output.h"

/* `path` NULL: printed to fd at the end. Borrows path and name. NULL when memory is out. */
struct output *output_prometheus(struct loop *loop, const char *path, int fd, const char *name);

/* The values behind it, apart from files and clocks. */
struct metrics;

struct metrics *metrics_new(void);
void metrics_free(struct metrics *m);

/* Takes over what a record says. `now` is used for records without a time. 0 or EM_NO_MEMORY. */
int metrics_take(struct metrics *m, const struct record *r, instant now);

/* Appends the whole exposition: families in the order of their first appearance. */
void metrics_print(struct metrics *m, struct text *out);

#endif
