# Energy income: harvester files, laws, converters.
cc_test(test_harvester SOURCES test_harvester.c energy_support.c LIBS cc_energy)
cc_test(test_harvest_life SOURCES test_harvest_life.c energy_support.c LIBS cc_energy)
