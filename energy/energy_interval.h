#ifndef ENERGY_INTERVAL_H
#define ENERGY_INTERVAL_H

struct energy_interval {
    double p10, p50, p90;
};

#endif
