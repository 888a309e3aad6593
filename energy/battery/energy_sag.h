/* The voltage of a source with a resistance and a capacitor behind it, under pulses.
 *
 * Source V at rest, resistance R, capacitor C with series resistance r at the load. A pulse of I
 * for t draws the load's node down to
 *     V - I R [1 - R/(R+r) exp(-t / ((R+r) C))]      from rest without current;
 * without a capacitor to V - I R. Between pulses the capacitor is charged again with the same time
 * constant: with too little rest it starts the next pulse lower. The formula is that of the steady
 * state of equal pulses at equal distances. */
#ifndef ENERGY_SAG_H
#define ENERGY_SAG_H

struct energy_sag {
    double pulse_a, rest_a;  /* currents during and between pulses */
    double pulse_s, every_s; /* every_s <= pulse_s: the pulse does not end */
    double farad, esr_ohm;   /* 0 F = none */
};

/* Drop below the source's own voltage at the end of a pulse, V. */
double energy_sag_drop(const struct energy_sag *sag, double r_ohm);
/* The same when something holds the capacitor at most held_below_v below the source's own voltage
 * between pulses (a regulator in front of it). */
double energy_sag_drop_held(const struct energy_sag *sag, double r_ohm, double held_below_v);

#endif
