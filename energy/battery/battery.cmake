# Sources of energy/battery, relative to energy/.
target_sources(cc_energy PRIVATE
  ${CMAKE_CURRENT_LIST_DIR}/energy_harvester.c
  ${CMAKE_CURRENT_LIST_DIR}/energy_harvester_docs.c)
