# Sources of energy/battery, relative to energy/.
target_sources(cc_energy PRIVATE
  ${CMAKE_CURRENT_LIST_DIR}/energy_battery.c
  ${CMAKE_CURRENT_LIST_DIR}/energy_battery_check.c
  ${CMAKE_CURRENT_LIST_DIR}/energy_battery_curve.c
  ${CMAKE_CURRENT_LIST_DIR}/energy_battery_docs.c
  ${CMAKE_CURRENT_LIST_DIR}/energy_battery_otii.c
  ${CMAKE_CURRENT_LIST_DIR}/energy_diffusion.c
  ${CMAKE_CURRENT_LIST_DIR}/energy_harvest.c
  ${CMAKE_CURRENT_LIST_DIR}/energy_harvester.c
  ${CMAKE_CURRENT_LIST_DIR}/energy_harvester_docs.c
  ${CMAKE_CURRENT_LIST_DIR}/energy_kibam.c
  ${CMAKE_CURRENT_LIST_DIR}/energy_lifetime.c
  ${CMAKE_CURRENT_LIST_DIR}/energy_lifetime_end.c
  ${CMAKE_CURRENT_LIST_DIR}/energy_lifetime_run.c
  ${CMAKE_CURRENT_LIST_DIR}/energy_regulator.c
  ${CMAKE_CURRENT_LIST_DIR}/energy_regulator_check.c
  ${CMAKE_CURRENT_LIST_DIR}/energy_sag.c
  ${CMAKE_CURRENT_LIST_DIR}/energy_store.c
  ${CMAKE_CURRENT_LIST_DIR}/energy_supply.c)
target_link_libraries(cc_energy PRIVATE PkgConfig::JANSSON)
