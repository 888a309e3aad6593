cc_test(test_scenario_file SOURCES test_scenario_file.c scenario_doubles.c
        scenario_supply_doubles.c energy_support.c LIBS cc_energy TIMEOUT 300)
cc_test(test_scenario SOURCES test_scenario.c scenario_doubles.c scenario_supply_doubles.c
        energy_support.c LIBS cc_energy)
cc_test(test_scenario_shipped SOURCES test_scenario_shipped.c scenario_supply_doubles.c
        energy_support.c LIBS cc_energy)
