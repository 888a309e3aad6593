/* The fit: known prices come back, laws and bounds hold, the file written says the same, bad
 * measurement files are refused by line and key. */
#include "fit_support.h"

#include "fit_matrix.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

struct fitted {
    struct energy_chip *chip;
    struct energy_measurements *measurements;
    struct sim_profile *profiles;
    const struct sim_profile **pointers;
    struct energy_fit fit;
};

static struct fitted fit_file(const char *measurements)
{
    struct fitted f;
    struct cc_error err = {0};
    if (energy_measurements_load(measurements, &f.measurements, &err) != CC_OK ||
        energy_chip_load_unpriced(fit_support_chip(), &f.chip, &err) != CC_OK)
        fail_msg("%s", err.message);
    f.profiles = fit_support_profiles(f.measurements, &f.pointers);
    if (energy_fit_prices(f.chip, f.measurements, f.pointers, &f.fit, &err) != CC_OK)
        fail_msg("%s", err.message);
    return f;
}

static void free_fitted(struct fitted *f)
{
    energy_fit_free(&f->fit);
    fit_support_free(f->profiles, f->pointers, f->measurements);
    energy_measurements_free(f->measurements);
    energy_chip_free(f->chip);
}

static const struct energy_fit_price *price_of(const struct energy_fit *fit, const char *key)
{
    for (uint32_t i = 0; i < fit->price_count; i++) {
        if (strcmp(fit->prices[i].key, key) == 0)
            return &fit->prices[i];
    }
    fail_msg("no price %s", key);
    return NULL;
}

static void test_matrices(void **state)
{
    (void)state;
    double a[9] = {4, 2, 0.6, 2, 5, 1, 0.6, 1, 3}, l[9], inverse[9], b[3] = {1, 2, 3};
    memcpy(l, a, sizeof l);
    assert_true(fit_cholesky(l, 3));
    fit_cholesky_solve(l, 3, b);
    for (int i = 0; i < 3; i++)
        assert_true(fabs(a[3 * i] * b[0] + a[3 * i + 1] * b[1] + a[3 * i + 2] * b[2] - (i + 1)) <
                    1e-12);
    fit_cholesky_inverse(l, 3, inverse);
    for (int i = 0; i < 3; i++) {
        for (int j = 0; j < 3; j++) {
            double sum = 0;
            for (int k = 0; k < 3; k++)
                sum += a[3 * i + k] * inverse[3 * k + j];
            assert_true(fabs(sum - (i == j)) < 1e-12);
        }
    }
    double indefinite[4] = {1, 2, 2, 1};
    assert_false(fit_cholesky(indefinite, 2));
}

static void test_eigen(void **state)
{
    (void)state;
    enum { N = 7 };
    double a[N * N], copy[N * N], values[N], vectors[N * N];
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < N; j++)
            a[i * N + j] = 1.0 / (i + j + 1) + (i == j ? 0.1 * i : 0);
    }
    memcpy(copy, a, sizeof a);
    fit_eigen(copy, N, values, vectors);
    for (int k = 0; k < N; k++) {
        assert_true(k == 0 || values[k] <= values[k - 1]);
        for (int i = 0; i < N; i++) {
            double sum = 0;
            for (int j = 0; j < N; j++)
                sum += a[i * N + j] * vectors[j * N + k];
            assert_true(fabs(sum - values[k] * vectors[i * N + k]) < 1e-11);
        }
    }
}

/* The fit has price_scale 1 where it chooses; the truth has its own. */
static double true_price(const struct energy_fit *fit, const char *key)
{
    double scale = NAN;
    for (uint32_t i = 0; i < fit->price_count; i++) {
        if (strstr(fit->prices[i].key, "price_scale") && fit->prices[i].prior_rsd == 0)
            scale = fit_support_truth(fit->prices[i].key);
    }
    if (strstr(key, "price_scale"))
        return fit_support_truth(key) / scale;
    return fit_support_truth(key) * (strstr(key, "operating_points") ? 1 : scale);
}

