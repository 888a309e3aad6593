/* Every chip of the list runs the keyword spotter: the same answer on all of them, and a faster
 * clock takes less time and more power, a lower voltage range more time and less power. */
#include "session.h"

#include "cc_file.h"
#include "energy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MAX_CLOCKS (SIM_MAX_CLOCKS + 3)

struct outcome {
    double latency_s, power_uw; /* no power without prices */
    uint8_t output[64];
    size_t output_bytes;
};

static int is_priced(const char *name)
{
    char relative[128], path[512];
    snprintf(relative, sizeof relative, "energy/prices/%s.yaml", name);
    return cc_data_path(relative, path, sizeof path);
}

static void price(const struct cli_session *s, const struct sim_profile *profile,
                  struct outcome *result)
{
    struct cc_error err = {0};
    struct energy_chip *chip = NULL;
    struct energy_result energy;
    if (energy_chip_load(s->chip.name, &chip, &err) != CC_OK ||
        energy_price(chip, profile, NULL, &energy, &err) != CC_OK)
        fail_msg("%s: %s", s->chip.name, err.message);
    result->power_uw = energy.total_uj.p50 / energy.latency_s;
    if (s->chip.range_by_name && energy.range[0])
        assert_string_equal(energy.range, s->chip.ranges[s->chip.range].name);
    energy_result_free(&energy);
    energy_chip_free(chip);
}

static void measure(const struct cli_session *s, struct outcome *result)
{
    struct cc_error err = {0};
    struct sim_profile profile;
    if (sim_machine_profile(s->machine, 1, &profile, &err) != CC_OK)
        fail_msg("%s: %s", s->chip.name, err.message);
    assert_true(profile.cycles_rsd == sim_chip_cycles_rsd(&s->chip));
    result->latency_s = (double)profile.total.cycles / profile.clock_hz;
    if (is_priced(s->chip.name))
        price(s, &profile, result);
    sim_profile_free(&profile);
}

static void run(const char *name, double clock_hz, const char *range, struct outcome *result)
{
    char mcu[160];
    struct cc_error err = {0};
    struct cli_run_options options = {.target = "kws", .mcu = mcu};
    struct cli_session s = {.options = &options, .err = &err};
    snprintf(mcu, sizeof mcu, "%s@%g%s%s", name, clock_hz * 1e-6, range[0] ? ":" : "", range);
    if (cli_session_open(&s) != CC_OK || cli_session_boot(&s) != CC_OK ||
        cli_session_run(&s) != CC_OK)
        fail_msg("%s: %s", mcu, err.message);
    assert_true(s.bytes_out > 0 && s.bytes_out <= sizeof result->output);
    result->output_bytes = s.bytes_out;
    memcpy(result->output, s.output, s.bytes_out);
    measure(&s, result);
    cli_session_close(&s);
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Clocks to try in rising order, none twice: those the chip is bound to, or the slowest at which
 * its flash keeps up, half the default, the default and the fastest. */
static size_t clocks_of(const struct sim_chip *chip, double *hz)
{
    size_t count = 0, distinct = 0;
    for (uint32_t i = 0; i < chip->allowed_clock_count; i++)
        hz[count++] = chip->allowed_clock_hz[i];
    if (count == 0) {
        hz[count++] = chip->ranges[0].flash.limit_hz[0] / 2;
        hz[count++] = chip->default_clock_hz / 2;
        hz[count++] = chip->default_clock_hz;
        hz[count++] = chip->max_clock_hz;
    }
    qsort(hz, count, sizeof *hz, ascending);
    for (size_t i = 0; i < count; i++) {
        if (distinct == 0 || hz[i] > hz[distinct - 1])
            hz[distinct++] = hz[i];
    }
    return distinct;
}

static void check_answer(const char *name, const struct outcome *now,
                         const struct outcome *reference)
{
    if (now->output_bytes != reference->output_bytes ||
        memcmp(now->output, reference->output, now->output_bytes) != 0)
        fail_msg("%s gives another answer", name);
}

/* At its highest clock a lower range is slower and draws less than the highest range there is. */
static void check_ranges(const struct sim_chip *chip, const struct outcome *reference)
{
    for (uint32_t i = 1; i < chip->range_count; i++) {
        const struct sim_voltage_range *range = &chip->ranges[i];
        struct outcome lower = {0}, same_clock = {0};
        run(chip->name, range->max_clock_hz, range->name, &lower);
        run(chip->name, range->max_clock_hz, chip->ranges[0].name, &same_clock);
        check_answer(range->name, &lower, reference);
        if (lower.power_uw > same_clock.power_uw)
            fail_msg("%s: %g uW in %s, %g uW in %s", chip->name, lower.power_uw, range->name,
                     same_clock.power_uw, chip->ranges[0].name);
        /* the extra wait of isolated accesses, charged at zero wait states only, may outweigh */
        if (sim_chip_wait_states(chip, range->max_clock_hz) > 0 &&
            lower.latency_s < same_clock.latency_s)
            fail_msg("%s: %g s in %s, %g s in %s", chip->name, lower.latency_s, range->name,
                     same_clock.latency_s, chip->ranges[0].name);
    }
}

static void check_chip(const char *name, struct outcome *reference)
{
    struct sim_chip chip;
    struct cc_error err = {0};
    double unused, hz[MAX_CLOCKS];
    struct outcome slower = {0};
    if (sim_chip_load(name, &chip, &unused, &err) != CC_OK)
        fail_msg("%s", err.message);
    size_t count = clocks_of(&chip, hz);
    for (size_t i = 0; i < count; i++) {
        struct outcome now = {0};
        run(name, hz[i], "", &now);
        if (reference->output_bytes == 0)
            *reference = now;
        check_answer(name, &now, reference);
        if (i && (now.latency_s >= slower.latency_s ||
                  (is_priced(name) && now.power_uw <= slower.power_uw)))
            fail_msg("%s: %g s and %g uW at %g MHz, %g s and %g uW at %g MHz", name,
                     slower.latency_s, slower.power_uw, hz[i - 1] * 1e-6, now.latency_s,
                     now.power_uw, hz[i] * 1e-6);
        slower = now;
    }
    check_ranges(&chip, reference);
}

static void all_chips_agree(void **state)
{
    char **names;
    size_t count;
    struct cc_error err = {0};
    struct outcome reference = {0};
    (void)state;
    assert_int_equal(cc_data_names("sim/chips", &names, &count, &err), CC_OK);
    assert_true(count >= 19);
    for (size_t i = 0; i < count; i++)
        check_chip(names[i], &reference);
    cc_names_free(names, count);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(all_chips_agree)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
