/* A chip made up for the tests of the fit: its file, its true prices, runs of known counts. */
#ifndef FIT_SUPPORT_H
#define FIT_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "energy.h"
#include "energy_fit.h"

#define FIT_SUPPORT_RUNS 24

/* Makes folders chips/, prices/ and measurements/ of its own; group fixtures. */
int fit_support_setup(void **state);
int fit_support_teardown(void **state);
/* Writes FOLDER/NAME; the path is static. */
const char *fit_support_write(const char *folder, const char *name, const char *text);
const char *fit_support_path(const char *folder, const char *name);

/* Path of the chip file, with prices on which the measurements below are true. */
const char *fit_support_chip(void);
/* Counts of run i; run 0 sleeps. Free with sim_profile_free. */
struct sim_profile fit_support_run(uint32_t i, double mhz);
/* A measurement file of every run at every operating point, each current multiplied by
 * exp(error x a reproducible number between -1 and 1). path is static. */
const char *fit_support_measurements(double error);
/* Profiles of its rows, in order; free with fit_support_free. */
struct sim_profile *fit_support_profiles(const struct energy_measurements *measurements,
                                         const struct sim_profile ***pointers);
void fit_support_free(struct sim_profile *profiles, const struct sim_profile **pointers,
                      const struct energy_measurements *measurements);
/* True value of a price. */
double fit_support_truth(const char *key);

#endif