/* Exact rows: every row is met, and the prices that rows decide are the true ones. */
static void test_recovers(void **state)
{
    (void)state;
    struct fitted f = fit_file(fit_support_measurements(0));
    int determined = 0;
    assert_true(f.fit.worst_residual < 0.01);
    assert_true(f.fit.median_residual < 0.002);
    for (uint32_t i = 0; i < f.fit.price_count; i++) {
        const struct energy_fit_price *p = &f.fit.prices[i];
        double error = log(p->value / true_price(&f.fit, p->key));
        if (p->prior_rsd == 0)
            continue;
        determined += p->determined;
        if (fabs(error) > 3 * p->rsd + 0.001)
            fail_msg("%s is %g, %.1f standard deviations from %g", p->key, p->value, error / p->rsd,
                     true_price(&f.fit, p->key));
        if (p->rsd < 0.05 && fabs(error) > 0.1)
            fail_msg("%s is %g, not %g", p->key, p->value, true_price(&f.fit, p->key));
    }
    assert_true(determined >= 12);
    assert_true(price_of(&f.fit, "core.cycle_pj")->determined);
    assert_true(price_of(&f.fit, "core.idle_pj")->determined);
    assert_true(price_of(&f.fit, "operating_points[2].vdd_exponent")->determined);
    assert_true(fabs(price_of(&f.fit, "operating_points[2].vdd_exponent")->value - 0.25) < 0.02);
    /* no row has touched a peripheral: the prior, at the scale of the fit */
    assert_false(price_of(&f.fit, "regions.peripheral.read_pj")->determined);
    free_fitted(&f);
}

/* Rows off by up to 4 %: residuals stay within that, rows left out are predicted nearly as well. */
static void test_noise(void **state)
{
    (void)state;
    struct fitted f = fit_file(fit_support_measurements(0.04));
    assert_true(f.fit.median_residual > 0.002 && f.fit.median_residual < 0.03);
    assert_true(f.fit.worst_residual < 0.06);
    assert_true(f.fit.median_left_out >= f.fit.median_residual);
    assert_true(f.fit.median_left_out < 0.05);
    for (uint32_t i = 0; i < f.fit.price_count; i++) {
        const struct energy_fit_price *p = &f.fit.prices[i];
        double own = 0;
        for (int k = 0; k < ENERGY_FIT_KEPT; k++)
            own += p->fit_fraction[k] * p->fit_fraction[k];
        assert_true(own <= p->rsd * p->rsd * (1 + 1e-9) + 1e-12);
    }
    free_fitted(&f);
}

/* What is written and loaded again prices every row as the fit did. */
static void test_file(void **state)
{
    (void)state;
    struct cc_error err = {0};
    char *yaml;
    struct fitted f = fit_file(fit_support_measurements(0.04));
    assert_int_equal(energy_fit_write(f.chip, f.measurements, &f.fit, &yaml, &err), CC_OK);
    struct energy_chip *chip;
    fit_support_write("prices", "made.yaml", yaml);
    if (energy_chip_load(fit_support_path("chips", "made.yaml"), &chip, &err) != CC_OK)
        fail_msg("%s", err.message);
    for (uint32_t i = 0; i < f.fit.row_count; i++) {
        const struct energy_measurement *row = energy_measurements_row(f.measurements, i);
        struct energy_condition condition = {
            .vdd_v = row->vdd_v, .regulator = row->regulator, .temperature_c = NAN};
        struct energy_result result;
        if (energy_price(chip, f.pointers[i], &condition, &result, &err) != CC_OK)
            fail_msg("%s", err.message);
        if (fabs(result.running_ma / f.fit.rows[i].predicted_ma - 1) > 1e-3)
            fail_msg("row %u: %g mA, the fit says %g", (unsigned)i, result.running_ma,
                     f.fit.rows[i].predicted_ma);
        energy_result_free(&result);
    }
    energy_chip_free(chip);
    free(yaml);
    free_fitted(&f);
}

static void test_deterministic(void **state)
{
    (void)state;
    char *texts[2];
    struct cc_error err = {0};
    for (int i = 0; i < 2; i++) {
        struct fitted f = fit_file(fit_support_measurements(0.04));
        assert_int_equal(energy_fit_write(f.chip, f.measurements, &f.fit, &texts[i], &err), CC_OK);
        free_fitted(&f);
    }
    assert_string_equal(texts[0], texts[1]);
    free(texts[0]);
    free(texts[1]);
}

