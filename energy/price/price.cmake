# Sources of energy/price, relative to energy/.
target_sources(cc_energy PRIVATE
  ${CMAKE_CURRENT_LIST_DIR}/energy_chip.c
  ${CMAKE_CURRENT_LIST_DIR}/energy_chip_power.c
  ${CMAKE_CURRENT_LIST_DIR}/energy_point.c
  ${CMAKE_CURRENT_LIST_DIR}/energy_price.c
  ${CMAKE_CURRENT_LIST_DIR}/energy_price_docs.c
  ${CMAKE_CURRENT_LIST_DIR}/energy_price_effects.c
  ${CMAKE_CURRENT_LIST_DIR}/energy_prices.c
  ${CMAKE_CURRENT_LIST_DIR}/energy_slots.c)
