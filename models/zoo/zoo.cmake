# Architecture files, the built-in models, and the choice between them and .tflite files.
target_sources(cc_models PRIVATE
  ${CMAKE_CURRENT_SOURCE_DIR}/architecture.c
  ${CMAKE_CURRENT_SOURCE_DIR}/architecture_shapes.c
  ${CMAKE_CURRENT_SOURCE_DIR}/architecture_stats.c
  ${CMAKE_CURRENT_SOURCE_DIR}/architecture_weights.c
  ${CMAKE_CURRENT_SOURCE_DIR}/models_load.c)

install(DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}/zoo/
        DESTINATION ${CMAKE_INSTALL_DATADIR}/coincell/models/zoo
        FILES_MATCHING PATTERN "*.yaml")