static const char head[] = "name: bad\ndescription: bad\nchip: made\ngroups:\n"
                           "  - name: all\n    source: \"test\"\n    verified: yes\n"
                           "    common_rsd: 0\n    vdd_v: 3\n    mhz: 20\n    rows:\n";

static const char *with_rows(const char *rows)
{
    static char text[4096];
    snprintf(text, sizeof text, "%s%s", head, rows);
    return fit_support_write("measurements", "bad.yaml", text);
}

/* A left-out row is what a fit with it held out predicts. */
static void test_left_out(void **state)
{
    (void)state;
    const char *all = "      - {workload: run0, current_ma: 1}\n"
                      "      - {workload: run1, current_ma: 7}\n"
                      "      - {workload: run2, current_ma: 6.5}\n"
                      "      - {workload: run3, current_ma: 5.5}\n";
    const char *without = "      - {workload: run0, current_ma: 1}\n"
                          "      - {workload: run1, current_ma: 7, held_out: yes}\n"
                          "      - {workload: run2, current_ma: 6.5}\n"
                          "      - {workload: run3, current_ma: 5.5}\n";
    struct fitted f = fit_file(with_rows(all));
    double left_out = f.fit.rows[1].left_out, fitted = f.fit.rows[1].residual;
    assert_int_equal(f.fit.fitted_count, 4);
    free_fitted(&f);
    f = fit_file(with_rows(without));
    assert_int_equal(f.fit.fitted_count, 3);
    assert_true(fabs(f.fit.rows[1].residual - left_out) < 1e-6);
    assert_true(fabs(f.fit.rows[1].residual - fitted) > 1e-4);
    free_fitted(&f);
}

/* Sleep that draws more than running: the order of the core's prices holds all the same. */
static void test_bounds(void **state)
{
    (void)state;
    struct fitted f = fit_file(with_rows("      - {workload: run0, current_ma: 9}\n"
                                         "      - {workload: run3, current_ma: 3}\n"
                                         "      - {workload: run12, current_ma: 2}\n"
                                         "      - {workload: run1, current_ma: 8}\n"));
    double idle = price_of(&f.fit, "core.idle_pj")->value;
    double stall = price_of(&f.fit, "core.stall_pj")->value;
    assert_true(idle > 0 && idle <= stall);
    assert_true(stall <= price_of(&f.fit, "core.cycle_pj")->value);
    for (uint32_t i = 0; i < f.fit.price_count; i++)
        assert_true(f.fit.prices[i].value > 0 && isfinite(f.fit.prices[i].value));
    free_fitted(&f);
}

/* Rows of one group that are all 10 % high: the group's error takes it when it may. */
static void test_group_error(void **state)
{
    (void)state;
    const char *rows = "      - {workload: run1, current_ma: 6.6}\n"
                       "      - {workload: run2, current_ma: 6.6}\n";
    char text[4096];
    double high[2];
    for (int may = 0; may < 2; may++) {
        snprintf(text, sizeof text,
                 "%s%s  - name: again\n    source: \"test\"\n    verified: yes\n    common_rsd: "
                 "%g\n    vdd_v: 3\n    mhz: 20\n    rows:\n"
                 "      - {workload: run1, current_ma: 8}\n      - {workload: run2, current_ma: "
                 "8}\n",
                 head, rows, may ? 0.2 : 0.0);
        struct fitted f = fit_file(fit_support_write("measurements", "more.yaml", text));
        high[may] = f.fit.rows[0].residual;
        free_fitted(&f);
    }
    assert_true(high[0] > 0.06);
    assert_true(high[1] < high[0] / 2);
}

