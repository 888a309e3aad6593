/* How long one lifetime takes: 12 parts, 16 unknowns of the load and 9 of the battery. */
#include "battery_support.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void run(const char *name, double scale, double uf, int with_interval)
{
    struct energy_battery *battery = support_battery(name);
    struct energy_supply *supply = supply_of(battery, NULL, 20, uf);
    struct energy_load *load = typical_load(scale);
    struct energy_lifetime life;
    const int times = 100000;
    load->most_v = 4.4;
    load->least_v = 1.71;
    double best = 1;
    for (int k = 0; k < 3; k++) {
        double start = now_s();
        for (int i = 0; i < times; i++)
            energy_lifetime_compute(supply, load, with_interval, &life, NULL);
        double each = (now_s() - start) / times;
        best = each < best ? each : best;
    }
    printf("%-12s x%-4g %5g uF %s %6.2f us  %s, %u notes\n", name, scale, uf,
           with_interval ? "interval" : "p50     ", best * 1e6, life.limited_by,
           (unsigned)life.note_count);
    energy_supply_free(supply);
    energy_battery_free(battery);
    free(load);
}

int main(void)
{
    for (int with_interval = 0; with_interval < 2; with_interval++) {
        run("cr2032", .1, 0, with_interval);
        run("cr2032", 1, 0, with_interval);
        run("cr2032", 3, 0, with_interval);
        run("cr2032", 1, 100, with_interval);
        run("lipo500", 1, 0, with_interval);
        run("aaa2", 1, 0, with_interval);
    }
    return 0;
}
