/* Stores made in a folder of their own. Every function ends the test with a message on failure. */
#ifndef STORE_HARNESS_H
#define STORE_HARNESS_H

#include "report_sample.h"
#include "store_internal.h"

extern char folder[]; /* absolute */

int store_set_up(void **unused);    /* group set-up: makes the folder and goes there */
int store_tear_down(void **unused); /* removes it */

struct report_store *must_open(const char *path, enum report_store_mode mode);
int64_t must_add(struct report_store *store, struct report_run *run);

/* Opens, adds report_sample(n_ops, seed), closes; returns the run's number. */
int64_t must_add_sample(const char *path, uint32_t n_ops, uint32_t seed);

/* First column of the first row, on a plain connection as a user would make one; -1 without. */
long long query(const char *path, const char *sql);
void execute(const char *path, const char *sql);

int exists(const char *path);

#endif