static void test_refusals(void **state)
{
    (void)state;
    static const struct {
        const char *rows, *words[3];
    } bad[] = {
        {"      - {workload: run1, current_ma: 0.7, current_ua: 700}\n",
         {"bad.yaml:12", "rows[0]", "current_ma"}},
        {"      - {workload: run1}\n", {"bad.yaml:12", "current_ma", "ua_per_mhz"}},
        {"      - {workload: run1, current_ma: -3}\n", {"bad.yaml:12", "current_ma", "-3"}},
        {"      - {current_ma: 3}\n", {"bad.yaml:12", "workload", "names one"}},
        {"      - {workload: run1, current_ma: 3}\n      - {workload: run2, current_ma: 4, mhz: "
         "-8}\n",
         {"bad.yaml:13", "rows[1].mhz", "-8"}},
        {"      - {workload: run1, current_ma: 3, vdd_v: 12}\n", {"bad.yaml:12", "vdd_v", "12"}},
        {"      - {workload: run1, energy_uj: 3}\n", {"bad.yaml:12", "duration_ms", "together"}},
        {"      - {workload: run1, current_ma: 3, caches: perhaps}\n",
         {"bad.yaml:12", "caches", "off"}},
        {"      - {workload: run1, energy_uj: -3, duration_ms: -2}\n",
         {"bad.yaml:12", "duration_ms", "-2"}},
        {"      - {workload: run1, curent_ma: 3}\n", {"bad.yaml:12", "curent_ma", "current_ma"}},
        {"      - {workload: run1, current_ma: many}\n", {"bad.yaml:12", "current_ma", "many"}},
        {"      - {workload: run1, current_ma: 3, missing_ua: -1}\n",
         {"bad.yaml:12", "missing_ua", "-1"}},
        {"      - {workload: run1, current_ma: 3, extra_ua: 2900}\n",
         {"bad.yaml:12", "extra_ua", "2900"}},
        {"      - {workload: run1, current_ma: 3, tolerance_percent: 0.001}\n",
         {"bad.yaml:12", "tolerance_percent", "0.001"}},
    };
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct energy_measurements *m;
        struct cc_error err = {0};
        assert_int_equal(energy_measurements_load(with_rows(bad[i].rows), &m, &err), CC_ERR_INPUT);
        assert_null(m);
        for (int k = 0; k < 3; k++) {
            if (!strstr(err.message, bad[i].words[k]))
                fail_msg("'%s' lacks '%s'", err.message, bad[i].words[k]);
        }
    }
}

/* A value of a group is refused where the group says it. */
static void test_group_refusals(void **state)
{
    (void)state;
    static const struct {
        const char *from, *to, *words;
    } bad[] = {
        {"mhz: 20", "mhz: -20", "bad.yaml:10: groups[0].mhz: -20"},
        {"vdd_v: 3", "vdd_v: 33", "bad.yaml:9: groups[0].vdd_v: 33"},
        {"common_rsd: 0", "common_rsd: 4", "bad.yaml:8: groups[0].common_rsd: 4"},
        {"common_rsd: 0",
         "common_rsd: 0\n    scale_factor: {value: 30, rsd: 0, verified: no, "
         "source: \"test\"}",
         "bad.yaml:9: groups[0].scale_factor"},
        {"verified: yes", "verified: perhaps", "bad.yaml:7"},
        {"source: \"test\"", "sauce: \"test\"", "sauce"},
    };
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct energy_measurements *m;
        struct cc_error err = {0};
        char text[4096];
        const char *at = strstr(head, bad[i].from);
        assert_non_null(at);
        snprintf(text, sizeof text, "%.*s%s%s      - {workload: run1, current_ma: 3}\n",
                 (int)(at - head), head, bad[i].to, at + strlen(bad[i].from));
        assert_int_equal(
            energy_measurements_load(fit_support_write("measurements", "bad.yaml", text), &m, &err),
            CC_ERR_INPUT);
        if (!strstr(err.message, bad[i].words))
            fail_msg("'%s' lacks '%s'", err.message, bad[i].words);
    }
}

/* What was off or on beside the other rows is added or taken away. */
static void test_missing_and_extra(void **state)
{
    (void)state;
    struct energy_measurements *m;
    struct cc_error err = {0};
    assert_int_equal(energy_measurements_load(
                         with_rows("      - {workload: run1, current_ma: 3, missing_ua: 45}\n"
                                   "      - {workload: run1, current_ma: 3, extra_ua: 310}\n"),
                         &m, &err),
                     CC_OK);
    assert_true(fabs(energy_measurements_row(m, 0)->measured_ma - 3.045) < 1e-12);
    assert_true(fabs(energy_measurements_row(m, 1)->measured_ma - 2.690) < 1e-12);
    energy_measurements_free(m);
}

