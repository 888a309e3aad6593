# Sources of energy/scenario, relative to energy/.
target_sources(cc_energy PRIVATE
  ${CMAKE_CURRENT_LIST_DIR}/energy_scenario.c
  ${CMAKE_CURRENT_LIST_DIR}/energy_scenario_file.c
  ${CMAKE_CURRENT_LIST_DIR}/energy_scenario_schema.c
  ${CMAKE_CURRENT_LIST_DIR}/energy_scenario_supply.c)
