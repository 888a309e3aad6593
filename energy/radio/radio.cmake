# Sources of energy/radio, relative to energy/.
target_sources(cc_energy PRIVATE
  ${CMAKE_CURRENT_LIST_DIR}/energy_radio_802154.c
  ${CMAKE_CURRENT_LIST_DIR}/energy_radio_ble.c
  ${CMAKE_CURRENT_LIST_DIR}/energy_radio_event.c
  ${CMAKE_CURRENT_LIST_DIR}/energy_radio_file.c
  ${CMAKE_CURRENT_LIST_DIR}/energy_radio_lora.c
  ${CMAKE_CURRENT_LIST_DIR}/energy_radio_session.c
  ${CMAKE_CURRENT_LIST_DIR}/energy_radio_simple.c
  ${CMAKE_CURRENT_LIST_DIR}/energy_radio_stream.c)