static enum cc_status fit_status(const char *path, struct cc_error *err)
{
    struct energy_chip *chip = NULL;
    struct energy_measurements *m;
    const struct sim_profile **pointers;
    struct energy_fit fit;
    if (energy_measurements_load(path, &m, err) != CC_OK ||
        energy_chip_load_unpriced(fit_support_chip(), &chip, err) != CC_OK)
        fail_msg("%s", err->message);
    struct sim_profile *profiles = fit_support_profiles(m, &pointers);
    enum cc_status status = energy_fit_prices(chip, m, pointers, &fit, err);
    fit_support_free(profiles, pointers, m);
    energy_measurements_free(m);
    energy_chip_free(chip);
    return status;
}

static struct energy_fit fit_alone(const char *path, char **yaml)
{
    struct fitted f = fit_file(path);
    struct energy_fit fit = f.fit;
    struct cc_error err = {0};
    assert_int_equal(energy_fit_write(f.chip, f.measurements, &f.fit, yaml, &err), CC_OK);
    fit.rows = NULL; /* of what stays they are no part */
    fit.prices = NULL;
    free_fitted(&f);
    return fit;
}

/* What nothing tells is not told: one row is not predicted by itself, rows of another chip do not
 * tell how well this one is met. */
static void test_unknown_accuracy(void **state)
{
    (void)state;
    char *yaml;
    struct energy_fit fit =
        fit_alone(with_rows("      - {workload: run1, current_ma: 7}\n"), &yaml);
    assert_true(isfinite(fit.median_residual));
    assert_true(isnan(fit.median_left_out));
    assert_non_null(strstr(yaml, "row to predict"));
    assert_null(strstr(yaml, "nan"));
    free(yaml);
    char text[1024];
    const char *at = strstr(head, "    vdd_v");
    assert_non_null(at);
    snprintf(text, sizeof text,
             "%.*s    scale_factor: {value: 1.1, rsd: 0.1, verified: no, source: \"test\"}\n%s"
             "      - {workload: run1, current_ma: 7}\n      - {workload: run2, current_ma: 6}\n",
             (int)(at - head), head, at);
    fit = fit_alone(fit_support_write("measurements", "other.yaml", text), &yaml);
    assert_true(isnan(fit.median_residual) && isnan(fit.worst_residual));
    assert_true(isnan(fit.median_left_out));
    assert_non_null(strstr(yaml, "No row is of the chip itself."));
    assert_null(strstr(yaml, "nan"));
    free(yaml);
}

/* What only shows when the chip is known. */
static void test_misfits(void **state)
{
    (void)state;
    struct cc_error err = {0};
    assert_int_equal(
        fit_status(with_rows("      - {workload: run1, current_ma: 3, mhz: 300}\n"), &err),
        CC_ERR_INPUT);
    assert_non_null(strstr(err.message, "bad.yaml:12"));
    assert_int_equal(
        fit_status(with_rows("      - {workload: run1, current_ma: 3, regulator: boost}\n"), &err),
        CC_ERR_INPUT);
    assert_non_null(strstr(err.message, "boost"));
    assert_int_equal(
        fit_status(with_rows("      - {workload: run1, current_ma: 3, held_out: yes}\n"), &err),
        CC_ERR_INPUT);
    assert_non_null(strstr(err.message, "held_out"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_matrices),
        cmocka_unit_test(test_eigen),
        cmocka_unit_test(test_recovers),
        cmocka_unit_test(test_noise),
        cmocka_unit_test(test_file),
        cmocka_unit_test(test_deterministic),
        cmocka_unit_test(test_left_out),
        cmocka_unit_test(test_unknown_accuracy),
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_group_error),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_group_refusals),
        cmocka_unit_test(test_missing_and_extra),
        cmocka_unit_test(test_misfits),
    };
    return cmocka_run_group_tests(tests, fit_support_setup, fit_support_teardown);
}
