/* coincell estimate RUN: what is read from the store, and one estimate. */
#include "estimate.h"

#include "cli.h"
#include "store.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define USUAL_BATTERY "cr2032"

static void estimate_free(struct cli_estimate *e)
{
    cli_tables_free(&e->tables);
    for (uint32_t i = 0; i < e->compute_count; i++)
        report_run_free(&e->computes[i]);
    free(e->computes);
    report_run_free(&e->run);
}

/* What the run was stored with, as a question. */
static void remember(struct cli_estimate *e)
{
    const struct report_run *run = &e->run;
    const struct report_life *life = &run->life;
    e->stored = cli_question_none();
    snprintf(e->battery, sizeof e->battery, "%s", life->battery[0] ? life->battery : USUAL_BATTERY);
    memcpy(e->regulator, run->energy.regulator, sizeof e->regulator);
    memcpy(e->scenario, life->scenario_file, sizeof e->scenario);
    memcpy(e->harvester, life->harvest.harvester, sizeof e->harvester);
    e->stored.battery = e->battery;
    e->stored.regulator = e->regulator[0] ? e->regulator : NULL;
    e->stored.scenario = e->scenario[0] ? e->scenario : NULL;
    e->stored.harvester = e->harvester[0] ? e->harvester : NULL;
    e->stored.every_s = run->every_s;
    e->stored.temperature_c = run->temperature_c;
    e->stored.vdd_v = run->energy.vdd_v;
    e->stored.buffer_uf = life->buffer_uf;
    e->stored.stream = life->has_stream;
}

static int differs(double a, double b)
{
    return fabs(a - b) > 1e-9 * fmax(fabs(a), fabs(b));
}

/* With the scenario that the run was stored with, its other conditions are those stored; its period
 * only when it was not the scenario's own, whose spread would be lost. */
static enum cc_status load_tables(const struct cli_estimate *e, const struct cli_question *asked,
                                  struct cli_tables *tables, struct cc_error *err)
{
    struct cli_question q = *asked;
    int as_stored = !q.scenario;
    if (as_stored)
        q.scenario = e->stored.scenario;
    enum cc_status status = cli_tables_scenario(&q, tables, err);
    if (status != CC_OK)
        return status;
    if (as_stored && q.scenario) {
        q.battery = q.battery ? q.battery : e->stored.battery;
        q.regulator = q.regulator ? q.regulator : e->stored.regulator;
        q.temperature_c = isnan(q.temperature_c) ? e->stored.temperature_c : q.temperature_c;
        q.vdd_v = q.vdd_v > 0 ? q.vdd_v : e->stored.vdd_v;
        if (!(q.every_s > 0) &&
            differs(e->stored.every_s, energy_scenario_period(tables->scenario)))
            q.every_s = e->stored.every_s;
        q.stream = q.stream || e->stored.stream;
    }
    struct cli_question otherwise = e->stored;
    if (!as_stored) { /* those of the old device */
        otherwise.harvester = NULL;
        otherwise.buffer_uf = 0;
    }
    return cli_tables_load(&q, &otherwise, e->run.profile.chip, tables, err);
}

/* The run that holds the counts of a computation: the one that was stored with it, else the latest
 * of its target on the same chip at the same clock. */
static enum cc_status find_compute(struct report_store *store, const struct report_run *run,
                                   const char *name, int64_t *run_id, struct cc_error *err)
{
    for (uint32_t i = 0; i < run->compute_count; i++) {
        *run_id = run->computes[i].run_id;
        if (strcmp(run->computes[i].name, name) == 0 && *run_id > 0)
            return CC_OK;
    }
    enum cc_status status = report_store_find(store, name, &run->profile, run_id, err);
    if (status != CC_OK || *run_id > 0)
        return status;
    const char *range = run->profile.voltage_range;
    return cc_fail(err, CC_ERR_INPUT,
                   "run %lld: the scenario computes %s, which no stored run has counted on %s at "
                   "%g MHz; count it with coincell run %s --mcu %s@%g%s%s",
                   (long long)run->run_id, name, run->profile.chip, run->profile.clock_hz / 1e6,
                   name, run->profile.chip, run->profile.clock_hz / 1e6, range[0] ? ":" : "",
                   range);
}

static void free_computes(struct cli_estimate *e)
{
    for (uint32_t i = 0; i < e->compute_count; i++)
        report_run_free(&e->computes[i]);
    free(e->computes);
    e->computes = NULL;
    e->compute_count = 0;
}

/* The counts that the scenario of these tables needs. */
static enum cc_status load_computes(struct report_store *store, struct cli_estimate *e,
                                    const struct cli_tables *tables, struct cc_error *err)
{
    uint32_t n = cli_tables_computes(tables);
    free_computes(e);
    e->counts = (struct cli_counts){.target = &e->run.profile};
    e->computes = calloc(n + 1, sizeof *e->computes);
    if (!e->computes)
        return cc_no_memory(err);
    enum cc_status status = CC_OK;
    for (uint32_t i = 0; status == CC_OK && i < n; i++) {
        const char *name = cli_tables_compute(tables, i);
        int64_t run_id;
        if (strcmp(name, e->run.target_path) == 0) {
            e->counts.computes[e->counts.compute_count++] = &e->run.profile;
            continue;
        }
        status = find_compute(store, &e->run, name, &run_id, err);
        if (status == CC_OK)
            status = report_store_get(store, run_id, &e->computes[e->compute_count], err);
        if (status != CC_OK)
            break;
        e->counts.computes[e->counts.compute_count++] = &e->computes[e->compute_count].profile;
        e->compute_count++;
    }
    return status;
}

