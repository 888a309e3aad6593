# Sources of energy/fit, relative to energy/.
target_sources(cc_energy PRIVATE
  ${CMAKE_CURRENT_LIST_DIR}/fit_lines.c
  ${CMAKE_CURRENT_LIST_DIR}/fit_matrix.c
  ${CMAKE_CURRENT_LIST_DIR}/fit_measurements.c
  ${CMAKE_CURRENT_LIST_DIR}/fit_model.c
  ${CMAKE_CURRENT_LIST_DIR}/fit_points.c
  ${CMAKE_CURRENT_LIST_DIR}/fit_prices.c
  ${CMAKE_CURRENT_LIST_DIR}/fit_priors.c
  ${CMAKE_CURRENT_LIST_DIR}/fit_solve.c
  ${CMAKE_CURRENT_LIST_DIR}/fit_write.c)
target_link_libraries(cc_energy PRIVATE PkgConfig::YAML)
