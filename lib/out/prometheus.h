/*
 * A file for the textfile collector of Prometheus' node_exporter: the newest value of everything,
 * replaced as a whole (written beside it and renamed), at most once a second.
 */
#ifndef OUT_PROMETHEUS_H
#define OUT_PROMETHEUS_H

#include "out/output.h"

/* `path` is borrowed. NULL when memory is out. */
struct output *output_prometheus(const char *path);

#endif
