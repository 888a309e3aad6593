# Sources of energy/scenario, relative to energy/.
target_sources(cc_energy PRIVATE
  ${CMAKE_CURRENT_LIST_DIR}/energy_scenario.c
  ${CMAKE_CURRENT_LIST_DIR}/energy_scenario_file.c
  ${CMAKE_CURRENT_LIST_DIR}/energy_scenario_load.c
  ${CMAKE_CURRENT_LIST_DIR}/energy_scenario_model.c
  ${CMAKE_CURRENT_LIST_DIR}/energy_scenario_pulses.c
  ${CMAKE_CURRENT_LIST_DIR}/energy_scenario_resolve.c
  ${CMAKE_CURRENT_LIST_DIR}/energy_scenario_schema.c
  ${CMAKE_CURRENT_LIST_DIR}/energy_scenario_stream.c
  ${CMAKE_CURRENT_LIST_DIR}/energy_scenario_supply.c
  ${CMAKE_CURRENT_LIST_DIR}/energy_scenario_unknowns.c
  ${CMAKE_CURRENT_LIST_DIR}/energy_sensor.c)