static void compare(const struct cli_estimate *e, const struct report_run *again, int battery_asked,
                    struct report_run *run)
{
    const struct energy_interval *now = &again->life.lifetime.days,
                                 *then = &run->life.lifetime.days;
    if (!e->regulator[0]) {
        cli_add_note(run, "An earlier version stored this run; prices and the model of the battery "
                          "were other ones then: energy and life differ from the stored ones.");
    } else if (differs(again->energy.total_uj.p50, run->energy.total_uj.p50) ||
               differs(again->energy.total_rsd, run->energy.total_rsd)) {
        cli_add_note(run,
                     "The prices of %.60s have changed since the run was stored: its energy "
                     "differs from the stored one.",
                     run->profile.chip);
    } else if ((differs(now->p50, then->p50) || differs(now->p90, then->p90)) &&
               run->life.battery[0] && !battery_asked) {
        cli_add_note(run,
                     "The table of %.60s gives another life than the stored one: it has changed, "
                     "or the run used a file of this name; give that with --battery.",
                     run->life.battery);
    }
}

/* A stored run knows its tables by name only. When they give other figures today than they gave
 * then, they were changed, or were a file of the user's: the reader must know. Before any option
 * is applied. */
static enum cc_status note_changed_tables(struct report_store *store,
                                          const struct cli_question *asked, struct cli_estimate *e,
                                          struct cc_error *err)
{
    struct cli_question none = cli_question_none();
    struct cli_tables tables = {0};
    struct report_run *again = calloc(1, sizeof *again);
    if (!again)
        return cc_no_memory(err);
    enum cc_status status = load_tables(e, &none, &tables, err);
    if (status == CC_OK)
        status = load_computes(store, e, &tables, err);
    int loaded = status == CC_OK;
    if (loaded)
        status = cli_evaluate(&tables, &e->counts, again, NULL, err);
    if (status == CC_OK)
        compare(e, again, asked->battery != NULL, &e->run);
    report_run_free(again);
    free(again);
    cli_tables_free(&tables);
    /* tables that are gone or refuse the stored run matter where they are used */
    return loaded || asked->battery || asked->scenario ? CC_OK : status;
}

static enum cc_status open_estimate(const struct cli_estimate_options *options,
                                    struct cli_estimate *e, struct cc_error *err)
{
    struct report_store *store;
    enum cc_status status = report_store_open(options->db, REPORT_STORE_READ, &store, err);
    if (status != CC_OK)
        return status;
    status = report_store_get(store, options->run_id, &e->run, err);
    if (status == CC_OK) {
        remember(e);
        status = note_changed_tables(store, &options->question, e, err);
    }
    if (status == CC_OK && options->question.scenario) {
        struct cli_tables tables = {0}; /* which computations it needs, by their stored chip */
        status = cli_tables_scenario(&options->question, &tables, err);
        if (status == CC_OK)
            status = load_computes(store, e, &tables, err);
        cli_tables_free(&tables);
    }
    report_store_close(store);
    if (status == CC_OK && options->mcu)
        status = cli_estimate_chip(options->mcu, e, err);
    if (status == CC_OK)
        status = load_tables(e, &options->question, &e->tables, err);
    return status;
}

/* The run's list is that of its own scenario until then. */
static void list_computes(struct cli_estimate *e)
{
    struct report_run *run = &e->run;
    run->compute_count = e->compute_count;
    for (uint32_t i = 0; i < e->compute_count; i++) {
        snprintf(run->computes[i].name, sizeof run->computes[i].name, "%s",
                 e->computes[i].model_name);
        run->computes[i].run_id = e->computes[i].run_id;
    }
}

/* Another supply of the chip changes what an inference takes, and nothing about the life: battery
 * and regulator decide what the load gets. The life says so itself where that is far off. */
static void note_asked_vdd(double vdd_v, struct report_run *run)
{
    const struct report_life *life = &run->life;
    for (uint32_t i = 0; i < life->note_count; i++) {
        if (strncmp(life->notes[i], "The energy is for a supply of", 29) == 0)
            return;
    }
    cli_add_note(
        run,
        "--vdd %.4g: the energy is for that supply; the life is at the voltage that the load "
        "gets from %.60s.",
        vdd_v, life->battery);
}

static enum cc_status estimate_once(const struct cli_estimate_options *options,
                                    struct cli_estimate *e, struct cc_error *err)
{
    struct report_run *run = &e->run;
    run->estimated = 1;
    cli_add_note(run, "Estimate from the counts of stored run %lld; nothing was run.",
                 (long long)run->run_id);
    list_computes(e);
    enum cc_status status = cli_evaluate(&e->tables, &e->counts, run, NULL, err);
    if (status == CC_OK && options->question.vdd_v > 0)
        note_asked_vdd(options->question.vdd_v, run);
    if (status == CC_OK)
        status = cli_print_run(run, cli_print_choice(options->json, 0), options->docs, err);
    return status;
}

enum cc_status cli_estimate(const struct cli_estimate_options *options, struct cc_error *err)
{
    struct cli_estimate *e = calloc(1, sizeof *e);
    if (!e)
        return cc_no_memory(err);
    enum cc_status status = open_estimate(options, e, err);
    if (status == CC_OK)
        status =
            options->sweep ? cli_estimate_sweep(options, e, err) : estimate_once(options, e, err);
    estimate_free(e);
    free(e);
    return status;
}
