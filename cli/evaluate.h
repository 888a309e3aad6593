/* From counts to joules and days: prices a run and what its scenario computes beside it, and
 * empties the battery. What `run` does after the emulation and `estimate` instead of it. */
#ifndef CLI_EVALUATE_H
#define CLI_EVALUATE_H

#include "report.h"

/* What a command line asks for. NULL, 0 and NAN: not asked for. */
struct cli_question {
    const char *scenario;  /* NAME or FILE */
    const char *battery;   /* NAME or FILE */
    const char *regulator; /* of the chip: "ldo", "smps" */
    const char *harvester; /* NAME or FILE */
    double every_s, temperature_c, vdd_v;
    double buffer_uf;
    int stream; /* compare with sending the raw data */
};
struct cli_question cli_question_none(void);

/* What is loaded by name before anything is emulated, and the condition that holds. Explicit
 * options win over the scenario, the scenario over `otherwise`. */
struct cli_tables {
    struct energy_scenario *scenario; /* NULL = one inference per period */
    struct energy_chip *chip;
    struct energy_battery *battery;
    struct energy_harvester *own_harvester; /* NULL = the scenario's */
    struct energy_condition condition;      /* its regulator points into the question or scenario */
    char scenario_file[512];                /* as given; empty = none */
    double every_s;                         /* 0 = the scenario's, or the usual */
    double buffer_uf;
    int stream;
    int all_of_file; /* the question adds nothing to the scenario: what is refused is the file's */
};

/* The scenario alone: it may name target and chip. *tables must be zero. */
enum cc_status cli_tables_scenario(const struct cli_question *question, struct cli_tables *tables,
                                   struct cc_error *err);
/* The rest. otherwise: what holds where neither the question nor the scenario tells. Errors name
 * the file. */
enum cc_status cli_tables_load(const struct cli_question *question,
                               const struct cli_question *otherwise, const char *chip,
                               struct cli_tables *tables, struct cc_error *err);
void cli_tables_free(struct cli_tables *tables);

/* What the scenario computes beside the run's target, each once. */
uint32_t cli_tables_computes(const struct cli_tables *tables);
const char *cli_tables_compute(const struct cli_tables *tables, uint32_t index);

/* Counts: of the run, and of each of cli_tables_computes in their order. */
struct cli_counts {
    const struct sim_profile *target;
    const struct sim_profile *computes[ENERGY_MAX_STEPS];
    uint32_t compute_count;
};

/* Counts priced under a condition, and the plan of the scenario for them. */
struct cli_plan {
    struct energy_result cost;
    struct energy_result compute_costs[ENERGY_MAX_STEPS];
    uint32_t compute_count;
    struct energy_scenario *plain; /* where the tables have no scenario */
    const struct energy_scenario *scenario;
    struct energy_scenario_plan *plan;
    int longer_period; /* the usual period is too short: plain has a longer one */
};

/* docs may be NULL. The plan points into tables and counts. Freed by cli_plan_free also after a
 * failure. */
enum cc_status cli_plan_make(const struct cli_tables *tables, const struct cli_counts *counts,
                             const struct energy_condition *condition, struct cli_plan *plan,
                             struct energy_docs *docs, struct cc_error *err);
void cli_plan_free(struct cli_plan *plan);

/* The life of a load; harvest is NULL, or filled when there is a harvester (*has_harvest). */
enum cc_status cli_life_of(const struct cli_tables *tables, const struct cli_plan *plan,
                           const struct energy_supply *supply, const struct energy_load *load,
                           struct energy_lifetime *life, struct energy_harvest *harvest,
                           int *has_harvest, struct cc_error *err);

/* Energy, life, period, temperature and inputs of a run whose profile is set; what it had of them
 * is freed. compute_costs[i] (may be NULL) receives the price of computation i; the caller frees
 * it. */
enum cc_status cli_evaluate(const struct cli_tables *tables, const struct cli_counts *counts,
                            struct report_run *run, struct energy_result *compute_costs,
                            struct cc_error *err);

/* One more note on a run; left out when there are too many. */
void cli_add_note(struct report_run *run, const char *format, ...) CC_PRINTF(2, 3);

#endif
