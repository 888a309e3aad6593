cc_test(test_energy_tables SOURCES test_energy_tables.c energy_support.c LIBS cc_energy TIMEOUT 300)
cc_test(test_energy_price SOURCES test_energy_price.c energy_support.c LIBS cc_energy)
cc_test(test_energy_life SOURCES test_energy_life.c energy_support.c LIBS cc_energy)
