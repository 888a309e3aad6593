cc_test(test_energy_power SOURCES test_energy_power.c energy_support.c LIBS cc_energy)
