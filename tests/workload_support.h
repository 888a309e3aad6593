/* Built-in workloads on emulated chips, for tests. Failures fail the test that runs. */
#ifndef WORKLOAD_SUPPORT_H
#define WORKLOAD_SUPPORT_H

#include "workload_session.h"

/* A chip of every core family that workloads are built for. */
extern const char *const workload_chips[];
#define WORKLOAD_CHIPS 5

void workload_load_chip(const char *spec, struct sim_chip *chip, double *clock_hz);

/* Opens a workload with its code and data in regions (NULL = as usual). */
void workload_open(struct cli_workload_session *session, const char *chip, const char *name,
                   const char *code, const char *data);

/* Calls it and returns what it returned; counts of the last call when counts is not NULL. */
int32_t workload_call(struct cli_workload_session *session, uint32_t calls,
                      struct sim_counts *counts);

/* The work area. */
void workload_read(struct cli_workload_session *session, uint32_t offset, void *to, size_t bytes);
void workload_write(struct cli_workload_session *session, uint32_t offset, const void *from,
                    size_t bytes);

#endif
