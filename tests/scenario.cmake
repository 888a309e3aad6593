set(SCENARIO_DOUBLES scenario_doubles.c scenario_supply_doubles.c energy_support.c)
cc_test(test_scenario_file SOURCES test_scenario_file.c ${SCENARIO_DOUBLES}
        LIBS cc_energy TIMEOUT 300)
foreach(name test_scenario test_scenario_laws test_scenario_stream test_scenario_walk)
  cc_test(${name} SOURCES ${name}.c scenario_device.c ${SCENARIO_DOUBLES} LIBS cc_energy)
endforeach()
cc_test(test_scenario_shipped SOURCES test_scenario_shipped.c energy_support.c LIBS cc_energy)
